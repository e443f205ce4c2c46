"""The page: all that a run holds, put into the template."""

from __future__ import annotations

import shlex
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from conformance.advice import advice
from conformance.verdict import FAILURES, Status
from conformance.writers import facts, findings
from conformance.writers.evidence import declined
from conformance.writers.facts import counted
from conformance.writers.html.backends import described
from conformance.writers.html.cells import told
from conformance.writers.html.examples import examples
from conformance.writers.html.excused import excused
from conformance.writers.html.figures import grouped
from conformance.writers.html.killed import killed
from conformance.writers.html.matrix import matrix
from conformance.writers.html.outcome import outcome
from conformance.writers.html.requirements import chapters
from conformance.writers.html.stories import story
from conformance.writers.html.surroundings import surroundings
from conformance.writers.html.svg import legend
from conformance.writers.html.templating import environment
from conformance.writers.html.theme import look
from conformance.writers.unasked import unasked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

    from conformance.writers.html.stories import Story

OPEN: Final = 12
"""New findings that are open when the page is; the others unfold."""


def write(run: Mapping[str, Any], where: str) -> str:
    """Return the page; `where` is the run file that the replay lines name.

    What `self-test --json` wrote is shown too if the run has it as `self_test`.
    """
    return _template().render(_content(run, where))


def _content(run: Mapping[str, Any], where: str) -> dict[str, Any]:
    # Plain values alone: what a damaged run lacks is missed here, not in the template.
    return {
        "where": where,
        "quoted": shlex.quote(where),
        "version": run["environment"]["loss_conformance"],
        "title": facts.title(run),
        "totals": _totals(run),
        "dtypes": run["dtypes"],
        "outcome": outcome(run),
        "backends": described(run),
        "matrix": matrix(run),
        "stories": _stories(run, where),
        "known": excused(run),
        "examples": list(examples(run)),
        "advice": list(advice(run)),
        "trouble": [*facts.offers(run), *unasked(run), *facts.trouble(run)],
        "cells": list(told(run)),
        "chapters": list(chapters(run)),
        "declined": list(declined(run)),
        "killed": killed(run["self_test"]) if run.get("self_test") else None,
        "surroundings": list(surroundings(run)),
        "time": list(facts.time_spent(run)),
        "legend": legend(),
        "open": OPEN,
    }


def _totals(run: Mapping[str, Any]) -> str:
    totals, verdicts = run["totals"], sum(run["totals"]["verdicts"].values())
    return (
        f"{grouped(totals['cases'])} cases, {grouped(totals['elements'])} elements, "
        f"{grouped(verdicts)} verdicts"
    )


def _stories(run: Mapping[str, Any], where: str) -> dict[str, list[Story]]:
    """Return the findings by what they are: new, suspect, inconclusive, known."""
    order = {name: place for place, name in enumerate(run["dtypes"])}
    found = sorted(
        run["findings"],
        key=lambda f: (f["backend"], f["loss"], order[f["dtype"]], findings.gravity(f)),
    )
    groups = {"new": FAILURES} | {
        str(s): {s} for s in (Status.SUSPECT, Status.INCONCLUSIVE, Status.KNOWN)
    }
    return {
        name: [story(f, where) for f in found if f["status"] in statuses]
        for name, statuses in groups.items()
    }


@cache
def _template() -> Template:
    made = environment()
    made.globals.update(look=look, counted=counted)
    made.filters["grouped"] = grouped
    return made.get_template("page.html")
