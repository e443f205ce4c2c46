"""Softmax and its logarithm in the scheme `(x − max) − log Σ exp(x − max)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


def class_axis(dimensions: int) -> int:
    """Return the axis of the classes: the second one, or the only one."""
    return 0 if dimensions == 1 else 1


def shift(logits: Real) -> Real:
    """Return the largest logit of each row, with the last axis kept."""
    return np.asarray(logits.max(axis=-1, keepdims=True, initial=-np.inf))


def log_sum(summed: Real, formats: Formats) -> Real:
    """Return log Σ exp(x − max) in the compute format."""
    del formats  # Nothing is rounded to the storage format here.
    return np.log(summed)


def softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    """Return log p and p over the last axis."""
    shifted = logits - parts.shift(logits)
    exponentials = np.exp(shifted)
    summed = parts.total(exponentials, formats)[..., np.newaxis]
    return shifted - parts.log_sum(summed, formats), exponentials / summed


def along_classes(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    """Return log p and p as matrices, a row for each position, classes last."""
    axis = parts.softmax_axis(logits.ndim)
    results = parts.softmax(parts, np.moveaxis(logits, axis, -1), formats)
    log_p, p = (as_rows(np.moveaxis(r, -1, axis)) for r in results)
    return log_p, p


def as_rows(array: Real) -> Real:
    """Return the matrix of rows of an array laid out like the logits, classes last."""
    last = np.moveaxis(array, class_axis(array.ndim), -1)
    rows = int(np.prod(last.shape[:-1]))
    return last.reshape(rows, last.shape[-1])


def from_rows(rows: Real, shape: tuple[int, ...]) -> Real:
    """Return the array of `shape` whose matrix of rows is `rows`."""
    axis = class_axis(len(shape))
    last = shape[:axis] + shape[axis + 1 :] + (shape[axis],)
    return np.moveaxis(rows.reshape(last), -1, axis)
