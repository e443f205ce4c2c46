r"""What the classes of each row of cross-entropy add up to.

With m the largest logit of a row, t = m − x ≥ 0 the gaps and the notation of
`reference.losses.cross_entropy`, everything is a sum of positive numbers:

.. math:: S = 1 + \sum_{c \ne \text{top}} e^{-t_c}, \qquad
    l = \sum_c e_c t_c + a \log S, \quad a = \sum_c e_c,

.. math:: s_y = \sum_{c \ne y} e^{-t_c} \text{ (sparse targets), so that }
    p_y - 1 = -s_y / S.

One largest logit is left out of the sum and added as an exact 1, the target's term is
left out and added where it belongs: nothing is subtracted, so log S = log1p(S − 1) and
p_y − 1 are known to relative accuracy however small they are.

**Bounds**, with ε = `exp`, u = `unit`, λ = `log` of the arithmetic, and h the height of
the tree of sums over C classes (that inside a block, and one addition more for each
block). Each term e^{−t} is within ε; S − 1, s_y and S pass through h + 2 additions:
within ε + (h + 2) u. log1p is conditioned by at most 1: log S within ε + (h + 2) u + λ.

* Sparse: l = w (t + log S) takes the gap, one sum and one product, all of one sign:
  within ε + λ + (h + 5) u of |l|.
* Dense: with E_c = |e_c|'s parts in magnitude, e_c is within 4u E_c, the gap, product
  and sums add (h + 2) u; a within (4 + h) u of A = Σ E_c; the product and the last
  sum 2u: within ε + λ + (2h + 10) u of M = Σ E_c t_c + A log S.

First-order sums of terms below 2**−40 are exceeded by less than 2**−30 of themselves,
which `ROOM` covers. Where a term is replaced by the arithmetic's `floor`, S − 1 and s_y
err by at most C times that: this is absolute, and bounds say so. A row is *bad* if its
softmax is not finite, *far* if its target, or any class of a dense target, is at −inf
or more than 2**500 below the top: these are left to the rational path.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from reference.fast import premises
from reference.fast.sums import height
from reference.fast.targets import inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from reference.fast.arithmetic import Arithmetic, Words
    from reference.fast.doubleword import Floats
    from reference.fast.targets import Targets

    Flags = NDArray[np.bool_]
    Places = NDArray[np.intp]

BLOCK: Final = 1 << 15
"""Logits that are worked on at once: their float64 arrays fit a core's cache."""
ROOM: Final = 1 + 2.0**-30
LARGEST: Final = 2.0**1000
FAR: Final = 2.0**500
_NARROW: Final = 64  # classes: then a block is better laid out class by class
_UNDERFLOW: Final = 2.0**-860
_SURE: Final = 2.0**-960  # products above it have not underflowed


@dataclass(frozen=True, eq=False)
class Rows:
    """Sums over the classes of R rows, each array `(R,)`.

    Attributes:
        top: The largest logit; 0 where the row is bad.
        bad: Is the softmax not finite (a nan, +inf, or nothing but −inf)?
        far: Is the loss left to the rational path?
        whole: S.
        log: log S.
        rest: s_y for sparse targets, else a.
        loss: l; 0 where bad or far.
        size: l for sparse targets with weight |w_y|; M for dense ones.
        mass: |w_y| for sparse targets; A for dense ones.
    """

    top: Floats
    bad: Flags
    far: Flags
    whole: Words
    log: Words
    rest: Words
    loss: Words
    size: Floats
    mass: Floats

    def part(self, which: slice | Places) -> Rows:
        """Return some of the rows."""
        return Rows(*(_cut(getattr(self, f.name), which) for f in fields(self)))

    @classmethod
    def joined(cls, parts: list[Rows]) -> Rows:
        """Return the rows of all parts."""
        if len(parts) == 1:
            return parts[0]
        return cls(*(_join([getattr(p, f.name) for p in parts]) for f in fields(cls)))


