"""Relations of cross-entropy alone: classes, logits, ignored rows, weights, shapes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.axes import CLASS, UPSTREAM, arrays, labels, with_arrays
from conformance.builders.layouts import place
from conformance.case import numpy_dtype
from conformance.relations.everywhere import FACTOR, rows_taken, scaled
from conformance.relations.identity import ITSELF, Identity, Term, Variation
from conformance.relations.relation import (
    VARIANT,
    Relation,
    by_index,
    equal,
    is_finite,
    quantities,
)
from reference.problem import IGNORE_INDEX, class_axis_back, class_axis_last

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.case import Array, Case
    from conformance.relations.identity import Arrange

LOSSES: Final = ("cross_entropy",)

_SHIFTS: Final = (1.0, -1.0, 4.0, -16.0, 64.0, 0.5, -(2.0**-6), 2.0**-10)
_MATRIX: Final = 2


def _class_axis(case: Case) -> int:
    return 0 if len(case.arguments["input"].shape) == 1 else 1


def _classes(case: Case) -> int:
    return case.arguments["input"].shape[_class_axis(case)]


def _ignored_index(case: Case) -> int:
    return int(case.options.get("ignore_index", IGNORE_INDEX))


def _classes_reversed(case: Case) -> Variation | None:
    count, axis = _classes(case), _class_axis(case)
    if count <= 1:
        return None
    named = labels(case)
    changed = {
        name: place(np.flip(array.view(), named[name].index(CLASS)))
        for name, array in arrays(case).items()
        if CLASS in named[name]
    }
    options = dict(case.options)
    if by_index(case):
        changed["target"] = place(_mirrored(case.arguments["target"].view(), count))
        if 0 <= _ignored_index(case) < count:
            options["ignore_index"] = count - 1 - _ignored_index(case)
    back: dict[str, Arrange] = {
        "gradient.input": partial(np.flip, axis=axis),
        "gradient.target": partial(np.flip, axis=axis),
        "gradient.weight": partial(np.flip, axis=0),
    }
    variant = replace(with_arrays(case, changed), options=options)
    return Variation({VARIANT: variant}, equal(case, back))


def _mirrored(target: NDArray[Any], count: int) -> NDArray[Any]:
    inside = (target >= 0) & (target < count)
    mirrored = np.where(inside, count - 1 - target.astype(np.int64), target)
    return mirrored.astype(target.dtype)


def _shifted(case: Case) -> Variation | None:
    logits = case.arguments["input"].view()
    old = logits.astype(np.float64)
    for shift in _SHIFTS:
        new = _sum(old, shift, logits.dtype)
        if new is not None:
            variant = with_arrays(case, {"input": place(new)})
            return Variation({VARIANT: variant}, equal(case))
    return None


def _sum(
    old: NDArray[np.float64], shift: float, dtype: np.dtype[Any]
) -> NDArray[Any] | None:
    """Return `old + shift` in a format, None if one sum is not exact there."""
    with np.errstate(all="ignore"):
        new = (old + shift).astype(dtype)
        back = new.astype(np.float64)
        # Exact iff both differences are, by Sterbenz or by the grid: tested both ways.
        exact = (back - shift == old) & (back - old == shift)
    finite = np.isfinite(old)
    if not finite.any() or not exact[finite].all():
        return None
    return np.where(finite, new, old.astype(dtype)).astype(dtype)


def _kept(case: Case) -> NDArray[np.bool_] | None:
    """Return for each row whether it counts; None if all do."""
    if not by_index(case):
        return None
    kept = case.arguments["target"].view() != _ignored_index(case)
    return None if bool(kept.all()) else kept


def _ignored_removed(case: Case) -> Variation | None:
    kept = _kept(case)
    if kept is None or len(case.arguments["input"].shape) != _MATRIX:
        return None
    rows = np.flatnonzero(kept)
    variant = rows_taken(case, rows)
    if variant is None:
        return None
    spread = partial(_spread, rows=rows, count=kept.size)
    arrange: dict[str, Arrange] = {"gradient.input": spread}
    if case.reduction == "none":
        arrange["value"] = spread
    return Variation({VARIANT: variant}, equal(case, arrange))


def _spread(
    values: NDArray[Any], rows: NDArray[np.intp], count: int
) -> NDArray[np.float64]:
    """Return `values` at `rows` of an array of zeros with `count` rows."""
    full = np.zeros((count, *values.shape[1:]))
    full[rows] = values
    return full


def _ignored_changed(case: Case) -> Variation | None:
    kept = _kept(case)
    if kept is None:
        return None
    logits = case.arguments["input"].view().copy()
    rows = np.moveaxis(logits, _class_axis(case), -1)
    other = (np.arange(rows.shape[-1]) % 5 - 2).astype(logits.dtype)
    rows[~kept] = other
    variant = with_arrays(case, {"input": place(logits)})
    return Variation({VARIANT: variant}, equal(case))


def _one_hot(case: Case) -> Variation | None:
    """Return class indices as probabilities; their means divide by other numbers."""
    other_mean = case.reduction == "mean" and "weight" in case.arguments
    if not by_index(case) or other_mean or not is_finite(case):
        return None
    if _kept(case) is not None or not case.arguments["target"].view().size:
        return None
    axis, count = _class_axis(case), _classes(case)
    hot = case.arguments["target"].view()[..., np.newaxis] == np.arange(count)
    probabilities = np.moveaxis(hot, -1, axis).astype(numpy_dtype(case.dtype))
    changed = with_arrays(case, {"target": place(probabilities)})
    options = {k: v for k, v in case.options.items() if k != "ignore_index"}
    return Variation({VARIANT: replace(changed, options=options)}, equal(case))


def _no_net_gradient(case: Case) -> Variation | None:
    axis = _class_axis(case)
    over_classes: Arrange = lambda v: v.sum(axis)  # noqa: E731
    if not _classes(case):
        return None
    term = Term(ITSELF, "gradient.input", 1.0, over_classes)
    return Variation({}, (Identity((term,)),))


def _weights_scaled(case: Case) -> Variation | None:
    if "weight" not in case.arguments:
        return None
    larger = scaled(case.arguments["weight"], FACTOR)
    if larger is None:
        return None
    cancels = by_index(case) and case.reduction == "mean"
    factor = dict.fromkeys(quantities(case), 1.0 if cancels else 1 / FACTOR)
    factor["gradient.weight"] = 1.0
    variant = with_arrays(case, {"weight": larger})
    return Variation({VARIANT: variant}, equal(case, factor=factor))


def _batched(case: Case) -> Variation | None:
    """Return one row with a batch axis, or a batch of one row without it."""
    shape = case.arguments["input"].shape
    if len(shape) == 1:
        variant = _reshaped(case, lambda v: v[np.newaxis])
        back: Arrange = lambda v: v[0]  # noqa: E731
    elif len(shape) == _MATRIX and shape[0] == 1:
        variant = _reshaped(case, lambda v: v[0])
        back = lambda v: v[np.newaxis]  # noqa: E731
    else:
        return None
    arrange = dict.fromkeys(("gradient.input", "gradient.target"), back)
    if case.reduction == "none":
        arrange["value"] = back
    return Variation({VARIANT: variant}, equal(case, arrange))


def _reshaped(case: Case, change: Arrange) -> Case:
    """Return the case with a change of shape wherever there is a row axis or more."""
    changed: dict[str, Array] = {
        name: place(change(array.view()))
        for name, array in arrays(case).items()
        if name != "weight" and (name != UPSTREAM or case.reduction == "none")
    }
    return with_arrays(case, changed)


def _positions_as_rows(case: Case) -> Variation | None:
    """Return (N, C, d1, …) as (N · d1 · …, C), or a matrix as positions of one item."""
    shape = case.arguments["input"].shape
    if len(shape) < _MATRIX or 0 in shape:
        return None
    to, back = _flat(shape) if len(shape) > _MATRIX else _deep()
    rows = {"row": _row_change(shape), "full": to}
    kinds: Mapping[str, str] = {
        "input": "full",
        "target": "row" if by_index(case) else "full",
        UPSTREAM: "row",
    }
    changed = {
        name: place(np.ascontiguousarray(rows[kinds[name]](array.view())))
        for name, array in arrays(case).items()
        if name in kinds and (name != UPSTREAM or case.reduction == "none")
    }
    arrange: dict[str, Arrange] = {"gradient.input": back, "gradient.target": back}
    if case.reduction == "none":
        arrange["value"] = _row_back(shape)
    return Variation({VARIANT: with_arrays(case, changed)}, equal(case, arrange))


def _flat(shape: tuple[int, ...]) -> tuple[Arrange, Arrange]:
    return class_axis_last, partial(class_axis_back, shape=shape)


def _deep() -> tuple[Arrange, Arrange]:
    return lambda v: v.T[np.newaxis], lambda v: v[0].T


def _row_change(shape: tuple[int, ...]) -> Arrange:
    if len(shape) > _MATRIX:
        return lambda v: v.reshape(-1)
    return lambda v: v[np.newaxis]


def _row_back(shape: tuple[int, ...]) -> Arrange:
    if len(shape) > _MATRIX:
        return lambda v: v.reshape(shape[:1] + shape[2:])
    return lambda v: v[0]


_SOFTMAX: Final = "the documented formula: softmax over one axis"

RELATIONS: Final = (
    Relation(
        "classes-reversed",
        "the order of the classes does not matter",
        "a sum does not depend on the order of its terms",
        LOSSES,
        _classes_reversed,
    ),
    Relation(
        "logits-shifted",
        "a constant added to all logits, where the sums are exact, changes nothing",
        "softmax(x + c) = softmax(x)",
        LOSSES,
        _shifted,
    ),
    Relation(
        "ignored-removed",
        "rows whose target is ignore_index might as well not be there",
        "the documented meaning of ignore_index",
        LOSSES,
        _ignored_removed,
        frozenset({"ignore_index"}),
    ),
    Relation(
        "ignored-changed",
        "the logits of ignored rows do not matter",
        "the documented meaning of ignore_index",
        LOSSES,
        _ignored_changed,
        frozenset({"ignore_index"}),
    ),
    Relation(
        "one-hot",
        "one-hot probabilities mean the same as class indices",
        "the documented formulas of both kinds of target",
        LOSSES,
        _one_hot,
        frozenset({"class_probabilities"}),
    ),
    Relation(
        "no-net-gradient",
        "the gradient of a row sums to zero over the classes",
        "Σ_c (a p_c − e_c) = 0, because Σ_c p_c = 1 and a = Σ_c e_c",
        LOSSES,
        _no_net_gradient,
    ),
    Relation(
        "weights-scaled",
        "the sum is proportional to the class weights, and the mean over class "
        "indices does not change with their scale",
        "the documented formula of the weighted mean",
        LOSSES,
        _weights_scaled,
        frozenset({"weight"}),
    ),
    Relation(
        "batched",
        "a row without a batch axis is a batch of one",
        "the documented shapes",
        LOSSES,
        _batched,
    ),
    Relation(
        "positions-as-rows",
        "every position of (N, C, d1, …) is a row",
        "the documented shapes",
        LOSSES,
        _positions_as_rows,
    ),
)
