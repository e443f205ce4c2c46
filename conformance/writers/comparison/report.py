"""A comparison with all that a report of it names beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.comparison import outcome

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from conformance.comparison.model import Change, Comparison


@dataclass(frozen=True)
class Report:
    """What the writers of this folder are given.

    Attributes:
        comparison: What was compared.
        old: The old run file, as the user named it.
        new: The new run file.
        fail_on: What fails, besides a worse status.
    """

    comparison: Comparison
    old: str
    new: str
    fail_on: AbstractSet[Change] = outcome.USUAL

    @property
    def code(self) -> int:
        """Return the exit code."""
        return outcome.exit_code(self.comparison, self.fail_on)

    @property
    def why(self) -> list[str]:
        """Return why that is the exit code, and what else would have asked for one."""
        told = outcome.reasons(self.comparison, self.fail_on)
        return [text for texts in told.values() for text in texts]
