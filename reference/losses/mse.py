r"""Mean squared error.

.. math:: \ell(d) = d^2, \qquad \ell'(d) = 2 d, \qquad \ell''(d) = 2

Source: torch.nn.MSELoss. There is no factor 1/2: with it the loss is often called l2.

Special values
--------------

=================  ================  ==================  ===============================
d = x − y          value             gradient by x       reason
=================  ================  ==================  ===============================
finite             d²                2 d u/n             definition
inf, −inf          inf               ±inf · u            limit; 0 · inf is nan
nan (inf − inf     nan               nan                 nan propagates
included)
no element, mean   nan               (empty)             0/0, as torch
no element, sum    0                 (empty)             the empty sum
=================  ================  ==================  ===============================
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from reference.element import Admit
from reference.extended import Extended, multiply
from reference.fast.differences import slope_twice, square
from reference.fast.totals import sum_of_differences, sum_of_squares
from reference.losses.regression import Regression


def term(d: Extended) -> Extended:
    """Return d²."""
    return multiply(d, d)


def slope(d: Extended) -> tuple[Extended, Admit]:
    """Return 2 d."""
    return multiply(Fraction(2), d), Admit.NOTHING


MSE: Final = Regression(
    term,
    slope,
    Fraction(2),
    sum_of_squares,
    sum_of_differences,
    square,
    slope_twice,
)
