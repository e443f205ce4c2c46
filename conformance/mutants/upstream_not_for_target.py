"""The gradient by `target` does not depend on the upstream gradient.

A class of faults of our own: the second output of a backward function is forgotten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    right = correct.run(case, buffers)
    rest = {name: b for name, b in buffers.items() if name != "upstream"}
    plain = correct.run(case, rest).gradients
    both = {n: plain[n] if n == "target" else g for n, g in right.gradients.items()}
    return replace(right, gradients=both)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("upstream_not_for_target", _evaluated)
