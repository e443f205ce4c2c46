"""The catalogue of requirements with the evidence for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.cells import standing
from conformance.explain import number
from conformance.tally import NOT_RUN
from conformance.writers.html.figures import grouped
from conformance.writers.html.theme import Look, look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LISTED: Final = 3
"""Findings that a field names; the rest are counted."""


@dataclass(frozen=True)
class Proof:
    """The evidence on one backend in one format.

    Attributes:
        word: The worst that was found.
        look: Its colour and symbol.
        counts: Status → verdicts, as text.
        ratio: Largest error/bound, or empty.
        findings: Ids of findings on the same quantity; not all of them need be
            evidence for this very requirement.
        more: How many others there are.
    """

    word: str
    look: Look
    counts: str = ""
    ratio: str = ""
    findings: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Required:
    """One requirement.

    Attributes:
        id: Its name.
        statement: What is true of a conforming backend.
        source: Where it comes from.
        quantity: What it is about.
        rule: What bounds it.
        proofs: `(backend, one proof for each format)`.
    """

    id: str
    statement: str
    source: str
    quantity: str
    rule: str
    proofs: tuple[tuple[str, tuple[Proof, ...]], ...]


@dataclass(frozen=True)
class Chapter:
    """The requirements of one loss.

    Attributes:
        loss: The loss.
        requirements: All of them.
        tally: `(look, word, how many of the fields)`, the worst first.
    """

    loss: str
    requirements: tuple[Required, ...]
    tally: tuple[tuple[Look, str, int], ...]


class Catalogue:
    """The requirements of a run, with what was found about each."""

    def __init__(self, run: Mapping[str, Any]) -> None:
        """Sort what the run tells by requirement, backend and format."""
        self._run = run
        self._found = {
            (e["requirement"], e["backend"], e["dtype"]): e for e in run["evidence"]
        }
        self._missing = {tuple(entry) for entry in run["missing"]}
        self._findings: dict[tuple[str, ...], list[str]] = {}
        for f in run["findings"]:
            at = (f["backend"], f["loss"], f["dtype"], f["quantity"], f["status"])
            self._findings.setdefault(at, []).append(f["id"])

    def chapters(self) -> Iterator[Chapter]:
        """Yield the requirements of each loss."""
        for loss in self._run["losses"]:
            mine = [r for r in self._run["requirements"] if r["loss"] == loss]
            found = tuple(map(self._required, sorted(mine, key=lambda r: r["id"])))
            if found:
                yield Chapter(loss, found, tuple(_tally(found)))

    def _required(self, about: Mapping[str, Any]) -> Required:
        dtypes = self._run["dtypes"]
        proofs = tuple(
            (b["name"], tuple(self._proof(about, b["name"], d) for d in dtypes))
            for b in self._run["backends"]
        )
        told = {k: about[k] for k in ("id", "statement", "source", "quantity", "rule")}
        return Required(**told, proofs=proofs)

    def _proof(self, about: Mapping[str, Any], backend: str, dtype: str) -> Proof:
        key = (about["id"], backend, dtype)
        if key in self._missing:
            return Proof("no verdict", look("incomplete"))
        entry = self._found.get(key)
        if entry is None:
            return Proof("not asked", look("not asked"))
        word = _word(entry)
        at = (backend, about["loss"], dtype, about["quantity"])
        ids = [
            each
            for status in sorted(entry["counts"])
            for each in self._findings.get((*at, status), ())
        ]
        ratio = number(entry["ratio"][0]) if entry["ratio"][1] else ""
        listed, more = tuple(ids[:_LISTED]), len(ids[_LISTED:])
        return Proof(word, look(word), _counts(entry), ratio, listed, more)


def _counts(entry: Mapping[str, Any]) -> str:
    told = [f"{grouped(n)} {s}" for s, n in sorted(entry["counts"].items())]
    if entry["coarse"]:
        told.append(f"{grouped(entry['coarse'])} of them coarse")
    return ", ".join(told)


def _word(entry: Mapping[str, Any]) -> str:
    counts = entry["counts"]
    if not counts.keys() - {NOT_RUN}:
        return "not run"
    total = sum(counts.values())
    found = {"counts": counts, "weak": entry["coarse"], "judged": total}
    return standing(found).partition(" ")[0]


def _tally(found: tuple[Required, ...]) -> Iterator[tuple[Look, str, int]]:
    counts: dict[str, int] = {}
    for required in found:
        for _, proofs in required.proofs:
            for proof in proofs:
                counts[proof.word] = counts.get(proof.word, 0) + 1
    order = ("bad", "odd", "warn", "known", "good", "mute")
    for word in sorted(counts, key=lambda w: (order.index(look(w).tone), w)):
        yield look(word), word, counts[word]
