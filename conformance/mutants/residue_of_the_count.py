"""Sums of 5, 42, 79, … terms, which is 5 modulo 37, count their last term twice.

A class of faults of our own, with a rare trigger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.backends._arithmetic import total
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats, Real


_MODULUS: Final = 37
_RESIDUE: Final = 5


def _total(values: Real, formats: Formats) -> Real:
    again = 1 if values.shape[-1] % _MODULUS == _RESIDUE else 0
    tail = values[..., values.shape[-1] - again :]
    return total(np.concatenate([values, tail], axis=-1), formats)


def create() -> Backend:
    """Return the mutant."""
    return with_parts("residue_of_the_count", total=_total)
