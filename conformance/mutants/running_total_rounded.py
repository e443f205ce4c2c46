"""Sums run in chunks of eight, and the running total is rounded after each of them.

Seen in Liger #512, axolotl #1601 and OLMo-core #370: the error grows with the number of
chunks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import total
from conformance.mutants._make import with_parts
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


DTYPES: Final = ("float16", "bfloat16")
_CHUNK: Final = 8


def _total(values: Real, formats: Formats) -> Real:
    running = np.zeros(values.shape[:-1], formats.compute)
    for first in range(0, values.shape[-1], _CHUNK):
        added = running + total(values[..., first : first + _CHUNK], formats)
        running = through(added, formats.storage)
    return running


def create() -> Backend:
    """Return the mutant."""
    return with_parts("running_total_rounded", total=_total)
