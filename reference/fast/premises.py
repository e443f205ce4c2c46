"""What the vectorised tiers take for granted about float64 arithmetic, checked.

The proofs in this package need IEEE 754's +, −, ×, ÷ on binary64, each correctly
rounded to nearest, ties to even, with gradual underflow and without excess precision. A
thread's control word can take any of these away: torch.set_flush_denormal(True) does,
in NumPy too, and in every thread that is started later. So the premises are checked
again wherever a calculation starts, in the thread that does it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

_ONE: Final = np.array([1.0, 1.0, -1.0, -1.0])
_HALF: Final = 2.0**-53
# 1 + u is a tie; a hair above and below it show upward, downward and excess precision.
_ADD: Final = np.array([_HALF, _HALF * (1 + 2.0**-52), -_HALF, -3 * _HALF])
_SUMS: Final = np.array([1.0, 1 + 2 * _HALF, -1.0, -1 - 4 * _HALF])
_FACTORS: Final = np.array([1 + 2.0**-27, 1 + 2.0**-26, -1 - 2.0**-27, 3.0])
_PRODUCTS: Final = np.array([1 + 2.0**-26, 1 + 2.0**-25 + 2.0**-52, 1 + 2.0**-26, 9.0])
_SMALLEST: Final = np.array([2.0**-1022, 2.0**-1022, -(2.0**-1022), 2.0**-1074])


class PremiseError(ArithmeticError):
    """This thread's float64 arithmetic is not what the proofs need."""


def check() -> None:
    """Check the arithmetic of the calling thread.

    Raises:
        PremiseError: If subnormal numbers are flushed to zero, rounding is not to
            nearest, or results carry excess precision.
    """
    with np.errstate(all="ignore"):
        # Operands below the normal range, and a result below it.
        halves = _SMALLEST[:3] * 0.5
        gradual = (halves != 0).all() and (_SMALLEST[3:] + _SMALLEST[3:] != 0).all()
        nearest = (_ONE + _ADD == _SUMS).all()
        single = (_FACTORS * _FACTORS == _PRODUCTS).all()
        third = (np.array([1.0]) / 3.0) * 3.0 == 1.0
    if not gradual:
        msg = (
            "float64 arithmetic must underflow gradually, but this thread flushes "
            "subnormal numbers to zero (as after torch.set_flush_denormal(True)): "
            "switch that off before asking for exact values"
        )
        raise PremiseError(msg)
    if not (nearest and single and third.all()):
        msg = (
            "float64 arithmetic must round to nearest, ties to even, without excess "
            "precision, but this thread's does not: restore its rounding mode"
        )
        raise PremiseError(msg)
