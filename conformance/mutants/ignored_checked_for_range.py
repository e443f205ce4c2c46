"""An ignored target that is no class is refused.

Seen in Paddle #28622, pytorch #15508 and torch's reference of nll_loss, which gather
before they mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backends._cross_entropy import IGNORE_INDEX
from conformance.backends._validation import checked_indices
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.backends._parts import Indices


def _indices(target: NDArray[Any], classes: int, ignore_index: int) -> Indices:
    del ignore_index  # The fault.
    return checked_indices(target, classes, -1 if classes else IGNORE_INDEX)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("ignored_checked_for_range", indices=_indices)
