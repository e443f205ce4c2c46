"""The regression report as one page that needs neither network nor JavaScript."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from conformance.writers.characters import shown
from conformance.writers.comparison import facts

if TYPE_CHECKING:
    from jinja2 import Template

    from conformance.writers.comparison.report import Report


def write(report: Report) -> str:
    """Return the page."""
    return _template().render(_content(report))


def _content(report: Report) -> dict[str, Any]:
    comparison = report.comparison
    return {
        "report": report,
        "verdict": facts.verdict(report),
        "title": facts.title(comparison),
        "summary": facts.summary(report),
        "heads": facts.heads(report),
        "notes": list(facts.notes(comparison)),
        "columns": facts.CELLS,
        "figures": facts.FIGURES,
        "moved": [(cell, facts.cell(cell)) for cell in facts.moved(comparison)],
        "alike": [facts.cell(cell) for cell in facts.alike(comparison)],
        "findings": facts.findings(comparison),
        "known": list(facts.known(comparison)),
        "requirements": list(facts.requirements(comparison)),
        "tally": list(facts.tally(comparison)),
        "legend": facts.LEGEND,
    }


def _legible(value: Any) -> Any:
    # What a macro made is markup already.
    plain = isinstance(value, str) and not hasattr(value, "__html__")
    return shown(value) if plain else value


@cache
def _template() -> Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_legible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        extent=facts.extent, reason=facts.reason, replay=facts.replay
    )
    return environment.get_template("comparison.html")
