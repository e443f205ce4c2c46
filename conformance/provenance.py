"""What gave the exact values and the bounds: comparable runs have it in common."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from conformance.environment import own_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

DIGITS: Final = 12

_JUDGING: Final = (
    ("reference", ""),
    ("conformance", "rules"),
    ("conformance", "contract.py"),
    ("conformance", "judge.py"),
    ("conformance", "tolerance.py"),
)
"""Packages and what in them decides a figure; the rest only gathers and shows."""


def oracle() -> dict[str, str]:
    """Return the version, and a digest of the source that decides every figure."""
    return {"version": own_version(), "source": digest(_sources())}


def digest(lines: Iterable[str]) -> str:
    """Return a short digest of lines, the same on every platform."""
    whole = hashlib.sha256()
    for line in lines:
        whole.update(f"{line}\n".encode())
    return whole.hexdigest()[:DIGITS]


def _sources() -> Iterator[str]:
    for package, part in _JUDGING:
        for file in _modules(resources.files(package) / part):
            yield from file.read_text(encoding="utf-8").splitlines()


def _modules(place: Any) -> Iterator[Traversable]:
    if place.is_file():
        yield place
        return
    for inside in sorted(place.iterdir(), key=lambda entry: entry.name):
        if inside.is_dir() or inside.name.endswith(".py"):
            yield from _modules(inside)
