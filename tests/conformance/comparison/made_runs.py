"""Run files made of verdicts, without a backend: everything a comparison can meet."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st

from conformance.case import Array, Case
from conformance.cells import Scored
from conformance.findings import Excuses, Known
from conformance.journal import Record
from conformance.run import FINISHED, build_run
from conformance.tally import Tally
from conformance.verdict import FAILURES, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DAY = dt.date(2026, 1, 1)
CONTRACT: dict[str, Any] = {"name": "wide", "stages": False, "exp_ulps": 2.0}
QUANTITIES = ("value", "gradient.input")
DTYPES = ("float32", "float64")


class Seen(NamedTuple):
    """A verdict on one case of backend `a`, or of another one.

    Attributes:
        index: Which case; the same index is the same case in every run.
        status: Of the verdict; `known` is a failure that entry `K` excuses.
        ratio: Error/bound; negative if nothing was measured.
        quantity: What was judged.
        dtype: The storage format.
        origin: `pool`, `corpus` or `search`; the last is not paired.
        backend: The backend.
        kind: How it departs.
        requirement: What it is evidence for.
    """

    index: int
    status: Status = Status.CONFORMS
    ratio: float = 0.5
    quantity: str = "value"
    dtype: str = "float32"
    origin: str = "pool"
    backend: str = "a"
    kind: str = "value"
    requirement: str = "R"


def case_of(seen: Seen) -> Case:
    """Return the case that a verdict is about."""
    arrays = {
        "input": Array.of([float(seen.index)], seen.dtype),
        "target": Array.of([0.0], seen.dtype),
    }
    return Case("mae", seen.dtype, arrays, origin=f"{seen.origin}:0")


def case_id(index: int, dtype: str = "float32") -> str:
    """Return the id of a case."""
    return case_of(Seen(index, dtype=dtype)).id


def known_finding() -> Known:
    """Return the entry that excuses whatever is `known`."""
    return Known("K", "*", "mae", "*", "value", DTYPES, "", "unreported",
                 dt.date(2030, 1, 1), "pin", ceiling=math.inf)  # fmt: skip


def make(
    seen: Iterable[Seen],
    *,
    stop: str = FINISHED,
    pinned: Mapping[tuple[str, str], bool] | None = None,
    faults: Iterable[str] = (),
    **changes: Any,
) -> dict[str, Any]:
    """Return the run that saw these verdicts.

    Args:
        seen: The verdicts.
        stop: Why the run ended.
        pinned: `(backend, dtype)` → does the witness of `K` still fail?
        faults: What was lost.
        changes: Fields of the header that are not the usual ones.
    """
    seen = list(seen)
    header = _header(seen) | changes
    tally = Tally()
    for each in _by_case(seen):
        first = each[0]
        tally.add(first.backend, case_of(first), [_scored(one) for one in each])
    for (backend, dtype), failed in (pinned or {}).items():
        tally.pinned["K", backend, dtype] = failed
    tally.faults.update(faults)
    excuses = (known_finding(),) if pinned else ()
    return build_run(Record(header, tally), Excuses(excuses, DAY), stop)


def _by_case(seen: list[Seen]) -> list[list[Seen]]:
    groups: dict[tuple[Any, ...], dict[str, Seen]] = {}
    for one in seen:
        key = (one.backend, one.dtype, one.index, one.origin)
        groups.setdefault(key, {})[one.quantity] = one
    return [list(group.values()) for group in groups.values()]


def _scored(one: Seen) -> Scored:
    known = one.status is Status.KNOWN
    measured = 0 if one.ratio < 0 else 1
    verdict = Verdict(
        one.quantity,
        Status.VIOLATES if known else one.status,
        "" if one.status is Status.CONFORMS else one.kind,
        1,
        ratio=max(one.ratio, 0.0),
        measured=measured,
        resolution=0.0,
    )
    name = "K" if known else ""
    return Scored(verdict, one.status, name, one.status, (one.requirement,))


def _header(seen: list[Seen]) -> dict[str, Any]:
    names = sorted({one.backend for one in seen}) or ["a"]
    planned = sorted({(o.requirement, o.backend, o.dtype) for o in seen})
    ids = sorted({one.requirement for one in seen})
    return {
        "seed": 0,
        "pool_version": 2,
        "oracle": {"version": "0.1.0", "source": "0" * 12},
        "profile": {"name": "quick", "pool": 400, "level": "quick"},
        "losses": ["mae"],
        "dtypes": list(DTYPES),
        "environment": {
            "loss_conformance": "0.1.0",
            "python": "3.11",
            "packages": {"numpy": "2.4", "torch": None},
        },
        "backends": [
            {
                "name": name,
                "spec": name,
                "contract": CONTRACT,
                "losses": ["mae"],
                "dtypes": list(DTYPES),
            }
            for name in names
        ],
        "plan": {"planned": planned, "unsupported": []},
        "requirements": [{"id": name, "loss": "mae"} for name in ids],
    }


def _ratio(status: Status, fraction: float) -> float:
    return 1 + 9 * fraction if status in FAILURES | {Status.KNOWN} else fraction


SEEN = st.builds(
    lambda index, status, fraction, quantity, dtype, origin: Seen(
        index, status, _ratio(status, fraction), quantity, dtype, origin
    ),
    st.integers(0, 5),
    st.sampled_from(list(Status)),
    st.sampled_from((0.0, 0.1, 0.25, 0.5, 1.0)),
    st.sampled_from(QUANTITIES),
    st.sampled_from(DTYPES),
    st.sampled_from(("pool", "corpus", "search")),
)
# An inconclusive verdict makes a run incomplete; such runs have tests of their own.
WHOLE = SEEN.filter(lambda one: one.status is not Status.INCONCLUSIVE)
