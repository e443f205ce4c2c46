"""The upstream gradient is read column by column.

A class of faults of our own: the strides of one array used for another.
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
    return full.reshape(-1, order="F").reshape(full.shape)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("upstream_transposed", cotangent=_cotangent)
