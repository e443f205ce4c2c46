"""Gradients pass through a buffer of bfloat16.

Seen in TransformerEngine #3193: float32 gradients in the buffer of bfloat16 logits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.case import numpy_dtype
from conformance.mutants._make import spoiled
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


DTYPES: Final = ("float16", "float32", "float64")


def _narrowed(output: Output, buffers: Buffers) -> Output:
    del buffers
    narrow = numpy_dtype("bfloat16")
    gradients = {n: through(g, narrow) for n, g in output.gradients.items()}
    return replace(output, gradients=gradients)


def create() -> Backend:
    """Return the mutant."""
    return spoiled("gradient_in_bfloat16", _narrowed)
