"""The loss of a row, or a smoothed target, is stored before the sum that takes it.

A class of faults of our own for a kernel that promises to compute in float32: a buffer
of the storage format between two of its loops.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.backends._cross_entropy import probability_mass, row_losses
from conformance.mutants._make import with_parts
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Buffers, Options, Parts

DTYPES: Final = ("float16", "bfloat16")


def _rows(parts: Parts, log_p: Real, mass: Mass, formats: Formats) -> Real:
    return through(row_losses(parts, log_p, mass, formats), formats.storage)


def _target(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    right = probability_mass(parts, buffers, options, formats)
    if right.by_weight is None:
        return right
    stored = through(right.by_weight, formats.storage)
    weight = parts.class_weights(buffers.get("weight"), stored.shape[1], formats)
    return replace(right, effective=weight * stored, by_weight=stored)


VARIANTS: Final[dict[str, dict[str, Any]]] = {
    "row_losses": {"row_losses": _rows},
    "smoothed_target": {"probability_mass": _target},
}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(f"rounded_before_the_sum_{variant}", **VARIANTS[variant])
