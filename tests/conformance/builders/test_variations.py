"""What a variation of a case can be, and what it never is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.builders import variations
from conformance.builders.axes import BATCH, CLASS, arrays, sizes
from conformance.builders.choices import CounterChoices
from conformance.builders.corpus import corpus
from conformance.builders.pool import pool_case
from conformance.builders.shapes import LARGEST
from conformance.case import DTYPES, Case

if TYPE_CHECKING:
    from collections.abc import Callable

    Judge = Callable[[Case], bool]

LOSSES = ("mae", "mse", "cross_entropy")


def _named(loss: str, name: str) -> Case:
    (case,) = (n.case for n in corpus(loss, "float32") if n.name == name)
    return case


def _varied(case: Case, count: int = 4000) -> list[Case]:
    made = (variations.vary(CounterChoices(7, i), case) for i in range(count))
    return [varied for varied in made if varied is not None]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_variation_of_a_valid_case_is_valid(
    loss: str, dtype: str, refused: Judge
) -> None:
    """The reference accepts it, its dtype and loss stay, and it is not too large."""
    for index in range(150):
        case = pool_case(loss, dtype, index, 3)
        if refused(case):
            continue
        for turn in range(4):
            varied = variations.vary(CounterChoices(turn, index), case)
            if varied is None:
                continue
            assert not refused(varied)
            assert (varied.loss, varied.dtype) == (loss, dtype)
            assert varied.arguments["input"].view().size <= max(
                LARGEST, case.arguments["input"].view().size
            )
            assert {a.dtype for a in arrays(varied).values()} <= {dtype, "int64"}


def test_the_same_choices_vary_the_same_way() -> None:
    """A variation depends on the choices and the case alone."""
    case = _named("cross_entropy", "ignored-weight-smoothing")
    assert [c.id for c in _varied(case, 50)] == [c.id for c in _varied(case, 50)]


def _input(case: Case) -> Any:
    return case.arguments["input"].view().astype(np.float64)


PLAIN = np.array([[1.5, -2, 0.25], [4, 0, -3], [-1, -0.5, 2]])


@pytest.mark.parametrize(
    "predicate",
    [
        lambda c: sizes(c)[BATCH] == 4,
        lambda c: sizes(c)[BATCH] == 2,
        lambda c: sizes(c)[CLASS] == 4,
        lambda c: sizes(c)[CLASS] == 29,
        lambda c: sizes(c)[BATCH] in {255, 256, 257},
        lambda c: sizes(c)[CLASS] > 1000,
        lambda c: c.reduction == "none",
        lambda c: "label_smoothing" in c.options,
        lambda c: "weight" in c.arguments,
        lambda c: c.upstream is not None,
        lambda c: (c.arguments["target"].view() == -100).all(),
        lambda c: (c.arguments["target"].view() == -100).sum() == 1,
        lambda c: c.arguments["input"].strides != (3, 1),
        lambda c: _input(c).shape == (3, 3) and np.array_equal(_input(c), PLAIN * 8),
        lambda c: _input(c).shape == (3, 3) and 40 < np.ptp(_input(c)) < 120,
        lambda c: (
            _input(c).shape == (3, 3) and 0 < np.abs(_input(c) - PLAIN).max() < 2**-20
        ),
    ],
)
def test_variations_reach(predicate: Callable[..., Any]) -> None:
    """From a plain case: sizes, options, masks, layouts, binades, gaps, neighbours."""
    assert any(predicate(case) for case in _varied(_named("cross_entropy", "plain")))


def test_an_axis_that_broadcasts_keeps_its_size() -> None:
    """A row against a table stays a row when the table gets more rows."""
    case = _named("mae", "broadcast-input")
    for varied in _varied(case, 300):
        shapes = [varied.arguments[name].shape for name in ("input", "target")]
        assert np.broadcast_shapes(*shapes)
