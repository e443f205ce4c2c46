"""Variations of a case that round otherwise: its numbers move by few units.

Where error/bound is large, the numbers happen to round badly. Neighbours round in
another way and keep everything else, so that they may do worse.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.axes import CLASS, arrays, sizes, with_arrays
from conformance.builders.edits import reached, with_values
from conformance.builders.grid import grid
from conformance.builders.resizing import resized
from conformance.case import Array, Case

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.builders.choices import Choices

_STEPS: Final = 61
"""So many steps are drawn; prime, so that numbers in a pattern move differently."""
_CROWDS: Final = (64, 64, 256)
"""Elements of a crowd, at most; most are small, as sums of more than 66 are bounded
twice."""
_FEWEST: Final = 8
"""Places of a crowd, at least, along the axis that it fills; how many differs, because
a fault may depend on it."""


def real_arrays(case: Case) -> list[str]:
    """Return the names of the arrays of reals, the input first if it is one."""
    return [k for k, a in arrays(case).items() if a.base.dtype.kind not in "iu"]


def nudge(choices: Choices, case: Case) -> Case | None:
    """Move one number by a power of two of units in the last place."""
    names = real_arrays(case)
    if not names:
        return None
    name = names[0] if choices.chance(1, 2) else choices.choice(names)
    array = arrays(case)[name]
    places = reached(array)
    if not places:
        return None
    place_, target = choices.choice(places), grid(array.dtype)
    old = float(array.base[place_])
    if not math.isfinite(old):
        return None
    steps = choices.choice((1, -1)) * (1 << choices.integer(0, target.precision + 1))
    new = target.snap(old + steps * target.quantum(old))
    return with_values(case, name, [place_], [new])


def jitter(choices: Choices, case: Case) -> Case | None:
    """Move all numbers of an array, or of all arrays, by up to 2**k units each."""
    names = real_arrays(case)
    if not names:
        return None
    if choices.chance(1, 2):
        names = [names[0] if choices.chance(1, 2) else choices.choice(names)]
    reach = 1 << choices.integer(1, grid(case.dtype).precision - 1)
    return with_arrays(
        case, {k: _moved(choices, arrays(case)[k], reach) for k in names}
    )


def _moved(choices: Choices, array: Array, reach: int) -> Array:
    """Return the array with other last places; zeros and what is not finite stay."""
    base = array.base
    count = min(base.size, _STEPS)
    drawn = np.array([choices.integer(-reach, reach) for _ in range(count)], np.int64)
    bits = base.view(f"i{base.itemsize}")
    sign = bits & np.iinfo(bits.dtype).min
    codes = (bits ^ sign).astype(np.int64)
    top = grid(array.dtype).top_code
    moved = (codes + np.resize(drawn, base.size)).clip(1, top).astype(bits.dtype)
    moves = (codes > 0) & (codes <= top)
    new: NDArray[Any] = np.where(moves, moved | sign, bits).view(base.dtype)
    return Array(new, array.shape, array.strides, array.offset)


def crowd(choices: Choices, case: Case) -> Case | None:
    """Repeat a small case along an axis, its numbers moved, every result on its own.

    The worst of many neighbours costs as much to find as one.
    """
    axes = sorted(k for k, n in sizes(case).items() if n and k != CLASS)
    if not axes:
        return None
    label = choices.choice(axes)
    others = math.prod(n for k, n in sizes(case).items() if k != label)
    room = choices.choice(_CROWDS) // max(others, 1)
    new = choices.integer(min(room, _FEWEST), room) if room else 0
    large = resized(case, label, new) if new > sizes(case)[label] else case
    return None if large is None else jitter(choices, unreduced(large))


def unreduced(case: Case) -> Case:
    """Return the case with reduction `none`, and a cotangent only if it still fits."""
    if case.reduction == "none":
        return case
    return replace(case, options={**case.options, "reduction": "none"}, upstream=None)
