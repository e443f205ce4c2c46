"""The option `label_smoothing` is taken and not used.

Seen in Liger #243, whose wrapper did not pass it on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._cross_entropy import spread
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend


def _spread(smoothing: float, classes: int) -> tuple[float, float]:
    del smoothing  # The fault.
    return spread(0.0, classes)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("smoothing_ignored", spread=_spread)
