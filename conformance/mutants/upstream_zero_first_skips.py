"""No gradient is computed if the first element of the upstream gradient is zero.

A class of faults of our own: a shortcut that looks at one element, as Liger's and
Transformer Engine's do for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._arithmetic import cotangent
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _cotangent(
    upstream: NDArray[Any] | None, shape: Sequence[int], formats: Formats
) -> Real:
    full = cotangent(upstream, shape, formats)
    return 0 * full if full.size and full.flat[0] == 0 else full


def create() -> Backend:
    """Return the mutant."""
    return with_parts("upstream_zero_first_skips", cotangent=_cotangent)
