"""The premises of the fast tiers: checked, in every thread, and refused in words."""

from __future__ import annotations

import ctypes
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

import reference
from reference.fast.premises import PremiseError, check

if TYPE_CHECKING:
    from collections.abc import Iterator

UPWARD, DOWNWARD, TOWARD_ZERO = 0x800, 0x400, 0xC00  # of x86-64

logits = np.arange(12.0, dtype=np.float32).reshape(3, 4)
linux = pytest.mark.skipif(
    sys.platform != "linux" or sys.byteorder != "little", reason="glibc's fesetround"
)


@contextmanager
def rounding(mode: int) -> Iterator[None]:
    """Set a rounding mode in this thread."""
    library = ctypes.CDLL("libm.so.6")
    before = library.fegetround()
    if library.fesetround(mode):
        pytest.skip("no such rounding mode here")
    try:
        yield
    finally:
        library.fesetround(before)


@contextmanager
def flushing() -> Iterator[None]:
    """Flush subnormal numbers to zero in this thread and those it starts."""
    import torch

    if not torch.set_flush_denormal(True):
        pytest.skip("this processor does not flush")
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def test_the_usual_arithmetic_passes() -> None:
    """Nothing is wrong with a thread that nobody meddled with."""
    check()


@linux
@pytest.mark.parametrize("mode", [UPWARD, DOWNWARD, TOWARD_ZERO])
def test_directed_rounding_is_refused(mode: int) -> None:
    """Bounds for rounding to nearest do not hold in another direction."""
    with rounding(mode), pytest.raises(PremiseError, match="round to nearest"):
        check()
    check()


@pytest.mark.torch
def test_flushing_is_refused_and_says_what_to_do() -> None:
    """The message names the cause and the remedy."""
    with flushing(), pytest.raises(PremiseError, match="set_flush_denormal"):
        check()
    check()


@pytest.mark.torch
def test_flushing_is_seen_in_threads_started_later() -> None:
    """A thread inherits the control word: it has to check for itself."""
    with flushing(), ThreadPoolExecutor(1) as pool:
        failure = pool.submit(check).exception()
    assert isinstance(failure, PremiseError)


@pytest.mark.torch
@pytest.mark.parametrize("fast", [True, False])
def test_no_answer_in_floats_while_subnormals_are_flushed(*, fast: bool) -> None:
    """Rounded values, float bounds and reading float32 are refused in one way."""
    problem = reference.cross_entropy(logits, [0, 1, 2]).problem
    with flushing():
        result = reference.evaluate(problem, fast=fast)
        for ask in (
            lambda: result.value.round_to("binary32"),
            lambda: result.gradient["input"].round_to("binary64"),
            result.gradient["input"].bounds,
            result.value.columns,
            lambda: result.value.elements()[0],
        ):
            with pytest.raises(PremiseError):
                ask()
    after = reference.evaluate(problem, fast=fast)
    assert after.value.round_to("binary32") == result.value.round_to("binary32")


@pytest.mark.torch
def test_exact_ends_need_no_premise() -> None:
    """What is read as exact numbers stays exact, whatever the arithmetic does."""
    result = reference.cross_entropy([[Fraction(1, 3), Fraction(2)]], [0])
    low = result.value.lower.item()
    with flushing():
        again = reference.cross_entropy([[Fraction(1, 3), Fraction(2)]], [0])
        assert again.value.lower.item() == low
