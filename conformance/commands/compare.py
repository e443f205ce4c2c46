"""`compare`: two run files, held against each other."""

from __future__ import annotations

import math
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.commands.options import (
    colored,
    put,
    read_run,
    reading,
    unknown,
    writable,
)
from conformance.commands.reporting import write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.writers.comparison.report import Report

FORMS: Final = ("terminal", "markdown", "html", "json")

_FILE: Final = click.Path(path_type=Path)


def _pairs(
    ctx: click.Context, param: click.Parameter, values: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        old, mark, new = value.partition("=")
        if not (old and mark and new):
            msg = f"must be OLD=NEW, two names of backends, got {value!r}"
            raise click.BadParameter(msg, ctx, param)
        found.append((old, new))
    return tuple(found)


def _changes(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    from conformance.comparison.model import Change
    from conformance.comparison.outcome import USUAL

    if value is None:
        return USUAL
    names = {str(c).replace(" ", "-"): c for c in Change if c is not Change.SAME}
    for word in value.split(","):
        if word not in names:
            raise click.BadParameter(unknown("change", word, names), ctx, param)
    return frozenset(names[word] for word in value.split(","))


def _factor(ctx: click.Context, param: click.Parameter, value: float) -> float:
    if not 1 <= value < math.inf:
        msg = f"must be a finite number of at least 1, got {value!r}"
        raise click.BadParameter(msg, ctx, param)
    return value


@click.command()
@click.argument("old_file", type=_FILE, metavar="OLD")
@click.argument("new_file", type=_FILE, metavar="NEW")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    callback=_pairs,
    metavar="OLD=NEW",
    help="Hold this backend of NEW against that one of OLD; repeat for more. Default: "
    "those of the same name, or the only one of each run.",
)
@click.option(
    "--fail-on",
    callback=_changes,
    metavar="CHANGE,...",
    help="What makes the comparison fail besides worse, which always does: missing, "
    "drift, not-comparable, better, new. Default: missing.",
)
@click.option(
    "--drift",
    type=float,
    default=2.0,
    show_default=True,
    callback=_factor,
    help="Growth of error/bound on the same cases from which on it is drift.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="terminal",
    show_default=True,
    help="The form of the report.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file. Default: standard output.",
)
@click.pass_context
def compare(ctx: click.Context, /, **options: Any) -> None:
    """Hold the run file NEW against the run file OLD, case by case.

    Worse is a case whose verdict became graver, and fails. Drift is an error that grew
    within its bound, and is told. What NEW violates fails whatever OLD did.

    Exit codes: 0 no regression; 1 a regression, or a failure of NEW; 2 a file is
    missing, damaged or foreign; 3 NEW is incomplete; 5 nothing could be compared.
    """
    output: Path | None = options["output"]
    if output is not None:
        _spare(output, options["old_file"], options["new_file"])
    report = _report(options)
    text = _written(report, options["form"], output)
    if output is None:
        put(text, None)
    else:
        from conformance.writers.characters import shown
        from conformance.writers.comparison.facts import headline

        write(text, output)
        click.echo(shown(headline(report)))
    ctx.exit(report.code)


def _spare(output: Path, *runs: Path) -> None:
    from conformance.files import same

    writable(output)
    if any(same(output, run) for run in runs):
        msg = f"--output needs a file of its own, {output} is a run file"
        raise click.UsageError(msg)


def _report(options: dict[str, Any]) -> Report:
    from conformance.comparison.compare import compare as held
    from conformance.comparison.pairing import PairError
    from conformance.writers.comparison.report import Report

    old, new = options["old_file"], options["new_file"]
    runs = read_run(old), read_run(new)
    try:
        with reading(Path(f"{old} or {new}")):
            comparison = held(*runs, drift=options["drift"], pairs=options["pairs"])
    except PairError as error:
        raise click.UsageError(str(error)) from error
    return Report(comparison, str(old), str(new), options["fail_on"])


def _written(report: Report, form: str, output: Path | None) -> str:
    from conformance.writers.comparison import document, markdown, page, terminal

    if form != "terminal":
        others: dict[str, Callable[[Report], str]] = {
            "markdown": markdown.write,
            "html": page.write,
            "json": document.write,
        }
        return others[form](report)
    shown = output is None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if shown else None
    return terminal.write(report, width=width, color=output is None and colored())
