"""Correct backends with different legal arithmetic, by name.

Each promises what its arithmetic needs: `lanes=1` where sums are made in a sequence,
`rescalings` for online softmax, a scheme, a format inside. Outside every contract, and
so not here, are two things that correct looking code does. Smoothing of class
probabilities apart from the probabilities makes nan of 0 · inf at logits of −inf, where
the table of special values requires an infinity. And a stage of `staged` that overflows
its storage format is a finding, though the result would be finite.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import mean_slopes
import orders
import row_gradients
import row_losses
import softmaxes
from compositions import ByLayout, Composed, Order
from exactly import CorrectlyRounded
from formats import Flushing, Staged, as_double, as_stored, once

from conformance.backends.numpy import CAPABILITIES, Parts
from conformance.contract import STAGED, STORAGE, STRICT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.backend import Backend
    from conformance.backends.numpy import NumpyBackend
    from conformance.contract import Contract

VALUES: Final = replace(CAPABILITIES, derivatives={})
"""No derivatives: they are not composed here."""

ONE_LANE: Final = replace(CAPABILITIES.contract, lanes=1)
"""For sums in a sequence: declared, so that nothing is suspect."""

ONLINE: Final = replace(ONE_LANE, rescalings=10**6)
"""For online softmax over tiles of any size."""


def _backend(
    contract: Contract = CAPABILITIES.contract,
    order: Order = Order(),  # noqa: B008 - it is frozen
    kind: type[Composed] = Composed,
    **parts: Any,
) -> NumpyBackend:
    dtypes = frozenset(contract.compute)
    return kind(
        "innocent",
        replace(Parts(), **parts),
        replace(VALUES, contract=contract, dtypes=dtypes),
        order,
    )


def _promising(contract: Contract) -> Contract:
    own = CAPABILITIES.contract
    return replace(contract, exp_ulps=own.exp_ulps, log_ulps=own.log_ulps)


INNOCENTS: Final[Mapping[str, Backend]] = {
    "correctly rounded": CorrectlyRounded(capabilities=VALUES),
    "sequential": _backend(ONE_LANE, total=orders.sequential),
    "backward": _backend(
        ONE_LANE,
        Order(
            mean_slopes.multiplied,
            mean_slopes.doubled_last,
            row_losses.nested,
            row_gradients.scaled_first,
            row_gradients.log_first,
        ),
        total=orders.backward,
        softmax=softmaxes.reciprocal,
    ),
    "shuffled": _backend(
        ONE_LANE,
        Order(
            mean_slopes.divided,
            mean_slopes.doubled_upstream,
            row_losses.weights_last,
            row_gradients.scaled_each,
            row_gradients.scale_first,
        ),
        total=orders.shuffled,
        softmax=softmaxes.exponential,
    ),
    "ascending": _backend(
        ONE_LANE,
        Order(
            mean_slopes.divided,
            mean_slopes.division_last,
            row_losses.rows_apart,
            row_gradients.gradients_apart,
            row_gradients.log_first,
        ),
        total=orders.ascending,
        softmax=softmaxes.turned,
    ),
    "descending": _backend(
        ONE_LANE,
        Order(
            mean_slopes.multiplied,
            mean_slopes.by_reciprocal,
            row_losses.reduced_apart,
            row_gradients.scaled_sum,
        ),
        total=orders.descending,
        softmax=softmaxes.log1p,
    ),
    "pairwise": _backend(
        order=Order(
            mean_slopes.multiplied,
            mean_slopes.upstream_first,
            row_losses.reduced_apart,
            row_gradients.divided_last,
        ),
        total=orders.pairwise,
        softmax=softmaxes.quotient,
    ),
    "in lanes": _backend(
        replace(CAPABILITIES.contract, lanes=orders.LANES),
        Order(
            mean_slopes.divided,
            mean_slopes.division_last,
            row_losses.divided_rows,
            row_gradients.upstream_last,
            row_gradients.scale_first,
        ),
        total=orders.in_lanes,
        softmax=softmaxes.exponential,
    ),
    "in lanes where contiguous": _backend(
        replace(CAPABILITIES.contract, lanes=orders.LANES, contiguous_lanes=True),
        kind=ByLayout,
        total=orders.in_lanes,
    ),
    "normalised": _backend(
        order=Order(
            mean_slopes.multiplied,
            mean_slopes.by_reciprocal,
            row_losses.normalised,
            row_gradients.normalised_first,
            row_gradients.log_first,
        ),
        total=orders.pairwise,
        softmax=softmaxes.reciprocal,
    ),
    "normalised by division": _backend(
        ONE_LANE,
        Order(
            mean_slopes.divided,
            mean_slopes.upstream_first,
            row_losses.normalised,
            row_gradients.normalised_first,
            row_gradients.scale_first,
        ),
        total=orders.backward,
    ),
    "compensated": _backend(
        order=Order(
            mean_slopes.multiplied,
            mean_slopes.doubled_upstream,
            row_losses.weights_first,
            row_gradients.scaled_sum,
        ),
        total=orders.compensated,
        softmax=softmaxes.turned,
    ),
    "accumulated in float64": _backend(
        order=Order(
            mean_slopes.multiplied,
            mean_slopes.by_reciprocal,
            row_losses.nested,
            row_gradients.gradients_apart,
        ),
        total=orders.wider,
        softmax=softmaxes.log1p,
    ),
    **{
        f"online, tiles of {tile}": _backend(
            ONLINE, total=orders.sequential, softmax=softmaxes.online(tile)
        )
        for tile in (1, 2, 3, 8)
    },
    "float64 inside": _backend(_promising(STRICT), formats=as_double, store=once),
    "float64 inside, in lanes": _backend(
        _promising(STRICT),
        Order(
            mean_slopes.multiplied,
            mean_slopes.upstream_first,
            row_losses.nested,
            row_gradients.scaled_sum,
            row_gradients.log_first,
        ),
        formats=as_double,
        store=once,
        total=orders.in_lanes,
        softmax=softmaxes.exponential,
    ),
    "wide, but float64 inside": _backend(formats=as_double),
    "all in storage": _backend(
        replace(_promising(STORAGE), lanes=1), formats=as_stored
    ),
    "all in storage, in sequence": _backend(
        replace(_promising(STORAGE), lanes=1),
        Order(
            mean_slopes.divided,
            mean_slopes.division_last,
            row_losses.rows_apart,
            row_gradients.divided_last,
            row_gradients.scale_first,
        ),
        formats=as_stored,
        total=orders.sequential,
        softmax=softmaxes.log1p,
    ),
    "all in storage, backward": _backend(
        replace(_promising(STORAGE), lanes=1),
        Order(
            mean_slopes.multiplied,
            mean_slopes.by_reciprocal,
            row_losses.reduced_apart,
            row_gradients.scaled_each,
        ),
        formats=as_stored,
        total=orders.backward,
        softmax=softmaxes.reciprocal,
    ),
    "staged": _backend(_promising(STAGED), kind=Staged),
    "staged, backward": _backend(
        replace(_promising(STAGED), lanes=1), kind=Staged, total=orders.backward
    ),
    **{
        scheme: _backend(replace(CAPABILITIES.contract, scheme=scheme), softmax=softmax)
        for scheme, softmax in softmaxes.OTHERS.items()
    },
}

FLUSHING: Final[Mapping[str, Backend]] = {
    "flushing": _backend(
        replace(CAPABILITIES.contract, flush_to_zero=True), kind=Flushing
    ),
    "flushing, in lanes": _backend(
        replace(CAPABILITIES.contract, flush_to_zero=True, lanes=orders.LANES),
        Order(
            mean_slopes.multiplied,
            mean_slopes.doubled_upstream,
            row_losses.weights_last,
            row_gradients.scaled_first,
            row_gradients.scale_first,
        ),
        kind=Flushing,
        total=orders.in_lanes,
        softmax=softmaxes.reciprocal,
    ),
}
"""These need torch to make the processor flush."""
