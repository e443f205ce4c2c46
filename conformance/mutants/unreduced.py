"""`mean` is not taken: the terms come back one by one.

Seen as a default in optax, mlx, TensorFlow and Megatron.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import asking, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    if "reduction" in case.options:
        return correct.run(case, buffers)
    single = {n: b for n, b in buffers.items() if n != "upstream"}
    return correct.run(asking(case, reduction="none"), single)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("unreduced", _evaluated)
