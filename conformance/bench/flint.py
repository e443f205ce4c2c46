"""python-flint as a contender: Arb's balls, which enclose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb, ctx

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.bench.workload import Inputs


def prepare(bits: int, inputs: Inputs) -> Callable[[], tuple[Any, list[list[Any]]]]:
    """Return what encloses the mean loss and its gradient.

    The logits are balls before the clock starts, and a row is divided by one
    multiplication for each element, which is faster than a division.
    """
    rows = [[arb(x) for x in row] for row in inputs.logits.tolist()]
    labels: list[int] = inputs.labels.tolist()

    def work() -> tuple[Any, list[list[Any]]]:
        count = len(rows)
        with ctx.workprec(bits):
            pairs = [_row(x, y, count) for x, y in zip(rows, labels, strict=True)]
            losses, gradient = zip(*pairs, strict=True)
            return sum(losses, arb(0)) / count, list(gradient)

    return work


def _row(x: list[Any], y: int, count: int) -> tuple[Any, list[Any]]:
    """Return log Σ exp(x − m) − (x_y − m), and its gradient divided by `count`."""
    top = max(x)
    terms = [(v - top).exp() for v in x]
    total = sum(terms, arb(0))
    scale = 1 / (total * count)
    gradient = [t * scale for t in terms]
    gradient[y] -= arb(1) / count
    return total.log() - (x[y] - top), gradient
