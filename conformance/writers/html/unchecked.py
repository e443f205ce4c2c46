"""What was not checked because a backend does not offer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Unchecked:
    """Requirements that one backend is not asked in some formats, for one reason."""

    backend: str
    dtypes: tuple[str, ...]
    reason: str
    requirements: tuple[str, ...]


def unchecked(run: Mapping[str, Any]) -> Iterator[Unchecked]:
    """Yield what was declined: one for each backend, formats and reason."""
    dtypes: dict[tuple[str, str, str], list[str]] = {}
    for requirement, backend, dtype, reason in run["plan"]["unsupported"]:
        dtypes.setdefault((requirement, backend, reason), []).append(dtype)
    shared: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for (requirement, backend, reason), names in dtypes.items():
        key = (backend, tuple(names), reason)
        shared.setdefault(key, []).append(requirement)
    for (backend, formats, reason), requirements in shared.items():
        yield Unchecked(backend, formats, reason, tuple(requirements))
