"""Which axes of a case's arrays belong together, and cutting all of them at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.cases import CLASSIFICATION, KINDS
from conformance.builders.layouts import layout_of, place
from conformance.builders.options import DEFAULT_IGNORE
from conformance.case import Array, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Labels = Mapping[str, tuple[str, ...]]

BATCH: Final = "batch"
CLASS: Final = "class"
UPSTREAM: Final = "upstream"
TANGENT: Final = "tangent"


def arrays(case: Case) -> dict[str, Array]:
    """Return the arguments and, if there are any, upstream gradient and tangent."""
    named = dict(case.arguments)
    if case.upstream is not None:
        named[UPSTREAM] = case.upstream
    if case.tangent is not None:
        named[TANGENT] = case.tangent
    return named


def with_arrays(case: Case, changed: Mapping[str, Array]) -> Case:
    """Return the case with other arrays, named as by `arrays`."""
    arguments = {k: changed.get(k, a) for k, a in case.arguments.items()}
    upstream = changed.get(UPSTREAM, case.upstream)
    tangent = changed.get(TANGENT, case.tangent)
    return replace(case, arguments=arguments, upstream=upstream, tangent=tangent)


def labels(case: Case) -> dict[str, tuple[str, ...]]:
    """Return a label for each axis of each array: equal labels belong together.

    An array of an unexpected rank, as an invalid case may have, has no labels.
    """
    namer = _classes if KINDS[case.loss] is CLASSIFICATION else _differences
    named = namer(case)
    return {
        name: named[name] if len(named[name]) == len(array.shape) else ()
        for name, array in arrays(case).items()
    }


def _classes(case: Case) -> Labels:
    rank = len(case.arguments["input"].shape)
    full = (CLASS,) if rank <= 1 else (BATCH, CLASS, *_numbered(rank - 2))
    rows = tuple(label for label in full if label != CLASS)
    target = rows if _holds_indices(case) else full
    named = {"input": full, "target": target, "weight": (CLASS,), UPSTREAM: rows}
    return {**named, TANGENT: full}


def _differences(case: Case) -> Labels:
    return {
        name: tuple(reversed(_numbered(len(array.shape))))
        for name, array in arrays(case).items()
    }


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"axis {i}" for i in range(count))


def _holds_indices(case: Case) -> bool:
    return case.arguments["target"].base.dtype.kind in "iu"


def sizes(case: Case) -> dict[str, int]:
    """Return the size that each label stands for: the largest, where they differ."""
    found: dict[str, int] = {}
    named = labels(case)
    for name, array in arrays(case).items():
        for label, size in zip(named[name], array.shape, strict=False):
            found[label] = max(size, found.get(label, 0))
    return found


def places_are_alike(case: Case, label: str) -> bool:
    """Is every array expanded along `label`, so that any place is like the others?"""
    named = labels(case)
    return all(
        array.strides[named[name].index(label)] == 0
        for name, array in arrays(case).items()
        if label in named[name]
    )


def keep(case: Case, label: str, kept: Sequence[int]) -> Case | None:
    """Return the case with only the `kept` places along `label`, in all its arrays.

    Axes of size one, which broadcast, stay as they are. None if it cannot be done.
    """
    if label != CLASS or not _holds_indices(case):
        return _cut(case, label, kept)
    return _keep_classes(case, kept)


def _cut(case: Case, label: str, kept: Sequence[int]) -> Case:
    named = labels(case)
    changed = {}
    for name, array in arrays(case).items():
        if label not in named[name]:
            continue
        axis = named[name].index(label)
        size = array.shape[axis]
        inside = [i for i in kept if i < size]
        if size > 1 and len(inside) < size:
            values = array.view().take(inside, axis)
            changed[name] = place(values, layout_of(array))
    return with_arrays(case, changed)


def _keep_classes(case: Case, kept: Sequence[int]) -> Case | None:
    count = sizes(case)[CLASS]
    ignored = case.options.get("ignore_index", DEFAULT_IGNORE)
    if 0 <= ignored < count and ignored not in kept:
        return None
    renamed = _renaming(count, kept)
    cut = _cut(case, CLASS, kept)
    target = case.arguments["target"]
    values = renamed(target.view())
    changed = with_arrays(cut, {"target": place(values, layout_of(target))})
    if "ignore_index" not in case.options:
        return changed
    new = int(renamed(np.array(ignored, dtype=np.int64)))
    return replace(changed, options={**case.options, "ignore_index": new})


def _renaming(
    count: int, kept: Sequence[int]
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return how a class index changes; one out of range stays out of range."""
    table = np.searchsorted(np.array(kept), np.arange(count)).clip(0, len(kept) - 1)

    def renamed(old: NDArray[Any]) -> NDArray[Any]:
        inside = (old >= 0) & (old < count)
        shifted = np.where(old >= count, old - count + len(kept), old)
        return np.where(inside, table[np.where(inside, old, 0)], shifted)

    return renamed


def without_axis(case: Case, label: str) -> Case:
    """Return the case without an axis whose size is one wherever it occurs."""
    named = labels(case)
    changed = {}
    for name, array in arrays(case).items():
        if label in named[name]:
            axis = named[name].index(label)
            shape = array.shape[:axis] + array.shape[axis + 1 :]
            strides = array.strides[:axis] + array.strides[axis + 1 :]
            changed[name] = Array(array.base, shape, strides, array.offset)
    return with_arrays(case, changed)
