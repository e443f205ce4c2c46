"""Edits that make a case simpler, each a generator that is told what was accepted."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.axes import (
    BATCH,
    CLASS,
    TANGENT,
    UPSTREAM,
    arrays,
    keep,
    places_are_alike,
    sizes,
    with_arrays,
    without_axis,
)
from conformance.builders.grid import grid
from conformance.builders.layouts import ROW_MAJOR, Layout, layout_of, place
from conformance.builders.reals import SMALL
from conformance.builders.simpler import simpler
from conformance.case import Array, Case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Edit = Callable[[Case], Generator[Case, bool, None]]
"""Yields candidates; is sent True after one that was accepted."""


def drop_options(case: Case) -> Generator[Case, bool, None]:
    """Leave out the weight, the upstream gradient, the tangent and each option."""
    for name in ("weight", UPSTREAM, TANGENT, *sorted(case.options)):
        for candidate in _without(case, name):
            if (yield candidate):
                case = candidate
                break


def _without(case: Case, name: str) -> list[Case]:
    if name == UPSTREAM:
        return [] if case.upstream is None else [replace(case, upstream=None)]
    if name == TANGENT:
        return [] if case.tangent is None else [replace(case, tangent=None)]
    if name == "weight":
        others = {k: a for k, a in case.arguments.items() if k != name}
        return [] if others == case.arguments else [replace(case, arguments=others)]
    others = {k: v for k, v in case.options.items() if k != name}
    plain = replace(case, options=others)
    if name != "reduction" or case.upstream is None or not case.upstream.shape:
        return [plain]
    # The value loses its axes, so the upstream gradient must.
    first = case.upstream.view().reshape(-1)[:1]
    scalars = [place(first.reshape(()))] if first.size else []
    return [replace(plain, upstream=u) for u in (None, *scalars)]


def drop_places(case: Case) -> Generator[Case, bool, None]:
    """Leave out rows, then classes, then places along the other axes."""
    found = sizes(case)
    order = {BATCH: 0, CLASS: 2}
    for label in sorted(found, key=lambda name: (order.get(name, 1), name)):
        chunk = sizes(case)[label] // 2
        while chunk:
            start = 0
            while start < (size := sizes(case)[label]):
                kept = [i for i in range(size) if not start <= i < start + chunk]
                candidate = keep(case, label, kept) if kept else None
                if candidate is not None and (yield candidate):
                    case = candidate
                else:
                    start += size if places_are_alike(case, label) else chunk
            chunk //= 2


def drop_axes(case: Case) -> Generator[Case, bool, None]:
    """Leave out axes of size one, other than the batch and class axes."""
    for label, size in sizes(case).items():
        if size == 1 and label not in {BATCH, CLASS}:
            candidate = without_axis(case, label)
            if (yield candidate):
                # The labels of the axes that are left have changed.
                return


def plain_layouts(case: Case) -> Generator[Case, bool, None]:
    """Lay every array out in row-major order, or at least more plainly."""
    everywhere = {k: a for k, a in arrays(case).items() if not _is_plain(a)}
    if not everywhere:
        return
    together = {k: _laid(a, ROW_MAJOR) for k, a in everywhere.items()}
    if all(together.values()) and (
        yield with_arrays(case, {k: a for k, a in together.items() if a is not None})
    ):
        return
    for name, array in everywhere.items():
        for layout in _plainer(layout_of(array)):
            other = _laid(array, layout)
            if other is not None and (yield with_arrays(case, {name: other})):
                case = with_arrays(case, {name: other})
                break


def _is_plain(array: Array) -> bool:
    return layout_of(array) == ROW_MAJOR


def _plainer(layout: Layout) -> list[Layout]:
    """Return layouts with fewer peculiarities, the plainest first."""
    plain: dict[str, Any] = {
        "order": (),
        "step": 1,
        "padding": 0,
        "offset": 0,
        "expanded": frozenset(),
        "backwards": frozenset(),
    }
    alone = [replace(ROW_MAJOR, **{name: getattr(layout, name)}) for name in plain]
    less = [replace(layout, **{name: value}) for name, value in plain.items()]
    unique = dict.fromkeys((ROW_MAJOR, *alone, *less))
    return [other for other in unique if other != layout]


def _laid(array: Array, layout: Layout) -> Array | None:
    """Return `array` in another layout, None if that takes a much larger buffer."""
    if array.view().size > max(SMALL, array.base.size):
        return None
    return place(array.view(), layout)


def zero_values(case: Case) -> Generator[Case, bool, None]:
    """Set values and class indices to zero, half of an array at a time, then less."""
    for name in arrays(case):
        places = reached(arrays(case)[name])
        chunk = len(places)
        while chunk:
            for start in range(0, len(places), chunk):
                base = arrays(case)[name].base
                some = [i for i in places[start : start + chunk] if base[i] != 0]
                candidate = with_values(case, name, some, [0.0] * len(some))
                if some and (yield candidate):
                    case = candidate
            chunk //= 2


def shift_input(case: Case) -> Generator[Case, bool, None]:
    """Subtract the largest finite input value from all of them."""
    array = case.arguments["input"]
    places = reached(array)
    if array.dtype == "int64" or not places:
        return
    old = array.base[places].astype(np.float64)
    finite = np.isfinite(old)
    top = float(old.max(initial=-np.inf, where=finite))
    if not np.isfinite(top) or top == 0:
        return
    with np.errstate(all="ignore"):
        new = np.where(finite, old - top, old)
    if np.abs(new[finite]).max() <= grid(array.dtype).largest:
        yield with_values(case, "input", places, new.tolist())


def simplify_values(case: Case) -> Generator[Case, bool, None]:
    """Replace values by simpler ones near them, one at a time."""
    for name, array in arrays(case).items():
        if array.dtype == "int64":
            continue
        for i in reached(array):
            case = yield from _simplified(case, name, i)


def _simplified(case: Case, name: str, i: int) -> Generator[Case, bool, Case]:
    accepted = True
    while accepted:
        accepted = False
        array = arrays(case)[name]
        for value in simpler(float(array.base[i]), grid(array.dtype)):
            candidate = with_values(case, name, [i], [value])
            accepted = yield candidate
            if accepted:
                case = candidate
                break
    return case


def reached(array: Array) -> list[int]:
    """Return the indices of the buffer that the view reaches, each once."""
    indices = array.over(np.arange(array.base.size))
    return [int(i) for i in np.unique(indices)]


def with_values(
    case: Case, name: str, places: Sequence[int], values: Sequence[float]
) -> Case:
    """Return the case with other elements in one buffer; its layout stays."""
    array = arrays(case)[name]
    base: NDArray[Any] = array.base.copy()
    base[list(places)] = np.array(values, dtype=np.float64).astype(base.dtype)
    return with_arrays(
        case, {name: Array(base, array.shape, array.strides, array.offset)}
    )


EDITS: Final[tuple[Edit, ...]] = (
    drop_options,
    drop_places,
    drop_axes,
    plain_layouts,
    zero_values,
    shift_input,
    simplify_values,
)
"""Every edit, those that leave out most first."""
