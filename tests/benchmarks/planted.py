"""Faults with a rare trigger, planted in the NumPy backend.

The fault is a result that is a quarter too large. What is rare is the case where it
shows, of which error/bound of the other cases knows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import triggers

from conformance.backend import Output
from conformance.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from conformance.backend import Backend
    from conformance.case import Case

    Trigger = Callable[[Case], bool]


LOSSES: Final = ("mae", "mse", "cross_entropy")


@dataclass(frozen=True)
class Planted:
    """The NumPy backend with a gross fault that shows only in some cases.

    Attributes:
        loss: The loss that has it.
        name: When it shows.
        trigger: Does it show in this case?
        family: What its trigger is about.
    """

    loss: str
    name: str
    trigger: Trigger
    family: str = ""

    @property
    def capabilities(self) -> Any:
        """Those of the NumPy backend."""
        return correct().capabilities

    def can_run(self, case: Case) -> str | None:
        """Run what the NumPy backend runs."""
        return correct().can_run(case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the right answer, or a quarter more of it where the fault shows."""
        right = correct().run(case, buffers)
        if right.value is None or not self.trigger(case):
            return right
        more = right.value.dtype.type(1.25)
        with np.errstate(all="ignore"):
            gradients = {k: g * more for k, g in right.gradients.items()}
            return Output(np.asarray(right.value * more), gradients)


@cache
def correct() -> Backend:
    """Return the backend without a fault."""
    return load("numpy")


def largest_in(exponent: int) -> Trigger:
    """Is the largest input in a binade?"""
    return lambda c: (
        max(triggers.binades(triggers.numbers(c)), default=None) == exponent
    )


def elements_with(period: int, rest: int) -> Trigger:
    """Has the number of elements a residue?"""
    return lambda c: triggers.has_residue(triggers.elements(c), period, rest)


def rows_with(period: int, rest: int) -> Trigger:
    """Has the number of rows a residue?"""
    return lambda c: triggers.has_residue(triggers.row_count(c), period, rest)


def labelled(label: int) -> Trigger:
    """Is any row of a class?"""
    return lambda c: bool((triggers.indices(c) == label).any())


def with_ignored(count: int) -> Trigger:
    """Are so many rows ignored?"""
    return lambda c: triggers.ignored(c) == count


def _first_behind(low: float, high: float) -> Trigger:
    return lambda c: triggers.any_between(triggers.target_gaps(c)[:1], low, high)


NAMED: Final = (
    Planted("mae", "largest input in the binade 2^18", largest_in(18)),
    Planted("mae", "n = 23 mod 32, above 32", elements_with(32, 23)),
    Planted("mae", "n from 100 to 120", lambda c: 100 <= triggers.elements(c) <= 120),
    Planted("mse", "largest input in the binade 2^-21", largest_in(-21)),
    Planted(
        "mse",
        "least difference in the binade 2^-13",
        lambda c: min(triggers.binades(triggers.differences(c)), default=None) == -13,
    ),
    Planted("mse", "n = 13 mod 16, above 16", elements_with(16, 13)),
    Planted("cross_entropy", "29 classes", lambda c: triggers.classes(c) == 29),
    Planted(
        "cross_entropy", "66 to 96 classes", lambda c: 66 <= triggers.classes(c) <= 96
    ),
    Planted("cross_entropy", "class 11", labelled(11)),
    Planted("cross_entropy", "first target behind by 60 to 61", _first_behind(60, 61)),
    Planted("cross_entropy", "first target behind by 5 to 5.1", _first_behind(5, 5.1)),
    Planted("cross_entropy", "11 rows ignored", with_ignored(11)),
    Planted("cross_entropy", "largest logit in the binade 2^11", largest_in(11)),
    Planted("cross_entropy", "rows = 27 mod 32, above 32", rows_with(32, 27)),
)
"""Faults that were chosen by hand, and by which the search was made better."""
