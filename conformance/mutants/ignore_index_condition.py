"""`ignore_index` is honoured only if its value meets a condition of no documentation.

It must not be negative, or be so, be the default, or another, or be no class.
Seen in Paddle #48663 and pytorch/xla #859 (negative), FlagGems #73 and MPS #108148 (the
default), Chainer #5127 and pytorch #15508 (no class).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._cross_entropy import IGNORE_INDEX, index_mass
from conformance.backends._softmax import class_axis
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Indices, Mask, Options, Parts
    from conformance.mutants._make import Buffers


def _not_negative(ignored: int, classes: int) -> bool:
    del classes
    return ignored >= 0


def _negative(ignored: int, classes: int) -> bool:
    del classes
    return ignored < 0


def _default(ignored: int, classes: int) -> bool:
    del classes
    return ignored == IGNORE_INDEX


def _not_default(ignored: int, classes: int) -> bool:
    del classes
    return ignored != IGNORE_INDEX


def _no_class(ignored: int, classes: int) -> bool:
    return not 0 <= ignored < classes


VARIANTS: Final = {
    "not_negative": _not_negative,
    "negative": _negative,
    "default": _default,
    "not_default": _not_default,
    "no_class": _no_class,
}


def _mass(
    parts: Parts,
    buffers: Buffers,
    options: Options,
    formats: Formats,
    honoured: Callable[[int, int], bool],
) -> Mass:
    logits = buffers["input"]
    ignored = options.get("ignore_index", IGNORE_INDEX)
    if honoured(ignored, logits.shape[class_axis(logits.ndim)]):
        return index_mass(parts, buffers, options, formats)
    blind = replace(parts, kept_rows=_every)
    return index_mass(blind, buffers, options, formats)


def _every(target: Indices, ignore_index: int) -> Mask:
    del ignore_index
    return np.ones_like(target, dtype=np.bool_)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(
        f"ignore_index_condition_{variant}",
        index_mass=partial(_mass, honoured=VARIANTS[variant]),
    )
