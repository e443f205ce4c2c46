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

SURVIVOR: Final = 1
OWN_FAULT: Final = 3
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
    for `check`. Those named are tried in every cell; without names each mutant is tried
    where its mechanism can show. Exit codes: 0 all are caught; 1 one survives; 2 could
    not start; 3 the correct backend is accused, or a fault of this program.
    """
    for path in filter(None, (data_file, page)):
        writable(path)
    known = _named(names) if names else _everyone()
    cells = _cells(known, names, chosen_losses, chosen_dtypes)
    data = _measured(known, cells, profile, jobs or selection.processors())
    if names:
        data["unfailed"] = []  # a few mutants are not expected to fail everything
    _write(data, data_file, page)
    ctx.exit(_code(data))


def _named(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return spelling → (name, mechanism) of the backends asked for."""
    from conformance.backend import BackendUnavailableError
    from conformance.loading import LoadError, load
    from conformance.self_test.cast import MUTANTS

    found = {}
    for name in dict.fromkeys(names):
        if name in MUTANTS:
            found[f"mutant:{name}"] = (name, MUTANTS[name].mechanism)
            continue
        if ":" not in name:
            raise click.UsageError(unknown("mutant", name, MUTANTS))
        try:
            load(name)
        except (LoadError, BackendUnavailableError) as error:
            raise click.UsageError(str(error)) from error
        found[name] = (name.removeprefix("mutant:"), "")
    return found


def _everyone() -> dict[str, tuple[str, str]]:
    from conformance.self_test.cast import MUTANTS

    return {f"mutant:{m.name}": (m.name, m.mechanism) for m in MUTANTS.values()}


def _cells(
    known: dict[str, tuple[str, str]],
    names: Sequence[str],
    chosen_losses: Sequence[str],
    chosen_dtypes: Sequence[str],
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return who is tried where; whoever cannot show anywhere in scope is left out."""
    from conformance.self_test.cast import lives

    cells = {
        (loss, dtype): tuple(
            spec for spec in known if names or lives(known[spec][0], loss, dtype)
        )
        for loss in chosen_losses
        for dtype in chosen_dtypes
    }
    tried = {spec for specs in cells.values() for spec in specs}
    for spec in set(known) - tried:
        del known[spec]
    return {cell: specs for cell, specs in cells.items() if specs}


def _measured(
    known: Mapping[str, tuple[str, str]],
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
    return build(session, known, catalogue(), seconds)


def _code(data: Mapping[str, Any]) -> int:
    if data["faults"] or data["accusations"]:
        return OWN_FAULT
    return SURVIVOR if data["survivors"] else 0


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
