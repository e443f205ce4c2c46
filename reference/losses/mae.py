r"""Mean absolute error.

.. math:: \ell(d) = |d|, \qquad \ell'(d) = \operatorname{sign}(d), \quad \ell'(0) = 0

Source: torch.nn.L1Loss. At the kink d = 0 any slope in [−1, 1] is a subgradient; torch
takes 0 and so does this module. Its second derivative is 0, in torch also at the kink,
where there is none.

Special values
--------------

=================  ================  ==================  ===============================
d = x − y          value             gradient by x       reason
=================  ================  ==================  ===============================
finite             \|d\|             sign(d) u/n         definition
inf, −inf          inf               ±u/n                limit of a constant slope
nan (inf − inf     nan               nan, 0 admitted     nan propagates; torch takes
included)                                                sign(nan) = 0; a slope of ±1
                                                         would hide it
no element, mean   nan               (empty)             0/0, as torch
no element, sum    0                 (empty)             the empty sum
upstream inf       –                 inf · sign; 0·inf   IEEE 754's product
                                     is nan
=================  ================  ==================  ===============================
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from reference.element import Admit
from reference.extended import Extended, is_nan
from reference.fast.differences import distance, slope_sign
from reference.fast.totals import sum_of_distances, sum_of_signs
from reference.losses.regression import Regression


def term(d: Extended) -> Extended:
    """Return |d|."""
    return -d if d < 0 else d


def slope(d: Extended) -> tuple[Extended, Admit]:
    """Return the derivative of |d|, 0 at the kink; at nan it is nan, and 0 admitted."""
    if is_nan(d):
        return math.nan, Admit.ZERO
    return Fraction((d > 0) - (d < 0)), Admit.NOTHING


MAE: Final = Regression(
    term,
    slope,
    Fraction(0),
    sum_of_distances,
    sum_of_signs,
    distance,
    slope_sign,
)
