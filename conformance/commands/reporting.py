"""Reports, asked for before a run and written after it, whatever came of the run."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from conformance.commands.options import colored, put, unknown, writable
from conformance.writers.characters import legible, shown
from conformance.writers.registry import FORMATS, FormatError, render, writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

INTERRUPTED: Final = 130
OWN_FAULT: Final = 3


class Wanted(NamedTuple):
    """One report: its form, and the file it goes to."""

    form: str
    path: Path


def requested(
    ctx: click.Context, param: click.Parameter, values: Sequence[str]
) -> tuple[Wanted, ...]:
    """Return what the values FORMAT=PATH of a click option ask for."""
    found = []
    for value in values:
        form, _, path = value.partition("=")
        if form not in FORMATS:
            raise click.BadParameter(unknown("format", form, FORMATS), ctx, param)
        if not path:
            msg = f"must be FORMAT=PATH, got {value!r}"
            raise click.BadParameter(msg, ctx, param)
        found.append(Wanted(form, Path(path)))
    return tuple(found)


def prepare(reports: Sequence[Wanted], run_file: Path) -> None:
    """Refuse what could not be written at the end, before anything is run.

    Raises:
        click.UsageError: If a library is missing, or a file cannot be written or would
            be written twice.
    """
    taken = {_place(run_file): "the run file"}
    for form, path in reports:
        available(form)
        writable(path)
        place = _place(path)
        if place in taken:
            msg = f"report {form} needs a file of its own, {path} is {taken[place]}"
            raise click.UsageError(msg)
        taken[place] = f"that of report {form}"


def _place(path: Path) -> Path:
    # `Path.resolve` raises where links go round in a circle.
    return Path(os.path.realpath(path))


def available(form: str) -> None:
    """Refuse a form of report that cannot be had here."""
    try:
        writer(form)
    except FormatError as error:
        raise click.UsageError(str(error)) from error


def deliver(run: Mapping[str, Any], where: str, reports: Sequence[Wanted]) -> int:
    """Write all reports, print the run, and return the exit code.

    One report that cannot be written keeps back no other. The code is then that of a
    fault of this program, as what was asked for is not there.
    """
    from conformance.run import exit_code

    steps: list[Callable[[], None]] = [
        lambda each=each: write(render(each.form, run, where), each.path)  # type: ignore[misc]
        for each in reports
    ]
    steps.append(lambda: show(run, where))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        steps.append(lambda: put(render("annotations", run, where), None))
    done = [_attempted(step) for step in steps]
    code = exit_code(run)
    return code if all(done) or code == INTERRUPTED else OWN_FAULT


def _attempted(step: Callable[[], None]) -> bool:
    try:
        step()
    except click.ClickException as error:
        error.show()
        return False
    except BrokenPipeError:
        raise
    except Exception:  # noqa: BLE001 - a fault in one report must not cost the others
        click.echo(traceback.format_exc(), err=True)
        return False
    return True


def show(run: Mapping[str, Any], where: str) -> None:
    """Print the run as the terminal shows it best."""
    from conformance.writers import terminal

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    text = terminal.write(legible(run), shown(where), width=width, color=colored())
    put(text, None)


def write(text: str, path: Path) -> None:
    """Write a report to its file, or after what is in a file that steps share.

    GitHub Actions names by GITHUB_STEP_SUMMARY one file for all that a step has to
    say; what is there from another command of the step stays.
    """
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary or _place(path) != _place(Path(summary)):
        put(text, path)
        return
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{text}" if file.tell() else text)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise click.UsageError(msg) from error
