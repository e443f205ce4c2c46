"""What units of work found: small enough to send, merged in any order."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from conformance.cells import NOTHING, Cell, Scored, Worst, figure
from conformance.points import paired, point
from conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.case import Case

Key = tuple[str, ...]
"""What an entry is about; its parts are named beside each table of `Tally`."""

NOTABLE: Final = frozenset(
    {
        Status.VIOLATES,
        Status.WRONG_CLASS,
        Status.ERROR,
        Status.ACCEPTED_INVALID,
        Status.KNOWN,
        Status.SUSPECT,
        Status.INCONCLUSIVE,
    }
)
"""Statuses of which a witness is kept."""


NOT_RUN: Final = f"{Status.ERROR}: not run"
"""What the evidence says of the cases of a cell that was given up."""


@dataclass
class Support:
    """The evidence for one requirement.

    Attributes:
        counts: Status → verdicts.
        ratio: Largest error/bound.
        coarse: How many of the verdicts zeros would have passed too.
    """

    counts: Counter[str] = field(default_factory=Counter)
    ratio: Worst = NOTHING
    coarse: int = 0

    @property
    def judged(self) -> bool:
        """Is there a verdict, rather than only cases that were not run?"""
        return self.counts.keys() != {NOT_RUN}

    def merge(self, other: Self) -> None:
        """Add the counts of `other`."""
        self.counts.update(other.counts)
        self.ratio = max(self.ratio, other.ratio)
        self.coarse += other.coarse

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "counts": dict(self.counts),
            "ratio": list(self.ratio),
            "coarse": self.coarse,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `to_json` described."""
        return cls(
            Counter(data["counts"]), Worst(*data["ratio"]), data.get("coarse", 0)
        )


