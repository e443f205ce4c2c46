"""The bound of the gradient of cross-entropy by its logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.arranging import cleared

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
        return cleared(g, parts.rows.valid[:, None]).stored(ar)