def _cut(column: Any, which: slice | Places) -> Any:
    if isinstance(column, tuple):
        return tuple(word[which] for word in column)
    return column[which]


def _join(columns: list[Any]) -> Any:
    if isinstance(columns[0], tuple):
        return tuple(np.concatenate(words) for words in zip(*columns, strict=True))
    return np.concatenate(columns)


def together(classes: int) -> int:
    """Return how many rows of so many classes make a block."""
    return max(BLOCK // classes, 1)


def pieces(classes: int) -> Iterator[slice]:
    """Return slices of the classes of a row, each for one block."""
    for start in range(0, classes, BLOCK):
        yield slice(start, min(start + BLOCK, classes))


def load(logits: NDArray[Any], top: Floats, bad: Flags, classes: slice) -> Floats:
    """Return a block of R rows as float64, `(classes, R)`, bad rows as their top."""
    order: Any = "C" if logits.shape[1] < _NARROW else "F"
    block: Floats = logits[:, classes].T.astype(np.float64, order=order)
    if bad.any():
        block[:, bad] = top[bad]
    return block


def additions(classes: int) -> int:
    """Return h, the most additions that one of so many addends passes through."""
    return height(min(classes, BLOCK)) + classes // BLOCK + 1


def loss_error(arithmetic: Arithmetic, classes: int, *, sparse: bool) -> float:
    """Return the bound on |error of `loss`| ÷ `size`, upward; see the derivation."""
    h = additions(classes)
    roundings = h + 5 if sparse else 2 * h + 10
    return (arithmetic.exp + arithmetic.log + roundings * arithmetic.unit) * ROOM


def absolute(arithmetic: Arithmetic, classes: int, mass: Floats) -> Floats:
    """Return what floors and underflow add to a result of that mass; 0 where it is 0.

    The floors of C terms move S − 1 and s_y by C `floor`, and results by at most four
    times that for each unit of mass. Products below binary64's normal range are off by
    less than 2**−1070, before one more factor of at most 2**200, the scale.
    """
    floor = 4 * classes * arithmetic.floor
    return np.where(mass == 0, 0.0, floor * mass + _UNDERFLOW)


def positive(words: Words, radius: Floats) -> tuple[Words, Floats]:
    """Return a sum of terms of one sign, and a radius that keeps its sign.

    Floors are upper bounds of what they replace: the truth is not 0 and less than twice
    what was found, if no product has underflowed. Then the interval may end at 0.
    """
    size = np.abs(words[0])
    touched = (radius > size) & (size > _SURE)
    if not touched.any():
        return words, radius
    kept = words[0], *(np.where(touched, 0.0, word) for word in words[1:])
    return kept, np.where(touched, size, radius)


def sweep(
    arithmetic: Arithmetic, logits: NDArray[Any], targets: Targets, rows: Places
) -> Rows:
    """Return the sums of a few rows, `(R, C)` logits and their places among all.

    Raises:
        PremiseError: If this thread's arithmetic is not what the bounds need.
    """
    premises.check()
    with np.errstate(all="ignore"):
        order = np.arange(len(logits))
        leader = _comparable(logits).argmax(axis=1)
        top = logits[order, leader].astype(np.float64)
        bad = ~(np.abs(top) < LARGEST)  # nan compares false
        top = np.where(bad, 0.0, top)
        if targets.sparse:
            return _sparse(arithmetic, logits, targets, rows, (leader, top, bad))
        return _dense(arithmetic, logits, targets, rows, (leader, top, bad))


def _comparable(logits: NDArray[Any]) -> NDArray[Any]:
    # NumPy compares float16 and bfloat16 one number at a time.
    return logits.astype(np.float32) if logits.dtype.itemsize == 2 else logits  # noqa: PLR2004


def _sparse(
    arithmetic: Arithmetic,
    logits: NDArray[Any],
    targets: Targets,
    rows: Places,
    summit: tuple[Places, Floats, Flags],
) -> Rows:
    leader, top, bad = summit
    order, used = np.arange(len(rows)), targets.used[rows]
    y = targets.index[rows]  # type: ignore[index]  # sparse targets have it
    y = np.where(used & ~bad, y, leader)
    x = np.where(bad, 0.0, logits[order, y].astype(np.float64))
    t = arithmetic.gap(top, x)
    far = used & (bad | (t[0] > FAR))
    t = tuple(np.where(far, 0.0, word) for word in t)
    term = arithmetic.decay(arithmetic.gap(top, x))
    left = arithmetic.widen(np.zeros(len(rows)))
    for classes in pieces(logits.shape[1]):
        block = load(logits, top, bad, classes)
        e = arithmetic.decay(arithmetic.gap(top, block))
        for word in e:
            word[inside(leader, classes)] = 0.0
            word[inside(y, classes)] = 0.0
        left = arithmetic.add(left, arithmetic.total(e))
    one, same = arithmetic.widen(np.ones(len(rows))), y == leader
    others = _choose(same, left, arithmetic.add(left, term))
    rest = _choose(same, left, arithmetic.add(left, one))
    whole = arithmetic.add(one, others)
    weight = targets.weight_at(rows)
    log = arithmetic.log1p(others)
    loss = arithmetic.add(t, log)
    loss = arithmetic.multiply(loss, arithmetic.widen(weight))
    loss = tuple(np.where(far | (weight == 0), 0.0, word) for word in loss)
    return Rows(top, bad, far, whole, log, rest, loss, np.abs(loss[0]), np.abs(weight))


def _choose(which: Flags, this: Words, that: Words) -> Words:
    return tuple(np.where(which, a, b) for a, b in zip(this, that, strict=True))


def _dense(
    arithmetic: Arithmetic,
    logits: NDArray[Any],
    targets: Targets,
    rows: Places,
    summit: tuple[Places, Floats, Flags],
) -> Rows:
    leader, top, bad = summit
    far = bad & targets.used[rows]
    zero = arithmetic.widen(np.zeros(len(rows)))
    left, a, dot, mass, size = zero, zero, zero, zero, zero
    for classes in pieces(logits.shape[1]):
        t = arithmetic.gap(top, load(logits, top, bad, classes))
        e = arithmetic.decay(t)
        for word in e:
            word[inside(leader, classes)] = 0.0
        left = arithmetic.add(left, arithmetic.total(e))
        beyond = t[0] > FAR
        if beyond.any():
            far = far | (beyond.any(axis=0) & targets.used[rows])
            t = tuple(np.where(beyond, 0.0, word) for word in t)
        some, most = targets.dense(arithmetic, rows, classes)
        signed = some is not most
        a = _plus(arithmetic, a, _full(some, t), signed=signed)
        dot = _plus(arithmetic, dot, arithmetic.multiply(some, t), signed=signed)
        if signed:
            mass = _plus(arithmetic, mass, _full(most, t))
            size = _plus(arithmetic, size, arithmetic.multiply(most, t))
    if not targets.signed:
        mass, size = a, dot
    one = arithmetic.widen(np.ones(len(rows)))
    log = arithmetic.log1p(left)
    loss = arithmetic.add(dot, arithmetic.multiply(a, log))
    loss = tuple(np.where(far, 0.0, word) for word in loss)
    whole = arithmetic.add(one, left)
    return Rows(top, bad, far, whole, log, a, loss, size[0] + mass[0] * log[0], mass[0])


def _full(words: Words, like: Words) -> Words:
    return tuple(np.broadcast_to(word, like[0].shape) for word in words)


def _plus(
    arithmetic: Arithmetic, total: Words, block: Words, *, signed: bool = False
) -> Words:
    return arithmetic.add(total, arithmetic.total(block, signed=signed))
