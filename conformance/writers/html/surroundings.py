"""Where a run took place and what it was asked, as labels and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LABELS: Final = {
    "seed": "seed",
    "pool_version": "version of the pool",
    "schema_version": "version of the run file",
    "today": "known findings as of",
}


def surroundings(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield label and text, whatever the run tells of its environment."""
    yield from _flat("", run["environment"])
    yield from _flat("profile ", run["profile"])
    for name, label in _LABELS.items():
        if name in run:
            yield label, _text(run[name])


def _flat(prefix: str, entries: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(entries.items()):
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name} ".replace("packages ", ""), value)
        else:
            yield f"{prefix}{name}".replace("_", " "), _text(value)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "none"
    return str(value)
