"""Label smoothing gives ε/(C−1) to the other classes and nothing to the target.

Seen in Megatron, sockeye and OpenNMT, where it is meant; as torch's option it is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend


def _others(smoothing: float, classes: int) -> tuple[float, float]:
    share = smoothing / (classes - 1) if classes > 1 else 0.0
    return 1.0 - smoothing - share, share


def create() -> Backend:
    """Return the mutant."""
    return with_parts("smoothing_over_others", spread=_others)
