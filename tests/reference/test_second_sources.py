"""Every kind of problem, answered by the oracle and by sources that share nothing.

Arb and MPFR answer cross-entropy, plain fractions MAE and MSE. Enclosures must meet,
and roundings must agree bit for bit in all formats. The terms that Arb and MPFR
evaluate are themselves checked against mechanical differentiation.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import random_problems
from plain_arb import Arb
from plain_fields import end_of
from plain_formats import LINES
from plain_losses import plain_regression
from plain_mpfr import Mpfr
from plain_terms import Sheet, answers, objects

from reference import Undecided

if TYPE_CHECKING:
    from plain_arb import Opinion, Pair
    from plain_mpfr import Interval
    from random_problems import RandomProblem

    from reference import Enclosure, Result

BLOCKS = [range(i, i + 250) for i in range(0, 3000, 250)]
NIGHTLY = [range(i, i + 2000) for i in range(0, 100_000, 2000)]
SEED, NIGHTLY_SEED = 20, 30


def parts_of(result: Result) -> dict[str, Enclosure]:
    """Return the value and the gradients by name."""
    return {"value": result.value, **result.gradient}


class Answer:
    """The oracle's numbers, asked for once.

    Attributes:
        lower: Lower ends by quantity, flat.
        upper: Upper ends by quantity, flat.
        floats: Rows of (head, tail, radius, low, high) in binary64 by quantity.
        rounded: Roundings by quantity and format, flat, or that one is undecided.
    """

    def __init__(self, result: Result) -> None:
        """Ask for ends of everything."""
        self.parts = parts_of(result)
        self.lower = {k: e.lower.ravel() for k, e in self.parts.items()}
        self.upper = {k: e.upper.ravel() for k, e in self.parts.items()}
        self.floats = {k: _floats(e) for k, e in self.parts.items()}
        self.rounded = {
            (k, line.name): _rounded(e, line.name)
            for k, e in self.parts.items()
            for line in LINES
        }


def _floats(enclosure: Enclosure) -> list[list[float]]:
    columns = [*enclosure.expansion(), *enclosure.bounds()]
    rows: list[list[float]] = np.stack([c.ravel() for c in columns], axis=-1).tolist()
    return rows


def _rounded(enclosure: Enclosure, name: str) -> list[float] | Undecided:
    try:
        array = enclosure.round_to(name)
    except Undecided as undecided:
        return undecided
    flat: list[float] = array.astype(np.float64).ravel().tolist()
    return flat


def same(left: float, right: float) -> bool:
    """Say whether two floats are the same: bits, but for the kind of nan."""
    return repr(left) == repr(right)


# --- cross-entropy: Arb and MPFR


class Referee:
    """Compares the oracle's numbers of one problem with those of Arb and MPFR.

    Attributes:
        seen: How many roundings each source decided, and what else was found.
    """

    def __init__(self, problem: RandomProblem, flint: Any, gmpy2: Any) -> None:
        """Ask the oracle, and be ready to ask the others."""
        self.problem = problem
        self.sheet = Sheet.of(problem.arguments)
        self.answer = Answer(problem.ask())
        self.arb = Arb(flint, self.sheet.rows)
        self.mpfr = Mpfr(gmpy2, self.sheet.rows)
        self.seen: Counter[str] = Counter()

    def compare(self) -> Counter[str]:
        """Assert that all agree about every number."""
        # The ends of ours are narrow too: flint's 53 bits would blur them.
        with self.arb.flint.ctx.workprec(400):
            for name, i, terms in answers(self.sheet):
                self._with_arb(name, i, self.arb.opinion(terms))
                # Directed rounding is for what one function of a row gives.
                if name in ("value", "input") and not terms.special:
                    self._with_mpfr(name, i, self.mpfr.interval(terms))
        return self.seen

    def _with_arb(self, name: str, i: int, opinion: Opinion) -> None:
        ends = self.answer.lower[name][i], self.answer.upper[name][i]
        if opinion.special is not None:
            self.seen["special"] += 1
            meet = all(same(end, opinion.special) for end in ends)
        else:
            low, high = (self.arb.exactly(end) for end in ends)
            meet = not low > opinion.ball and not high < opinion.ball
            floats = self.answer.floats[name][i]
            near = self._near(floats, opinion.ball)
            assert near, self._words(f"floats of {name}[{i}]", floats, opinion)
        assert meet, self._words(f"{name}[{i}]", ends, opinion)
        for line in LINES:
            self._round("Arb", (name, line.name), i, opinion.rounded[line.name])

    def _near(self, floats: list[float], ball: Any) -> bool:
        """Say whether the views in binary64 may hold what is in the ball."""
        head, tail, radius, low, high = map(self.arb.flint.arb, floats)
        inside = not low > ball and not high < ball
        if not head.is_finite():
            # Beyond binary64's range by the half step that rounding allows.
            largest = self.arb.flint.arb(np.finfo(np.float64).max.item())
            return inside and not abs(ball) < largest and not ball * floats[0] < 0
        return inside and not abs(ball - head - tail) > radius

    def _with_mpfr(self, name: str, i: int, theirs: Interval) -> None:
        ours = (
            end_of(self.answer.lower[name][i], -1),
            end_of(self.answer.upper[name][i], 1),
        )
        meet = ours[0] <= theirs[1] and theirs[0] <= ours[1]
        assert meet, self._words(f"{name}[{i}]", ours, theirs)
        for line in LINES:
            low, high = map(line.rounded_fraction, theirs)
            self._round("MPFR", (name, line.name), i, (low, high))

    def _round(self, who: str, key: tuple[str, str], i: int, pair: Pair) -> None:
        """Assert that a rounding is theirs, or between theirs where two are left."""
        ours, where = self.answer.rounded[key], f"{key[0]}[{i}] in {key[1]}"
        if isinstance(ours, Undecided):
            place = np.unravel_index(i, self.answer.parts[key[0]].shape)
            named = tuple(map(int, place)) == ours.index
            self.seen["undecided" if named else "beside an undecided one"] += 1
            agree = not named or who != "Arb" or not same(*pair)
        elif same(*pair):
            self.seen[who] += 1
            agree = same(ours[i], pair[0])
        else:
            self.seen[f"{who} left two"] += 1
            agree = pair[0] <= ours[i] <= pair[1]
        got = ours if isinstance(ours, Undecided) else ours[i]
        assert agree, self._words(where, got, pair)

    def _words(self, where: str, ours: object, theirs: object) -> str:
        """Return both sides, and the problem as a line that asks it again."""
        problem = self.problem
        return (
            f"{where} of problem {problem.index}, {problem.kind}\n"
            f"  ours   {ours}\n  theirs {theirs}\n  {problem.line()}"
        )


def compare_block(seed: int, block: range) -> None:
    """Assert agreement on a block of problems, and that nearly all was decided."""
    flint = pytest.importorskip("flint")
    gmpy2 = pytest.importorskip("gmpy2")
    seen: Counter[str] = Counter()
    for problem in random_problems.draw_all(seed, block):
        if problem.loss == "cross_entropy":
            seen += Referee(problem, flint, gmpy2).compare()
    assert seen["Arb"] > 20 * len(block), seen
    assert seen["MPFR"] > 10 * len(block), seen
    assert seen["Arb left two"] <= len(block) / 50, seen
    assert seen["undecided"] + seen["beside an undecided one"] <= len(block) / 50, seen


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_arb_and_mpfr_agree(block: range) -> None:
    """Their intervals meet every enclosure, and their roundings are ours."""
    compare_block(SEED, block)


@pytest.mark.slow
@pytest.mark.parametrize("block", NIGHTLY, ids=str)
def test_arb_and_mpfr_agree_a_hundred_thousand_times(block: range) -> None:
    """They agree about a hundred thousand problems, those of other losses included."""
    compare_block(NIGHTLY_SEED, block)


# --- MAE and MSE: Fractions


def compare_regression(problem: RandomProblem) -> int:
    """Assert that the answer is exactly that of Fractions; return its roundings."""
    given = problem.arguments
    x, y = objects(given["input"]), objects(given["target"])
    full = np.broadcast_shapes(x.shape, y.shape)
    up = objects(given["upstream"]) if "upstream" in given else None
    expected = plain_regression(
        problem.loss,
        dict(np.ndenumerate(x)),
        dict(np.ndenumerate(y)),
        (x.shape, y.shape, full),
        given["reduction"],
        None if up is None else dict(np.ndenumerate(up)),
    )
    answer, seen = Answer(problem.ask()), 0
    for name, numbers in vars(expected).items():
        theirs = list(numbers.values())
        for ours in (answer.lower[name], answer.upper[name]):
            assert list(ours) == theirs, (name, ours, theirs, problem.line())
        for line in LINES:
            rounded = [line.rounded_fraction(number) for number in theirs]
            ours = answer.rounded[name, line.name]
            agree = not isinstance(ours, Undecided) and all(map(same, ours, rounded))
            assert agree, (name, line.name, ours, rounded, problem.line())
            seen += len(rounded)
    return seen


def compare_regressions(seed: int, block: range) -> None:
    """Assert agreement about the problems of a block that are MAE or MSE."""
    problems = random_problems.draw_all(seed, block)
    seen = sum(compare_regression(p) for p in problems if p.loss in ("mae", "mse"))
    assert seen > 5 * len(block)


@pytest.mark.parametrize("block", [range(3000)], ids=str)
def test_fractions_agree(block: range) -> None:
    """MAE, MSE and their gradients are the rationals that plain Fractions give."""
    compare_regressions(SEED, block)


@pytest.mark.slow
@pytest.mark.parametrize("block", NIGHTLY, ids=str)
def test_fractions_agree_a_hundred_thousand_times(block: range) -> None:
    """They are in the night's problems too."""
    compare_regressions(NIGHTLY_SEED, block)
