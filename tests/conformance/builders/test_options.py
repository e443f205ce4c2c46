"""Options, class weights and cotangents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.builders import options
from conformance.builders.choices import CounterChoices
from conformance.builders.grid import grid
from conformance.case import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable


def _drawn(draw: Callable[..., Any], *arguments: Any, count: int = 600) -> list[Any]:
    return [draw(CounterChoices(0, i), *arguments) for i in range(count)]


def test_reductions_are_those_of_torch() -> None:
    """Each reduction is drawn, and none at all."""
    assert set(_drawn(options.reduction)) == {None, "mean", "sum", "none"}


def test_ignored_indices() -> None:
    """Usual ones, the ends of the class range and of integers, and aliases."""
    drawn = set(_drawn(options.ignore_index, 5, count=2000))
    usual = {None, -100, -1, 0, 4, 5, 255, 256, -(2**31), -(2**63)}
    aliases = {
        s * 2**b + label for s in (1, -1) for b in (8, 16, 32) for label in range(5)
    }
    assert usual <= drawn <= usual | aliases
    assert len(drawn & aliases) > len(aliases) / 2


def test_smoothing_is_within_its_range() -> None:
    """Every amount of the list is drawn, and none at all."""
    assert set(_drawn(options.label_smoothing)) == {None, *options.SMOOTHING}


@pytest.mark.parametrize("dtype", DTYPES)
def test_weights_reach(dtype: str) -> None:
    """Distinct, zero, negative, uneven and small weights are drawn, and none."""
    drawn = [
        None if w is None else w.astype(np.float64)
        for w in _drawn(options.weight, grid(dtype), 4)
    ]
    weights = [w for w in drawn if w is not None]
    assert len(weights) < len(drawn)
    assert all(w.shape == (4,) and np.isfinite(w).all() for w in weights)
    assert any(len(set(w.tolist())) == 4 for w in weights)
    assert any((w == 0).sum() == 1 for w in weights)
    assert any((w == 0).all() for w in weights)
    assert any((w < 0).any() for w in weights)
    assert any(0 < w.sum() < 1 for w in weights)
    assert any(w.min() > 0 and w.max() / w.min() > 1e5 for w in weights)
    assert any(len(set(np.abs(w).tolist())) == 3 and (w < 0).any() for w in weights)
    assert dtype == "float16" or any(w.max() > 2**40 for w in weights)


@pytest.mark.parametrize("shape", [(), (3,), (2, 2), (0,), (300,)])
def test_cotangents_have_the_shape_asked_for(shape: tuple[int, ...]) -> None:
    """A cotangent has the shape of the value and is finite."""
    drawn = _drawn(options.upstream, grid("float32"), shape)
    some = [u for u in drawn if u is not None]
    assert 0 < len(some) < len(drawn)
    assert all(u.shape == shape and np.isfinite(u).all() for u in some)


def test_cotangents_reach() -> None:
    """Zeros, 1024, negative and non-uniform cotangents are drawn, seldom ones."""
    drawn = _drawn(options.upstream, grid("float16"), (4,))
    some = [u.astype(np.float64) for u in drawn if u is not None]
    assert any((u == 0).all() for u in some)
    assert any((u == 1024).all() for u in some)
    assert any((u == -1).all() for u in some)
    assert any(u[0] == 0 and len(set(u.tolist())) > 2 for u in some)
    assert any(set(np.frexp(np.abs(u))[0].tolist()) == {0.5} for u in some)
    assert any(0 < np.abs(u).max() < 2**-13 for u in some)
    assert sum(bool((u == 1).all()) for u in some) < len(some) / 20


def test_directions_are_seldom_and_small() -> None:
    """About one call in twelve gives one, finite and of the shape asked for."""
    drawn = _drawn(options.tangent, grid("float16"), (2, 3))
    some = [v for v in drawn if v is not None]
    assert len(drawn) / 30 < len(some) < len(drawn) / 6
    assert all(v.shape == (2, 3) and np.isfinite(v.astype(float)).all() for v in some)
    assert not any(
        v is not None for v in _drawn(options.tangent, grid("float16"), (65,))
    )
