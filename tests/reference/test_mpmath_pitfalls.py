"""mpmath's pitfalls, each beside an input on which the oracle steps around it.

The first half of a test states a fact about mpmath. A version that behaves otherwise
makes it skip that half, not fail: what must hold is the second half.
"""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import libmp
from plain_fields import MpmathField, exact
from plain_formats import BINARY32, BINARY64

import reference
from reference.formats import FORMATS

# Found by searching at 100 bits: the interval's end is not rounded outward far enough.
LOG_INPUT = float.fromhex("0x1.8c7fe0d481a52p+5")


def known_pitfall(*, holds: bool) -> None:
    """Note where a version of mpmath no longer has the pitfall."""
    if not holds:
        warnings.warn(
            "this mpmath no longer has the pitfall", UserWarning, stacklevel=2
        )


pytestmark = pytest.mark.filterwarnings("default:this mpmath no longer:UserWarning")


@pytest.fixture
def context() -> Any:
    """Return a context of 53 bits of one's own."""
    made = mpmath.MPContext()
    made.prec = 53
    return made


def test_fsum_is_not_exact(context: Any) -> None:
    """Fsum drops a term beside cancelling large ones; the oracle's sums keep it."""
    known_pitfall(holds=context.fsum([1e100, 1.0, -1e100]) == 0)
    result = reference.mae([1e100, 1.0, -1e100], [0, 0, 0], reduction="sum").value
    assert result.lower.item() == 2 * int(1e100) + 1
    value = reference.cross_entropy(
        [[0.0, 0.0]] * 3, [[1e100, 0.0], [1.0, 0.0], [-1e100, 0.0]], reduction="sum"
    ).value
    assert float(value.round_to("binary64")) == BINARY64.nearest(log_two())


def log_two() -> Fraction:
    """Return log 2 to 300 bits, from atanh's series."""
    return 2 * sum(Fraction(1, (2 * k + 1) * 3 ** (2 * k + 1)) for k in range(100))


def test_fdot_is_not_exact(context: Any) -> None:
    """Fdot drops the small product; the mean with weights keeps it."""
    big = 2.0**100
    known_pitfall(holds=context.fdot([big, 1, -big], [big, 1, big]) == 0)
    mass = [[big, 0.0], [1.0, 0.0], [-big, 0.0]]
    value = reference.cross_entropy(
        [[0.0, 0.0]] * 3, mass, weight=[big, 1.0], reduction="sum"
    ).value
    assert float(value.round_to("binary64")) == BINARY64.nearest(log_two() * 2**100)


def test_mpf_rounds_its_argument() -> None:
    """mpf(x) rounds a float to the working precision; the oracle reads all bits."""
    made = mpmath.MPContext()
    made.prec = 20
    known_pitfall(holds=made.mpf(0.1) != 0.1)
    assert reference.mae([0.1], [0]).value.lower.item() == Fraction(0.1)


def test_mpf_refuses_numpy_and_fractions(context: Any) -> None:
    """It refuses NumPy scalars and Fractions; the oracle reads both."""

    def read(value: Any) -> Any:
        try:
            return context.mpf(value)
        except TypeError:
            return None

    known_pitfall(holds=read(np.float32(0.1)) is None or read(Fraction(1, 3)) is None)
    assert reference.mae([np.float32(0.1)], [0]).value.lower.item() == Fraction(
        float(np.float32(0.1))
    )
    assert reference.mae([Fraction(1, 3)], [0]).value.lower.item() == Fraction(1, 3)


def test_convert_rounds_fractions(context: Any) -> None:
    """Convert rounds a Fraction; the oracle's gaps between Fractions are exact."""
    third = context.convert(Fraction(1, 3))
    known_pitfall(holds=exact(third) != Fraction(1, 3))
    row = [Fraction(1, 3), Fraction(1, 3) + 2000]
    value = reference.cross_entropy([row], [0]).value
    assert value.elements()[0].rational == 2000


def test_signed_zero_is_lost(context: Any) -> None:
    """mpf(−0.0) is 0; rounding in the oracle keeps the sign of what is not zero."""
    known_pitfall(holds=str(context.mpf(-0.0)) == "0.0")
    gradient = reference.cross_entropy([[2000.0, 0.0]], [0]).gradient["input"]
    rounded = gradient.round_to("binary64").ravel()
    assert rounded.tolist() == [0.0, 0.0]
    assert np.signbit(rounded).tolist() == [True, False]


