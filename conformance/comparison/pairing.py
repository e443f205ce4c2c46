"""Which backends are held against each other, and whether the runs can be at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.comparison.model import Pair
from conformance.environment import UNVERSIONED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from conformance.comparison.side import Side


class PairError(Exception):
    """Backends cannot be paired as was asked; the message says what there is."""


def pair(
    old: Side, new: Side, asked: Sequence[tuple[str, str]]
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Return every backend of either run in its pair, and what must be said of it.

    By name, unless `asked` says otherwise; where each run has a single backend, those.

    Raises:
        PairError: If `asked` names a backend that is not there, or a new one twice.
    """
    chosen = _chosen(old, new, asked)
    lone = len(old.backends) == len(new.backends) == 1
    if lone and not chosen:
        chosen = {next(iter(new.backends)): next(iter(old.backends))}
    partner = {n: chosen.get(n, n if n in old.backends else "") for n in new.backends}
    left = old.backends.keys() - set(partner.values())
    pairs = [Pair(o, n) for n, o in partner.items()] + [Pair(o, "") for o in left]
    remarks = (
        "each run has one backend: they are a pair, whatever they are called"
        for p in pairs
        if lone and not asked and p.old != p.new
    )
    return tuple(sorted(pairs)), tuple(remarks)


def _chosen(old: Side, new: Side, asked: Sequence[tuple[str, str]]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for o, n in asked:
        _present("OLD", o, old)
        _present("NEW", n, new)
        if n in chosen:
            msg = f"each backend of NEW is held against one of OLD, got {n!r} twice"
            raise PairError(msg)
        chosen[n] = o
    return chosen


def _present(which: str, name: str, side: Side) -> None:
    if name not in side.backends:
        known = ", ".join(sorted(side.backends)) or "none"
        msg = f"{which} has no backend {name!r}; it has {known}"
        raise PairError(msg)


def _version(run: Mapping[str, Any]) -> str | None:
    told: str = run["environment"]["loss_conformance"]
    return None if told == UNVERSIONED else told


_DECISIVE: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "seed": lambda run: run["seed"],
    "pool version": lambda run: run.get("pool_version"),
    "version of loss-conformance": _version,
    "source of the oracle": lambda run: run.get("oracle", {}).get("source"),
}
"""What makes the cases, or the bounds they are held to, others."""


def grounds(old: Side, new: Side) -> tuple[str, ...]:
    """Return why no case of one run can be held against the other's.

    What one of them does not tell is no ground; `gaps` says so.
    """
    return tuple(
        f"{name}: {a} in OLD, {b} in NEW"
        for name, a, b in _decisive(old, new)
        if a != b and None not in (a, b)
    )


def gaps(old: Side, new: Side) -> Iterator[str]:
    """Yield what is not told of how the runs were made."""
    for name, side in (("OLD", old), ("NEW", new)):
        others = len(side.run.get("other_environments", ()))
        if others:
            yield f"{name} was made in {others + 1} environments; one of them is told"
    unknown = [name for name, a, b in _decisive(old, new) if None in (a, b)]
    if unknown:
        yield f"not told by both runs, and taken to be the same: {', '.join(unknown)}"


def _decisive(old: Side, new: Side) -> list[tuple[str, Any, Any]]:
    return [(name, of(old.run), of(new.run)) for name, of in _DECISIVE.items()]


def contract_ground(old: Side, new: Side, pair: Pair) -> tuple[str, ...]:
    """Return why no case of one pair of backends can be compared."""
    if not pair.old or not pair.new:
        return ()
    before, after = old.backends[pair.old], new.backends[pair.new]
    # Its name alone changes no bound.
    a, b = ({**side["contract"], "name": ""} for side in (before, after))
    # A field that an earlier version did not have was null in effect.
    fields = ", ".join(sorted(k for k in a.keys() | b.keys() if a.get(k) != b.get(k)))
    if not fields:
        return ()
    names = (side["contract"]["name"] for side in (before, after))
    told = "contract: {} in OLD, {} in NEW".format(*names)
    return (f"{told}; they differ in {fields}",)


def corpus_ground(old: Side, new: Side, loss: str, dtype: str) -> tuple[str, ...]:
    """Return why no case of one loss and storage format can be compared."""
    if old.extent != new.extent:
        return ()
    a, b = old.corpus(loss, dtype), new.corpus(loss, dtype)
    if a == b or None in (a, b):
        return ()
    return (f"named cases: digest {a} in OLD, {b} in NEW",)


def sizes(old: Side, new: Side) -> Iterator[str]:
    """Yield what must be said where the runs are of different size."""
    if (old.extent, old.shard) != (new.extent, new.shard):
        yield (
            f"{_size(old)} in OLD, {_size(new)} in NEW: only the cases of both are "
            "compared"
        )


def _size(side: Side) -> str:
    profile = side.run["profile"]
    shard = f", shard {side.shard}" if side.shard else ""
    return f"profile {profile['name']} ({profile['pool']} pool cases{shard})"
