"""Relations of all three losses: rows, batches, memory, upstream, reductions."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.axes import BATCH, arrays, labels, with_arrays
from conformance.builders.layouts import ROW_MAJOR, Layout, layout_of, place
from conformance.relations.identity import ITSELF, Identity, Term, Variation
from conformance.relations.relation import (
    VARIANT,
    Relation,
    by_index,
    equal,
    quantities,
)
from reference.problem import IGNORE_INDEX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.case import Array, Case
    from conformance.relations.identity import Arrange

LOSSES: Final = ("mae", "mse", "cross_entropy")
FACTOR: Final = 4.0
"""By how much weights and upstream gradients are scaled: a power of two."""

_ALONG_CLASSES: Final = 2  # the least rank of logits that have a batch axis
_FAR: Final = 1e200  # the reciprocal of such a denominator is a normal number
_ELSEWHERE: Final = Layout(step=2, padding=1, offset=1)


def batch_axes(case: Case) -> dict[str, int] | None:
    """Return for each array with a batch axis which one it is; None without a batch."""
    if case.loss == "cross_entropy":
        if len(case.arguments["input"].shape) < _ALONG_CLASSES:
            return None
        named = labels(case)
        found = {n: named[n].index(BATCH) for n in named if BATCH in named[n]}
    else:
        shapes = {a.shape for a in case.arguments.values()}
        if len(shapes) > 1 or not case.arguments["input"].shape:
            return None
        found = {n: 0 for n, a in arrays(case).items() if a.shape}
    return found if case.arguments["input"].shape[0] else None


def rows_taken(case: Case, rows: Any) -> Case | None:
    """Return the case with only `rows` of its batch, in that order; maybe repeated."""
    axes = batch_axes(case)
    if axes is None:
        return None
    given = arrays(case)
    changed = {n: place(given[n].view().take(rows, axis)) for n, axis in axes.items()}
    return with_arrays(case, changed)


def row_quantities(case: Case) -> tuple[str, ...]:
    """Return the quantities that have the batch as their first axis."""
    return tuple(
        name
        for name in quantities(case)
        if name in ("gradient.input", "gradient.target")
        or (name == "value" and case.reduction == "none")
    )


def _permuted(case: Case) -> Variation | None:
    count = (case.arguments["input"].shape or (0,))[0]
    order = np.roll(np.arange(count)[::-1], count // 3)
    variant = rows_taken(case, order)
    if variant is None or count <= 1:
        return None
    back: Arrange = lambda v: v.take(np.argsort(order), 0)  # noqa: E731
    return Variation(
        {VARIANT: variant}, equal(case, dict.fromkeys(row_quantities(case), back))
    )


def _duplicated(case: Case) -> Variation | None:
    count = (case.arguments["input"].shape or (0,))[0]
    variant = rows_taken(case, np.tile(np.arange(count), 2))
    if variant is None:
        return None
    second: Arrange = lambda v: v[count:]  # noqa: E731
    mean = case.reduction == "mean"
    # Twice the rows: each counts half in the mean; sums over rows double.
    factor = dict.fromkeys(quantities(case), 1.0 if mean else 0.5)
    factor |= dict.fromkeys(row_quantities(case), 2.0 if mean else 1.0)
    arrange = dict.fromkeys(row_quantities(case), second)
    return Variation({VARIANT: variant}, equal(case, arrange, factor))


def _parts(case: Case) -> Variation | None:
    count = (case.arguments["input"].shape or (0,))[0]
    if case.reduction == "mean" or count <= 1:
        return None
    cut = max(count // 3, 1)
    pieces = {"first part": np.arange(cut), "last part": np.arange(cut, count)}
    variants = {name: rows_taken(case, rows) for name, rows in pieces.items()}
    known = {name: v for name, v in variants.items() if v is not None}
    if len(known) < len(variants):
        return None
    identities = tuple(_sum_of_parts(case, q, cut, count) for q in quantities(case))
    return Variation(known, identities)


def _sum_of_parts(case: Case, quantity: str, cut: int, count: int) -> Identity:
    first: Arrange = lambda v: v  # noqa: E731
    last = first
    if quantity in row_quantities(case):
        first, last = (
            partial(_pad, before=0, after=count - cut),
            partial(_pad, before=cut, after=0),
        )
    return Identity(
        (
            Term(ITSELF, quantity),
            Term("first part", quantity, -1.0, first),
            Term("last part", quantity, -1.0, last),
        )
    )


def _pad(values: NDArray[Any], before: int, after: int) -> NDArray[Any]:
    return np.pad(values, [(before, after)] + [(0, 0)] * (values.ndim - 1))


def _alone(case: Case) -> Variation | None:
    count = (case.arguments["input"].shape or (0,))[0]
    if case.reduction != "none" or count <= 1:
        return None
    chosen = int(case.id[-4:], 16) % count
    variant = rows_taken(case, [chosen])
    if variant is None:
        return None
    mine: Arrange = lambda v: v[chosen : chosen + 1]  # noqa: E731
    return Variation(
        {VARIANT: variant},
        tuple(
            Identity((Term(ITSELF, q, 1.0, mine), Term(VARIANT, q, -1.0)))
            for q in row_quantities(case)
        ),
    )


def _laid_out(case: Case) -> Variation | None:
    given = arrays(case)
    plain = {n: layout_of(a) == ROW_MAJOR for n, a in given.items()}
    if all(plain.values()):
        variant = with_arrays(case, {n: _elsewhere(a) for n, a in given.items()})
    else:
        variant = with_arrays(case, {n: place(a.view()) for n, a in given.items()})
    return Variation({VARIANT: variant}, equal(case))


def _elsewhere(array: Array) -> Array:
    order = tuple(reversed(range(len(array.shape))))
    return place(array.view(), replace(_ELSEWHERE, order=order))


def scaled(array: Array, factor: float) -> Array | None:
    """Return an array times a power of two, or None if one product is not exact."""
    values = array.view()
    made = (values.astype(np.float64) * factor).astype(values.dtype)
    back = made.astype(np.float64) / factor
    exact = np.array_equal(back, values.astype(np.float64), equal_nan=True)
    return place(made) if exact else None


def _upstream_scaled(case: Case) -> Variation | None:
    upstream = case.upstream
    if upstream is None:
        shape = value_shape(case)
        upstream = place(np.ones(shape, case.arguments["input"].base.dtype))
    larger = scaled(upstream, FACTOR)
    if larger is None:
        return None
    factor = dict.fromkeys(quantities(case)[1:], 1 / FACTOR)
    variant = replace(case, upstream=larger)
    return Variation({VARIANT: variant}, equal(case, factor=factor))


def value_shape(case: Case) -> tuple[int, ...]:
    """Return the shape of the loss."""
    if case.reduction != "none":
        return ()
    shape = case.arguments["input"].shape
    if case.loss == "cross_entropy":
        return shape[:1] + shape[2:] if len(shape) > 1 else ()
    return np.broadcast_shapes(shape, case.arguments["target"].shape)


def denominator(case: Case) -> float:
    """Return what the mean divides by, rounded to float64 once."""
    if not by_index(case):
        return float(math.prod(value_shape(with_reduction(case, "none"))))
    ignored = case.options.get("ignore_index", IGNORE_INDEX)
    labels_ = case.arguments["target"].view().astype(np.int64).ravel()
    used = labels_[labels_ != ignored]
    if "weight" not in case.arguments:
        return float(used.size)
    weight = case.arguments["weight"].view().astype(np.float64)[used]
    finite = bool(np.isfinite(weight).all())
    return math.fsum(weight.tolist()) if finite else math.nan


def with_reduction(case: Case, reduction: str) -> Case:
    """Return the case under another reduction; without its upstream gradient."""
    options: Mapping[str, Any] = {**case.options, "reduction": reduction}
    return replace(case, options=options, upstream=None)


def _unreduced(case: Case) -> Variation | None:
    divisor = denominator(case) if case.reduction == "mean" else 1.0
    if case.reduction == "none" or not 1 / _FAR < abs(divisor) < _FAR:
        return None
    variant = with_reduction(case, "none")
    if case.upstream is not None:
        shape = value_shape(variant)
        variant = replace(
            variant, upstream=place(np.broadcast_to(case.upstream.view(), shape))
        )
    factor = dict.fromkeys(quantities(case), 1 / divisor)
    whole: Arrange = lambda v: v.sum()  # noqa: E731
    return Variation({VARIANT: variant}, equal(case, {"value": whole}, factor))


RELATIONS: Final = (
    Relation(
        "rows-permuted",
        "rows in another order have the same losses and gradients, in that order",
        "a sum does not depend on the order of its terms",
        LOSSES,
        _permuted,
    ),
    Relation(
        "batch-duplicated",
        "a batch given twice has the same mean and twice the sum",
        "linearity of the sum",
        LOSSES,
        _duplicated,
    ),
    Relation(
        "batch-split",
        "the losses and gradients of a batch are those of its parts, and their sum",
        "linearity of the sum",
        LOSSES,
        _parts,
    ),
    Relation(
        "row-alone",
        "a row's loss and gradient do not depend on the other rows",
        "the documented formula of a row",
        LOSSES,
        _alone,
    ),
    Relation(
        "layout-changed",
        "the same values elsewhere in memory have the same losses and gradients",
        "a tensor is its values, not its strides",
        LOSSES,
        _laid_out,
    ),
    Relation(
        "upstream-scaled",
        "gradients are proportional to the upstream gradient",
        "the chain rule",
        LOSSES,
        _upstream_scaled,
        frozenset({"upstream"}),
    ),
    Relation(
        "unreduced",
        "the reduced loss is the sum of the losses without reduction, divided by the "
        "documented denominator",
        "the documented formula of reductions",
        LOSSES,
        _unreduced,
    ),
)
