"""What a run keeps of every case that another run would draw as well."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

from conformance.cells import Scored, figure, numeric
from conformance.conditions import class_axis, classes
from conformance.verdict import Status, gravity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case

PAIRED: Final = ("corpus:", "pool:")
"""How the origin of a case begins that every backend meets, and in every run."""


class Point(NamedTuple):
    """One case on one backend, in one line.

    Attributes:
        case: Its id.
        ratio: Largest error/bound in its values and derivatives; -1 if none has one.
        error: The error of the element that gave it.
        bound: That element's bound.
        size: Elements of the input.
        gap: Largest difference of two finite logits of one row; 0 without classes.
        departs: Quantity → status, of each quantity that does not conform.

    Figures have six digits: these are for pairing and for plots, while the largest
    figures of a cell are kept as they are.
    """

    case: str
    ratio: float
    error: float
    bound: float
    size: int
    gap: float
    departs: Mapping[str, str]

    def text(self) -> str:
        """Return the line: case, ratio, error, bound, size, gap, quantity=status ….

        >>> Point("0" * 12, 0.5, 1e-8, 2e-8, 3, 0.25, {"value": "vacuous"}).text()
        '000000000000 0.5 1e-08 2e-08 3 0.25 value=vacuous'
        """
        shown = (f"{f:.6g}" for f in (self.ratio, self.error, self.bound))
        departs = (f"{k}={s}" for k, s in sorted(self.departs.items()))
        return " ".join(
            (self.case, *shown, f"{self.size}", f"{self.gap:.6g}", *departs)
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the point whose line is `text`.

        Raises:
            ValueError: If the line is not of that form.
        """
        case, ratio, error, bound, size, gap, *departs = text.split(" ")
        pairs = (word.split("=", 1) for word in departs)
        figures = (float(ratio), float(error), float(bound))
        return cls(case, *figures, int(size), float(gap), dict(pairs))


def paired(case: Case) -> bool:
    """Would another run of the same pool and corpus meet `case` too?"""
    return case.origin.startswith(PAIRED)


def point(case: Case, scored: Sequence[Scored]) -> Point:
    """Return what is kept of `case` with its verdicts."""
    measured = [s.verdict for s in scored if s.verdict.measured and numeric(s.verdict)]
    worst = max(measured, key=lambda v: figure(v.ratio), default=None)
    ratio, error, bound = -1.0, 0.0, 0.0
    if worst is not None:
        ratio, error, bound = figure(worst.ratio), worst.error, worst.bound
    size = math.prod(case.arguments["input"].shape)
    return Point(case.id, ratio, error, bound, size, _gap(case), _departs(scored))


def _departs(scored: Sequence[Scored]) -> dict[str, str]:
    grave = sorted(scored, key=lambda s: gravity(s.verdict))
    return {
        s.verdict.quantity: str(s.status)
        for s in grave
        if s.status is not Status.CONFORMS
    }


def _gap(case: Case) -> float:
    array = case.arguments["input"]
    if not classes(case) or array.base.dtype.kind in "iub":
        return 0.0
    # A broadcast axis says nothing new, and may have 2^24 elements.
    logits = array.view()
    once = tuple(slice(0, 1 if s == 0 else None) for s in logits.strides)
    rows = np.moveaxis(logits[once].astype(np.float64), class_axis(case), -1)
    return max(_spreads(rows.reshape(-1, rows.shape[-1])), default=0.0)


def _spreads(rows: NDArray[np.float64]) -> Iterator[float]:
    finite = np.isfinite(rows)
    top = np.where(finite, rows, -np.inf).max(axis=-1)
    low = np.where(finite, rows, np.inf).min(axis=-1)
    some = finite.any(axis=-1)
    with np.errstate(over="ignore"):
        yield from (top[some] - low[some]).tolist()
