"""Cross-entropy's fast tiers: their enclosures hold, and change no rounded value."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from random_problems import draw

import reference
from reference import Undecided, evaluate
from reference.columns import SMALL_SHIFT
from reference.enclosure import Enclosure, no_tier
from reference.fast import rows
from reference.formats import FORMATS, power_of_two
from reference.precision import TIERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference.oracle import Result
    from reference.problem import Problem

FINE = 400  # bits of the rational path's remainders: it is as good as exact
INF = np.inf


def quantities(result: Result) -> Iterator[tuple[str, Enclosure]]:
    """Yield every enclosure of a result."""
    yield "value", result.value
    yield from result.gradient.items()


def outside(fast: Enclosure, exact: Enclosure, bits: int) -> Iterator[str]:
    """Yield the elements that the columns of a tier do not contain."""
    columns = fast.columns(bits)
    flat = columns.reshape((-1,))
    for i, item in enumerate(exact.elements(FINE)):
        if item.special is not None or not np.isfinite(flat.radius[i] + flat.head[i]):
            continue
        small = flat.small is not None and flat.small[i]
        scale = power_of_two(-SMALL_SHIFT if small else 0)
        middle = Fraction(flat.head[i]) + Fraction(flat.tail[i])
        radius = Fraction(flat.radius[i])
        low, high = item.ends(-8000)
        if not (middle - radius) * scale <= low <= high <= (middle + radius) * scale:
            yield f"element {i}: {float(low)!r} in {middle} ± {radius}, small: {small}"


def differing(fast: Enclosure, exact: Enclosure) -> Iterator[str]:
    """Yield the formats in which a rounded value or the sign of a zero differs."""
    for name in FORMATS:
        try:
            want = exact.round_to(name)
        except Undecided:
            with pytest.raises(Undecided):
                fast.round_to(name)
            continue
        got = fast.round_to(name)
        same = got.astype(np.float64).tobytes() == want.astype(np.float64).tobytes()
        if not same:
            yield f"{name}: {got} for {want}"


def compare(problem: Problem, threads: int = 1) -> None:
    """Compare the answers with the fast tiers and without."""
    fast, exact = evaluate(problem, threads=threads), evaluate(problem, fast=False)
    for (name, ours), (_, theirs) in zip(
        quantities(fast), quantities(exact), strict=True
    ):
        faults = [
            fault for bits in TIERS for fault in outside(ours, theirs, bits)
        ] + list(differing(ours, theirs))
        assert not faults, (name, problem.loss, faults)
        assert (ours.special == theirs.special).all()
        assert (ours.also == theirs.also).all()


@pytest.mark.parametrize("start", range(0, 1200, 200))
def test_tiers_contain_the_exact_values_and_round_alike(start: int) -> None:
    """On random problems of every kind the tiers contain and agree."""
    for index in range(start, start + 200):
        compare(draw(30, index).ask().problem)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(2000, 20000, 500))
def test_tiers_agree_on_many_more(start: int) -> None:
    """The same for twenty thousand problems."""
    for index in range(start, start + 500):
        compare(draw(30, index).ask().problem)


@pytest.mark.parametrize("block", [1, 3, 8])
def test_blocks_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and classes may be cut into blocks anywhere."""
    monkeypatch.setattr(rows, "BLOCK", block)
    for index in range(1300, 1400):
        compare(draw(30, index).ask().problem)


ADVERSARIAL = {
    "equal": [[3.5] * 7],
    "one gap of every size": [[0.0, -(2.0**-1074), -1e-300, -1e-17, -1, -1e17, -1e308]],
    "beside the floors": [[0, -277.4, -277.6, -609, -611, -745, -746, -1039, -1041.0]],
    "clamped": [[0.0, -2999, -3001, -1e5, -INF]],
    "largest mask": [[1e301, -1.7976931348623157e308, 0.0]],
    "offset": [[1e308, 1e308 - 2e292, 9e307], [-1e308, -1e308, 1e308]],
    "beyond the range": [[1.7e308, -1.7e308, 0.0]],
    "masked": [[-INF, 1.0, -INF, 0.5], [0.0, -INF, -INF, -INF]],
    "nothing left": [[-INF, -INF], [0.0, 1.0]],
    "infinite": [[INF, 0.0], [0.0, 1.0]],
    "not a number": [[np.nan, 0.0], [0.0, 1.0]],
    "dominated": [[0.0, -40, -41], [0, -800, -900], [-1e4, 0, -1e4]],
    "subnormal": [[2.0**-1074, 0, 2.0**-1073], [2.0**-149, 0, 1]],
}


@pytest.mark.parametrize("name", ADVERSARIAL)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"label_smoothing": 0.1},
        {"upstream": -3.0},
        {"weight": 0.75},
        {"weight": 1e-40},
    ],
    ids=str,
)
def test_adversarial_logits(name: str, reduction: str, options: dict[str, Any]) -> None:
    """Gaps from 0 to infinity, offsets to 1e308, and special values agree."""
    logits = np.array(ADVERSARIAL[name])
    n, c = logits.shape
    given = dict(options)
    if "weight" in given:
        given["weight"] = np.full(c, given["weight"])
    if "upstream" in given and reduction == "none":
        given["upstream"] = np.full(n, given["upstream"])
    for shift in range(c):
        target = (np.arange(n) + shift) % c
        result = reference.cross_entropy(logits, target, reduction=reduction, **given)
        compare(result.problem)


