"""Label smoothing does not take its mass away from the target.

The factor of the target stays 1 instead of 1 − ε; relatives of it are in aprender,
ConvE and fastai.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend


def _unscaled(smoothing: float, classes: int) -> tuple[float, float]:
    return 1.0, smoothing / max(classes, 1)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("smoothing_unscaled", spread=_unscaled)
