"""What a run was asked, and where it took place, as labels and texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ASKED: Final = {
    "seed": "seed",
    "profile": "profile",
    "losses": "losses",
    "dtypes": "formats",
    "shard": "shard",
    "pool_version": "version of the pool",
    "oracle": "oracle",
    "today": "known findings as of",
    "schema_version": "version of the run file",
}


@dataclass(frozen=True)
class Facts:
    """Facts of one kind, each a label and a text."""

    title: str
    pairs: tuple[tuple[str, str], ...]


def surroundings(run: Mapping[str, Any]) -> Iterator[Facts]:
    """Yield what was asked, the named cases, and each place where it ran."""
    asked = {label: run[name] for name, label in _ASKED.items() if name in run}
    yield Facts("What was asked", tuple(_flat("", asked)))
    corpus = run.get("corpus", ())
    if corpus:
        yield Facts("Named cases", tuple(map(_named, corpus)))
    yield Facts("Where it ran", _place(run["environment"]))
    for other in run.get("other_environments", ()):
        yield Facts("Where another shard ran", _place(other))


def _named(entry: Mapping[str, Any]) -> tuple[str, str]:
    label = f"{entry['loss']} in {entry['dtype']}"
    return label, f"{entry['cases']}, digest {entry['hash']}"


def _place(environment: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(_flat("", dict(sorted(environment.items()))))


def _flat(prefix: str, entries: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in entries.items():
        if isinstance(value, dict):
            # A run file has its keys sorted, a run that has just ended does not.
            yield from _flat(f"{prefix}{name} ", dict(sorted(value.items())))
        else:
            yield f"{prefix}{name}", _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "none"
    return "none" if value in (None, "") else str(value)
