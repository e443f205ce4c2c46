"""Who takes part in the self-test."""

from __future__ import annotations

from conformance.mutants import MUTANTS

__all__ = ["MUTANTS", "lives"]


def lives(name: str, loss: str, dtype: str) -> bool:
    """Can the mutant's mechanism show for this loss in this format?"""
    mutant = MUTANTS[name]
    return loss in mutant.losses and dtype in mutant.dtypes
