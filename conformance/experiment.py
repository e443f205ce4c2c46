"""What else a backend is asked about a case: again, its variants, other paths."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import relations
from conformance.backend import FORWARD, ManyPaths, Memory, Output, execute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.case import Case
    from conformance.relations import Relation
    from conformance.relations.identity import Variation

ALL: Final = "*"
"""Asks for everything that can be asked about a case."""

REPEAT: Final = "repeat"
DETACHED: Final = "detached"
RELATION: Final = "relation."
PATH: Final = "path."
"""Quantities of these experiments; the last two are followed by a name."""

RELATED: Final = 3
"""One drawn case of so many is followed by variants under one relation."""

REPEATED: Final = 8
"""One drawn case of so many is run again."""

PATHED: Final = 4
"""One drawn case of so many is run by another path."""

ENVELOPE: Final = 2
"""Further runs of a backend that does not promise equal bits."""


@dataclass(frozen=True)
class Repetition:
    """Two calls over the same memory, and what became of the first one's results.

    Attributes:
        first: What the first call returned.
        again: What the second one did, after other calls, with other garbage in the
            places that no view reaches.
        aliased: Results of the first call that changed when the arguments did, or in
            the calls that followed.
    """

    first: Output
    again: Output
    aliased: tuple[str, ...]


@dataclass(frozen=True)
class Followup:
    """The variants that a relation asks for, and what the backend made of them."""

    relation: Relation
    variation: Variation
    outputs: Mapping[str, Output]


@dataclass(frozen=True)
class Trial:
    """What a backend returned beside its answer to the case itself.

    Attributes:
        repetition: The same call twice; None if it was not asked for.
        followups: Variants of the case.
        paths: Path → what it gave.
        envelope: Further answers to the case by a backend that is not deterministic.
    """

    repetition: Repetition | None = None
    followups: tuple[Followup, ...] = ()
    paths: Mapping[str, Output] = field(default_factory=dict)
    envelope: tuple[Output, ...] = ()


def conduct(backend: Backend, case: Case, asked: str = "") -> Trial:
    """Ask a backend more about a valid case that it has run.

    Args:
        backend: The backend.
        case: The case.
        asked: `ALL`, or the one quantity that matters; empty takes a sample that
            depends on the id of the case, so that it is the same every time.
    """
    number, along = int(case.id[:8], 16), case
    case = replace(case, tangent=None)  # neither variants nor other paths go along it
    deterministic = backend.capabilities.deterministic
    paths = sorted(_wanted_paths(backend, number, asked))
    followups = tuple(
        Followup(r, v, {n: execute(backend, c) for n, c in v.variants.items()})
        for r, v in _wanted_relations(backend, case, number, asked)
        if all(backend.can_run(c) is None for c in v.variants.values())
    )
    wanted = asked in (ALL, REPEAT, DETACHED) or (
        not asked and (number >> 1) % REPEATED == 0
    )
    return Trial(
        repetition=_repeat(backend, case) if wanted else None,
        followups=followups,
        paths={
            path: output
            for path in paths
            if (output := _by_path(backend, path, along if path == FORWARD else case))
            is not None
        },
        envelope=()
        if deterministic
        else tuple(execute(backend, along) for _ in range(ENVELOPE)),
    )


def _wanted_relations(
    backend: Backend, case: Case, number: int, asked: str
) -> Iterable[tuple[Relation, Variation]]:
    # Bits of the number that choose one thing do not choose another.
    found = relations.applicable(case, backend.capabilities, number >> 8)
    if asked:
        return ((r, v) for r, v in found if asked in (ALL, RELATION + r.name))
    return islice(found, 1 if number % RELATED == 0 else 0)


def _wanted_paths(backend: Backend, number: int, asked: str) -> Iterator[str]:
    offered = sorted(backend.capabilities.paths)
    if asked:
        yield from (p for p in offered if asked in (ALL, PATH + p))
    elif offered and (number >> 4) % PATHED == 0:
        yield offered[(number >> 8) % len(offered)]


def _by_path(backend: Backend, path: str, case: Case) -> Output | None:
    if path == FORWARD and case.tangent is None:
        return None
    if not isinstance(backend, ManyPaths):
        return Output(error=f"TypeError: {backend.name} has no method run_path")
    taken = True

    def run(case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output | None:
        nonlocal taken
        found = backend.run_path(path, case, buffers)
        taken = found is not None
        return found or Output()

    output = Memory(case, tangent=True).call(run, backend)
    return output if taken else None


def _repeat(backend: Backend, case: Case) -> Repetition:
    memory = Memory(case)
    first = memory.call(backend.run, backend)
    kept = {name: a.copy() for name, a in results(first)}
    memory.spoil()
    changed = {n for n, a in results(first) if not same_bits(a, kept[n])}
    before = Output(
        kept.get("value"),
        {n.partition(".")[2]: a for n, a in kept.items() if n != "value"},
        first.error,
    )
    other = _disturbance(case)
    if other is not None and backend.can_run(other) is None:
        execute(backend, other)
        changed |= {n for n, a in results(first) if not same_bits(a, kept[n])}
    memory.refill()
    again = memory.call(backend.run, backend)
    changed |= {n for n, a in results(first) if not same_bits(a, kept[n])}
    return Repetition(before, again, tuple(sorted(changed)))


def _disturbance(case: Case) -> Case | None:
    """Return another case that a backend which keeps a state may confuse with it."""
    named = {r.name: r for r in relations.RELATIONS if case.loss in r.losses}
    for name in ("classes-reversed", "arguments-negated"):
        variation = named[name].vary(case) if name in named else None
        if variation is not None:
            return next(iter(variation.variants.values()))
    return None


def results(output: Output) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the quantities of an output with their arrays."""
    if output.value is not None:
        yield "value", output.value
    for name, gradient in output.gradients.items():
        yield f"gradient.{name}", gradient


def same_bits(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Say whether two arrays are equal to the sign of a zero; nan is nan."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    a, b = one.astype(np.float64), other.astype(np.float64)
    equal = (a == b) & (np.signbit(a) == np.signbit(b))
    return bool((equal | (np.isnan(a) & np.isnan(b))).all())


__all__ = [
    "ALL",
    "Followup",
    "Repetition",
    "Trial",
    "conduct",
    "results",
    "same_bits",
]
