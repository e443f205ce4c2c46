"""A part of a run: which units of work it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.provenance import digest
from conformance.unit import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.unit import Unit


@dataclass(frozen=True)
class Shard:
    """One part of a run that is divided.

    Attributes:
        index: Which part, from 1 to `count`.
        count: How many parts there are.
    """

    index: int
    count: int

    def __str__(self) -> str:
        """Return it as `--shard` takes it."""
        return f"{self.index}/{self.count}"

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"index": self.index, "count": self.count}

    def of(self, units: Sequence[Unit]) -> tuple[Unit, ...]:
        """Return this part of the units of a run, in their order.

        Units of each kind and loss are dealt out in turn, after shuffling by a digest:
        the parts are alike in size, and the same on every machine.
        """
        dealt = sorted(range(len(units)), key=lambda i: _place(units[i]))
        mine = sorted(dealt[self.index - 1 :: self.count])
        return tuple(units[i] for i in mine)


def _place(unit: Unit) -> tuple[str, str, str]:
    loss = getattr(unit, "loss", "")
    return type(unit).__name__, loss, digest([label(unit)])
