"""A running softmax does not rescale its sum where a later tile has a larger logit.

A class of faults of our own around flash-attn #1930: tiles of 128, 4096 or 32 768
classes, so that a row with fewer is right. The last variant rescales the new tile too.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts

VARIANTS: Final = {"128": 128, "4096": 4096, "32768": 32_768, "with_the_tile": 64}


def _softmax(
    parts: Parts, logits: Real, formats: Formats, tile: int, *, both: bool
) -> tuple[Real, Real]:
    if logits.shape[-1] <= tile:
        return softmax(parts, logits, formats)
    largest = np.full_like(logits[..., :1], -np.inf)
    summed = np.zeros_like(largest)
    for start in range(0, logits.shape[-1], tile):
        part = logits[..., start : start + tile]
        before, largest = largest, np.maximum(largest, parts.shift(part))
        fresh = parts.total(np.exp(part - largest), formats)[..., np.newaxis]
        summed = (summed + fresh) * _rescaling(before, largest, both=both)
    shifted = logits - largest
    return shifted - parts.log_sum(summed, formats), np.exp(shifted) / summed


def _rescaling(before: Real, after: Real, *, both: bool) -> Real:
    factor = np.exp(before - after)
    first = np.isneginf(before)
    return np.where(first, 1, factor) if both else np.ones_like(factor)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    both = variant == "with_the_tile"
    wrong = partial(_softmax, tile=VARIANTS[variant], both=both)
    return with_parts(f"online_softmax_unscaled_{variant}", softmax=wrong)
