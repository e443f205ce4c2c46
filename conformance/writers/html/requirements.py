"""The catalogue of requirements with the evidence for each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.explain import number
from conformance.verdict import Status
from conformance.writers.evidence import MISSING, Proof, accusations, proofs
from conformance.writers.html.excused import place_of_known
from conformance.writers.html.figures import grouped
from conformance.writers.html.theme import Look, look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORDS: Final = {MISSING: "incomplete", str(Status.UNSUPPORTED): "not asked"}
_TONES: Final = ("bad", "odd", "warn", "known", "good", "mute")

_LISTED: Final = 3
"""Findings that a field names; the rest are counted."""

Link = tuple[str, str]
"""A text, and the id of the part of the page that it leads to."""


@dataclass(frozen=True)
class Field:
    """The evidence on one backend in one format.

    Attributes:
        word: The worst that was found.
        look: Its colour and symbol.
        counts: Status → verdicts, as text.
        ratio: Largest error/bound, or empty.
        links: Findings that can be the reason.
        more: How many others there are.
    """

    word: str
    look: Look
    counts: str = ""
    ratio: str = ""
    links: tuple[Link, ...] = ()
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
        rows: `(backend, one field for each format)`.
    """

    id: str
    statement: str
    source: str
    quantity: str
    rule: str
    rows: tuple[tuple[str, tuple[Field, ...]], ...]


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


def chapters(run: Mapping[str, Any]) -> Iterator[Chapter]:
    """Yield the requirements of each loss."""
    found = {(p.id, p.backend, p.dtype): _field(run, p) for p in proofs(run)}
    for loss in run["losses"]:
        mine = [r for r in run["requirements"] if r["loss"] == loss]
        listed = tuple(
            _required(run, about, found) for about in sorted(mine, key=_name)
        )
        if listed:
            yield Chapter(loss, listed, tuple(_tally(listed)))


def _name(about: Mapping[str, Any]) -> str:
    return str(about["id"])


def _required(
    run: Mapping[str, Any],
    about: Mapping[str, Any],
    found: Mapping[tuple[str, str, str], Field],
) -> Required:
    nothing = Field("not asked", look("not asked"))
    rows = tuple(
        (
            b["name"],
            tuple(
                found.get((about["id"], b["name"], dtype), nothing)
                for dtype in run["dtypes"]
            ),
        )
        for b in run["backends"]
    )
    told = {k: about[k] for k in ("id", "statement", "source", "quantity", "rule")}
    return Required(**told, rows=rows)


def _field(run: Mapping[str, Any], proof: Proof) -> Field:
    word = _word(proof)
    links = list(dict.fromkeys(_links(run, proof)))
    listed, more = tuple(links[:_LISTED]), len(links[_LISTED:])
    ratio = number(proof.ratio) if proof.ratio else ""
    return Field(word, look(word), _counts(proof), ratio, listed, more)


def _word(proof: Proof) -> str:
    if proof.outcome == Status.CONFORMS:
        mostly = 2 * proof.coarse > sum(proof.counts.values())
        return "coarse" if mostly else proof.outcome
    return _WORDS.get(proof.outcome, proof.outcome)


def _links(run: Mapping[str, Any], proof: Proof) -> Iterator[Link]:
    if proof.fails:
        for finding in accusations(run, proof):
            yield finding["id"][:6], f"finding-{finding['id']}"
    if proof.outcome == Status.KNOWN:
        about = (proof.requirement["loss"], proof.requirement["quantity"])
        for f in run["findings"]:
            at = (f["backend"], f["dtype"], f["loss"], f["quantity"])
            if f["known"] and at == (proof.backend, proof.dtype, *about):
                yield f["known"], place_of_known(f["known"])


def _counts(proof: Proof) -> str:
    told = [f"{grouped(n)} {s}" for s, n in sorted(proof.counts.items())]
    if proof.coarse:
        told.append(f"{grouped(proof.coarse)} of them coarse")
    return ", ".join(told)


def _tally(listed: tuple[Required, ...]) -> Iterator[tuple[Look, str, int]]:
    fields = (field for r in listed for _, row in r.rows for field in row)
    counts = Counter(field.word for field in fields)
    for word in sorted(counts, key=lambda w: (_TONES.index(look(w).tone), w)):
        yield look(word), word, counts[word]
