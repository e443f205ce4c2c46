"""The finer features of a case, each the subject of a requirement of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.case import contiguous_strides
from reference.problem import IGNORE_INDEX, class_axis_last

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from conformance.answer import Answer
    from conformance.case import Array, Case

_INT32: Final = 2**31
_MATRIX: Final = 2
_CUBE: Final = 3
_ROWS: Final = (2048, 65_504)
_CLASSES: Final = (257, 2049, 32_000)
_LABELS: Final = (256, 2048)
_SPECIALS: Final = {"plus-infinity": math.inf, "minus-infinity": -math.inf}


def details(case: Case, given: Answer) -> frozenset[str]:
    """Return the finer features of a case.

    Of an invalid case, which class index is out of range (`target-negative`,
    `target-classes`, `target-beyond-int32`), or what else is wrong with the target
    (`target-float`, `target-bool`, `target-shape`), and beside what. Of a valid one
    those of its memory layouts, its upstream gradient, and for cross-entropy of its
    ignored rows, weights, smoothing, probabilities, sizes and special values.
    """
    if given.result is None:
        return frozenset(_faults(case, given.argument))
    found = {*_layouts(case), *_cotangent(case)}
    if case.loss == "cross_entropy":
        rows = _Rows(case)
        found |= {*_shapes(case), *_sizes(rows), *_weights(rows), *_specials(rows)}
        found |= {*(_ignoring(rows) if rows.indexed else _probabilities(rows))}
    else:
        found |= {*_numbers(case)}
    return frozenset(found)


class _Rows:
    """Cross-entropy's arguments, a row for each position and the classes last."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.logits = class_axis_last(_real(case.arguments["input"]))
        self.count, self.classes = self.logits.shape
        self.ignore = int(case.options.get("ignore_index", IGNORE_INDEX))
        target = case.arguments["target"]
        self.indexed = target.base.dtype.kind in "iu"
        self.smoothing = float(case.options.get("label_smoothing", 0.0))
        given = case.arguments.get("weight")
        self.weight = None if given is None else _real(given)
        self.labels = np.full(self.count, -1)
        self.kept = np.ones(self.count, np.bool_)
        self.shares = np.zeros((0, self.classes))
        if self.indexed:
            self.labels = target.view().reshape(-1).astype(np.int64)
            self.kept = self.labels != self.ignore
        else:
            self.shares = class_axis_last(_real(target))

    @property
    def used(self) -> NDArray[np.float64]:
        """The weights of the rows that count."""
        if self.weight is None or not self.indexed:
            return np.zeros(0)
        used: NDArray[np.float64] = self.weight[self.labels[self.kept]]
        return used


def _real(array: Array) -> NDArray[np.float64]:
    values: NDArray[np.float64] = array.view().astype(np.float64)
    return values


def _faults(case: Case, argument: str) -> Iterator[str]:
    if case.loss != "cross_entropy" or argument != "target":
        return
    target = case.arguments["target"]
    shape = case.arguments["input"].shape
    rows = shape[:1] + shape[2:] if len(shape) > 1 else ()
    if target.base.dtype.kind not in "iu":
        if target.shape == rows:
            yield "target-bool" if target.base.dtype.kind == "b" else "target-float"
        elif target.shape != shape:
            yield "target-shape"
        return
    if target.shape != rows:
        yield "target-shape"
        return
    classes = shape[min(1, len(shape) - 1)]
    wrong = {
        "target-negative": (target.view() < 0) & (target.view() > -_INT32),
        "target-classes": (target.view() >= classes) & (target.view() < _INT32),
        "target-beyond-int32": np.abs(target.view().astype(np.float64)) >= _INT32,
    }
    ignored = target.view() == case.options.get("ignore_index", IGNORE_INDEX)
    yield from (name for name, at in wrong.items() if (at & ~ignored).any())
    yield f"target-{case.reduction}"
    if "weight" in case.arguments:
        yield "target-weight"
    if case.options.get("label_smoothing"):
        yield "target-smoothing"
    if "ignore_index" in case.options:
        yield "target-ignore"


def _layouts(case: Case) -> Iterator[str]:
    arrays = dict(case.arguments)
    if case.upstream is not None:
        arrays["upstream"] = case.upstream
    for name, array in arrays.items():
        if 0 not in array.shape:
            yield from (f"{name}-{word}" for word in _layout(array))


def _layout(array: Array) -> Iterator[str]:
    axes = [(n, s) for n, s in zip(array.shape, array.strides, strict=True) if n > 1]
    if any(s == 0 for _, s in axes):
        yield "expanded"
    if any(s < 0 for _, s in axes):
        yield "negative-strides"
    steps = [abs(s) for _, s in axes if s]
    if array.offset and not any(s < 0 for _, s in axes):
        yield "offset"
    if steps and min(steps) > 1:
        yield "strided"
    if steps != sorted(steps, reverse=True):
        last = len(array.shape) > _MATRIX and array.strides == _classes_last(array)
        yield "channels-last" if last else "transposed"


def _classes_last(array: Array) -> tuple[int, ...]:
    n, c, *others = array.shape
    strides = contiguous_strides((n, *others, c))
    return (strides[0], strides[-1], *strides[1:-1])


def _cotangent(case: Case) -> Iterator[str]:
    if case.upstream is None:
        return
    values = _real(case.upstream).ravel()
    if np.unique(values[~np.isnan(values)]).size > 1:
        yield "upstream-varied"
        if (values == 0).any():
            yield "upstream-zero"
    elif values.size and abs(np.frexp(values[0])[0]) == 0.5:  # noqa: PLR2004 - 2^k
        yield "upstream-power"
    if (values < 0).any():
        yield "upstream-signed"
    if np.isnan(values).any():
        yield "upstream-nan"
    if np.isinf(values).any():
        yield "upstream-infinite"


