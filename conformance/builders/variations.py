"""Variations of a case: one argument or option is another, everything else stays.

The fault that a case nearly shows may depend on a binade, a gap, a size, a class count
or an option. A variation moves one of these, to a neighbour or anywhere in its range.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.builders import layouts, options
from conformance.builders.axes import CLASS, arrays, sizes, with_arrays
from conformance.builders.edits import reached, with_values
from conformance.builders.grid import grid
from conformance.builders.layouts import layout_of, place
from conformance.builders.neighbours import crowd, jitter, nudge, real_arrays
from conformance.builders.patterns import mask
from conformance.builders.resizing import resized
from conformance.builders.shapes import CLIFFS
from conformance.case import Case

if TYPE_CHECKING:
    from conformance.builders.choices import Choices
    from conformance.case import Array

Variation = Callable[["Choices", Case], "Case | None"]

_NEIGHBOURS: Final = (-1, 1, 1, -2, 2, 3, -3, 8, -8)
_FEW, _ANY = 40, 132
"""Sizes up to here are tried, each as often as the others."""
_OCTAVES: Final = 14


def vary(choices: Choices, case: Case) -> Case | None:
    """Return a case that differs from a valid `case` in one thing, seldom in two.

    None if what was chosen to vary cannot be varied here.
    """
    varied = choices.choice(_VARIATIONS)(choices, case)
    if varied is None or not choices.chance(1, 4):
        return varied
    return choices.choice(_VARIATIONS)(choices, varied) or varied


def _numbers(choices: Choices, case: Case) -> tuple[str, Array, list[int]] | None:
    """Choose an array of reals, most often the input; return its places too."""
    real = real_arrays(case)
    if not real:
        return None
    name = real[0] if choices.chance(1, 2) else choices.choice(real)
    array = arrays(case)[name]
    places = reached(array)
    return (name, array, places) if places else None


def scale(choices: Choices, case: Case) -> Case | None:
    """Multiply all numbers of an array by a power of two."""
    found = _numbers(choices, case)
    if found is None:
        return None
    name, array, places = found
    octaves = choices.choice((1, -1)) * choices.integer(1, _OCTAVES)
    values = [
        _scaled(float(v), octaves, array.dtype) for v in array.base[places].tolist()
    ]
    return with_values(case, name, places, values)


def _scaled(value: float, octaves: int, dtype: str) -> float:
    if not math.isfinite(value):
        return value
    return grid(dtype).snap(value * 2.0**octaves)


def gap(choices: Choices, case: Case) -> Case | None:
    """Put a number elsewhere below the largest: evenly down to 120, or by 2**k."""
    found = _numbers(choices, case)
    if found is None:
        return None
    name, array, places = found
    values = array.base[places].astype(np.float64)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    if choices.chance(2, 3):
        distance = choices.integer(0, 120 * 64) / 64
    else:
        distance = math.ldexp(choices.integer(16, 31) / 16, choices.integer(-20, 10))
    new = grid(array.dtype).snap(float(finite.max()) - distance)
    return with_values(case, name, [choices.choice(places)], [new])


def resize(choices: Choices, case: Case) -> Case | None:
    """Give one axis another size, repeating what is there or leaving some out."""
    found = sorted(k for k, n in sizes(case).items() if n)
    if not found:
        return None
    label = choices.choice(found)
    old = sizes(case)[label]
    near = old + choices.choice(_NEIGHBOURS)
    tail = choices.choice((old * 2, old // 2, old * 2 + 1, choices.choice(CLIFFS)))
    anywhere = choices.integer(1, choices.choice((_FEW, _ANY)))
    return resized(case, label, choices.choice((near, tail, anywhere, anywhere)))


def option(choices: Choices, case: Case) -> Case | None:
    """Take another smoothing or ignored index, or leave it out."""
    if case.loss != "cross_entropy":
        return reduction(choices, case)
    name = choices.choice(("label_smoothing", "ignore_index", "reduction"))
    if name == "reduction":
        return reduction(choices, case)
    if name == "label_smoothing":
        return _with_option(case, name, options.label_smoothing(choices))
    if case.arguments["target"].dtype != "int64":
        return None
    return ignore(choices, case)


def _with_option(case: Case, name: str, value: object) -> Case:
    others = {k: v for k, v in case.options.items() if k != name}
    return replace(case, options=others if value is None else {**others, name: value})


def reduction(choices: Choices, case: Case) -> Case:
    """Take another reduction; a cotangent of another shape is left out."""
    chosen = options.reduction(choices)
    varied = _with_option(case, "reduction", chosen)
    alike = (varied.reduction == "none") == (case.reduction == "none")
    return varied if alike else replace(varied, upstream=None)


def ignore(choices: Choices, case: Case) -> Case | None:
    """Ignore other rows: a new mask over the target."""
    target = case.arguments["target"]
    if (
        case.loss != "cross_entropy"
        or target.dtype != "int64"
        or not sizes(case)[CLASS]
    ):
        return None
    ignored = case.options.get("ignore_index", options.DEFAULT_IGNORE)
    values = target.view()
    valid = np.where(values == ignored, 0, values)
    marked = np.array(mask(choices, values.size), dtype=bool).reshape(values.shape)
    marked &= choices.chance(3, 4)
    return with_arrays(
        case, {"target": place(np.where(marked, ignored, valid), layout_of(target))}
    )


def label(choices: Choices, case: Case) -> Case | None:
    """Give one row another class."""
    target = case.arguments["target"]
    if case.loss != "cross_entropy" or target.dtype != "int64" or not target.base.size:
        return None
    classes = sizes(case)[CLASS]
    top = max(classes - 1, 0)
    new = choices.choice((0, top, choices.integer(0, top)))
    return with_values(case, "target", [choices.choice(reached(target))], [new])


def argument(choices: Choices, case: Case) -> Case | None:
    """Take another weight or cotangent, or leave it out."""
    target = grid(case.dtype)
    if case.loss == "cross_entropy" and choices.chance(1, 2):
        others = {k: a for k, a in case.arguments.items() if k != "weight"}
        weight = options.weight(choices, target, max(sizes(case)[CLASS], 1))
        if weight is not None and sizes(case)[CLASS]:
            others["weight"] = place(weight)
        return replace(case, arguments=others)
    if case.reduction == "none":
        return replace(case, upstream=None)
    drawn = options.upstream(choices, target, ())
    return replace(case, upstream=None if drawn is None else place(drawn))


def layout(choices: Choices, case: Case) -> Case | None:
    """Lay one array out in another way."""
    name = choices.choice(sorted(arrays(case)))
    values = arrays(case)[name].view()
    return with_arrays(case, {name: place(values, layouts.draw(choices)(values))})


_VARIATIONS: Final[tuple[Variation, ...]] = (
    *(jitter,) * 12,
    *(crowd,) * 8,
    *(scale,) * 3,
    *(gap,) * 2,
    *(resize,) * 2,
    *(option,) * 2,
    nudge,
    nudge,
    ignore,
    label,
    argument,
    layout,
)
"""What may vary; repeated where it should more often."""
