"""The regression report as one page that needs neither network nor JavaScript."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from conformance.comparison.model import Change
from conformance.writers.characters import shown
from conformance.writers.comparison import facts, heads
from conformance.writers.html.templating import environment
from conformance.writers.html.theme import Look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

    from conformance.writers.comparison.report import Report

_LOOKS: Final[Mapping[Change, Look]] = {
    Change.WORSE: Look("✗", "bad"),
    Change.MISSING: Look("∅", "bad"),
    Change.DRIFT: Look("▲", "warn"),
    Change.NOT_COMPARABLE: Look("?", "odd"),
    Change.BETTER: Look("✓", "good"),
    Change.NEW: Look("+", "known"),
    Change.SAME: Look("=", "mute"),
}


def write(report: Report) -> str:
    """Return the page."""
    return _template().render(_content(report))


def _content(report: Report) -> dict[str, Any]:
    comparison = report.comparison
    return {
        "report": report,
        "verdict": facts.verdict(report),
        "title": heads.title(comparison),
        "summary": facts.summary(report),
        "heads": heads.heads(report),
        "notes": list(facts.notes(comparison)),
        "columns": facts.CELLS,
        "figures": facts.FIGURES,
        "moved": [(cell, facts.cell(cell)) for cell in facts.moved(comparison)],
        "alike": [(cell, facts.cell(cell)) for cell in facts.alike(comparison)],
        "findings": facts.findings(comparison),
        "known": list(facts.known(comparison)),
        "requirements": list(facts.requirements(comparison)),
        "tally": list(facts.tally(comparison)),
        "legend": facts.LEGEND.replace("`", ""),
    }


@cache
def _template() -> Template:
    # The pieces and the style of the tolerance report serve here as well.
    made = environment(__package__, finalize=_legible)
    made.globals.update(
        look=lambda change: _LOOKS[Change(change)],
        extent=facts.extent,
        reason=facts.reason,
        replay=facts.replay,
    )
    return made.get_template("comparison.html")


def _legible(value: Any) -> Any:
    # What a macro made is markup already.
    plain = isinstance(value, str) and not hasattr(value, "__html__")
    return shown(value) if plain else value
