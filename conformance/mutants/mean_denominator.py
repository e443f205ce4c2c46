"""`mean` of class indices divides by another sum: of counts, of weights, or nearly so.

Seen in transformers #6331 (the number of ignored rows), Chainer and mlx (all rows),
Paddle #24352 (weights), pytorch #31295 (negative weights) and pytorch/xla #859; the
rest is of our own.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import class_weights, index_mass
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _plus_one(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del weight, shape
    return mass.divisor + 1


def _minus_one(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del weight, shape
    return np.maximum(mass.divisor - 1, 0)


def _plus_epsilon(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del weight, shape
    return mass.divisor + np.asarray(1e-5, mass.divisor.dtype)


def _all_rows(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del weight, shape
    return len(mass.kept)


def _batch_only(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del mass, weight
    return shape[0]


def _ignored_rows(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del weight, shape
    return np.sum(~mass.kept)


def _logits(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del mass, weight
    return math.prod(shape)


def _all_weights(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del mass, shape
    return np.sum(weight)


def _weighed_rows(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del weight, shape
    return np.sum(mass.kept & (mass.effective != 0).any(axis=-1))


def _effective(mass: Mass, weight: Real, shape: tuple[int, ...]) -> Any:
    del weight, shape
    return np.sum(mass.effective[mass.kept])


VARIANTS: Final = {
    "plus_one": _plus_one,
    "minus_one": _minus_one,
    "plus_epsilon": _plus_epsilon,
    "all_rows": _all_rows,
    "batch_only": _batch_only,
    "ignored_rows": _ignored_rows,
    "logits": _logits,
    "all_weights": _all_weights,
    "weighed_rows": _weighed_rows,
    "effective": _effective,
}


def _mass(
    parts: Parts, buffers: Buffers, options: Options, formats: Formats, variant: str
) -> Mass:
    mass = index_mass(parts, buffers, options, formats)
    shape = buffers["input"].shape
    weight = class_weights(buffers.get("weight"), mass.effective.shape[-1], formats)
    wrong = VARIANTS[variant](mass, weight, shape)
    return replace(mass, divisor=np.asarray(wrong, formats.compute))


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"mean_denominator_{variant}", index_mass=partial(_mass, variant=variant)
    )
