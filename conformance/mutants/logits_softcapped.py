"""Logits are capped softly, 30 tanh(x / 30), though nobody asked for it.

Seen in unsloth-zoo #593 and cut-cross-entropy #48, where a soft cap was applied
wrongly, or to a model that has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._softmax import softmax
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts

_CAP: Final = 30


def _softmax(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    capped = (_CAP * np.tanh(logits / _CAP)).astype(logits.dtype)
    return softmax(parts, capped, formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("logits_softcapped", softmax=_softmax)
