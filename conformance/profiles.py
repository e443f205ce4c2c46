"""How much work a run does."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Profile:
    """The size of a run.

    Attributes:
        name: What the command line calls it.
        pool: Pool cases per loss and storage format, shared by all backends.
        search: Search cases per backend, loss and storage format.
        unit: Pool cases per unit of work.
        shrink: Calls that shrinking one witness may take.
    """

    name: str
    pool: int
    search: int
    unit: int = 200
    shrink: int = 300


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "quick": Profile("quick", pool=400, search=100),
        "ci": Profile("ci", pool=6_000, search=1_000),
        "deep": Profile("deep", pool=60_000, search=10_000, unit=500, shrink=1_000),
    }
)
"""Name → size. `quick` is to take about a minute on two cores."""