@dataclass
class Finding:
    """One way in which a backend departs, with the smallest case that shows it.

    Attributes:
        count: Verdicts of this kind.
        ratio: Their largest error/bound.
        size: `(elements, case id, origin)` of the witness; the smallest is kept.
        case: The witness, as `Case.to_json` gives it.
        verdict: Its verdict, as `Verdict.to_json` gives it.
    """

    count: int
    ratio: Worst
    size: tuple[int, str, str]
    case: Mapping[str, Any]
    verdict: Mapping[str, Any]

    def merge(self, other: Self) -> None:
        """Add the counts of `other` and keep the smaller witness."""
        self.count += other.count
        self.ratio = max(self.ratio, other.ratio)
        if other.size < self.size:
            self.size, self.case, self.verdict = other.size, other.case, other.verdict

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        data = dict(vars(self))
        return data | {"ratio": list(self.ratio), "size": list(self.size)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `to_json` described."""
        return cls(
            data["count"],
            Worst(*data["ratio"]),
            tuple(data["size"]),
            data["case"],
            data["verdict"],
        )


def size_of(case: Case) -> tuple[int, str, str]:
    """Return what witnesses are ordered by: elements, then the id.

    Last the origin: the same case may be met twice, in whatever order.
    """
    # By shape, not by memory: an expanded array of one element may have many rows.
    elements = sum(math.prod(array.shape) for array in case.arguments.values())
    return elements, case.id, case.origin


# Mutable on purpose, as `Cell` is.
@dataclass
class Tally:
    """Everything a run counts; merging is commutative and associative.

    Attributes:
        cells: `(backend, loss, dtype)` → figures.
        support: `(requirement, backend, dtype)` → evidence.
        findings: `(backend, loss, dtype, quantity, kind, status, known id)` → witness.
        points: `(backend, loss, dtype)` → case id → the line of `Point.text`.
        pinned: `(known id, backend, dtype)` → did its pinned witness still fail?
        named: `(corpus name, backend, loss, dtype)` → case and verdict to be shown.
        faults: What was lost, by a fault of ours or of a backend → how often.
        notes: What a reader should know, such as search budget lost → how often.
        spent: Stage of the work → microseconds, over all workers.
    """

    cells: dict[Key, Cell] = field(default_factory=dict)
    support: dict[Key, Support] = field(default_factory=dict)
    findings: dict[Key, Finding] = field(default_factory=dict)
    points: dict[Key, dict[str, str]] = field(default_factory=dict)
    pinned: dict[Key, bool] = field(default_factory=dict)
    named: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    spent: Counter[str] = field(default_factory=Counter)

    def cell(self, backend: str, case: Case) -> Cell:
        """Return the cell that a case of `backend` belongs to."""
        return self.cells.setdefault((backend, case.loss, case.dtype), Cell())

    def add(self, backend: str, case: Case, verdicts: Sequence[Scored]) -> None:
        """Count one case of one backend."""
        self.cell(backend, case).add(case.id, verdicts)
        if paired(case):
            text = point(case, verdicts).text()
            self._keep((backend, case.loss, case.dtype), {case.id: text})
        for scored in verdicts:
            self._support(backend, case, scored)
            if scored.status in NOTABLE:
                self._finding(backend, case, scored)

    def _support(self, backend: str, case: Case, scored: Scored) -> None:
        verdict = scored.verdict
        for requirement in scored.requirements:
            key = (requirement, backend, case.dtype)
            entry = self.support.setdefault(key, Support())
            entry.counts[str(scored.status)] += 1
            entry.coarse += verdict.weak
            if verdict.measured:
                entry.ratio = max(entry.ratio, Worst(figure(verdict.ratio), case.id))

    def _keep(self, key: Key, lines: Mapping[str, str]) -> None:
        mine = self.points.setdefault(key, {})
        for case, text in lines.items():
            # A case met twice: the greater text, so that the order does not matter.
            mine[case] = max(text, mine.get(case, ""))

    def _finding(self, backend: str, case: Case, scored: Scored) -> None:
        verdict = scored.verdict
        kind = (verdict.quantity, verdict.kind, str(scored.status), scored.known)
        key = (backend, case.loss, case.dtype, *kind)
        worst, size = Worst(figure(verdict.ratio), case.id), size_of(case)
        known = self.findings.get(key)
        if known is not None and known.size <= size:
            # Not the witness: spare the conversion to JSON.
            known.count += 1
            known.ratio = max(known.ratio, worst)
            return
        new = Finding(1, worst, size, case.to_json(), verdict.to_json())
        if known is None:
            self.findings[key] = new
        else:
            known.merge(new)

    def merge(self, other: Self) -> None:
        """Add everything `other` counted; `other` must not be used afterwards."""
        for name in ("cells", "support", "findings"):
            mine, theirs = getattr(self, name), getattr(other, name)
            for key, entry in theirs.items():
                if key in mine:
                    mine[key].merge(entry)
                else:
                    mine[key] = entry
        for key, lines in other.points.items():
            self._keep(key, lines)
        for key, failed in other.pinned.items():
            self.pinned[key] = self.pinned.get(key, False) or failed
        self.named.update(other.named)
        self.faults.update(other.faults)
        self.notes.update(other.notes)
        self.spent.update(other.spent)

    def to_json(self) -> dict[str, Any]:
        """Return plain data: each table as a sorted list of `[key, entry]`."""
        data: dict[str, Any] = {
            name: [
                [list(k), v.to_json()] for k, v in sorted(getattr(self, name).items())
            ]
            for name in ("cells", "support", "findings")
        }
        for name in ("pinned", "named"):
            table = getattr(self, name)
            data[name] = [[list(k), table[k]] for k in sorted(table)]
        data["points"] = [
            [list(k), sorted(lines.values())]
            for k, lines in sorted(self.points.items())
        ]
        counts = ("faults", "notes", "spent")
        return data | {name: dict(getattr(self, name)) for name in counts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the tally that `to_json` described."""
        return cls(
            cells={tuple(k): Cell.from_json(v) for k, v in data["cells"]},
            support={tuple(k): Support.from_json(v) for k, v in data["support"]},
            findings={tuple(k): Finding.from_json(v) for k, v in data["findings"]},
            points={
                tuple(k): {line.split(" ", 1)[0]: line for line in lines}
                for k, lines in data["points"]
            },
            pinned={tuple(k): v for k, v in data["pinned"]},
            named={tuple(k): v for k, v in data["named"]},
            faults=Counter(data["faults"]),
            notes=Counter(data["notes"]),
            spent=Counter(data["spent"]),
        )
