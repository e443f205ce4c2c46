"""Rows beyond what a byte, or 15 or 16 bits, can index have neither loss nor gradient.

Seen with 31 bits in torch-xpu-ops #4725, pytorch #108345 and Paddle #73533; a narrower
index shows the mechanism with less memory.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import mask_rows
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Real
    from conformance.backends._parts import Mask


VARIANTS: Final = {"byte": 2**8, "15_bits": 2**15, "16_bits": 2**16}


def _mask_rows(values: Real, kept: Mask, most: int) -> Real:
    return mask_rows(values, kept & (np.arange(len(kept)) < most))


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"row_index_narrow_{variant}",
        mask_rows=partial(_mask_rows, most=VARIANTS[variant]),
    )
