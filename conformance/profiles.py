"""How much work a run does."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS: Final = ("quick", "ci", "deep")
"""The profiles, from small to large; a named case says from which one on it runs."""


@dataclass(frozen=True)
class Profile:
    """The size of a run.

    Attributes:
        name: What the command line calls it.
        pool: Pool cases per loss and storage format, shared by all backends.
        search: Search cases per backend, loss and storage format.
        unit: Pool cases per unit of work.
        shrink: Calls that shrinking one witness may take.
        level: Named cases of this one of `LEVELS`, and of those before it, are run.
    """

    name: str
    pool: int
    search: int
    unit: int = 200
    shrink: int = 300
    level: str = LEVELS[0]

    @property
    def shrinking(self) -> float:
        """Seconds that making the witnesses of a run smaller may take in all."""
        return SHRINKING[self.level]


SHRINKING: Final = {"quick": 20.0, "ci": 120.0, "deep": 600.0}
"""Level of a profile → seconds that shrinking may take in all."""

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "quick": Profile("quick", pool=200, search=100),
        "ci": Profile("ci", pool=3_000, search=1_000, level="ci"),
        "deep": Profile(
            "deep", pool=60_000, search=10_000, unit=500, shrink=1_000, level="deep"
        ),
    }
)
"""Name → size. `quick` is to take one to two minutes on two cores."""
