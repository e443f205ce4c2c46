"""Other ways to torch's losses: modules, their parts, vmap, no gradient, threads."""

from __future__ import annotations

import math
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.case import Case

    Function = Callable[..., torch.Tensor]

THREADS: Final = 2
GRAIN: Final = 32_768
"""Elements below which torch keeps a loop on one thread."""

_MODULES: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "mae": torch.nn.L1Loss,
        "mse": torch.nn.MSELoss,
        "cross_entropy": torch.nn.CrossEntropyLoss,
    }
)


def module(case: Case, _main: Function) -> Function:
    """Return the loss as a module object computes it."""

    def call(given: torch.Tensor, target: torch.Tensor, **options: Any) -> torch.Tensor:
        made: torch.Tensor = _MODULES[case.loss](**options)(given, target)
        return made

    return call


def composed(case: Case, _main: Function) -> Function | None:
    """Return nll_loss of log_softmax; for class indices without smoothing only."""
    index = case.arguments["target"].base.dtype.kind in "iu"
    if (
        case.loss != "cross_entropy"
        or not index
        or case.options.get("label_smoothing", 0.0)
    ):
        return None

    def call(
        given: torch.Tensor,
        target: torch.Tensor,
        label_smoothing: float = 0.0,
        **options: Any,
    ) -> torch.Tensor:
        del label_smoothing  # It is zero.
        axis = 0 if given.ndim == 1 else 1
        return functional.nll_loss(given.log_softmax(axis), target, **options)

    return call


def mapped(case: Case, main: Function) -> Function:
    """Return the loss of the second of two copies that vmap computes side by side.

    Class weights beside class indices are shared by the copies, as they are in use.
    """
    shared = case.arguments["target"].base.dtype.kind in "iu"

    def call(
        given: torch.Tensor,
        target: torch.Tensor,
        weight: torch.Tensor | None = None,
        **options: Any,
    ) -> torch.Tensor:
        def one(
            given: torch.Tensor, target: torch.Tensor, weight: torch.Tensor | None
        ) -> torch.Tensor:
            more = {} if weight is None else {"weight": weight}
            return main(given, target, **more, **options)

        weights: tuple[torch.Tensor | None, int | None] = (weight, None)
        if weight is not None and not shared:
            weights = (_pair(weight), 0)
        both: torch.Tensor = torch.func.vmap(one, (0, 0, weights[1]))(
            _pair(given), _pair(target), weights[0]
        )
        return both[1]

    return call


def _pair(tensor: torch.Tensor) -> torch.Tensor:
    # What flows back to the first copy is zero times whatever it is: not ours.
    return torch.stack([tensor.detach(), tensor])


def without_gradient(_case: Case, main: Function) -> Function:
    """Return the loss where autograd does not record."""

    def call(*arguments: torch.Tensor, **options: Any) -> torch.Tensor:
        with torch.no_grad():
            return main(*arguments, **options)

    return call


def threaded(case: Case, main: Function) -> Function | None:
    """Return the loss itself, where it is large enough to be shared by threads."""
    return main if math.prod(case.arguments["input"].shape) >= GRAIN else None


def forward_over_reverse(
    call: Function, cotangent: torch.Tensor | None
) -> Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, ...]]:
    """Return (input, tangent) → value, gradient by input, and its derivative."""

    def gradient(given: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        value, pull = torch.func.vjp(call, given)
        upstream = torch.ones_like(value) if cotangent is None else cotangent
        return pull(upstream)[0], value

    def along(given: torch.Tensor, tangent: torch.Tensor) -> tuple[torch.Tensor, ...]:
        by_input, bent, value = torch.func.jvp(
            gradient, (given,), (tangent,), has_aux=True
        )
        return value, by_input, bent

    return along


PATHS: Final[Mapping[str, Callable[[Case, Function], Function | None]]] = (
    MappingProxyType(
        {
            "module": module,
            "composed": composed,
            "vmap": mapped,
            "no-grad": without_gradient,
            "threads": threaded,
        }
    )
)
"""Name → case, the loss's function → the function that goes that way, if any does."""


@contextmanager
def threads_of(path: str) -> Iterator[None]:
    """Give a block the threads that a path asks for, and one again afterwards."""
    if path == "threads":
        torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(1)
