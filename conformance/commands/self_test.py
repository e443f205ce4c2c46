"""`self-test`: is every wrong backend caught?"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.commands import selection
from conformance.commands.options import colored, put, unknown, writable
from conformance.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from conformance.self_test.cast import Wrong

SURVIVOR: Final = 1
OWN_FAULT: Final = 3
NOTHING_RUN: Final = 5
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.command("self-test")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@selection.LOSS
@selection.DTYPE
@selection.profile("How many cases a mutant may survive.")
@selection.JOBS
@click.option("--json", "data_file", type=_FILE, help="Write the matrix to this file.")
@click.option("--markdown", "page", type=_FILE, help="Write a report to this file.")
@click.pass_context
def self_test(
    ctx: click.Context,
    /,
    *,
    names: tuple[str, ...],
    chosen_losses: tuple[str, ...],
    chosen_dtypes: tuple[str, ...],
    profile: str,
    jobs: int | None,
    data_file: Path | None,
    page: Path | None,
) -> None:
    """Show that every wrong backend is caught, and by which checks.

    A NAME is that of a mutant, or a backend of your own that is to be caught, spelt as
    for `check`; without names all mutants are tried. Each is where its mechanism can
    show; whoever is asked for and can show nowhere is told, and not run. Exit codes: 0
    all are caught; 1 one survives; 2 could not start; 3 the correct backend is accused,
    or a fault of this program; 5 nothing was run.
    """
    for path in filter(None, (data_file, page)):
        writable(path)
    known = _named(names) if names else _everyone()
    cells = _cells(known, chosen_losses, chosen_dtypes)
    tried = {spec for specs in cells.values() for spec in specs}
    data = _measured(
        {spec: each for spec, each in known.items() if spec in tried},
        cells,
        profile,
        jobs or selection.processors(),
    )
    if names:
        data["unfailed"] = []  # a few mutants are not expected to fail everything
        data["not_run"] = [
            f"{spec}: {each.absence(chosen_losses, chosen_dtypes)}"
            for spec, each in known.items()
            if spec not in tried
        ]
    _write(data, data_file, page)
    ctx.exit(_code(data))


def _named(names: Sequence[str]) -> dict[str, Wrong]:
    """Return spelling → the backends asked for."""
    from conformance.backend import BackendUnavailableError
    from conformance.loading import LoadError
    from conformance.self_test.cast import MUTANTS, wrong

    found = {}
    for name in dict.fromkeys(names):
        spec = f"mutant:{name}" if name in MUTANTS else name
        if ":" not in spec:
            raise click.UsageError(unknown("mutant", name, MUTANTS))
        try:
            found[spec] = wrong(spec)
        except (LoadError, BackendUnavailableError) as error:
            raise click.UsageError(str(error)) from error
    return found


def _everyone() -> dict[str, Wrong]:
    from conformance.self_test.cast import everyone

    return everyone()


def _cells(
    known: Mapping[str, Wrong],
    chosen_losses: Sequence[str],
    chosen_dtypes: Sequence[str],
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return who is tried where; a cell without anybody is left out."""
    cells = {
        (loss, dtype): tuple(s for s, each in known.items() if each.lives(loss, dtype))
        for loss in chosen_losses
        for dtype in chosen_dtypes
    }
    return {cell: specs for cell, specs in cells.items() if specs}


def _measured(
    known: Mapping[str, Wrong],
    cells: Mapping[tuple[str, str], tuple[str, ...]],
    profile: str,
    jobs: int,
) -> dict[str, Any]:
    from conformance.checks import catalogue
    from conformance.self_test.matrix import build
    from conformance.self_test.session import Assignment, Session

    with _progress() as observe:
        assignment = Assignment(cells, PROFILES[profile], jobs=jobs)
        session = Session(assignment, observe)
        seconds = session.run()
    names = {spec: (each.name, each.mechanism) for spec, each in known.items()}
    return build(session, names, catalogue(), seconds)


def _code(data: Mapping[str, Any]) -> int:
    if data["faults"] or data["accusations"]:
        return OWN_FAULT
    if data["survivors"]:
        return SURVIVOR
    return 0 if data["mutants"] else NOTHING_RUN


def _write(data: dict[str, Any], data_file: Path | None, page: Path | None) -> None:
    from conformance.self_test import markdown, terminal

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    put(terminal.write(data, width=width, color=colored()), None)
    if data_file is not None:
        put(json.dumps(data, indent=1, ensure_ascii=False) + "\n", data_file)
    if page is not None:
        put(markdown.write(data), page)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting workers") as status:
        yield lambda done, total: status.update(f"{done} of {total} cells")
