"""The bound of the gradient of cross-entropy by its logits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.arranging import cleared, column

if TYPE_CHECKING:
    from conformance.rules.cross_entropy_parts import Parts
    from conformance.rules.running import Running


def by_input(parts: Parts) -> Running:
    """Return the gradient by the logits, `(n, C)`."""
    with np.errstate(all="ignore"):
        e, a = parts.cotangent()
        p = parts.softmax.share
        product = p.times(a, parts.arithmetic)
        ar = parts.arithmetic
        g = product.plus(e.scaled(-1.0), ar, "subtraction")
        # Scaling by s may come last, once for each product: two roundings more.
        amount = 2 * ar.compute.u * (np.abs(product.value) + np.abs(e.value))
        g = g.plus_error("product", np.where(np.isnan(g.held), amount, 0.0))
        # So may any other factor: what p lost by underflow before is scaled by it.
        mass = parts.rows.parts.sum(axis=1, keepdims=True)
        lost = 2 * ar.underflow * parts.factors(mass)
        g = g.plus_error("underflow", np.where(np.isnan(g.held), lost, 0.0))
        if ar.shift_gradient:
            g = _shifted(g, parts)
        return cleared(g, parts.rows.valid[:, None]).stored(ar)


def _shifted(g: Running, parts: Parts) -> Running:
    """Return g with what a differentiated shift by the largest logit adds to it.

    Backwards through x − max x, minus the sum of the row's gradient goes to the largest
    logit, or is shared by those that are equal to it. That sum is 0, and what a machine
    makes of it is at most the errors of its addends and of adding them; one addition
    more brings it to its place.
    """
    ar, x = parts.arithmetic, parts.rows.x
    rest = g.staged(ar).summed(
        ar, ar.height(parts.rows.classes), last_axis=True, exactly=False
    )
    rest = column(rest.staged(ar), x.shape)
    amount = rest.size + ar.compute.u / (1 - ar.compute.u) * (g.size + rest.size)
    largest = x == x.max(axis=1, keepdims=True)
    g = replace(g, lost=g.lost | (rest.lost & largest))
    return g.staged(ar).plus_error("shift", np.where(largest, amount, 0.0))
