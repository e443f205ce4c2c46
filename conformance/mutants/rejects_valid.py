"""Arguments are refused though torch takes them.

Seen in the reference of ONNX (no batch), candle and burn (ranks, negative weights),
mlx (label smoothing of 1), scikit-learn (rows that do not sum to 1); the rest is of our
own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import IGNORE_INDEX
from conformance.backends._softmax import as_rows, class_axis
from conformance.mutants._make import by_index, wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _empty(case: Case, buffers: Buffers) -> bool:
    del case
    return not buffers["input"].size


def _one_class(case: Case, buffers: Buffers) -> bool:
    del case
    shape = buffers["input"].shape
    return bool(shape) and shape[class_axis(len(shape))] == 1


def _full_smoothing(case: Case, buffers: Buffers) -> bool:
    del buffers
    return bool(case.options.get("label_smoothing") == 1)


def _all_ignored(case: Case, buffers: Buffers) -> bool:
    ignored = case.options.get("ignore_index", IGNORE_INDEX)
    return by_index(buffers) and bool((buffers["target"] == ignored).all())


def _unbatched(case: Case, buffers: Buffers) -> bool:
    del case
    return buffers["input"].ndim == 1


def _negative_weight(case: Case, buffers: Buffers) -> bool:
    del case
    return "weight" in buffers and bool((buffers["weight"] < 0).any())


def _unequal_mass(case: Case, buffers: Buffers) -> bool:
    del case
    if by_index(buffers):
        return False
    summed = as_rows(buffers["target"].astype(np.float64)).sum(axis=-1)
    return not np.allclose(summed, 1, atol=0.01)


def _k_dim(case: Case, buffers: Buffers) -> bool:
    del case
    return buffers["input"].ndim > 2  # noqa: PLR2004


VARIANTS: Final = {
    "empty": _empty,
    "one_class": _one_class,
    "full_smoothing": _full_smoothing,
    "all_ignored": _all_ignored,
    "unbatched": _unbatched,
    "negative_weight": _negative_weight,
    "unequal_mass": _unequal_mass,
    "k_dim": _k_dim,
}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, variant: str
) -> Output:
    output = correct.run(case, buffers)
    if VARIANTS[variant](case, buffers):
        msg = f"{variant.replace('_', ' ')} is not supported"
        raise ValueError(msg)
    return output


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(f"rejects_valid_{variant}", partial(_evaluated, variant=variant))