def _numbers(case: Case) -> Iterator[str]:
    x, y = (_real(case.arguments[name]) for name in ("input", "target"))
    for name, values in (("input", x), ("target", y)):
        if np.isnan(values).any():
            yield f"{name}-nan"
        if np.isinf(values).any():
            yield f"{name}-infinite"
    with np.errstate(all="ignore"):
        if (np.subtract(x, y) == 0).any():
            yield "equal"
        if (np.isinf(x) & (x == y)).any():
            yield "equal-infinities"
    if (np.broadcast_shapes(x.shape, y.shape) or (1,))[0] >= _ROWS[0]:
        yield "many-elements"


def _shapes(case: Case) -> Iterator[str]:
    shape = case.arguments["input"].shape
    if len(shape) > _MATRIX:
        yield f"k-dim-{len(shape) - _MATRIX}" if len(shape) < _MATRIX + 4 else "k-dim-4"
    if len(shape) > 1 and shape[0] == 0:
        yield "empty-batch"
    elif 0 in shape[2:]:
        yield "empty-positions"
    if shape[min(1, len(shape) - 1)] == 1:
        yield "one-class"
    if len(shape) >= _CUBE and len(set(shape[1:])) == 1 and shape[1] > 1:
        yield "square"


def _sizes(rows: _Rows) -> Iterator[str]:
    yield from (f"rows-{n}" for n in _ROWS if rows.count >= n)
    yield from (f"classes-{n}" for n in _CLASSES if rows.classes >= n)
    top = int(rows.labels[rows.kept].max(initial=-1))
    yield from (f"label-{n}" for n in _LABELS if top >= n)


def _weights(rows: _Rows) -> Iterator[str]:
    if rows.smoothing == 1:
        yield "smoothing-whole"
    if rows.smoothing and not rows.kept.all():
        yield "smoothing-ignored"
    if rows.weight is None:
        return
    if rows.smoothing:
        yield "smoothing-weight"
    if (rows.weight < 0).any():
        yield "weight-negative"
    if np.isnan(rows.weight).any():
        yield "weight-nan"
    if np.isinf(rows.weight).any():
        yield "weight-infinite"
    yield from _totals(rows.used)


def _totals(used: NDArray[np.float64]) -> Iterator[str]:
    """Yield what is special about the weights of the rows that count."""
    if not used.size or not np.isfinite(used).all():
        return
    scale = (
        2.0**64 if np.abs(used).max() > 2.0**900 else 1.0
    )  # no partial sum overflows
    total = math.fsum((used / scale).tolist()) * scale
    if (used == 0).any() and total:
        yield "weight-zero"
    if 0 < total < 1:
        yield "weight-below-one"
    if total == 0:
        yield "weight-total-zero"


def _ignoring(rows: _Rows) -> Iterator[str]:
    given = "ignore_index" in rows.case.options
    if rows.kept.all():
        if given and rows.count:
            yield "ignore-none"
        return
    if not given:
        yield "ignore-default"
    elif rows.ignore < 0:
        yield "ignore-negative"
    else:
        yield "ignore-class" if rows.ignore < rows.classes else "ignore-beyond"
    if not rows.kept.any():
        yield "ignore-all"
        return
    if not rows.kept[0]:
        yield "ignore-first"
    if not rows.kept[-1]:
        yield "ignore-last"


def _probabilities(rows: _Rows) -> Iterator[str]:
    shares = rows.shares
    if rows.smoothing:
        yield "probabilities-smoothed"
    if rows.weight is not None:
        yield "probabilities-weighted"
    if not shares.size:
        return
    if not np.isfinite(shares).all():
        yield "probabilities-special"
        return
    with np.errstate(over="ignore", invalid="ignore"):
        totals = shares.sum(axis=1)
    if not (np.abs(totals - 1) <= 1 / 8).all():
        yield "probabilities-unnormalised"
    if (shares < 0).any():
        yield "probabilities-negative"
    if ((shares == 0) & np.isneginf(rows.logits)).any():
        yield "probabilities-masked"
    if (((shares == 0) | (shares == 1)).all(axis=1) & (totals == 1)).any():
        yield "probabilities-one-hot"


def _specials(rows: _Rows) -> Iterator[str]:
    """Yield where special logits are: at targets, elsewhere, and in which rows."""
    kinds: dict[str, Any] = {n: rows.logits == v for n, v in _SPECIALS.items()}
    kinds["nan"] = np.isnan(rows.logits)
    weightless = np.zeros(rows.count, np.bool_)
    hit = np.zeros(rows.logits.shape, np.bool_)
    if rows.indexed and rows.classes:
        safe = np.where(rows.kept, rows.labels, 0)
        hit[np.arange(rows.count), safe] = rows.kept
        if rows.weight is not None:
            weightless = rows.kept & (rows.weight[safe] == 0)
    for name, at in kinds.items():
        if not at.any():
            continue
        if (at & hit)[~weightless].any():
            yield f"{name}-target"
        if (at & ~hit)[rows.kept].any():
            yield f"{name}-elsewhere"
        if at.all(axis=1).any():
            yield f"{name}-everywhere"
        if at[~rows.kept].any():
            yield f"{name}-ignored"
        if at[weightless].any():
            yield f"{name}-weightless"
