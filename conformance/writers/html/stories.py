"""Findings, each with its witness and the line that runs it again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.case import Case
from conformance.explain import number, particulars, statement
from conformance.verdict import Verdict
from conformance.writers.html.excused import place_of_known
from conformance.writers.html.matrix import place_of
from conformance.writers.html.theme import Look, look

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Story:
    """One finding.

    Attributes:
        id: Its name; the id of its part of the page is `finding-` and this.
        backend: Whose it is.
        loss: The loss.
        dtype: The storage format.
        statement: What is wrong, as a sentence.
        status: Its status.
        look: Colour and symbol of that.
        known: The known finding that covers it, or empty.
        excuse: The id of the part of the page about that.
        count: Verdicts of this kind.
        ratio: Their largest error/bound; 0 where it is not what they fail by.
        witness: Id and origin of the case shown.
        shrunk: Is that case smaller than the one that was met?
        facts: `(label, text)`: inputs, exact value, what came out.
        replay: The command that runs the witness again.
        cell: The id of the part of the page about its cell.
    """

    id: str
    backend: str
    loss: str
    dtype: str
    statement: str
    status: str
    look: Look
    known: str
    excuse: str
    count: int
    ratio: str
    witness: str
    shrunk: bool
    facts: tuple[tuple[str, str], ...]
    replay: str
    cell: str


def story(finding: Mapping[str, Any], where: str) -> Story:
    """Return one finding of a run; `where` is the run file that replay reads."""
    small = finding["shrunk"] or finding
    case, verdict = Case.from_json(small["case"]), Verdict.from_json(small["verdict"])
    key = (finding["backend"], finding["loss"], finding["dtype"])
    return Story(
        finding["id"],
        *key,
        statement(verdict),
        finding["status"],
        look(finding["status"]),
        finding["known"],
        place_of_known(finding["known"]),
        finding["count"],
        number(finding["ratio"][0] if finding["kind"] == "value" else 0),
        f"{case.id} from {case.origin}",
        finding["shrunk"] is not None,
        tuple(particulars(case, verdict)),
        f"loss-conformance replay {finding['id']} --run {shlex.quote(where)}",
        place_of(key),
    )
