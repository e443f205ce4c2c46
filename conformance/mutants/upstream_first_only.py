"""Every row is scaled by the first element of the upstream gradient.

Seen in Transformer Engine, whose kernel ignored the stride of a per-row gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.backends._arithmetic import cotangent
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _first(
    upstream: NDArray[Any] | None, shape: Sequence[int], formats: Formats
) -> Real:
    full = cotangent(upstream, shape, formats)
    return np.full_like(full, full.flat[0]) if full.size else full


def create() -> Backend:
    """Return the mutant."""
    return with_parts("upstream_first_only", cotangent=_first)
