"""Classes from 16 384 on are left out: of the sum of exponentials, or of the gradient.

Seen as a class where one block of threads has a row: its width is capped (Liger at
65 536 classes, flash-attention at tiles of 16 384), and the loop over tiles is missing.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._softmax import class_axis, softmax
from conformance.mutants._make import spoiled, with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts
    from conformance.mutants._make import Buffers

LOSSES: Final = ("cross_entropy",)
_TILE: Final = 16_384


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    if logits.shape[-1] <= _TILE:
        return softmax(parts, logits, formats)
    shifted = logits - parts.shift(logits)
    exponentials = np.exp(shifted)
    summed = parts.total(exponentials[..., :_TILE], formats)[..., np.newaxis]
    return shifted - np.log(summed), exponentials / summed


def _unwritten(output: Output, buffers: Buffers) -> Output:
    logits = buffers["input"]
    gradients = {n: g.copy() for n, g in output.gradients.items()}
    if "input" in gradients and logits.ndim:
        np.moveaxis(gradients["input"], class_axis(logits.ndim), -1)[..., _TILE:] = 0
    return replace(output, gradients=gradients)


def _summed(name: str) -> Backend:
    return with_parts(name, softmax=_softmax)


def _written(name: str) -> Backend:
    return spoiled(name, _unwritten)


VARIANTS: Final = {"sum": _summed, "gradient": _written}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return partial(VARIANTS[variant], f"classes_beyond_a_tile_unreached_{variant}")()
