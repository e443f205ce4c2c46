"""Target and other classes receive other shares than 1 − ε and ε/C.

Seen in ConvE #55 (1/C), fastai #1814 (ε·C/(C−1)), aprender #2199 ((1−ε)/C) and the
annotated transformer #18 (ε/(C−2)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.backends._cross_entropy import spread
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend


def _one_over_classes(smoothing: float, classes: int) -> tuple[float, float]:
    return 1 - smoothing, 1 / max(classes, 1) if smoothing else 0.0


def _scaled_up(smoothing: float, classes: int) -> tuple[float, float]:
    return spread(min(smoothing * classes / max(classes - 1, 1), 1.0), classes)


def _swapped(smoothing: float, classes: int) -> tuple[float, float]:
    return spread(1 - smoothing if smoothing else 0.0, classes)


def _without_two(smoothing: float, classes: int) -> tuple[float, float]:
    return 1 - smoothing, smoothing / max(classes - 2, 1)


VARIANTS: Final = {
    "one_over_classes": _one_over_classes,
    "scaled_up": _scaled_up,
    "swapped": _swapped,
    "without_two": _without_two,
}


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return with_parts(f"smoothing_shares_{variant}", spread=VARIANTS[variant])
