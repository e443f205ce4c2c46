"""The memory behind a buffer, for mutants that read it wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def owner(buffer: NDArray[Any]) -> NDArray[Any]:
    """Return the flat memory that `buffer` is a view of."""
    found, base = buffer, getattr(buffer, "base", None)
    while base is not None:
        # `as_strided` puts an object in between that is no array.
        if isinstance(base, np.ndarray):
            found = base
        base = getattr(base, "base", None)
    return found.reshape(-1)


def start(buffer: NDArray[Any]) -> int:
    """Return how many elements lie in front of the first one of `buffer`."""
    first = buffer.__array_interface__["data"][0]
    return int(first - owner(buffer).__array_interface__["data"][0]) // buffer.itemsize


def dense(buffer: NDArray[Any], first: int) -> NDArray[Any]:
    """Return the shape of `buffer` read row by row from element `first` on.

    Where the memory ends it is read again from the front: no mutant may crash.
    """
    memory = owner(buffer)
    if not buffer.size:
        return buffer.copy()
    places = (first + np.arange(buffer.size)) % memory.size
    return memory[places].reshape(buffer.shape)
