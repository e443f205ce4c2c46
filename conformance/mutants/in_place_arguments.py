"""Target, weight or upstream gradient is written to.

Seen in apex, which masks the incoming gradient in place, and in Megatron #1594.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.mutants._make import spoiled

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.mutants._make import Buffers


VARIANTS: Final = {n: n for n in ("target", "weight", "upstream")}


def _written(output: Output, buffers: Buffers, name: str) -> Output:
    if name in buffers:
        # Clamped, masked or scaled: zero is what is left of each.
        buffers[name][...] = 0
    return output


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return spoiled(
        f"in_place_arguments_{variant}", partial(_written, name=VARIANTS[variant])
    )
