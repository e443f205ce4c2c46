"""Running quantities of rows, cleared, spread and turned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.rules.running import Running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.rules.running import Floats


def cleared(quantity: Running, keep: NDArray[np.bool_]) -> Running:
    """Return the quantity with exact zeros where `keep` is false."""
    keep = np.broadcast_to(keep, quantity.value.shape)
    return Running(
        np.where(keep, quantity.value, 0.0),
        {k: np.where(keep, v, 0.0) for k, v in quantity.terms.items()},
        np.where(keep, quantity.held, 0.0),
        quantity.lost & keep,
    )


def column(quantity: Running, shape: tuple[int, ...]) -> Running:
    """Return one number a row repeated along the classes of `shape`."""
    lead = shape[:1]

    def spread(a: Floats) -> Floats:
        made: Floats = np.broadcast_to(np.broadcast_to(a, lead)[:, None], shape)
        return made

    return Running(
        spread(quantity.value),
        {k: spread(v) for k, v in quantity.terms.items()},
        spread(quantity.held),
        np.broadcast_to(np.broadcast_to(quantity.lost, lead)[:, None], shape),
    )


def transposed(quantity: Running) -> Running:
    """Return the quantity with rows as columns."""
    full = quantity.value.shape
    return Running(
        quantity.value.T,
        {k: np.broadcast_to(v, full).T for k, v in quantity.terms.items()},
        quantity.held.T,
        np.broadcast_to(quantity.lost, full).T,
    )
