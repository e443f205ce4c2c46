"""Exit codes and the sentence that says how much moved."""

from __future__ import annotations

from typing import Any

import pytest
from made_runs import Seen, make

from conformance.comparison.compare import compare
from conformance.comparison.model import Change
from conformance.comparison.outcome import exit_code, reasons, regressed, summary
from conformance.verdict import Status

GOOD = make([Seen(i, ratio=0.1) for i in range(40)])
LESS = make([Seen(i, ratio=0.1) for i in range(39)])
BROKEN = make([Seen(i, Status.VIOLATES, 7.0) for i in range(40)])
DRIFTED = make([Seen(i, ratio=0.4) for i in range(40)])
EXCUSED = make([Seen(i, Status.KNOWN, 7.0) for i in range(40)])
SUSPECT = make([Seen(i, Status.SUSPECT, 0.1) for i in range(40)])
MORE = make([Seen(i, ratio=0.1, backend=b) for i in range(40) for b in ("a", "b")])
OTHER = make([Seen(i, ratio=0.1) for i in range(40)], seed=1)
OTHER_BROKEN = make([Seen(1, Status.ERROR, -1.0)], seed=1)
FIXED = make([Seen(i, ratio=0.1) for i in range(40)], pinned={("a", "float32"): False})
KILLED = make([Seen(i, ratio=0.1) for i in range(40)], stop="killed")
STOPPED_BROKEN = make([Seen(1, Status.VIOLATES, 7.0)], stop="interrupted")
ELSEWHERE = make([Seen(i, dtype="float64") for i in range(40)])
EMPTY = make([])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (GOOD, GOOD, 0),
        (GOOD, BROKEN, 1),
        (BROKEN, BROKEN, 1),
        (BROKEN, GOOD, 0),
        (BROKEN, EXCUSED, 0),
        (GOOD, EXCUSED, 1),
        (GOOD, SUSPECT, 1),
        (GOOD, DRIFTED, 0),
        (GOOD, LESS, 1),
        (LESS, GOOD, 0),
        (GOOD, MORE, 0),
        (MORE, GOOD, 1),
        (GOOD, FIXED, 1),
        (FIXED, GOOD, 0),
        (GOOD, KILLED, 3),
        (KILLED, GOOD, 0),
        (GOOD, STOPPED_BROKEN, 3),
        (GOOD, OTHER, 5),
        (GOOD, OTHER_BROKEN, 1),
        (GOOD, ELSEWHERE, 1),
        (EMPTY, GOOD, 5),
        (EMPTY, EMPTY, 5),
    ],
)
def test_the_exit_code(old: dict[str, Any], new: dict[str, Any], code: int) -> None:
    """3 before 1 before 5 before 0, and never without a reason."""
    comparison = compare(old, new)
    assert exit_code(comparison) == code
    assert bool(code) == any(reasons(comparison).values())


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (GOOD, DRIFTED, Change.DRIFT),
        (DRIFTED, GOOD, Change.BETTER),
        (GOOD, MORE, Change.NEW),
    ],
)
def test_what_fails_on_request(
    old: dict[str, Any], new: dict[str, Any], change: Change
) -> None:
    """Each change can be made to fail, and fails only if asked."""
    comparison = compare(old, new)
    assert exit_code(comparison, frozenset()) == 0
    assert exit_code(comparison, frozenset({change})) == 1


@pytest.mark.parametrize(
    ("old", "new", "regression"),
    [
        (DRIFTED, GOOD, False),
        (GOOD, MORE, False),
        (GOOD, OTHER, False),
        (GOOD, DRIFTED, True),
        (MORE, GOOD, True),
        (BROKEN, BROKEN, True),
        (GOOD, SUSPECT, True),
    ],
)
def test_what_is_a_regression(
    old: dict[str, Any], new: dict[str, Any], *, regression: bool
) -> None:
    """Not all that is asked to fail is one."""
    comparison, everything = compare(old, new), frozenset(Change) - {Change.SAME}
    assert exit_code(comparison, everything) == 1
    assert regressed(comparison, everything) == regression


def test_less_can_fail_than_usual() -> None:
    """A cell that is gone need not fail; a worse status must."""
    nothing: frozenset[Change] = frozenset()
    assert exit_code(compare(MORE, GOOD), nothing) == 0
    assert exit_code(compare(GOOD, SUSPECT), nothing) == 1


def test_a_baseline_that_failed_excuses_nothing() -> None:
    """It is said that the failure is not new, and that this is no excuse."""
    told = reasons(compare(BROKEN, BROKEN))[1]
    assert told == ["1 finding of NEW fails, 1 of them in OLD too: that excuses none"]


def test_the_summary() -> None:
    """How many cells moved, what fails, the largest figure, and how many cases."""
    assert summary(compare(GOOD, GOOD)) == (
        "moved 0 of 1 cell; none violates; largest error/bound 0.1; "
        "0 of 40 paired cases have another error/bound"
    )
    assert summary(compare(MORE, BROKEN)) == (
        "moved 2 of 2 cells (1 worse, 1 missing); 1 finding in NEW; "
        "largest error/bound 0.1 → 7; 40 of 40 paired cases have another error/bound"
    )
    assert summary(compare(GOOD, OTHER)) == (
        "moved 0 of 1 cell; 1 cannot be compared; none violates"
    )


def test_known_findings_are_left_out_of_the_largest_figure() -> None:
    """A violation that is known is named as one, and hides no figure that conforms."""
    others = [Seen(i, ratio=0.1) for i in range(1, 40)]
    old = make([Seen(0, Status.KNOWN, 7.0), *others])
    twice = Seen(0, Status.KNOWN, 0.5, quantity="gradient.input")
    new = make([Seen(0, Status.KNOWN, 1e46), twice, *others])
    assert summary(compare(old, new)).split("; ")[1:] == [
        "none violates but for 1 known finding",
        "largest error/bound 0.1 in cases without a known finding",
        "1 of 40 paired cases have another error/bound",
    ]
    worse = make(
        [Seen(0, Status.KNOWN, 7.0), Seen(1, Status.VIOLATES, 3.0), *others[1:]]
    )
    assert summary(compare(old, worse)).split("; ")[1:3] == [
        "1 finding in NEW, beside 1 known",
        "largest error/bound 0.1 → 3 in cases without a known finding",
    ]
    assert "known" not in summary(compare(GOOD, GOOD))