@pytest.mark.parametrize(
    ("units", "nearest"), [(Fraction(1, 2), 1), (Fraction(5, 2), 3)]
)
def test_float_of_mpf_rounds_subnormals_twice(
    context: Any, units: Fraction, nearest: int
) -> None:
    """float(mpf) rounds to 53 bits first; just above a tie the oracle rounds up."""
    context.prec = 200
    least = Fraction(1, 2**1074)
    value = units * (1 + Fraction(1, 2**60)) * least
    as_mpf = context.mpf(value.numerator) / value.denominator
    known_pitfall(holds=float(as_mpf) != nearest * float(least))
    assert float(
        reference.mae([value], [0]).value.round_to("binary64")
    ) == nearest * float(least)


def test_float32_of_float_rounds_twice(context: Any) -> None:
    """np.float32(float(x)) loses what decides a tie; the oracle rounds once."""
    context.prec = 200
    value = 1 + Fraction(1, 2**24) + Fraction(1, 2**60)
    as_mpf = context.mpf(value.numerator) / value.denominator
    known_pitfall(holds=np.float32(float(as_mpf)) == 1)
    rounded = reference.mae([value], [0]).value.round_to("binary32")
    assert float(rounded) == BINARY32.nearest(value) == 1 + 2.0**-23


def test_to_float_truncates_by_default() -> None:
    """libmp.to_float rounds toward zero unless told; the oracle rounds to nearest."""
    value = 1 + Fraction(3, 2**54)
    made = libmp.from_man_exp(value.numerator, 1 - value.denominator.bit_length())
    known_pitfall(holds=libmp.to_float(made) == 1)
    assert FORMATS["binary64"].round(value) == 1 + 2.0**-52


def test_fifty_digits_are_not_enough() -> None:
    """At a gap of 200 fifty digits find p = 1; the oracle finds 1 − e**−200."""
    made = mpmath.MPContext()
    made.dps = 50
    p = 1 / (1 + made.exp(-200))
    known_pitfall(holds=p == 1 and -made.log(p) == 0)
    result = reference.cross_entropy([[200.0, 0.0]], [0])
    field = MpmathField(1000)
    tiny = field.fraction(field.context.log1p(field.exp(field.of(Fraction(-200)))))
    assert float(result.value.round_to("binary64")) == BINARY64.nearest(tiny) != 0
    assert result.gradient["input"].round_to("binary64").ravel()[0] < 0


def test_interval_log_excludes_the_value() -> None:
    """iv.log's ends are not rounded outward; ours enclose the same logarithm."""
    iv = mpmath.ctx_iv.MPIntervalContext()
    iv.prec = 100
    field = MpmathField(400)
    true = field.fraction(field.log(field.of(Fraction(LOG_INPUT))))
    ball = iv.log(iv.mpf(LOG_INPUT))._mpi_
    low, high = (exact(field.context.make_mpf(end)) for end in ball)
    known_pitfall(holds=not low <= true <= high)
    for precision in (64, 100, 128):
        value = reference.cross_entropy([[0.0, LOG_INPUT]], [1]).value
        ends = value.elements(precision)[0].ends(-1200)
        more = field.fraction(
            field.context.log1p(field.exp(field.of(-Fraction(LOG_INPUT))))
        )
        assert ends[0] < more < ends[1]


@given(x=st.floats(0.01, 100), prec=st.sampled_from([24, 53, 100]))
def test_exp_is_not_correctly_rounded_but_near(x: float, prec: int) -> None:
    """It may miss the nearest value, but by far less than the trusted 2**20 ulp."""
    argument = libmp.from_float(-x)
    got = exact(mpmath.mp.make_mpf(libmp.mpf_exp(argument, prec, libmp.round_nearest)))
    more = exact(mpmath.mp.make_mpf(libmp.mpf_exp(argument, 500, libmp.round_nearest)))
    assert abs(got - more) <= more * Fraction(2, 2**prec)


def test_contexts_are_global() -> None:
    """Mp is one for all; the oracle neither reads nor writes it."""
    before = mpmath.mp.prec
    with mpmath.workprec(7):
        known_pitfall(holds=mpmath.mp.exp(-1) != MpmathField(53).exp(-1))
        value = reference.cross_entropy([[0.0, 1.0]], [0]).value.round_to("binary64")
        assert mpmath.mp.prec == 7
    assert mpmath.mp.prec == before
    assert value == reference.cross_entropy([[0.0, 1.0]], [0]).value.round_to(
        "binary64"
    )
