"""The rivals compute the loss and the gradient that the oracle computes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from conformance.bench import contender, flint, mpmath, oracle
from conformance.bench.workload import Inputs, Workload, draw
from reference import cross_entropy
from reference.remainder import to_fraction

if TYPE_CHECKING:
    from collections.abc import Iterator

SHAPES = [(1, 1), (1, 9), (5, 1), (6, 8), (3, 64)]


def inputs_of(shape: tuple[int, int], dtype: str = "float32") -> Inputs:
    """Return random inputs of a shape."""
    return draw(Workload(*shape, dtype), 0)


def flat(answer: tuple[Any, list[list[Any]]]) -> list[Any]:
    """Return loss and gradient in a row."""
    loss, gradient = answer
    return [loss, *(g for row in gradient for g in row)]


def exact(inputs: Inputs) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield ends for loss and gradient, relatively 2**-128 apart at most."""
    result = cross_entropy(inputs.logits, inputs.labels)
    for enclosure in (result.value, result.gradient["input"]):
        yield from (item.ends(-400) for item in enclosure.elements(128))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_mpmath_computes_the_same(shape: tuple[int, int], dtype: str) -> None:
    """At 200 bits it comes as near to the oracle as its roundings allow.

    Everything adds up from positive numbers but for g_y = p_y − 1, of terms below 1: at
    most C + 16 roundings of 2**-199 of numbers below 2**6 here, far below 2**-100.
    """
    inputs = inputs_of(shape, dtype)
    for got, (low, high) in zip(
        flat(mpmath.prepare(200, inputs)()), exact(inputs), strict=True
    ):
        number = to_fraction(got._mpf_)
        assert low - Fraction(1, 2**100) <= number <= high + Fraction(1, 2**100)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_flint_encloses_the_same(shape: tuple[int, int], dtype: str) -> None:
    """Its balls meet the oracle's enclosures, and are narrow.

    At most 80 roundings of 2**-63 of numbers below 2**6 add up to less than 2**-50.
    """
    inputs = inputs_of(shape, dtype)
    before = ctx.prec
    balls = flat(flint.prepare(64, inputs)())
    assert ctx.prec == before
    with ctx.workprec(500):
        for ball, (low, high) in zip(balls, exact(inputs), strict=True):
            ends = [arb(fmpq(e.numerator, e.denominator)) for e in (low, high)]
            assert ball.overlaps(ends[0].union(ends[1]))
            assert ball.rad() < arb((1, -50))


@pytest.mark.torch
@pytest.mark.parametrize("threads", [1, 2])
def test_torch_computes_the_same(threads: int) -> None:
    """Where all is exact in float64 it gives what the oracle does, rounded.

    Where other logits are 10000 below the largest, their exponentials vanish: the loss
    of a row is its gap, and its gradient 1 and −1, over 4 rows.
    """
    import torch as library

    from conformance.bench import torch

    logits = [[0, -1e4, -2e4], [-3e4, 0, -1e4], [8, -1e4, -1e4], [0, -4e4, -8e4]]
    inputs = Inputs(np.array(logits, dtype=np.float32), np.array([1, 0, 0, 1]))
    before = library.get_num_threads()
    loss, gradient = torch.prepare(threads, inputs)()
    assert library.get_num_threads() == before
    assert loss.dtype == gradient.dtype == library.float64
    assert loss.item() == (1e4 + 3e4 + 4e4) / 4
    rows = [[0.25, -0.25, 0], [-0.25, 0.25, 0], [0, 0, 0], [0.25, -0.25, 0]]
    assert gradient.tolist() == rows
    result = cross_entropy(inputs.logits, inputs.labels)
    assert result.value.round_to("binary64") == loss.item()
    assert result.gradient["input"].round_to("binary64").tolist() == rows


@pytest.mark.parametrize("bits", [40, 80])
def test_enclosures_hold_the_exact_value(bits: int) -> None:
    """Each column encloses, to the bits that were asked for."""
    inputs = inputs_of((6, 8))
    parts = oracle.enclosures(bits, 1, inputs)()
    columns = [
        (Fraction(h) + Fraction(t), Fraction(r))
        for part in parts
        for h, t, r in zip(
            *(a.ravel().tolist() for a in (part.head, part.tail, part.radius)),
            strict=True,
        )
    ]
    for (middle, radius), (low, high) in zip(columns, exact(inputs), strict=True):
        assert middle - radius <= high
        assert low <= middle + radius
        assert radius <= abs(middle) / 2**bits


def test_roundings_are_the_oracles() -> None:
    """The third question is answered by the correct rounding of both."""
    inputs = inputs_of((6, 8), "float64")
    value, gradient = oracle.rounded("binary32", 1, inputs)()
    result = cross_entropy(inputs.logits, inputs.labels)
    assert value.values == result.value.round_to("binary32")
    assert (gradient.values == result.gradient["input"].round_to("binary32")).all()


def test_everybody_takes_part_who_is_installed() -> None:
    """One thread and all; mpmath and flint, which use one, once, and on a part."""
    found = contender.contenders(3)
    torch = () if "torch" in contender.absent() else ("torch",)
    names = (*contender.ORACLE, *torch)
    for threads in (1, 3):
        assert [c.name for c in found if c.threads == threads and not c.sampled] == [
            *names
        ]
    assert [(c.name, c.threads) for c in found if c.sampled] == [
        ("mpmath", 1),
        ("flint", 1),
    ]
    inputs = inputs_of((2, 3))
    for one in found:
        assert len(one.prepare(inputs)()) == 2  # type: ignore[arg-type]


def test_one_core_is_not_measured_twice() -> None:
    """With one core, one thread is all there are."""
    found = [(c.name, c.threads) for c in contender.contenders(1)]
    assert len(set(found)) == len(found)
    assert {threads for _, threads in found} == {1}


def test_what_is_missing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without flint and torch there are the oracle and mpmath, and reasons."""
    monkeypatch.setattr(contender, "version_of", lambda _: None)
    assert contender.absent() == {"flint": "not installed", "torch": "not installed"}
    names = {c.name for c in contender.contenders(2)}
    assert names == {*contender.ORACLE, "mpmath"}


@pytest.mark.parametrize("error", [ImportError, OSError])
def test_what_is_broken_is_left_out(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """A package that is installed but cannot be imported is told, and ends nothing."""

    def broken() -> object:
        msg = "no such symbol"
        raise error(msg)

    monkeypatch.setattr(contender, "_flint", broken)
    assert contender.absent()["flint"] == "cannot be imported: no such symbol"
    assert "flint" not in {c.name for c in contender.contenders(1)}
