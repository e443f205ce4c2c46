r"""The gradient of cross-entropy by the logits, and by class probabilities, in blocks.

With s the scale of a row (cotangent, divided by W for the mean) and the sums of
`reference.fast.rows`, in its notation:

* Sparse targets: ∂/∂x_c = e^{−t_c} (s w_y / S) for c ≠ y, and −s_y (s w_y / S) at y. No
  subtraction; the scale and its product add 2u, the quotients 2u to what S and the
  exponentials have: within 2ε + (2h + 8) u of the result.
* Dense targets: ∂/∂x_c = s (e^{−t_c} (a/S) − e_c). a e^{−t}/S is within
  2ε + (2h + 8) u of A e^{−t}/S, e_c within 4u of E_c, difference and product add 3u:
  within 2ε + (2h + 12) u of |s| (A e^{−t}/S + E_c).
* By class probabilities: s (1 − ε_s) w_c (t_c + log S), with ε_s the label smoothing:
  log S within ε + (h + 2) u + λ, one sum and five roundings more.

What floors and underflow add is in `reference.fast.rows.absolute`; S ≥ 1 is moved by
less than 2**−370 of itself. Where e^{−t} itself is below the floor, the result for
sparse targets is told to be between 0 and twice what the floor makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reference.columns import Columns
from reference.fast.arithmetic import Pairs
from reference.fast.rows import FAR, ROOM, absolute, additions, load, positive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reference.fast.arithmetic import Arithmetic, Words
    from reference.fast.doubleword import Floats
    from reference.fast.rows import Rows
    from reference.fast.targets import Targets

    Flags = NDArray[np.bool_]
    Places = NDArray[np.intp]

_CARRIED: Final = 2.0**-600
"""Exponentials of double words below it are carried 2**1200 times as large.

