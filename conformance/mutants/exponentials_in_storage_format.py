"""Each exponential is rounded to the storage format before it is added.

Seen in bfloat16 on CPU and GPU: pytorch #112714, Paddle #53045.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import with_parts
from conformance.mutants._numbers import softmax_of, through

if TYPE_CHECKING:
    from typing import Any

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts


DTYPES: Final = ("float16", "bfloat16")


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    exponential = partial(_rounded, dtype=formats.storage)
    return softmax_of(exponential=exponential)(parts, logits, formats)


def _rounded(values: Real, dtype: np.dtype[Any]) -> Real:
    return through(np.exp(values), dtype)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("exponentials_in_storage_format", softmax=_softmax)
