"""The pool: numbered cases, the same on every machine and for every backend."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.builders.cases import draw_case
from conformance.builders.choices import CounterChoices

if TYPE_CHECKING:
    from conformance.case import Case

POOL_VERSION: Final = 3
"""Grows whenever a builder changes what any number of the pool stands for."""

_STREAM: Final = 2
"""Stays where a version only adds to what is drawn: most numbers then stand for the
same case as before."""


def pool_case(loss: str, dtype: str, index: int, seed: int = 0) -> Case:
    """Return case number `index` of the pool that `seed` names.

    Args:
        loss: `mae`, `mse` or `cross_entropy`.
        dtype: One of `conformance.case.DTYPES`.
        index: At least 0.
        seed: Another seed is another pool.
    """
    choices = CounterChoices(seed, index, f"{_STREAM}:{loss}:{dtype}")
    case = draw_case(choices, loss, dtype)
    return replace(case, origin=f"pool:{seed}:{index}")
