"""A shortcut for an upstream gradient of ones, or of one number, is taken too often.

Seen in Liger and Transformer Engine (#1879), which skip a kernel where it is 1: here
the first element decides for all, or any stride of zero means that all are equal.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.backends._arithmetic import cotangent
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _one(upstream: NDArray[Any]) -> bool:
    return bool(upstream.flat[0] == 1)


def _expanded(upstream: NDArray[Any]) -> bool:
    return 0 in upstream.strides


VARIANTS: Final = {"one_first": _one, "expanded": _expanded}


def _cotangent(
    upstream: NDArray[Any] | None,
    shape: Sequence[int],
    formats: Formats,
    alike: Callable[[NDArray[Any]], bool],
) -> Real:
    full = cotangent(upstream, shape, formats)
    if upstream is None or not upstream.size or not alike(upstream):
        return full
    return np.full_like(full, full.flat[0])


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    wrong = partial(_cotangent, alike=VARIANTS[variant])
    return with_parts(f"upstream_shortcut_{variant}", cotangent=wrong)
