r"""Sums along the first axis in a fixed order, with their bounds.

The order is a balanced tree: rows h, h+1, … are added to rows 0, 1, …, with h the half
of what is left, rounded up, until one row is left. An addend passes through at most
⌈log2 n⌉ additions, its *height*; each multiplies its share by 1 + δ with |δ| ≤ ε. So

.. math:: |\hat s - s| \le \bigl((1 + \varepsilon)^{\lceil \log_2 n \rceil} - 1\bigr)
    \sum |a_i|,

which for addends of one sign is relative to the sum. Nothing else is assumed: an
addition that underflows is exact, and one that overflows leaves an infinity. (The
order of `numpy.sum` is documented nowhere, hence its error is not either.)

For h ≤ 64 and ε ≤ u, hε ≤ 2**−47 and (1 + ε)**h − 1 ≤ hε (1 + hε) ≤ hε (1 + 2**−46);
the functions return that, a product which float64 holds exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reference.fast.doubleword import ADD_POSITIVE, UNIT, add, add_positive

if TYPE_CHECKING:
    from reference.fast.doubleword import Floats, Pair

_ROOM: Final = 1 + 2.0**-46
_PAIR_ROOM: Final = 1 + 2.0**-45  # covers the 13u³ of `add` as well


def height(n: int) -> int:
    """Return ⌈log2 n⌉, the additions any of n addends passes through; 0 for n = 0.

    >>> [height(n) for n in (0, 1, 2, 3, 4, 5)]
    [0, 0, 1, 2, 2, 3]
    """
    return max(n - 1, 0).bit_length()


def sum_error(n: int) -> float:
    """Return a bound on |error| ÷ Σ|a| of `pairwise` over n addends, upward."""
    return height(n) * UNIT * _ROOM


def pair_sum_error(n: int) -> float:
    """Return a bound on |error| ÷ Σ|a| of `pairwise_pair` over n addends, upward."""
    return height(n) * ADD_POSITIVE * _PAIR_ROOM


def pairwise(a: Floats) -> Floats:
    """Return the sum along axis 0, in any memory order; `a` is left as it is.

    Args:
        a: `(n, …)`; n = 0 gives zeros.

    Returns:
        `(…)`, new, within `sum_error(n)`.
    """
    n = len(a)
    if n == 0:
        return np.zeros(a.shape[1:])
    half = (n + 1) // 2
    total = a[:half].copy(order="K")
    total[: n - half] += a[half:]
    while half > 1:
        n, half = half, (half + 1) // 2
        total[: n - half] += total[half:n]
    first: Floats = total[0, ...].copy()
    return first


def pairwise_pair(hi: Floats, lo: Floats, *, signed: bool = False) -> Pair:
    """Return the sum of double words along axis 0; `hi` and `lo` are left as they are.

    Args:
        hi: High words, `(n, …)`; n = 0 gives zeros.
        lo: Low words, of the same shape.
        signed: May the numbers be of both signs? If not, a cheaper addition serves.

    Returns:
        `(…)`, new, within `pair_sum_error(n)`.
    """
    if len(hi) == 0:
        return np.zeros(hi.shape[1:]), np.zeros(hi.shape[1:])
    plus = add if signed else add_positive
    while len(hi) > 1:
        half = len(hi) // 2
        top, low = plus(
            (hi[:half], lo[:half]), (hi[half : 2 * half], lo[half : 2 * half])
        )
        hi, lo = _with_odd(top, hi), _with_odd(low, lo)
    return hi[0, ...].copy(), lo[0, ...].copy()


def _with_odd(sums: Floats, addends: Floats) -> Floats:
    """Return the sums, and with them the last addend where it had no partner."""
    odd = addends[2 * len(sums) :]
    return np.concatenate((sums, odd)) if len(odd) else sums
