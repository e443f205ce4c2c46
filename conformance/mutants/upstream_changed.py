"""The upstream gradient enters as something else that is made of it.

Its last element, absolute value, mean, square, or rounding to float16.
A class of faults of our own around Transformer Engine #1879 and #2139; an upstream
gradient of ones hides each of them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import cotangent
from conformance.mutants._make import with_parts
from conformance.mutants._numbers import through

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


def _last(full: Real) -> Real:
    return np.full_like(full, full.flat[-1]) if full.size else full


def _averaged(full: Real) -> Real:
    return np.full_like(full, full.mean()) if full.size else full


def _rounded(full: Real) -> Real:
    return through(full, np.float16)


def _squared(full: Real) -> Real:
    return full * full


def _absolute(full: Real) -> Real:
    return np.abs(full)


VARIANTS: Final = {
    "last": _last,
    "absolute": _absolute,
    "averaged": _averaged,
    "rounded": _rounded,
    "squared": _squared,
}


def _cotangent(
    upstream: NDArray[Any] | None,
    shape: Sequence[int],
    formats: Formats,
    change: Callable[[Real], Real],
) -> Real:
    return change(cotangent(upstream, shape, formats))


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"upstream_changed_{variant}",
        cotangent=partial(_cotangent, change=VARIANTS[variant]),
    )
