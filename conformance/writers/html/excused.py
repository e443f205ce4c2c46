"""Known findings: what each excuses, how much of it was met, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.explain import number
from conformance.run import finding_id
from conformance.writers.html.theme import Look, look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Excused:
    """One known finding.

    Attributes:
        place: The id of its part of the page.
        id: Its name.
        scope: What it covers: backend, loss, quantity, kind, formats, conditions.
        reason: The mechanism.
        link: Where it is reported, or that it is not.
        address: The same, if a browser may be sent there, or empty.
        expires: The day from which it excuses nothing.
        count: Verdicts it excused.
        ratio: Their largest error/bound, or empty.
        ceiling: The largest it would excuse, or empty.
        witness: The named case that shows it.
        states: What became of it: `(look, sentence)`.
        urgent: Is there something to be done about it?
    """

    place: str
    id: str
    scope: str
    reason: str
    link: str
    address: str
    expires: str
    count: int
    ratio: str
    ceiling: str
    witness: str
    states: tuple[tuple[Look, str], ...]
    urgent: bool


def excused(run: Mapping[str, Any]) -> list[Excused]:
    """Return the known findings that concern the run, the most telling first.

    Those that excuse nothing any more come before those that excused most.
    """
    found = [_excused(entry) for entry in run["known"]]
    return sorted(found, key=lambda e: (not e.urgent, -e.count, e.id))


def place_of_known(name: str) -> str:
    """Return the id of the part of the page about a known finding."""
    return f"known-{finding_id((name,))}"


def _excused(entry: Mapping[str, Any]) -> Excused:
    ceiling, link = entry["ceiling"], entry["link"]
    numeric = ceiling is not None
    return Excused(
        place_of_known(entry["id"]),
        entry["id"],
        _scope(entry),
        entry["reason"],
        link,
        # A file of known findings may hold any text; a browser runs some addresses.
        link if link.startswith(("https://", "http://")) else "",
        entry["expires"],
        entry["count"],
        number(entry["ratio"][0]) if numeric and entry["count"] else "",
        number(ceiling) if numeric else "",
        entry["witness"],
        tuple(_states(entry)),
        bool(entry["expired"] or entry["stale"]),
    )


def _scope(entry: Mapping[str, Any]) -> str:
    when = ", ".join(f"{k} = {v}" for k, v in sorted(entry["when"].items()))
    what = (
        f"{entry['backend']}: {entry['loss']} in {', '.join(entry['dtypes'])}: "
        f"{entry['quantity']} ({entry['kind']})"
    )
    return f"{what} when {when}" if when else what


def _states(entry: Mapping[str, Any]) -> Iterator[tuple[Look, str]]:
    if entry["expired"]:
        yield look("violates"), "expired: it excuses nothing any more"
    for backend, dtype in entry["stale"]:
        text = f"stale: its witness conforms on {backend} in {dtype}; remove the entry"
        yield look("violates"), text
    on = ", ".join(f"{k} {v}" for k, v in sorted(entry["versions"].items()))
    for backend, dtype in entry["elsewhere"]:
        text = f"its witness conforms on {backend} in {dtype}; it was measured on {on}"
        yield look("suspect"), text
    if entry["confirmed"]:
        at = ", ".join(f"{b} in {d}" for b, d in entry["confirmed"])
        yield look("known"), f"its witness fails on {at}"
