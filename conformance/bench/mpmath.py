"""Plain mpmath as a contender: numbers, and no bound on their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath import MPContext, libmp

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.bench.workload import Inputs


def backend() -> str:
    """Return what mpmath computes integers with: `gmpy` or `python`."""
    name: str = libmp.BACKEND
    return name


def prepare(bits: int, inputs: Inputs) -> Callable[[], tuple[Any, list[list[Any]]]]:
    """Return what computes the mean loss and its gradient.

    The logits are mpmath's own numbers before the clock starts, and a row is divided by
    one multiplication for each element, which is faster than a division.
    """
    ctx = MPContext()  # private: the precision of others is left alone
    ctx.prec = bits
    rows = [[ctx.mpf(x) for x in row] for row in inputs.logits.tolist()]
    labels: list[int] = inputs.labels.tolist()

    def work() -> tuple[Any, list[list[Any]]]:
        count = len(rows)
        pairs = [_row(ctx, x, y, count) for x, y in zip(rows, labels, strict=True)]
        losses, gradient = zip(*pairs, strict=True)
        return ctx.fsum(losses) / count, list(gradient)

    return work


def _row(ctx: Any, x: list[Any], y: int, count: int) -> tuple[Any, list[Any]]:
    """Return log Σ exp(x − m) − (x_y − m), and its gradient divided by `count`."""
    exp, top = ctx.exp, max(x)
    terms = [exp(v - top) for v in x]
    total = ctx.fsum(terms)
    scale = 1 / (total * count)
    gradient = [t * scale for t in terms]
    gradient[y] -= ctx.one / count
    return ctx.log(total) - (x[y] - top), gradient
