"""Logits enter with 11, 8 or 4 significant bits, as tensor cores take them.

A class of faults of our own: TF32, bfloat16 or float8 where float32 was given.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts
from conformance.mutants._numbers import to_bits

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


DTYPES: Final = ("float32", "float64")
VARIANTS: Final = {"tf32": 11, "bfloat16": 8, "float8": 4}


def _softmax(
    parts: Parts, logits: Real, formats: Formats, bits: int
) -> tuple[Real, Real]:
    return softmax(parts, to_bits(logits, bits), formats)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"logits_rounded_{variant}", softmax=partial(_softmax, bits=VARIANTS[variant])
    )
