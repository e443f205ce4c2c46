"""The report that `check` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from conformance.advice import advice
from conformance.verdict import Status
from conformance.writers import facts, findings
from conformance.writers.console import printed
from conformance.writers.unasked import unasked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

FULL: Final = 12
"""Findings told in full; the rest get a line each."""

_RIGHT: Final = frozenset(
    {"cases", "error/bound", "ulp", "rounded", "vacuous", "resolution"}
)
_STYLES: Final = {
    "conforms": "green",
    "known": "yellow",
    "coarse": "yellow",
    "suspect": "yellow",
    "vacuous": "dim",
    "inconclusive": "magenta",
}


def write(
    run: Mapping[str, Any], where: str, *, width: int | None = None, color: bool = False
) -> str:
    """Return the report as text.

    Args:
        run: The run.
        where: The run file, as the replay line names it.
        width: Columns of the terminal; None if there is none, then no line is folded.
        color: Use terminal colours?
    """
    return printed(
        lambda console: _report(console, run, where), width=width, color=color
    )


def _report(console: Console, run: Mapping[str, Any], where: str) -> None:
    say = _Say(console)
    say.lines((facts.title(run), facts.versions(run), *facts.contracts(run)))
    say.lines((*facts.offers(run), *unasked(run)))
    if run["cells"]:
        console.print()
        console.print(_table(run))
    _named(say, run)
    say.block("known findings", findings.known_lines(run))
    suspects = findings.other_findings(run, Status.SUSPECT)
    say.block("suspect: shown, not failing", map(findings.line, suspects))
    undecided = findings.other_findings(run, Status.INCONCLUSIVE)
    say.block("inconclusive", map(findings.line, undecided))
    _findings(say, run, where)
    say.block("incomplete or worth knowing", facts.trouble(run))
    say.block("what you may want to say", advice(run))
    say.lines(("", facts.extent(run, where), *facts.time_spent(run)))
    say.lines((facts.headline(run),))


def _table(run: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in facts.HEAD:
        justify = "right" if name in _RIGHT else "left"
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in facts.rows(run):
        *figures, status, wide = row
        style = _STYLES.get(status.partition(" ")[0], "red")
        table.add_row(*map(Text, figures), Text(status, style), Text(wide, "dim"))
    return table


def _named(say: _Say, run: Mapping[str, Any]) -> None:
    for head, given, results in facts.named(run):
        say.block(head, (*given, *results))


def _findings(say: _Say, run: Mapping[str, Any], where: str) -> None:
    found = findings.in_turn(run)
    for finding in found[:FULL]:
        head, *rest = findings.story(finding, where)
        say.lines(("",))
        say.console.print(Text(head, "bold red"), soft_wrap=True)
        say.lines(rest)
    if len(found) > FULL:
        more = facts.counted(len(found) - FULL, "more finding")
        say.block(more, map(findings.line, found[FULL:]))


class _Say:
    """Prints lines that a terminal may wrap but that we never cut."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def lines(self, lines: Iterable[str]) -> None:
        for each in lines:
            self.console.print(Text(each), soft_wrap=True)

    def block(self, head: str, lines: Iterable[str]) -> None:
        body = list(lines)
        if body:
            self.console.print()
            self.console.print(Text(head, "bold"), soft_wrap=True)
            self.lines(f"  {each}" for each in body)
