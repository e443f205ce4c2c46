"""The constants of exp and log, proved with integers and with Arb."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import numpy as np
import pytest
from plain_kernels import balls, fractions

from reference.fast import powers
from reference.formats import BINARY64

BITS: Final = 300


def ln2() -> tuple[Fraction, Fraction]:
    """Return two rationals around ln 2, from another series than the module's."""
    # ln 2 = Σ 1/(i 2**i); the rest after n terms is below 2**−n.
    partial = sum((Fraction(1, i << i) for i in range(1, BITS)), Fraction(0))
    return partial, partial + Fraction(1, 2**BITS)


LOW, HIGH = (bound / powers.STEPS for bound in ln2())
STEP: Final = (LOW + HIGH) / 2  # known to 2**−300


def within(parts: tuple[float, ...], error: Fraction) -> bool:
    """Say whether parts add up to C within an error."""
    total = sum(map(Fraction, parts), Fraction(0))
    return HIGH - error <= total <= LOW + error


def test_parts_of_the_step_add_up_to_it() -> None:
    """C is the sum of its four parts within 2**−147, and between 2**−14 and 2**−13."""
    assert within(powers.STEP_PARTS, Fraction(1, 2**147))
    assert Fraction(1, 2**14) < LOW < HIGH < Fraction(1, 2**13)


@pytest.mark.parametrize("index", range(3))
def test_parts_of_the_step_are_short(index: int) -> None:
    """A part is a multiple of its last place, and the rest is below that."""
    place = Fraction(1, 2 ** (40, 67, 94)[index])
    part = Fraction(powers.STEP_PARTS[index])
    assert (part / place).denominator == 1
    assert 0 < part / place < 2**27
    rest = STEP - sum(map(Fraction, powers.STEP_PARTS[: index + 1]), Fraction(0))
    assert 0 < rest < place


def test_step_in_other_forms() -> None:
    """C as first part and rest, as a double word, and 1/C are rounded to nearest."""
    first = powers.STEP_FIRST
    assert first == powers.STEP_PARTS[0]
    assert BINARY64.round(STEP - Fraction(first)) == powers.STEP_REST
    assert BINARY64.round(STEP) == powers.STEP
    assert within((powers.STEP, powers.STEP_LOW), LOW / 2**106)
    assert BINARY64.round(1 / STEP) == powers.STEPS_PER_UNIT


def squared(number: int, times: int, *, up: bool) -> int:
    """Return a fixed-point number squared so many times, rounded down or up."""
    for _ in range(times):
        number = -(-number * number >> BITS) if up else number * number >> BITS
    return number


def test_powers_are_proved_with_integers() -> None:
    """The 8192nd power of each double word ± 2**−106 encloses 2**j."""
    error = Fraction(powers.POWER)
    for j, power in enumerate(fractions(*powers.powers())):
        low, high = ((power + side) * 2**BITS for side in (-error, error))
        below = squared(int(low), powers.LOG2_STEPS, up=False)
        above = squared(-int(-high // 1), powers.LOG2_STEPS, up=True)
        assert below < 1 << (BITS + j) < above


def test_powers_agree_with_arb() -> None:
    """Each double word is within 2**−106 of Arb's power, and one by half of that."""
    flint: Any = pytest.importorskip("flint")
    with flint.ctx.workprec(BITS):
        errors = [
            abs(got - flint.arb(2) ** flint.arb(flint.fmpq(j, powers.STEPS)))
            for j, got in enumerate(balls(flint, *powers.powers()))
        ]
        assert powers.POWER / 2 < float(max(errors).upper()) <= powers.POWER


def test_powers_are_double_words_from_one() -> None:
    """2**0 is exactly 1; low words are at most 2**−53; the table cannot be written."""
    high, low = powers.powers()
    assert (high[0], low[0]) == (1.0, 0.0)
    assert (high + low == high).all()
    assert (np.abs(low) <= 2.0**-53).all()
    assert (np.diff(high) > 0).all()
    with pytest.raises(ValueError, match="read-only"):
        high[1] = 2.0
