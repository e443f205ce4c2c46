"""A scalar has the shape (1,), terms come back flat, or a gradient has an axis more.

Seen in Keras, which returned an empty array unreduced, and where rows are flattened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


def _scalar(output: Output, buffers: Buffers) -> Output:
    del buffers
    value = output.value
    if value is None or value.ndim:
        return output
    return replace(output, value=value.reshape(1))


def _flat(output: Output, buffers: Buffers) -> Output:
    del buffers
    value = output.value
    return output if value is None else replace(output, value=value.reshape(value.size))


def _gradient(output: Output, buffers: Buffers) -> Output:
    del buffers
    made = {n: g[np.newaxis] for n, g in output.gradients.items()}
    return replace(output, gradients=made)


def _terms(output: Output, buffers: Buffers) -> Output:
    many = output.value is not None and output.value.ndim > 1
    return _flat(output, buffers) if many else output


VARIANTS: Final = {"scalar": _scalar, "terms": _terms, "gradient": _gradient}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return spoiled(f"result_shape_{variant}", VARIANTS[variant])
