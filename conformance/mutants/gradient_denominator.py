"""`mean` divides in the value; in the gradient it does not, or twice, or by all rows.

Seen in fetchai #1580 and MXNet #5981; Transformer Engine #1879 scaled all rows but the
first.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import divisor
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Real
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _missing(reduction: str, mean: Real) -> Real:
    del reduction
    return np.ones_like(mean)


def _squared(reduction: str, mean: Real) -> Real:
    return divisor(reduction, mean) ** 2


VARIANTS: Final = {"missing": _missing, "squared": _squared}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, variant: str
) -> Output:
    parts = replace(correct.parts, divisor=VARIANTS[variant])
    wrong = replace(correct, parts=parts).run(case, buffers)
    return replace(correct.run(case, buffers), gradients=wrong.gradients)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(
        f"gradient_denominator_{variant}", partial(_evaluated, variant=variant)
    )
