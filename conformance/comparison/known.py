"""What became of the pinned witnesses of known findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.comparison.model import Change, KnownChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.comparison.model import Pair
    from conformance.comparison.side import Side


def compare_known(
    old: Side, new: Side, pair: Pair, grounds: tuple[str, ...]
) -> Iterator[KnownChange]:
    """Yield what became of each pinned witness of a pair of backends."""
    before, after = _pinned(old, pair.old), _pinned(new, pair.new)
    for key in sorted(before.keys() | after.keys()):
        a, b = before.get(key, ""), after.get(key, "")
        change, text = _witness(a, b)
        if grounds and a and b:
            change, text = Change.NOT_COMPARABLE, grounds[0]
        yield KnownChange(key[0], pair, key[1], change, text, b == _STALE)


_FAILS: Final = "fails"
_STALE: Final = "conforms: the entry must be removed"
_ELSEWHERE: Final = "conforms; it was measured on other versions"
_LISTS: Final = {"confirmed": _FAILS, "stale": _STALE, "elsewhere": _ELSEWHERE}


def _pinned(side: Side, backend: str) -> dict[tuple[str, str], str]:
    """Return `(known finding, dtype)` → what its witness does on a backend."""
    return {
        (entry["id"], dtype): state
        for entry in side.run["known"]
        for name, state in _LISTS.items()
        for where, dtype in entry[name]
        if where == backend
    }


def _witness(old: str, new: str) -> tuple[Change, str]:
    if not old:
        return Change.NEW, f"not listed or not asked for in OLD; its witness {new}"
    if not new:
        return Change.MISSING, "not listed or not asked for in NEW"
    if (old == _FAILS) == (new == _FAILS):
        return Change.SAME, f"its witness {new}"
    change = Change.WORSE if new == _FAILS else Change.BETTER
    return change, f"its witness {new}"
