"""What becomes of a unit whose worker died or hung: blame, or smaller units."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from conformance.unit import (
    CaseUnit,
    CorpusUnit,
    PoolUnit,
    RangeUnit,
    SearchUnit,
    ShrinkUnit,
    Unit,
    told,
)

if TYPE_CHECKING:
    from conformance.ended import Ended

RESUMES: Final = 2
"""How often a search goes on after its worker died."""

Trail = Mapping[str, Any] | None
"""What the worker was running when it died, see `conformance.crumb`."""


@dataclass(frozen=True)
class Recovery:
    """What to do next.

    Attributes:
        units: The work that replaces the lost unit.
        suspect: The case that was running, to be run alone.
        guilty: The unit, one case on one backend, that is to blame by itself.
        fault: What to record if the loss is the tool's own.
        note: What to tell the reader.
    """

    units: tuple[Unit, ...] = ()
    suspect: Unit | None = None
    guilty: Unit | None = None
    fault: str = ""
    note: str = ""


def recover(unit: Unit, ended: Ended, trail: Trail) -> Recovery:
    """Return what to do about `unit`, whose worker ended badly at `trail`."""
    if isinstance(unit, ShrinkUnit) and ended.how != "failed":
        return Recovery(note=f"{told(unit)}: {ended.text}; it is not shrunk")
    if ended.how == "failed" or trail is None:
        # Not inside a backend, so no backend is to blame.
        return Recovery(fault=f"{told(unit)} was lost: {ended.text}")
    if isinstance(unit, RangeUnit):
        return _split(unit, trail)
    if isinstance(unit, SearchUnit):
        return _resume(unit, trail, ended)
    return Recovery(guilty=unit)


def _split(unit: RangeUnit, trail: Mapping[str, Any]) -> Recovery:
    at = trail["index"]
    if unit.stop - unit.start == 1 and len(unit.backends) == 1:
        return Recovery(guilty=unit)
    alone = replace(unit, start=at, stop=at + 1)
    units: list[Unit] = [
        replace(alone, backends=(b,)) for b in unit.backends if b != trail["backend"]
    ]
    if at > unit.start:
        units.append(replace(unit, stop=at))
    if at + 1 < unit.stop:
        units.append(replace(unit, start=at + 1))
    suspect = replace(alone, backends=(trail["backend"],))
    return Recovery(units=tuple(units), suspect=suspect)


def _resume(unit: SearchUnit, trail: Mapping[str, Any], ended: Ended) -> Recovery:
    suspect = CaseUnit(trail["case"], unit.backend)
    done = min(trail["done"], unit.budget)
    left = unit.budget - done
    lost = f"search lost {done} of {unit.budget} cases ({ended.how})"
    if unit.resumed >= RESUMES or not left:
        lost = f"search lost {unit.budget} of {unit.budget} cases ({ended.how})"
        return Recovery(suspect=suspect, note=_about(unit, lost))
    seed = derived(unit.seed, unit.resumed + 1)
    again = replace(unit, budget=left, seed=seed, resumed=unit.resumed + 1)
    return Recovery(units=(again,), suspect=suspect, note=_about(unit, lost))


def _about(unit: SearchUnit, text: str) -> str:
    return f"{unit.backend}: {unit.loss} in {unit.dtype}: {text}"


def derived(*parts: object) -> int:
    """Return a seed that depends on all `parts`, the same on every machine."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:4])


def without(unit: Unit, backend: str) -> Unit | None:
    """Return `unit` without the part of `backend`, or None if nothing is left."""
    if isinstance(unit, CorpusUnit | PoolUnit):
        left = tuple(b for b in unit.backends if b != backend)
        return replace(unit, backends=left) if left else None
    return None if unit.backend == backend else unit


def cell_of(unit: Unit) -> tuple[str, str]:
    """Return the loss and the format that `unit` is about."""
    if isinstance(unit, CaseUnit | ShrinkUnit):
        return unit.case["loss"], unit.case["dtype"]
    return unit.loss, unit.dtype
