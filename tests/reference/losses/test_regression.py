"""MAE and MSE with all gradients, against plain fractions."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from plain_formats import LINES, Line, floats_of, lines
from plain_losses import plain_regression

import reference
from reference.formats import FORMATS
from reference.lazy import Lazy
from reference.losses import regression
from reference.losses.mae import MAE
from reference.losses.mse import MSE
from reference.losses.regression import SMALL
from reference.problem import regression_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference import Enclosure

    Index = tuple[int, ...]

LOSSES = {"mae": reference.mae, "mse": reference.mse}
shapes = mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3, max_dims=3)


def array_of(
    draw: Callable[..., Any], line: Line, shape: Index
) -> np.ndarray[Any, Any]:
    """Draw an array of a format by its bits."""
    size = math.prod(shape)
    values = draw(st.lists(floats_of(line), min_size=size, max_size=size))
    return FORMATS[line.name].array(values, shape)


def by_index(array: np.ndarray[Any, Any]) -> dict[Index, Fraction]:
    """Return an array as a dictionary of exact numbers."""
    wide = array.astype(np.float64)
    return {i: Fraction(float(wide[i])) for i in np.ndindex(wide.shape)}


def assert_exactly(
    enclosure: Enclosure, shape: Index, expected: dict[Index, Fraction]
) -> None:
    """Assert that both ends are the expected rationals, and so the roundings."""
    assert enclosure.shape == enclosure.lower.shape == shape
    assert dict(np.ndenumerate(enclosure.lower)) == expected
    assert dict(np.ndenumerate(enclosure.upper)) == expected
    for line in LINES:
        rounded = enclosure.round_to(line.name)
        assert rounded.dtype.name == line.dtype
        wide = rounded.astype(np.float64)
        assert all(wide[i] == line.nearest(e) for i, e in expected.items())


@pytest.mark.parametrize("loss", LOSSES)
@settings(max_examples=150)
@given(shapes=shapes, pair=st.tuples(lines, lines), data=st.data())
def test_value_and_gradients_are_those_of_fractions(
    loss: str, shapes: Any, pair: tuple[Line, Line], data: st.DataObject
) -> None:
    """Every shape, format, reduction and cotangent gives exactly the plain answer."""
    x, y = (
        array_of(data.draw, f, s)
        for f, s in zip(pair, shapes.input_shapes, strict=True)
    )
    full = tuple(shapes.result_shape)
    reduction = data.draw(st.sampled_from(["none", "mean", "sum"]))
    value_shape = full if reduction == "none" else ()
    up = array_of(data.draw, pair[0], value_shape) if data.draw(st.booleans()) else None
    expected = plain_regression(
        loss,
        by_index(x),
        by_index(y),
        (x.shape, y.shape, full),
        reduction,
        None if up is None else by_index(up),
    )
    result = LOSSES[loss](x, y, reduction=reduction, upstream=up)
    if reduction == "mean" and not math.prod(full):
        assert math.isnan(result.value.round_to("binary64"))
    else:
        assert_exactly(result.value, value_shape, expected.value)
    assert_exactly(result.gradient["input"], x.shape, expected.input)
    assert_exactly(result.gradient["target"], y.shape, expected.target)


@pytest.mark.parametrize("loss", LOSSES)
@given(rows=st.lists(st.tuples(st.fractions(), st.fractions()), min_size=1))
def test_fractions_are_exact_reals(
    loss: str, rows: list[tuple[Fraction, Fraction]]
) -> None:
    """Arguments given as Fractions are not rounded."""
    x, y = map(list, zip(*rows, strict=True))
    power = 1 if loss == "mae" else 2
    expected = sum(abs(a - b) ** power for a, b in rows) / len(rows)
    assert LOSSES[loss](x, y).value.lower.item() == expected


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
@pytest.mark.parametrize(("reduction", "value"), [("mean", math.nan), ("sum", 0.0)])
def test_no_element(loss: str, shape: Index, reduction: str, value: float) -> None:
    """Of no element the mean is 0/0 = nan, the sum 0, and the gradients are empty."""
    zeros = np.zeros(shape, dtype=np.float32)
    result = LOSSES[loss](zeros, zeros, reduction=reduction)
    assert np.array_equal(
        result.value.round_to("binary32"), np.float32(value), equal_nan=True
    )
    assert result.gradient["input"].round_to("binary32").shape == shape
    assert result.value.also.item() == 0


@pytest.mark.parametrize("loss", LOSSES)
def test_broadcast_against_no_element(loss: str) -> None:
    """An argument repeated zero times has gradient 0: the empty sum."""
    result = LOSSES[loss](np.zeros((0, 2)), np.zeros((1, 2)))
    assert result.gradient["target"].lower.tolist() == [[0, 0]]


@pytest.mark.parametrize("loss", LOSSES)
def test_a_scalar_is_an_array_of_one(loss: str) -> None:
    """Two scalars give a scalar, for every reduction."""
    for reduction in ("none", "mean", "sum"):
        result = LOSSES[loss](3, 5, reduction=reduction)
        assert result.value.shape == result.gradient["input"].shape == ()
        assert result.value.lower.item() == (2 if loss == "mae" else 4)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("upstream", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_infinite_cotangent(loss: str, upstream: float, reduction: str) -> None:
    """The gradient is IEEE's product: ±inf, and nan where the slope is 0."""
    result = LOSSES[loss]([1, 2, 3], [2, 2, 2], reduction=reduction, upstream=upstream)
    got = result.gradient["input"].round_to("binary64")
    with np.errstate(invalid="ignore"):
        slopes = np.array([-1.0, 0.0, 1.0]) * upstream
    assert np.array_equal(got, slopes, equal_nan=True)
    opposite = result.gradient["target"].round_to("binary64")
    assert np.array_equal(opposite, -slopes, equal_nan=True)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("size", [SMALL - 1, SMALL, SMALL + 1])
def test_the_fast_way_is_taken_for_large_problems_only(
    loss: str, reduction: str, size: int
) -> None:
    """From `SMALL` pairs on elements are lazy, unless told not to; the same ones."""
    x, y = np.random.default_rng(size).standard_normal((2, size)).astype(np.float32)
    problem = regression_problem(loss, x, y, reduction=reduction, upstream=None)
    made = {"mae": MAE, "mse": MSE}[loss]
    for fast in (True, False):
        value = regression.value(made, problem, fast=fast)
        gradients = regression.gradients(made, problem, fast=fast)
        lazy = isinstance(gradients["input"].elements(), Lazy)
        assert lazy == (fast and size >= SMALL)
        assert (
            value.lower.tolist()
            == LOSSES[loss](
                x.tolist(), y.tolist(), reduction=reduction
            ).value.upper.tolist()
        )
        expected = LOSSES[loss](list(map(Fraction, map(float, x))), y)
        if reduction == "mean":
            for name, enclosure in gradients.items():
                plain = expected.gradient[name].lower.tolist()
                assert enclosure.lower.tolist() == plain
