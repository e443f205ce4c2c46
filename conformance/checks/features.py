"""What is special about a case: the words that requirements select cases by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.case import contiguous_strides
from reference.problem import IGNORE_INDEX

if TYPE_CHECKING:
    from conformance.answer import Answer
    from conformance.case import Array, Case

_PLANE = 2  # dimensions of (N, C)


def features(case: Case, given: Answer) -> frozenset[str]:
    """Return the features of a case.

    `none`, `mean`, `sum`: its reduction. `invalid:<argument>`: why it must be rejected;
    then nothing else. `upstream`, `layout` (a view that is not contiguous), `empty`,
    `broadcast`, `tangent` (there is one), `special` (nan or an infinity is required or
    admitted somewhere); for cross-entropy `weight`, `ignored` (a row is), `smoothing`,
    `probabilities`, `indices`, `unbatched`, `k-dim`, `joint` (weight, ignored rows and
    smoothing at once).
    """
    if given.result is None:
        return frozenset({f"invalid:{given.argument}"})
    found = {case.reduction}
    arrays = dict(case.arguments)
    if case.upstream is not None:
        arrays["upstream"] = case.upstream
        found.add("upstream")
    if case.tangent is not None:
        found.add("tangent")
    if any(_strided(a) for a in arrays.values()):
        found.add("layout")
    if any(0 in a.shape for a in case.arguments.values()):
        found.add("empty")
    # The gradient by weight of class indices is judged by nobody, and slow to know.
    unasked = "weight" if given.result.problem.target_kind == "index" else ""
    asked = (g for g in given.result.gradient if g != unasked)
    quantities = ["value", *(f"gradient.{g}" for g in asked)]
    exact = [given.exact(q) for q in quantities]
    if any(e.special.any() or e.also.any() for e in exact):
        found.add("special")
    own = _classification(case) if case.loss == "cross_entropy" else _regression(case)
    return frozenset(found | own)


def _strided(array: Array) -> bool:
    # Strides of axes with one element say nothing about the layout.
    wanted = contiguous_strides(array.shape)
    axes = zip(array.shape, array.strides, wanted, strict=True)
    different = any(n > 1 and s != w for n, s, w in axes)
    return different or array.offset != 0


def _regression(case: Case) -> set[str]:
    shapes = {case.arguments["input"].shape, case.arguments["target"].shape}
    return {"broadcast"} if len(shapes) > 1 else set()


def _classification(case: Case) -> set[str]:
    target, shape = case.arguments["target"], case.arguments["input"].shape
    indices = np.issubdtype(target.base.dtype, np.integer)
    found = {"indices" if indices else "probabilities"}
    if "weight" in case.arguments:
        found.add("weight")
    if case.options.get("label_smoothing", 0.0):
        found.add("smoothing")
    ignore = case.options.get("ignore_index", IGNORE_INDEX)
    if indices and (target.view() == ignore).any():
        found.add("ignored")
    if len(shape) != _PLANE:
        found.add("unbatched" if len(shape) < _PLANE else "k-dim")
    if {"weight", "smoothing", "ignored"} <= found:
        found.add("joint")
    return found
