"""Target and `ignore_index` are compared as bytes, signed bytes, or 32-bit integers.

Seen as a draft in MPS PR#187559, which took 2^32 for class 0.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._parts import Indices, Mask


VARIANTS: Final = {"uint8": np.uint8, "int8": np.int8, "int32": np.int32}


def _kept(target: Indices, ignore_index: int, dtype: type) -> Mask:
    ignored: NDArray[Any] = np.full_like(target, ignore_index).astype(dtype)
    return np.asarray(target.astype(dtype) != ignored)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"ignored_narrowed_{variant}", kept_rows=partial(_kept, dtype=VARIANTS[variant])
    )
