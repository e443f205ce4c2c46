"""A target is compared with the classes as a narrower integer, or as a half number.

Seen where targets share the dtype of the logits: Keras, an early onnx reference and
unsloth narrow them. Beyond 256, 2048, 2^15 or 2^16 classes fall together.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._validation import checked_indices
from conformance.case import numpy_dtype
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._parts import Indices


VARIANTS: Final = {
    name: name for name in ("uint8", "int16", "uint16", "float16", "bfloat16")
}


def _indices(
    target: NDArray[Any], classes: int, ignore_index: int, dtype: str
) -> Indices:
    right = checked_indices(target, classes, ignore_index)
    narrow = right.astype(numpy_dtype(dtype)).astype(np.int64)
    moved = np.clip(narrow, 0, max(classes - 1, 0))
    return np.where(right == ignore_index, right, moved)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"labels_narrowed_{variant}", indices=partial(_indices, dtype=VARIANTS[variant])
    )
