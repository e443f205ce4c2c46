"""The fast way of MAE and MSE: the same numbers as the rational way."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_arrays import KINDS, numbers, pairs, seeds
from plain_formats import LINES

from reference.fast import regression as fast_way
from reference.fast.elementwise import CHUNK
from reference.fast.premises import PremiseError
from reference.formats import FORMATS
from reference.losses import regression
from reference.losses.mae import MAE
from reference.losses.mse import MSE
from reference.problem import regression_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference.element import Element
    from reference.enclosure import Enclosure
    from reference.extended import Extended
    from reference.problem import Problem

LOSSES = {"mae": MAE, "mse": MSE}
SHAPES = (
    ((7,), (7,)),
    ((3, 4), (3, 4)),
    ((5, 2), (2,)),
    ((40, 2), (2,)),
    ((3, 1), (1, 20)),
    ((), (33,)),
    ((2, 1, 3), (4, 1)),
    ((), ()),
    ((1,), (1,)),
    ((0, 2), (1, 2)),
    ((0,), (0,)),
)
every_loss = pytest.mark.parametrize("loss", LOSSES)


def state(item: Element) -> tuple[Fraction, str, int]:
    """Return what makes an element; two nan are the same."""
    assert item.special is not None or item.is_rational
    return item.rational, repr(item.special), int(item.also)


def assert_same(fast: Enclosure, plain: Enclosure, *, narrow: bool = True) -> None:
    """Assert that elements, columns and roundings are those of the rational way.

    And that columns are narrow: no radius is above 2**−102 times its element.
    """
    assert fast.shape == plain.shape
    items = plain.elements()
    assert list(map(state, fast.elements())) == list(map(state, items))
    columns = fast.columns()
    assert np.array_equal(fast.special, plain.special)
    assert np.array_equal(fast.also, plain.also)
    arrays = (columns.head, columns.tail, columns.radius)
    for item, head, tail, radius in zip(items, *map(np.ravel, arrays), strict=True):
        if item.special is None and np.isfinite(head):
            rest = item.rational - Fraction(float(head)) - Fraction(float(tail))
            assert abs(rest) <= Fraction(float(radius))
            assert not narrow or radius <= abs(head) * 2.0**-102 + 2.0**-1072
        else:
            assert tail == radius == 0
    for name in FORMATS:
        ours, theirs = fast.round_to(name), plain.round_to(name)
        assert np.array_equal(ours, theirs, equal_nan=True)


def draw_problem(draw: Callable[..., Any], loss: str) -> Problem:
    """Draw a problem of floats: any formats, shapes, reduction, upstream numbers."""
    shapes = draw(st.sampled_from(SHAPES))
    x, y = draw(pairs(shapes))
    reduction = draw(st.sampled_from(["none", "mean", "sum"]))
    full = np.broadcast_shapes(*shapes)
    upstream: Any = None
    if draw(st.booleans()):
        shape = full if reduction == "none" else ()
        kind, line = draw(st.sampled_from(KINDS)), draw(st.sampled_from(LINES))
        upstream = numbers(line, kind, shape, draw(seeds))
    return regression_problem(loss, x, y, reduction=reduction, upstream=upstream)


@every_loss
@settings(max_examples=150)
@given(data=st.data())
def test_value_is_that_of_the_rational_way(loss: str, data: st.DataObject) -> None:
    """Bit for bit, for every format, shape and reduction, cancellation and range."""
    problem = draw_problem(data.draw, loss)
    fast = fast_way.value(LOSSES[loss], problem)
    plain = regression.value(LOSSES[loss], problem, fast=False)
    if fast is None:
        assert problem.reduction != "none"
        assert 0 in problem.term_shape
    else:
        assert_same(fast, plain)


@every_loss
@settings(max_examples=150)
@given(data=st.data())
def test_gradients_are_those_of_the_rational_way(
    loss: str, data: st.DataObject
) -> None:
    """By both arguments, broadcast or not, with any upstream numbers."""
    problem = draw_problem(data.draw, loss)
    fast = fast_way.gradients(LOSSES[loss], problem)
    assert fast is not None
    plain = regression.gradients(LOSSES[loss], problem, fast=False)
    for name, enclosure in plain.items():
        # How narrow a sum of terms of both signs is depends on the terms.
        repeated = enclosure.shape != problem.term_shape
        assert_same(fast[name], enclosure, narrow=not repeated)


@every_loss
@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1])
def test_borders_of_chunks(loss: str, size: int) -> None:
    """A chunk more or less changes nothing."""
    x, y = (numbers(LINES[2], "normal", (size,), seed) for seed in (1, 2))
    problem = regression_problem(loss, x, y, reduction="none", upstream=None)
    fast = fast_way.value(LOSSES[loss], problem)
    plain = regression.value(LOSSES[loss], problem, fast=False)
    assert fast is not None
    for ours, theirs in zip(fast.bounds(), plain.bounds(), strict=True):
        assert np.array_equal(ours, theirs)


@every_loss
def test_what_is_not_finite_keeps_its_class(loss: str) -> None:
    """Infinities and nan among the elements have the results of the table."""
    odd = np.array([1.0, np.inf, -np.inf, np.nan, 0.0, -0.0, 1e308, 5e-324])
    x, y = (a.ravel() for a in np.meshgrid(odd, odd))
    up = np.resize(odd[::-1], x.size + 1)[1:]
    for upstream in (None, up):
        problem = regression_problem(loss, x, y, reduction="none", upstream=upstream)
        value = fast_way.value(LOSSES[loss], problem)
        quick = fast_way.gradients(LOSSES[loss], problem)
        assert value is not None
        assert quick is not None
        assert_same(value, regression.value(LOSSES[loss], problem, fast=False))
        plain = regression.gradients(LOSSES[loss], problem, fast=False)
        for name, enclosure in plain.items():
            assert_same(quick[name], enclosure)


@every_loss
def test_what_it_cannot_do_is_left_to_the_rational_way(loss: str) -> None:
    """Fractions, sums with infinities, infinite upstream: no fast answer, no wrong."""
    third = [Fraction(1, 3)] * 99
    wide = np.ones(99)
    odd = np.where(np.arange(99) == 98, np.inf, wide)
    for x, y, upstream in ((third, wide, None), (odd, wide, None), (wide, odd, np.inf)):
        problem = regression_problem(loss, x, y, reduction="sum", upstream=upstream)
        assert fast_way.value(LOSSES[loss], problem) is None
        either = regression.value(LOSSES[loss], problem)
        assert_same(either, regression.value(LOSSES[loss], problem, fast=False))
    assert fast_way.gradients(LOSSES[loss], problem) is None
    problem = regression_problem(loss, odd, 1.0, reduction="sum", upstream=None)
    assert fast_way.gradients(LOSSES[loss], problem) is None


@every_loss
def test_some_places_cost_those_places(loss: str) -> None:
    """Columns at some places are those of the whole; an element costs an element."""
    calls: list[Extended] = []

    def term(d: Extended) -> Extended:
        calls.append(d)
        return LOSSES[loss].term(d)

    x, y = (numbers(LINES[3], "normal", (50, 40), seed) for seed in (1, 2))
    problem = regression_problem(loss, x, y, reduction="none", upstream=None)
    counting = replace(LOSSES[loss], term=term)
    fast = fast_way.value(counting, problem)
    assert fast is not None
    at = np.array([1999, 0, 77, 77], dtype=np.intp)
    some, whole = fast.columns(at=at), fast.columns()
    for name in ("head", "tail", "radius"):
        assert np.array_equal(getattr(some, name), getattr(whole, name).ravel()[at])
    assert not calls
    assert fast.elements()[1234].is_rational
    assert len(calls) == 1


@every_loss
def test_columns_of_places_with_exceptions(loss: str) -> None:
    """What the formulas leave open is exact at some places as in the whole."""
    x, y = numbers(LINES[3], "bits", (60,), 1), numbers(LINES[3], "zeros", (60,), 2)
    problem = regression_problem(loss, x, y, reduction="none", upstream=None)
    fast = fast_way.value(LOSSES[loss], problem)
    assert fast is not None
    at = np.arange(0, 60, 7)[::-1]
    some, whole = fast.columns(at=at), fast.columns()
    assert np.array_equal(some.head, whole.head[at])
    assert np.array_equal(some.tail, whole.tail[at])


@pytest.mark.torch
@every_loss
def test_columns_are_refused_where_subnormals_are_flushed(loss: str) -> None:
    """Flush to zero leaves sums as they are, and refuses columns in clear words."""
    torch = pytest.importorskip("torch")
    x, y = (numbers(LINES[2], "subnormal", (99,), seed) for seed in (1, 2))
    mean = regression_problem(loss, x, y, reduction="mean", upstream=None)
    each = regression_problem(loss, x, y, reduction="none", upstream=None)
    expected = regression.value(LOSSES[loss], mean, fast=False).elements()[0]
    if not torch.set_flush_denormal(True):
        pytest.skip("needs a processor that can flush subnormal numbers")
    try:
        got = regression.value(LOSSES[loss], mean).elements()[0]
        refused = [regression.value(LOSSES[loss], each)]
        refused += regression.gradients(LOSSES[loss], each).values()
        for enclosure in refused:
            with pytest.raises(PremiseError, match="flushes subnormal numbers"):
                enclosure.columns()
    finally:
        torch.set_flush_denormal(False)
    assert got == expected
    assert expected.rational


@pytest.mark.slow
@every_loss
def test_production_size(loss: str) -> None:
    """At 2**22 elements value and gradients are those of plain integers."""
    n, rng = 2**22, np.random.default_rng(0)
    a, b = (rng.integers(-(2**18), 2**18, n) for _ in range(2))
    x, y = ((k * 2.0**-10).astype(np.float32) for k in (a, b))
    problem = regression_problem(loss, x, y, reduction="mean", upstream=None)
    d = a - b
    value = regression.value(LOSSES[loss], problem).elements()[0].rational
    plain = Fraction(int(abs(d).sum()), 2**10 * n)
    slope = np.sign(d) / n
    if loss == "mse":
        plain = Fraction(int((d * d).sum()), 2**20 * n)
        slope = d * (2.0**-9 / n)
    assert value == plain
    gradient = regression.gradients(LOSSES[loss], problem)["input"].columns()
    assert np.array_equal(gradient.head, slope)
    assert not gradient.tail.any()
    assert not gradient.radius.any()
