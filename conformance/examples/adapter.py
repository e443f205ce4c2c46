"""A backend to start from: it computes MAE, MSE and cross-entropy with NumPy.

    loss-conformance check ./loss_backend.py:backend

It conforms as it stands. Put calls of your own implementation in place of `pair` and
`rows`, one after the other, and check after each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.adapters import Capabilities, Output, reason_against

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.adapters import Case

Array = np.ndarray[Any, Any]
IGNORED = -100

# What is left out here is not asked for, and reported as unsupported.
CAPABILITIES = Capabilities(
    losses=frozenset({"mae", "mse", "cross_entropy"}),
    dtypes=frozenset({"float32", "float64"}),
    options=frozenset({"upstream"}),  # or weight, ignore_index, label_smoothing, …
    gradients={
        "mae": frozenset({"input", "target"}),
        "mse": frozenset({"input", "target"}),
        "cross_entropy": frozenset({"input"}),
    },
    declined={"broadcast": "input and target must have one shape"},
)


@dataclass(frozen=True)
class Mine:
    """The implementation under test."""

    name: str = "mine"
    capabilities: Capabilities = CAPABILITIES

    def can_run(self, case: Case) -> str | None:
        """Return None, or the reason why this case cannot be run."""
        return reason_against(self.capabilities, case)

    def run(self, case: Case, buffers: Mapping[str, Array]) -> Output:
        """Return the loss and its gradients; raise if the arguments are invalid."""
        x, y = buffers["input"], buffers["target"]
        if case.reduction not in ("none", "mean", "sum"):
            raise ValueError(f"no reduction {case.reduction!r}")
        if x.dtype != case.dtype:
            raise TypeError(f"input must be {case.dtype}, got {x.dtype}")
        up = buffers.get("upstream", np.ones(())).astype(np.float64)
        with np.errstate(all="ignore"):
            if case.loss == "cross_entropy":
                value, gradients = positions(x, y, case.reduction, up)
            else:
                value, gradients = pair(case.loss, x, y, case.reduction, up)
            stored = {name: g.astype(x.dtype) for name, g in gradients.items()}
            return Output(np.asarray(value, x.dtype), stored)


def pair(
    loss: str, x: Array, y: Array, reduction: str, up: Array
) -> tuple[Array, dict[str, Array]]:
    """Return MAE or MSE, and its gradients by `input` and `target`."""
    if x.shape != y.shape or x.dtype != y.dtype:
        raise ValueError("input and target must have one shape and one dtype")
    d = x.astype(np.float64) - y.astype(np.float64)
    count = np.float64(d.size if reduction == "mean" else 1)
    if loss == "mae":
        terms = np.abs(d)
        slope = ((d > 0).astype(np.float64) - (d < 0)) / count
    else:
        terms, slope = d * d, d * (2 / count)
    value = terms if reduction == "none" else terms.sum() / count
    return value, {"input": slope * up, "target": -slope * up}


def positions(
    x: Array, target: Array, reduction: str, up: Array
) -> tuple[Array, dict[str, Array]]:
    """Return cross-entropy of (C,), (N, C) or (N, C, d1, …), and its gradient."""
    if x.ndim == 0 or x.dtype.kind != "f":
        raise ValueError("input must have a class axis and be real")
    axis = min(1, x.ndim - 1)
    if target.shape != x.shape[:axis] + x.shape[axis + 1 :]:
        raise ValueError("target must be one class index for each position")
    last = np.moveaxis(x, axis, -1)
    count = target.size
    flat = last.reshape(count, x.shape[axis])
    scale = np.broadcast_to(up.reshape(-1), count)
    value, by_input = rows(flat, target.reshape(count), reduction, scale)
    gradient = np.moveaxis(by_input.reshape(last.shape), -1, axis)
    return value.reshape(target.shape if reduction == "none" else ()), {
        "input": gradient
    }


def rows(x: Array, target: Array, reduction: str, scale: Array) -> tuple[Array, Array]:
    """Return cross-entropy of the rows of `x`, `(N, C)`, and its gradient by `x`."""
    if target.dtype.kind not in "iu":
        raise ValueError("target must hold class indices")
    kept = target != IGNORED
    if (kept & ((target < 0) | (target >= x.shape[1]))).any():
        raise IndexError("a target is no class")
    hit = np.where(kept, target, -1)[:, np.newaxis] == np.arange(x.shape[1])
    shifted = x.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True, initial=-np.inf)
    powers = np.exp(shifted)
    total = powers.sum(axis=1, keepdims=True)
    chosen = np.where(hit, shifted, 0).sum(axis=1)
    losses = np.where(kept, np.log(total[:, 0]) - chosen, 0)
    count = np.float64(kept.sum() if reduction == "mean" else 1)
    slopes = (powers / total - hit) / count * scale[:, np.newaxis]
    gradient = np.where(kept[:, np.newaxis], slopes, 0)
    value = losses if reduction == "none" else losses.sum() / count
    return np.asarray(value), gradient


backend = Mine()
