"""The gradient does not depend on the upstream gradient.

Seen in MPS and Paddle; tests miss it because an upstream gradient of one is the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _ones(
    upstream: NDArray[Any] | None, shape: Sequence[int], formats: Formats
) -> Real:
    del upstream  # The fault.
    return np.ones(shape, formats.compute)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("upstream_ignored", cotangent=_ones)
