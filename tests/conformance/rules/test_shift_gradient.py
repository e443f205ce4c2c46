"""A shift by the largest logit that is differentiated too has a bound of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from conformance.answer import ask
from conformance.case import Array, Case
from conformance.contract import AUTOGRAD, WIDE
from conformance.tolerance import Tolerance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.contract import Contract

    Floats = NDArray[np.float32]

QUANTITY: Final = "gradient.input"


def row(logits: Floats, label: int) -> Case:
    """Return a cross-entropy of one row."""
    arguments = {"input": Array.of(logits[None], "float32")}
    arguments["target"] = Array.of(np.array([label]))
    return Case("cross_entropy", "float32", arguments)


def slopes(logits: Floats, label: int, order: NDArray[np.intp]) -> Floats:
    """Return the gradient through x − max x in float32, all sums in one order."""
    terms = np.exp(logits - logits.max())
    total = np.add.accumulate(terms[order], dtype=np.float32)[-1]
    g = terms * (np.float32(1) / total)
    g[label] -= np.float32(1)
    rest = np.add.accumulate(g[order], dtype=np.float32)[-1]
    g[int(np.argmax(logits))] -= rest
    return g


def ratios(logits: Floats, label: int, got: Floats, contract: Contract) -> Floats:
    """Return error/bound of each element."""
    case = row(logits, label)
    result = ask(case).result
    assert result is not None
    exact = result.gradient["input"].round_to("binary64")[0]
    bound = Tolerance(case, contract).bound(QUANTITY).error.reshape(-1)
    error = np.abs(got.astype(np.float64) - exact)
    return np.where(error == 0, 0.0, error / bound)


def draws(count: int) -> list[tuple[Floats, int, NDArray[np.intp]]]:
    """Return rows with and without ties, of many sizes, and orders to add them in."""
    draw = np.random.default_rng(7)
    made = []
    for _ in range(count):
        size = int(draw.integers(1, 300))
        scale = draw.choice([0.0, 0.01, 1.0, 10.0])
        logits = (draw.integers(-8, 9, size) / 8 * scale).astype(np.float32)
        order = draw.permutation(size)
        made.append((logits, int(draw.integers(size)), order))
    return made


def test_the_bound_holds_where_the_rest_goes_to_one_of_the_largest() -> None:
    """No rounding of such a gradient exceeds it; `wide` would accuse some."""
    worst, accused = 0.0, 0
    for logits, label, order in draws(150):
        got = slopes(logits, label, order)
        worst = max(worst, ratios(logits, label, got, AUTOGRAD).max())
        accused += bool((ratios(logits, label, got, WIDE) > 1).any())
    assert worst <= 1
    assert accused > 0


@pytest.mark.parametrize("label", [0, 2])
def test_only_the_largest_logits_are_given_more(label: int) -> None:
    """Elsewhere the bound is that of `wide`, so that a fault there stays visible."""
    case = row(np.array([0.5, 3.0, 3.0, -1.0], np.float32), label)
    wide, more = (
        Tolerance(case, c).bound(QUANTITY).error.reshape(-1) for c in (WIDE, AUTOGRAD)
    )
    assert (more > wide).tolist() == [False, True, True, False]
    assert (more[[0, 3]] == wide[[0, 3]]).all()


def test_what_is_given_is_of_the_size_of_roundings() -> None:
    """A rest that is not subtracted, or twice, is no rounding and is found."""
    logits = np.array([0.25, 1.5, -2.0, 0.0], np.float32)
    got = slopes(logits, 0, np.arange(4))
    # What a hundred units in the last place of 1 would move.
    got[1] += np.float32(100 * 2.0**-24)
    assert ratios(logits, 0, got, AUTOGRAD)[1] > 1


def test_the_value_knows_nothing_of_it() -> None:
    """Only the gradient passes backwards through the shift."""
    case = row(np.array([0.5, 3.0], np.float32), 1)
    wide, more = (Tolerance(case, c).bound("value").error for c in (WIDE, AUTOGRAD))
    assert wide == more
