"""Numbers with all their digits, in many elements and in layouts that kernels take.

Small integers survive a cast to a narrower format; these do not. Nor do they hide an
element that is read from the wrong place.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.corpus.arrays import labels, shares, weights
from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded, Made
from conformance.builders.layouts import ROW_MAJOR, Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from conformance.builders.grid import Grid

_NONE: Final = {"reduction": "none"}
_WIDE: Final = ("float32", "float64")
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_STRETCHED: Final[dict[str, tuple[tuple[int, ...], tuple[int, ...]]]] = {
    "bias-of-50-for-40-rows": ((40, 50), (50,)),
    "column-for-300": ((5, 300), (5, 1)),
    "channels-of-an-image": ((6, 3, 5, 4), (1, 3, 1, 1)),
    "column-and-row": ((20, 1), (1, 30)),
    "one-for-1300": ((1300,), (1,)),
}
_CHANNELS_LAST: Final = Layout(order=(0, 2, 3, 1))
_CHANNELS_LAST_3D: Final = Layout(order=(0, 2, 3, 4, 1))


def _all_digits(count: int, stream: int, precision: int) -> NDArray[np.float64]:
    """Return numbers from −4 to 4 that need all bits of a format.

    Multiplicative hashing (Knuth, TAOCP 6.4): the same on every machine.
    """
    bits = min(precision, 52)
    hashed = (np.arange(count, dtype=np.uint64) + np.uint64(stream << 32)) * _GOLDEN
    whole = (hashed >> np.uint64(64 - bits)).astype(np.int64) - (1 << (bits - 1))
    return np.ldexp(whole.astype(np.float64), 3 - bits)


def _digits(*shape: int, stream: int = 1, layout: Layout = ROW_MAJOR) -> Made:
    def make(grid: Grid) -> NDArray[Any]:
        found = _all_digits(math.prod(shape), stream, grid.precision)
        return found.reshape(shape)

    return Made(make, layout)


def _with(special: float, *shape: int) -> Made:
    """Return numbers of which one, near the end of the first row, is special."""

    def make(grid: Grid) -> NDArray[Any]:
        found = _all_digits(math.prod(shape), 1, grid.precision)
        found[shape[-1] - 7] = special
        return found.reshape(shape)

    return Made(make)


def _many_differences() -> Iterator[Entry]:
    for count in (700, 1300, 4300, 10_000):
        yield Entry(
            f"digits-{count}",
            "a cast to a narrower format shows in each element",
            _digits(count),
            _digits(count, stream=2),
            upstream=_digits(count, stream=3),
            options=_NONE,
            losses=REGRESSION,
            dtypes=_WIDE,
        )
        yield Entry(
            f"digits-{count}-sum",
            "a sum in a narrower format than promised is off by many units",
            _digits(count),
            _digits(count, stream=2),
            options={"reduction": "sum"},
            losses=REGRESSION,
            dtypes=_WIDE,
        )
    for name, special in (("nan", math.nan), ("infinity", math.inf)):
        for count in (100, 1300):
            yield Entry(
                f"{name}-of-{count}",
                "what is special in a vector or a second block stays so",
                _with(special, count),
                _digits(count, stream=2),
                options=_NONE,
                losses=REGRESSION,
            )


def _stretched() -> Iterator[Entry]:
    for name, (shape, other) in _STRETCHED.items():
        yield Entry(
            name,
            "the gradient by what is stretched is a sum over many places",
            _digits(*shape),
            _digits(*other, stream=2),
            upstream=2,
            losses=REGRESSION,
            dtypes=_WIDE,
        )
    for name, block in (
        ("last", Expanded([[[1.5], [2]], [[0.5], [-1]]], (2, 2, 3))),
        ("last-two", Expanded([[[1.5]], [[2]]], (2, 3, 2))),
    ):
        yield Entry(
            f"expanded-{name}",
            "an input that is expanded along its last axes",
            block,
            _digits(*block.shape),
            options=_NONE,
            losses=REGRESSION,
            dtypes=_WIDE,
        )
    yield Entry(
        "cotangent-of-equal-columns",
        "a cotangent that is expanded along its last axis",
        [[1, -2], [3, 0.5]],
        [[0.5, 1], [-3, 4]],
        upstream=Expanded([[2], [-0.5]], (2, 2)),
        options=_NONE,
        losses=REGRESSION,
    )


def _turned_differences() -> Iterator[Entry]:
    axes = (2, 3, 2, 4)
    for name, mine, its in (
        ("input", _CHANNELS_LAST, ROW_MAJOR),
        ("target", ROW_MAJOR, _CHANNELS_LAST),
        ("both", _CHANNELS_LAST, _CHANNELS_LAST),
    ):
        yield Entry(
            f"channels-last-{name}",
            "images as vision models hold them",
            _digits(*axes, layout=mine),
            _digits(*axes, stream=2, layout=its),
            upstream=_digits(*axes, stream=3, layout=mine),
            options=_NONE,
            losses=REGRESSION,
        )
    yield Entry(
        "channels-last-volumes",
        "volumes with the channels last in memory",
        _digits(2, 3, 2, 2, 3, layout=_CHANNELS_LAST_3D),
        _digits(2, 3, 2, 2, 3, stream=2),
        losses=REGRESSION,
    )
    yield Entry(
        "along-100-turned",
        "a direction of many elements with its axes in another order in memory",
        _digits(5, 4, 5),
        _digits(5, 4, 5, stream=2),
        tangent=_digits(5, 4, 5, stream=3, layout=Layout(order=(0, 2, 1))),
        options=_NONE,
        losses=REGRESSION,
        dtypes=_WIDE,
    )


def _many_rows() -> Iterator[Entry]:
    for rows, classes in ((4500, 3), (1100, 12), (40, 14), (5, 4300)):
        yield Entry(
            f"digits-{rows}-by-{classes}",
            "a cast to a narrower format shows in each row",
            _digits(rows, classes),
            labels(rows, classes=classes, ignored=-100),
            weights(classes, 11),
            _digits(rows, stream=3),
            options=_NONE | {"label_smoothing": 0.25},
            dtypes=_WIDE,
        )
    yield Entry(
        "digits-4500-by-3-sum",
        "a sum in a narrower format than promised is off by many units",
        _digits(4500, 3),
        labels(4500, classes=3, ignored=-100),
        [0.5, 3, 2],
        -3,
        options={"reduction": "sum"},
        dtypes=_WIDE,
    )
    specials = {"nan": math.nan, "minus-infinity": -math.inf, "infinity": math.inf}
    for name, special in specials.items():
        for classes in (100, 1300):
            yield Entry(
                f"{name}-among-{classes}",
                "what is special in a vector or a second block stays so",
                _with(special, 2, classes),
                [3, classes - 1],
                options=_NONE,
                dtypes=_WIDE,
            )


def _turned_classes() -> Iterator[Entry]:
    axes, places = (2, 3, 2, 4), (2, 2, 4)
    heavier, upstream = [0.5, 2, 3], _digits(*places, stream=3)
    classes = labels(*places, classes=3)
    turned = Layout(order=(1, 2, 0))
    targets = (
        ("input", _CHANNELS_LAST, classes),
        ("target", ROW_MAJOR, labels(*places, classes=3, layout=turned)),
        ("shares", _CHANNELS_LAST, shares(*axes, layout=_CHANNELS_LAST)),
    )
    for name, layout, target in targets:
        yield Entry(
            f"channels-last-{name}",
            "images as vision models hold them",
            _digits(*axes, layout=layout),
            target,
            heavier,
            upstream,
            options=_NONE,
        )
    yield Entry(
        "channels-last-volumes",
        "volumes with the channels last in memory",
        _digits(2, 3, 2, 2, 3, layout=_CHANNELS_LAST_3D),
        labels(2, 2, 2, 3, classes=3),
        heavier,
        options=_NONE,
    )
    yield Entry(
        "along-channels-last",
        "a direction with the channels last in memory",
        _digits(*axes),
        classes,
        tangent=_digits(*axes, stream=3, layout=_CHANNELS_LAST),
        options=_NONE,
        dtypes=_WIDE,
    )
    yield Entry(
        "cotangent-of-equal-columns",
        "a cotangent that is expanded along its last axis",
        [[[1, -2], [3, 0.5]], [[0, 4], [-1, 2]]],
        [[0, 1], [1, 1]],
        upstream=Expanded([[2], [-0.5]], (2, 2)),
        options=_NONE,
    )


ENTRIES: Final[tuple[Entry, ...]] = (
    *_many_differences(),
    *_stretched(),
    *_turned_differences(),
    *_many_rows(),
    *_turned_classes(),
)
"""Every case of numbers with all their digits."""