@pytest.mark.parametrize("name", ["equal", "masked", "dominated", "beside the floors"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_adversarial_probabilities(name: str, smoothing: float) -> None:
    """Class probabilities of both signs, zeros among them, agree."""
    logits = np.array(ADVERSARIAL[name])
    target = np.cos(np.arange(logits.size)).reshape(logits.shape).astype(np.float32)
    target[:, 0] = 0
    for probabilities in (target, np.abs(target)):
        result = reference.cross_entropy(
            logits, probabilities, label_smoothing=smoothing, reduction="none"
        )
        compare(result.problem)


def test_no_element_is_left_to_the_rational_path_without_need() -> None:
    """On random logits all rounding is decided by the two vectorised tiers."""
    numbers = np.random.default_rng(7)
    for deviation in (1, 10, 100, 1000):
        logits = numbers.normal(0, deviation, (200, 50))
        result = reference.cross_entropy(logits, numbers.integers(0, 50, 200))
        exact = result.gradient["input"]
        for name in FORMATS:
            assert (exact.rounding(name).bits <= max(TIERS)).mean() > 0.999
        assert (exact.rounding("binary32").bits == min(TIERS)).mean() > 0.99


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_enclosures_are_narrow(dtype: str) -> None:
    """Loss and gradient are known to 2**−40, and 2**−80, of themselves."""
    numbers = np.random.default_rng(8)
    logits = numbers.normal(0, 30, (20, 30000)).astype(dtype)
    logits[0, 5] = 200
    target = numbers.integers(0, 30000, 20)
    target[0] = 5
    result = reference.cross_entropy(logits, target, reduction="none")
    for _, exact in quantities(result):
        for bits in TIERS:
            columns = exact.columns(bits)
            size = np.abs(columns.head)
            assert (columns.radius <= size * 2.0**-bits + 2.0**-380).all()
            assert (columns.radius >= size * 2.0 ** -(bits + 18)).all()


def test_threads_change_nothing() -> None:
    """The same bits come from one thread and from three."""
    numbers = np.random.default_rng(9)
    logits = numbers.normal(0, 3, (40, 5000)).astype(np.float32)
    problem = reference.cross_entropy(logits, numbers.integers(0, 5000, 40)).problem
    one, many = (evaluate(problem, threads=n) for n in (1, 3))
    for bits in TIERS:
        a, b = (r.gradient["input"].columns(bits) for r in (one, many))
        assert a.head.tobytes() == b.head.tobytes()
        assert a.radius.tobytes() == b.radius.tobytes()


def test_a_large_vocabulary_agrees_with_arb() -> None:
    """Loss and gradient of 100 000 classes lie where Arb's balls do."""
    flint = pytest.importorskip("flint")
    numbers = np.random.default_rng(10)
    logits = numbers.normal(0, 4, (2, 100_000)).astype(np.float32)
    target = [17, 99_999]
    result = reference.cross_entropy(logits, target, reduction="none")
    before, flint.ctx.prec = flint.ctx.prec, 150
    try:
        for n, y in enumerate(target):
            exps = [flint.arb(float(x)).exp() for x in logits[n]]
            total = sum(exps, flint.arb(0))
            inside(result.value, n, total.log() - flint.arb(float(logits[n, y])))
            for c in range(0, 100_000, 997):
                p = exps[c] / total
                inside(result.gradient["input"], n * 100_000 + c, p)
            own = exps[y] / total - 1
            inside(result.gradient["input"], n * 100_000 + y, own)
    finally:
        flint.ctx.prec = before


def inside(exact: Enclosure, i: int, ball: Any) -> None:
    """Assert that both tiers overlap a ball, and lie around its middle."""
    for bits in TIERS:
        columns = exact.columns(bits).reshape((-1,))
        middle = Fraction(columns.head[i]) + Fraction(columns.tail[i])
        man, exp = ball.mid().man_exp()
        distance = abs(middle - int(man) * power_of_two(int(exp)))
        assert distance <= Fraction(columns.radius[i]) + power_of_two(-130)


def test_the_tiers_may_be_switched_off() -> None:
    """Without them every element takes the rational path."""
    problem = reference.cross_entropy(np.zeros((2, 3), np.float32), [0, 1]).problem
    slow = evaluate(problem, fast=False)
    assert slow.value._tier is no_tier  # noqa: SLF001 - the switch itself
    assert (slow.value.rounding("binary32").bits > max(TIERS)).all() or (
        slow.value.rounding("binary32").bits == 64
    ).all()
    assert (evaluate(problem).value.rounding("binary32").bits == min(TIERS)).all()


def test_arrays_may_change_after_the_question() -> None:
    """Writing to an argument later does not change the answer."""
    logits = np.zeros((2, 3), np.float32)
    result = reference.cross_entropy(logits, [0, 1])
    logits[:] = 7, 8, 9
    assert result.value.round_to("binary32") == np.float32(np.log(3))
