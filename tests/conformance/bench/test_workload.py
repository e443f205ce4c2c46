"""Workloads are the shapes that were asked for, and their numbers are reproducible."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.bench.sizes import LARGE, MEDIUM, SMALL
from conformance.bench.workload import (
    CLASSES,
    DTYPES,
    HEADLINE,
    SPREAD,
    VOCABULARY,
    Inputs,
    Workload,
    draw,
    workloads,
)


def numbered(rows: int, classes: int) -> Inputs:
    """Return logits that tell where they stood."""
    logits = np.arange(rows * classes, dtype=np.float64).reshape(rows, classes)
    return Inputs(logits, np.arange(rows) % classes)


@pytest.mark.parametrize("largest", [SMALL, MEDIUM, MEDIUM + 1, LARGE])
def test_no_workload_is_larger_than_asked(largest: int) -> None:
    """All have at most so many logits, and none comes twice."""
    found = workloads(largest)
    assert found
    assert max(w.logits for w in found) <= largest
    assert len(set(found)) == len(found)


def test_all_shapes_are_there() -> None:
    """Each number of classes comes in each dtype, up to nearly 2**24 logits."""
    found = workloads(LARGE)
    assert {HEADLINE, VOCABULARY} <= set(found)
    for classes in CLASSES:
        for dtype in DTYPES:
            most = max(
                w.logits for w in found if (w.classes, w.dtype) == (classes, dtype)
            )
            assert LARGE - classes < most <= LARGE


def test_small_workloads_come_first() -> None:
    """No workload comes before one of half its size."""
    sizes = [w.logits for w in workloads(LARGE)]
    assert all(2 * b > a for a, b in pairwise(sizes))


@pytest.mark.parametrize("dtype", DTYPES)
def test_inputs_have_the_shape_and_are_read_only(dtype: str) -> None:
    """Neither array can be written to, so the oracle takes both without a copy."""
    inputs = draw(Workload(50, 7, dtype), 0)
    assert (inputs.logits.shape, inputs.logits.dtype) == ((50, 7), np.dtype(dtype))
    assert inputs.size == 350
    assert set(inputs.labels.tolist()) == set(range(7))
    assert not inputs.logits.flags.writeable
    assert not inputs.labels.flags.writeable


def test_inputs_follow_from_shape_and_seed() -> None:
    """The same seed gives the same numbers, another seed others."""
    shape = Workload(4, 5, "float64")
    a, b, c = (draw(shape, seed) for seed in (3, 3, 4))
    assert (a.logits == b.logits).all()
    assert (a.labels == b.labels).all()
    assert (a.logits != c.logits).any()


def test_narrow_inputs_are_wide_ones_rounded() -> None:
    """Both dtypes ask about the same logits, but for one rounding."""
    wide, narrow = (draw(Workload(9, 11, dtype), 1) for dtype in ("float64", "float32"))
    assert (wide.logits.astype(np.float32) == narrow.logits).all()
    assert (wide.labels == narrow.labels).all()


def test_the_spread_is_as_stated() -> None:
    """The standard deviation of a million logits is 3 to five standard errors."""
    logits = draw(Workload(1000, 1000, "float64"), 0).logits
    assert abs(logits.std() / SPREAD - 1) < 5 / math.sqrt(2 * logits.size)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 100))
def test_a_cut_is_the_beginning(rows: int, classes: int, most: int) -> None:
    """It has at most so many logits; one row more, or one class more, is too much."""
    whole = numbered(rows, classes)
    cut = whole.cut(most)
    n, c = cut.logits.shape
    assert n * c == cut.size <= most
    assert (cut.logits == whole.logits[:n, :c]).all()
    assert len(cut.labels) == n
    assert ((cut.labels >= 0) & (cut.labels < c)).all()
    if c == classes:
        assert n == rows or (n + 1) * c > most
        assert (cut.labels == whole.labels[:n]).all()
    else:
        assert (n, c) == (1, most)
