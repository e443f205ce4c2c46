"""The memory behind a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.case import Array


def flat_base(buffer: NDArray[Any], array: Array) -> NDArray[Any] | None:
    """Return the flat buffer behind a view, or None if it is not the one described."""
    owner: Any = buffer
    while owner is not None:
        if (
            isinstance(owner, np.ndarray)
            and owner.shape == array.base.shape
            and owner.dtype == array.base.dtype
            and owner.flags.owndata
        ):
            return owner
        owner = getattr(owner, "base", None)
    return None
