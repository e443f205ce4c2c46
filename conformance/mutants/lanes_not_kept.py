"""Sums in order where lanes were promised: from the front, the end, or over strides.

A class of faults of our own: a contract that was written for another kernel, or for the
vectorised path of one that has a plain path for arguments with gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends.numpy import COMPLETE, NumpyBackend, Parts

if TYPE_CHECKING:
    from conformance.backend import Backend, Capabilities, Output
    from conformance.backends._arithmetic import Formats, Real
    from conformance.case import Case
    from conformance.mutants._make import Buffers


def _in_order(values: Real, formats: Formats) -> Real:
    if not values.shape[-1]:
        return np.zeros(values.shape[:-1], formats.compute)
    summed = np.add.accumulate(values, axis=-1, dtype=formats.compute)
    return np.asarray(summed[..., -1])


def _from_the_end(values: Real, formats: Formats) -> Real:
    return _in_order(values[..., ::-1], formats)


VARIANTS: Final = {
    "forwards": (_in_order, _in_order),
    "from_the_end": (_from_the_end, _from_the_end),
    "over_strides": (Parts().total, _in_order),
}
"""Name → how arguments that are contiguous are summed, and how others."""

_PROMISE: Final = replace(COMPLETE.contract, name="in lanes", lanes=64)


@dataclass(frozen=True)
class _Promising:
    """The NumPy backend, with a way to sum for each kind of layout."""

    name: str
    contiguous: NumpyBackend
    other: NumpyBackend
    capabilities: Capabilities = field(
        default_factory=lambda: replace(COMPLETE, contract=_PROMISE)
    )

    def can_run(self, case: Case) -> str | None:
        """Return what the NumPy backend returns."""
        return self.contiguous.can_run(case)

    def run(self, case: Case, buffers: Buffers) -> Output:
        """Return the output, summed as the layout of the arguments has it."""
        chosen = self.contiguous if case.contiguous else self.other
        return chosen.run(case, buffers)


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    contiguous, other = (
        NumpyBackend(parts=replace(Parts(), total=total)) for total in VARIANTS[variant]
    )
    return _Promising(f"mutant:lanes_not_kept_{variant}", contiguous, other)
