"""Whether a backend's declared capabilities cover a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backend import runs_backwards
from conformance.case import contiguous_strides
from reference.problem import IGNORE_INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.backend import Capabilities
    from conformance.case import Array, Case

MEAN: Final = "mean"
"""The reduction where none is named, and all that who declines `reduction` offers."""

_PLANE: Final = 2  # dimensions of (N, C)


def used_options(case: Case) -> frozenset[str]:
    """Return which of the optional abilities a case needs."""
    used = set(case.options) & {"ignore_index", "label_smoothing"}
    if "weight" in case.arguments:
        used.add("weight")
    # Truth values are neither indices nor probabilities: everybody has to refuse them.
    target = case.arguments["target"]
    kind = target.base.dtype.kind
    if case.loss == "cross_entropy" and kind not in "iub":
        used.add("class_probabilities")
    # A row of the default is ignored without a word; who cannot need not know it.
    if case.loss == "cross_entropy" and kind in "iu":
        used |= {"ignore_index"} if (target.view() == IGNORE_INDEX).any() else set()
    return frozenset(used)


def reason_against(capabilities: Capabilities, case: Case) -> str | None:
    """Return None, or why a backend of these capabilities cannot run the case."""
    if case.loss not in capabilities.losses:
        return f"does not offer {case.loss}"
    if case.dtype not in capabilities.dtypes:
        return f"does not offer {case.dtype}"
    if runs_backwards(case) and not capabilities.negative_strides:
        return "does not take views that run backwards"
    missing = sorted(used_options(case) - capabilities.options)
    if missing:
        return f"does not offer {', '.join(missing)}"
    return next(
        (why for k in kinds(case) if (why := capabilities.declined.get(k))), None
    )


def kinds(case: Case) -> Iterator[str]:
    """Yield what a case is of `DECLINABLE`, as far as it shows without the oracle."""
    shape = case.arguments["input"].shape
    if case.loss == "cross_entropy":
        if len(shape) != _PLANE:
            yield "unbatched" if len(shape) < _PLANE else "k-dim"
    elif _broadcasts(shape, case.arguments["target"].shape):
        yield "broadcast"
    arrays = [*case.arguments.values()]
    if any(0 in a.shape for a in arrays):
        yield "empty"
    if case.reduction != MEAN:
        yield "reduction"
    if case.upstream is not None:
        arrays.append(case.upstream)
    if any(_strided(a) for a in arrays):
        yield "layout"


def _broadcasts(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    # Shapes that do not fit are invalid arguments, and nothing else.
    try:
        np.broadcast_shapes(one, other)
    except ValueError:
        return False
    return one != other


def _strided(array: Array) -> bool:
    axes = zip(array.shape, array.strides, contiguous_strides(array.shape), strict=True)
    return array.offset != 0 or any(n > 1 and s != w for n, s, w in axes)
