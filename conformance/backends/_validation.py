"""What the NumPy backend refuses, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.backends._softmax import class_axis
from conformance.case import DTYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

REDUCTIONS = ("none", "mean", "sum")
INDEX_DTYPES = ("int64", "uint8")


def check_reduction(reduction: str) -> None:
    """Refuse an unknown reduction."""
    if reduction not in REDUCTIONS:
        msg = f"reduction must be one of {', '.join(REDUCTIONS)}, got {reduction!r}"
        raise ValueError(msg)


def check_real(name: str, array: NDArray[Any], dtype: str) -> None:
    """Refuse an array that is not of the floating-point type `dtype`."""
    if array.dtype.name not in DTYPES:
        msg = f"{name} must be one of {', '.join(DTYPES)}, got {array.dtype.name}"
        raise TypeError(msg)
    if array.dtype.name != dtype:
        msg = f"{name} must have the dtype of input, {dtype}, got {array.dtype.name}"
        raise TypeError(msg)


def check_pair(buffers: Mapping[str, NDArray[Any]]) -> tuple[int, ...]:
    """Refuse an input and a target that do not broadcast; return the common shape."""
    shapes = buffers["input"].shape, buffers["target"].shape
    for name in ("input", "target"):
        check_real(name, buffers[name], buffers["input"].dtype.name)
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        msg = (
            "input and target must have shapes that broadcast, "
            f"got {shapes[0]} and {shapes[1]}"
        )
        raise ValueError(msg) from error


def check_classification(
    buffers: Mapping[str, NDArray[Any]], options: Mapping[str, Any]
) -> tuple[int, ...]:
    """Refuse bad arguments of cross-entropy; return the shape of the row losses."""
    logits, target = buffers["input"], buffers["target"]
    check_real("input", logits, logits.dtype.name)
    if logits.ndim == 0:
        msg = "input must have shape (C,), (N, C) or (N, C, d1, …), got ()"
        raise ValueError(msg)
    axis = class_axis(logits.ndim)
    rows = logits.shape[:axis] + logits.shape[axis + 1 :]
    if target.dtype.kind in "iub":
        _check_index_target(target, rows)
    else:
        _check_probability_target(target, logits, options)
    if "weight" in buffers:
        _check_weight(buffers["weight"], logits, axis)
    _check_smoothing(options.get("label_smoothing", 0.0))
    return rows


def _check_index_target(target: NDArray[Any], rows: tuple[int, ...]) -> None:
    if target.dtype.name not in INDEX_DTYPES:
        msg = f"a target of class indices must be int64 or uint8, got {target.dtype}"
        raise TypeError(msg)
    if target.shape != rows:
        msg = f"a target of class indices must have shape {rows}, got {target.shape}"
        raise ValueError(msg)


def _check_probability_target(
    target: NDArray[Any], logits: NDArray[Any], options: Mapping[str, Any]
) -> None:
    check_real("target", target, logits.dtype.name)
    if target.shape != logits.shape:
        msg = (
            "a target of class probabilities must have the shape of input, "
            f"{logits.shape}, got {target.shape}"
        )
        raise ValueError(msg)
    ignored = options.get("ignore_index", -1)
    if ignored >= 0:
        msg = f"ignore_index must be absent for class probabilities, got {ignored}"
        raise ValueError(msg)


def _check_weight(weight: NDArray[Any], logits: NDArray[Any], axis: int) -> None:
    check_real("weight", weight, logits.dtype.name)
    if weight.shape != (logits.shape[axis],):
        msg = (
            f"weight must have one element for each class, "
            f"{(logits.shape[axis],)}, got {weight.shape}"
        )
        raise ValueError(msg)


def _check_smoothing(smoothing: float) -> None:
    # Written so that NaN fails too.
    if not 0.0 <= smoothing <= 1.0:
        msg = f"label_smoothing must be between 0 and 1, got {smoothing!r}"
        raise ValueError(msg)


def check_upstream(
    buffers: Mapping[str, NDArray[Any]], reduction: str, shape: tuple[int, ...]
) -> None:
    """Refuse an upstream gradient that does not have the shape of the value."""
    if "upstream" not in buffers:
        return
    needed = shape if reduction == "none" else ()
    upstream = buffers["upstream"]
    check_real("upstream", upstream, buffers["input"].dtype.name)
    if upstream.shape != needed:
        msg = f"upstream must have the shape of the value, {needed}, "
        msg += f"got {upstream.shape}"
        raise ValueError(msg)


def check_tangent(buffers: Mapping[str, NDArray[Any]]) -> None:
    """Refuse a direction that does not have the shape and dtype of the input."""
    if "tangent" not in buffers:
        return
    tangent, given = buffers["tangent"], buffers["input"]
    check_real("tangent", tangent, given.dtype.name)
    if tangent.shape != given.shape:
        msg = f"tangent must have the shape of input, {given.shape}, "
        msg += f"got {tangent.shape}"
        raise ValueError(msg)


def checked_indices(
    target: NDArray[Any], classes: int, ignore_index: int
) -> NDArray[np.int64]:
    """Return the indices `(R,)`; refuse one that is neither a class nor ignored."""
    indices = target.astype(np.int64)
    wrong = (indices != ignore_index) & ((indices < 0) | (indices >= classes))
    if wrong.any():
        msg = (
            f"target must be at least 0 and less than {classes}, or {ignore_index} "
            f"to be ignored, got {int(indices[wrong][0])}"
        )
        raise IndexError(msg)
    return indices