Factors s w / S are between 2**−317 and 2**300: products of what is not carried stay
above 2**−917, of what is carried between 2**−617 and 2**900.
"""


@dataclass(frozen=True, eq=False)
class Block:
    """R rows of a problem, and what the gradient asks of them.

    Attributes:
        arithmetic: In which to evaluate.
        logits: `(R, C)`.
        targets: The targets of all rows.
        rows: `(R,)`, which rows of them these are.
        sums: Their sums.
        scale: s, `(R,)`.
    """

    arithmetic: Arithmetic
    logits: NDArray[Any]
    targets: Targets
    rows: Places
    sums: Rows
    scale: Words

    def gaps(self, classes: slice) -> Words:
        """Return t, `(classes, R)`."""
        block = load(self.logits, self.sums.top, self.sums.bad, classes)
        return self.arithmetic.gap(self.sums.top, block)

    def error(self) -> float:
        """Return the bound on |error| ÷ magnitude of a gradient, upward."""
        a = self.arithmetic
        roundings = 2 * additions(self.logits.shape[1]) + 12
        return (2 * a.exp + a.log + roundings * a.unit) * ROOM

    def absolute(self, mass: Floats) -> Floats:
        """Return what floors and underflow add, 0 where `mass` = |s| A is 0."""
        return absolute(self.arithmetic, self.logits.shape[1], mass)


def by_input(block: Block, classes: slice) -> tuple[Columns, Flags]:
    """Return the gradient by some logits, `(classes, R)`, and which rows are open."""
    with np.errstate(all="ignore"):
        if block.targets.sparse:
            return _sparse(block, classes), block.sums.bad
        return _dense(block, classes), block.sums.bad


def _sparse(block: Block, classes: slice) -> Columns:
    arithmetic, sums, relative = block.arithmetic, block.sums, block.error()
    weight = arithmetic.widen(block.targets.weight_at(block.rows))
    kappa = arithmetic.multiply(block.scale, weight)
    share = arithmetic.divide(kappa, sums.whole)
    t = block.gaps(classes)
    e = arithmetic.decay(t)
    made = arithmetic.multiply(e, share)
    radius = np.abs(made[0])
    lost = (e[0] <= arithmetic.floor) & (e[0] > 0)
    # What is lost is between 0 and twice this upper bound, and has its sign.
    radius *= np.where(lost, 1.0, relative) if lost.any() else relative
    small = _carry(block, t, e, share, (*made, radius))
    at = block.targets.places(block.rows, classes)
    own = arithmetic.multiply(sums.rest, share)
    none = (sums.rest[0] == 0) | (kappa[0] == 0)
    own_radius = np.abs(own[0]) * relative + block.absolute(np.abs(kappa[0]))
    own, own_radius = positive(own, own_radius)
    for word, o in zip(made, own, strict=True):
        word[at] = -o[at[1]]
    radius[at] = np.where(none, 0.0, own_radius)[at[1]]
    if small is not None:
        small[at] = False
    return _columns(made, radius, small)


def _carry(
    block: Block, t: Words, e: Words, share: Words, result: Words
) -> Flags | None:
    """Write what is far below binary64's range into the result, at a larger scale.

    Returns:
        Where; None: nowhere. Plain arithmetic does without: its floor is above that.
    """
    if not isinstance(block.arithmetic, Pairs):
        return None
    small = (e[0] < _CARRIED) & (e[0] > 0)
    if not small.any():
        return None
    at = np.nonzero(small)
    factor = tuple(np.broadcast_to(w, t[0].shape)[at] for w in share)
    scaled, lost = block.arithmetic.distant(tuple(w[at] for w in t))
    head, tail = block.arithmetic.multiply(scaled, factor)
    size = np.abs(head)
    result[0][at] = head
    result[1][at] = np.where(lost, 0.0, tail)
    result[2][at] = np.where(lost, size, size * block.error())
    return small


def _dense(block: Block, classes: slice) -> Columns:
    arithmetic, sums = block.arithmetic, block.sums
    t = block.gaps(classes)
    e = arithmetic.decay(t)
    part = arithmetic.multiply(e, arithmetic.divide(sums.rest, sums.whole))
    some, most = block.targets.dense(arithmetic, block.rows, classes)
    made = arithmetic.add(part, tuple(-w for w in some))
    made = arithmetic.multiply(made, block.scale)
    s = np.abs(block.scale[0])
    size = (e[0] * (sums.mass / sums.whole[0]) + most[0]) * s
    radius = size * block.error() + block.absolute(s * sums.mass)
    # An interval that ends at 0 would claim that the number is not 0.
    radius = np.where(radius == np.abs(made[0]), 2 * radius, radius)
    none = ((e[0] == 0) & (most[0] == 0)) | (s * sums.mass == 0)
    return _columns(made, np.where(none, 0.0, radius), None)


def by_target(block: Block, classes: slice) -> tuple[Columns, Flags]:
    """Return the gradient by some class probabilities, and where it is left open."""
    arithmetic, targets = block.arithmetic, block.targets
    with np.errstate(all="ignore"):
        factor = arithmetic.multiply(
            arithmetic.constant(1 - targets.label_smoothing), block.scale
        )
        if targets.weight is not None:
            weight = arithmetic.widen(targets.weight[classes, np.newaxis])
            factor = arithmetic.multiply(weight, factor)
        t = block.gaps(classes)
        far = (t[0] > FAR) | block.sums.bad
        t = tuple(np.where(far, 0.0, w) for w in t)
        surprise = arithmetic.add(t, block.sums.log)
        made = arithmetic.multiply(surprise, factor)
        extra = block.absolute(np.abs(factor[0]))
        radius = np.abs(made[0]) * block.error() + extra
        none = (surprise[0] == 0) | (factor[0] == 0)
        return _columns(made, np.where(none, 0.0, radius), None), far


def _columns(made: Words, radius: Floats, small: Flags | None) -> Columns:
    tail = made[1] if len(made) > 1 else np.broadcast_to(0.0, radius.shape)
    return Columns(made[0], tail, radius, small=small)
