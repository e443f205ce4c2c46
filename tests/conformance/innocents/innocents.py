"""Correct backends with different legal arithmetic, by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import compositions as c
import orders
import softmaxes
from compositions import Composed, Order
from exactly import CorrectlyRounded

from conformance.backends.numpy import CAPABILITIES, Parts
from conformance.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.backend import Backend
    from conformance.backends.numpy import NumpyBackend

ONE_LANE: Final = replace(CAPABILITIES.contract, lanes=1)
"""For sums in a sequence: declared, so that nothing is suspect."""


def _backend(
    contract: Contract = CAPABILITIES.contract,
    order: Order = Order(),  # noqa: B008 - it is frozen
    **parts: object,
) -> NumpyBackend:
    return Composed(
        "innocent",
        replace(Parts(), **parts),  # type: ignore[arg-type]
        replace(CAPABILITIES, contract=contract),
        order,
    )


INNOCENTS: Final[Mapping[str, Backend]] = {
    "correctly rounded": CorrectlyRounded(),
    "sequential": _backend(ONE_LANE, total=orders.sequential),
    "backward": _backend(
        ONE_LANE,
        Order(c.multiplied, c.upstream_first, c.nested, c.scaled_first, c.log_first),
        total=orders.backward,
        softmax=softmaxes.reciprocal,
    ),
    "shuffled": _backend(
        ONE_LANE,
        Order(
            c.divided, c.doubled_upstream, c.weights_last, c.scaled_each, c.scale_first
        ),
        total=orders.shuffled,
        softmax=softmaxes.exponential,
    ),
    "ascending": _backend(
        ONE_LANE,
        Order(c.divided, c.division_last, c.rows_apart, c.gradients_apart, c.log_first),
        total=orders.ascending,
        softmax=softmaxes.turned,
    ),
    "descending": _backend(
        ONE_LANE,
        Order(c.multiplied, c.by_reciprocal, c.reduced_apart, c.scaled_sum),
        total=orders.descending,
        softmax=softmaxes.log1p,
    ),
    "pairwise": _backend(
        order=Order(c.multiplied, c.upstream_first, c.reduced_apart, c.divided_last),
        total=orders.pairwise,
        softmax=softmaxes.quotient,
    ),
    "in lanes": _backend(
        order=Order(
            c.divided, c.division_last, c.divided_rows, c.upstream_last, c.scale_first
        ),
        total=orders.in_lanes,
        softmax=softmaxes.exponential,
    ),
    "compensated": _backend(
        order=Order(c.multiplied, c.doubled_upstream, c.weights_first, c.scaled_sum),
        total=orders.compensated,
        softmax=softmaxes.turned,
    ),
    "accumulated in float64": _backend(
        order=Order(c.multiplied, c.by_reciprocal, c.nested, c.gradients_apart),
        total=orders.wider,
        softmax=softmaxes.log1p,
    ),
    **{
        f"online, tiles of {tile}": _backend(
            ONE_LANE, total=orders.sequential, softmax=softmaxes.online(tile)
        )
        for tile in (1, 2, 3, 8)
    },
}
