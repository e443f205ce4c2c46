"""`report`: a run file, rendered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.commands.options import (
    RUN_FILE,
    put,
    read_run,
    reading,
    say,
    words,
)
from conformance.commands.reporting import Wanted, available, prepare, show, write
from conformance.files import FileError, read
from conformance.writers.registry import FORMATS, render

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command()
@click.argument(
    "run_file", type=click.Path(path_type=Path), default=RUN_FILE, metavar="[RUN]"
)
@click.option(
    "--format",
    "forms",
    multiple=True,
    default=["markdown"],
    show_default=True,
    callback=words("format", lambda: tuple(FORMATS)),
    metavar="FORMAT[,FORMAT...]",
    help="; ".join(f"{name}: {form.about}" for name, form in FORMATS.items()) + ".",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this file, or into this folder, then each report as RUN with its "
    "own suffix; for several formats it is made if need be. Default: standard output, "
    "for one format.",
)
@click.option(
    "--self-test",
    "matrix",
    type=click.Path(path_type=Path),
    help="Of html: also show the kill matrix that `self-test --json` wrote here.",
)
def report(
    run_file: Path, forms: tuple[str, ...], output: Path | None, matrix: Path | None
) -> None:
    """Render the run file RUN, or the journal that an ended run left."""
    for form in forms:
        available(form)
    if len(forms) > 1 and output is None:
        msg = f"{len(forms)} formats need --output FOLDER, got none"
        raise click.UsageError(msg)
    run = read_run(run_file) | _self_test(matrix, forms)
    wanted = _wanted(run_file, forms, output) if output is not None else ()
    with reading(run_file):
        texts = {form: render(form, run, str(run_file)) for form in forms}
    for form, path in wanted:
        write(texts[form], path)
    if not wanted:
        _print(run, run_file, forms[0], texts[forms[0]])


def _self_test(path: Path | None, forms: tuple[str, ...]) -> dict[str, Any]:
    """Return what the page shows beside the run: nothing, or a kill matrix."""
    if path is None:
        return {}
    if "html" not in forms:
        msg = f"--self-test is shown by --format html alone, got {', '.join(forms)}"
        raise click.UsageError(msg)
    from conformance.writers.html.killed import killed

    try:
        data = json.loads(read(path))
        killed(data)
    except FileError as error:
        raise click.UsageError(str(error)) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        msg = (
            f"{path} must be what `self-test --json` wrote, got "
            f"{type(error).__name__}: {error}"
        )
        raise click.UsageError(msg) from error
    return {"self_test": data}


def _wanted(run_file: Path, forms: tuple[str, ...], output: Path) -> list[Wanted]:
    """Return which file each report goes to; refuse what cannot be written."""
    if len(forms) > 1 and not output.is_dir():
        _make(output, f"{len(forms)} formats")
    if not output.is_dir():
        wanted = [Wanted(forms[0], output)]
    else:
        stem = run_file.name.removesuffix(".json")
        wanted = [Wanted(f, output / f"{stem}{FORMATS[f].suffix}") for f in forms]
    prepare(wanted, run_file)
    return wanted


def _make(folder: Path, what: str) -> None:
    """Make a folder that does not exist, but not those above it, and say so."""
    try:
        folder.mkdir()
    except FileExistsError as error:
        msg = f"--output must be a folder for {what}, {folder} is a file"
        raise click.UsageError(msg) from error
    except OSError as error:
        reason = "the one above it must exist"
        if not isinstance(error, FileNotFoundError):
            reason = str(error.strerror)
        msg = f"the folder {folder} cannot be made: {reason}"
        raise click.UsageError(msg) from error
    say(f"made the folder {folder}")


def _print(run: Mapping[str, Any], run_file: Path, form: str, text: str) -> None:
    if form == "terminal":
        show(run, str(run_file))
    else:
        put(text, None)
