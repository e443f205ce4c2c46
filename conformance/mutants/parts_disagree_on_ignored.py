"""Put together from log_softmax and nll_loss, the loss counts ignored rows in its mean.

Seen in torch/xla #859 and Paddle #48663: the fused loss was mended, its parts were not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import by_index
from conformance.mutants._paths import by_path

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Mask, Parts
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers

LOSSES: Final = ("cross_entropy",)


def _all_rows(parts: Parts, weights: Real, kept: Mask, formats: Formats) -> Real:
    del kept  # The fault.
    return parts.total(np.asarray(weights), formats)


def _composed(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output | None:
    if not by_index(buffers) or case.options.get("label_smoothing"):
        return None
    wrong = replace(correct.parts, weight_sum=_all_rows)
    return replace(correct, parts=wrong).run(case, buffers)


def create() -> Backend:
    """Return the mutant."""
    return by_path("parts_disagree_on_ignored", "composed", _composed)
