"""Who takes part in the self-test."""

from __future__ import annotations

from typing import Final, NamedTuple

from conformance.backend import LOSSES
from conformance.case import DTYPES
from conformance.loading import load
from conformance.mutants import MUTANTS

__all__ = ["MUTANTS", "Wrong", "everyone", "wrong"]

_PREFIX: Final = "mutant:"


class Wrong(NamedTuple):
    """A backend that is to be caught, and where it can be.

    Attributes:
        name: What reports call it.
        mechanism: What is wrong, in one sentence; empty if nobody says.
        losses: Where the mechanism can show, or what the backend offers.
        dtypes: The same for the storage format.
    """

    name: str
    mechanism: str
    losses: tuple[str, ...]
    dtypes: tuple[str, ...]

    def lives(self, loss: str, dtype: str) -> bool:
        """Can its mechanism show for this loss in this format?"""
        return loss in self.losses and dtype in self.dtypes

    def absence(self, losses: tuple[str, ...], dtypes: tuple[str, ...]) -> str:
        """Return why it lives nowhere in `losses` and `dtypes`.

        >>> Wrong("a", "", ("mae", "mse"), ("float32",)).absence(("mae",), ("float64",))
        'it can show in float32, not in float64'
        """
        here, asked = (self.losses, losses)
        if set(here) & set(asked):
            here, asked = (self.dtypes, dtypes)
        return f"it can show in {', '.join(here)}, not in {', '.join(asked)}"


def everyone() -> dict[str, Wrong]:
    """Return spelling → every mutant."""
    return {f"{_PREFIX}{name}": _of(name) for name in MUTANTS}


def wrong(spec: str) -> Wrong:
    """Return the backend that is spelt as for `check`.

    Raises:
        LoadError: If there is no such backend, or its code raises.
        BackendUnavailableError: If it exists but cannot run here.
    """
    offered = load(spec).capabilities
    name = spec.removeprefix(_PREFIX)
    if name != spec and name in MUTANTS:
        return _of(name)
    losses = tuple(loss for loss in LOSSES if loss in offered.losses)
    return Wrong(name, "", losses, tuple(d for d in DTYPES if d in offered.dtypes))


def _of(name: str) -> Wrong:
    mutant = MUTANTS[name]
    return Wrong(name, mutant.mechanism, mutant.losses, mutant.dtypes)
