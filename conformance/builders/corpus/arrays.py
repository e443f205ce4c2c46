"""Arrays made by a rule, for entries that are too large to be written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from conformance.builders.corpus.entry import Made
from conformance.builders.corpus.sequences import wave
from conformance.builders.layouts import ROW_MAJOR, Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray


def real(*shape: int, period: int = 13) -> Made:
    """Return half integers of both signs."""
    return Made(lambda _grid: wave(shape, period))


def rising(classes: int) -> Made:
    """Return logits that rise by 6: the largest comes late, all before it count."""
    index = np.arange(classes)
    row = np.floor(24 * (index / classes - 1)) / 4 - (index * 5 % 7) / 4
    return Made(lambda _grid: row[np.newaxis])


def hill(classes: int) -> Made:
    """Return logits of which the largest is in the middle."""
    middle = np.arange(classes) == classes // 2
    row = np.where(middle, 4, wave((classes,), 13) / 2)
    return Made(lambda _grid: row[np.newaxis])


def upstream(*shape: int, layout: Layout = ROW_MAJOR) -> Made:
    """Return a cotangent of both signs without a 0."""

    def make(_grid: object) -> NDArray[np.float64]:
        found = wave(shape, 7, 3)
        return np.where(found == 0, 1, found)

    return Made(make, layout)


def labels(
    *shape: int, classes: int, ignored: int | None = None, layout: Layout = ROW_MAJOR
) -> Made:
    """Return labels of all sizes; every fifth row is of the class `ignored`, if any."""
    rows = np.arange(math.prod(shape))
    found = rows * 977 // 3 % classes
    if ignored is not None:
        found = np.where(rows % 5 == 1, ignored, found)
    return Made(lambda _grid: found.reshape(shape), layout)


def weights(classes: int, period: int) -> Made:
    """Return class weights of so many sizes."""
    return Made(lambda _grid: 0.25 * (1 + np.arange(classes) % period))


def shares(*shape: int, layout: Layout = ROW_MAJOR) -> Made:
    """Return class probabilities that add up to anything but 1."""
    found = (np.arange(math.prod(shape)) * 3 % 5 / 4).reshape(shape)
    return Made(lambda _grid: found, layout)
