"""What became of the requirements, by all the evidence for each."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from conformance.comparison.model import Change, RequirementChange
from conformance.tally import NOT_RUN
from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.comparison.model import Pair
    from conformance.comparison.side import Side
    from conformance.tally import Key


class _State(IntEnum):
    """What a run says of a requirement."""

    HOLDS = 0
    UNPROMISED = 1
    FAILS = 2
    LACKING = 3
    ABSENT = 4


_WORDS = {
    _State.HOLDS: "holds",
    _State.UNPROMISED: "without any promise",
    _State.FAILS: "fails",
    _State.LACKING: "without the verdict that was due",
}


def compare_requirements(
    old: Side, new: Side, pair: Pair, grounds: tuple[str, ...]
) -> Iterator[RequirementChange]:
    """Yield what became of each requirement of a pair of backends."""
    places = {(k[0], k[2]) for k in old.evidence if k[1] == pair.old}
    places |= {(k[0], k[2]) for k in new.evidence if k[1] == pair.new}
    for requirement, dtype in sorted(places):
        before = _state(old, (requirement, pair.old, dtype))
        after = _state(new, (requirement, pair.new, dtype))
        change = _change(before[0], after[0])
        text = " → ".join(dict.fromkeys((before[1], after[1])))
        if change in (Change.SAME, Change.BETTER) and new.unfinished:
            change, text = Change.NOT_COMPARABLE, f"{text}; NEW is incomplete"
        if grounds and _State.ABSENT not in (before[0], after[0]):
            change, text = Change.NOT_COMPARABLE, grounds[0]
        yield RequirementChange(requirement, pair, dtype, change, text)


def _state(side: Side, key: Key) -> tuple[_State, str]:
    """Return the state of a requirement on a backend in a format, and the words."""
    counts = side.evidence[key]["counts"] if key in side.evidence else {}
    statuses = {Status(word) for word in counts if word != NOT_RUN}
    if statuses & FAILURES:
        state = _State.FAILS
    elif statuses - {Status.VACUOUS, Status.UNSUPPORTED}:
        state = _State.HOLDS
    elif statuses:
        state = _State.UNPROMISED
    elif key in side.planned:
        state = _State.LACKING
    else:
        return _State.ABSENT, side.declined.get(key, "not asked for")
    return state, _WORDS[state]


def _change(old: _State, new: _State) -> Change:
    if _State.LACKING in (old, new):
        return Change.NOT_COMPARABLE
    if old == new:
        return Change.SAME
    if _State.ABSENT in (old, new):
        return Change.MISSING if new is _State.ABSENT else Change.NEW
    if new < old:
        return Change.BETTER
    return Change.WORSE if new is _State.FAILS else Change.DRIFT
