r"""The bounds of cross-entropy and its gradients.

`conformance.rules.log_softmax` bounds −log p (B_c each) and p; this module follows what
comes after it. With e_{n,c} the effective weights, a_n = Σ_c e_{n,c}, W the denominator
and parts(e) the sum of the magnitudes of the two products that e is made of:

==============  ========================================================================
rule            first order
==============  ========================================================================
CE-NONE         Σ_c \|e_c\| B_c + (5 u_c + γ_{C−1}) Σ_c parts(e_c) \|log p_c\|
                + u_c ε Σ … + u_o \|l\| + η_o; for class indices without smoothing only
                w_y B_y + u_c w_y \|log p_y\|
CE-SUM          Σ_n of that, + γ_{N−1} Σ_n \|l_n\|
CE-MEAN         (CE-SUM)/\|W\|, + \|L\| (γ_{N−1} Σ\|w\|/\|W\| + 2 u_c)
CE-GRAD-INPUT   p (\|a s\| r + error of a s) + error of e s
                + 3 u_c (p \|a s\| + \|e s\|) + u_o \|g\| + η_o, with r the relative
                error of p
CE-GRAD-TARGET  (1 − ε) \|w_c s\| B_c + 5 u_c \|g\| + u_o \|g\| + η_o
CE-GRAD-WEIGHT  Σ_n of the same with t_c (1 − ε) + ε/C for w_c, + γ_{N−1} Σ_n \|terms\|
==============  ========================================================================

Heights are per axis, (C − 1) + (N − 1) and never N C − 1; a contract may name lanes for
each of the two.

ε may be rounded once where it is used as ε and once where it is used as 1 − ε: u_c ε
each.

Under `staged` each public operation of the documented composition stores its result:
log p, its product with weight and with target, the sum over classes, the reduction, W
of smoothed means, the two products with ε and their sum; backward the same chain in
reverse. W must not cancel: γ Σ\|w\|/\|W\| < 1, else there is no bound.

*Means.* Rows, or their weights, may be divided by W before they are added up (fused
kernels do so), so a mean is exact by rule S0 only where W is a power of two.

*Flushing*, where permitted, takes a part of e with each of its factors.

*Range.* Products may be formed in any order, so every product of a subset of
{w, t, u, 1/W, \|log p\|} must stay in range; a factor 0 excuses nothing, since 0 · inf
is nan. So must Σ \|w\| and Σ \|w t\|, as ε may come last. And a subset that underflows
may be multiplied by the others, so η is scaled by the product of those factors that
exceed 1. What is too small for float64 itself is not taken for absent (`Rows.present`).

*Logits of −inf.* With a factor 0 of e their class contributes 0, or 0 · inf, which the
table of special values admits: the bound is that of the other classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from conformance.rules.cross_entropy_by_input import by_input
from conformance.rules.cross_entropy_by_others import by_target, by_weight
from conformance.rules.cross_entropy_parts import Parts
from conformance.rules.cross_entropy_value import value

if TYPE_CHECKING:
    from conformance.rules.arithmetic import Arithmetic
    from conformance.rules.rows import Rows
    from conformance.rules.running import Running


@dataclass(frozen=True, eq=False)
class CrossEntropyRules:
    """The bounds of one problem under one contract.

    Attributes:
        rows: The problem.
        arithmetic: The contract.
    """

    rows: Rows
    arithmetic: Arithmetic

    @cached_property
    def parts(self) -> Parts:
        """What all quantities share."""
        return Parts(self.rows, self.arithmetic)

    def value(self) -> Running:
        """Return the loss: `(n,)` for `none`, else a scalar."""
        return value(self.parts)

    def gradient_input(self) -> Running:
        """Return the gradient by the logits, `(n, C)`."""
        return by_input(self.parts)

    def gradient_target(self) -> Running:
        """Return the gradient by class probabilities, `(n, C)`."""
        return by_target(self.parts)

    def gradient_weight(self) -> Running:
        """Return the gradient by class weights for class probabilities, `(C,)`."""
        return by_weight(self.parts)
