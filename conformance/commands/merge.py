"""`merge`: the shards of one run, made whole."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.commands.options import RUN_FILE, colored, put, read_run, writable

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.argument(
    "files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="RUN..."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=RUN_FILE,
    show_default=True,
    help="The run file to write.",
)
@click.pass_context
def merge(ctx: click.Context, files: tuple[Path, ...], output: Path) -> None:
    """Join the run files of all shards of one run, in any order, and report.

    \b
      loss-conformance check mine.py:loss --shard 1/2 --output 1.json
      loss-conformance check mine.py:loss --shard 2/2 --output 2.json
      loss-conformance merge 1.json 2.json

    The result is the run file that `check` without --shard would have written, but for
    its times and environment. Only now is it known whether a requirement got no
    verdict. Exit codes are those of `check`; 2 if the shards are of different runs, or
    if one is missing.
    """  # noqa: D301 - \b is click's mark for text that is not to be wrapped
    from conformance.run import exit_code, save_run
    from conformance.writers import terminal

    _refuse_overwriting(files, output)
    run = _merged(files)
    save_run(run, output)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    put(terminal.write(run, str(output), width=width, color=colored()), None)
    ctx.exit(exit_code(run))


def _refuse_overwriting(files: Sequence[Path], output: Path) -> None:
    from conformance.files import same
    from conformance.journal import journal_of

    writable(output, regular=True)
    if any(same(path, output) for path in files):
        msg = f"--output must be another file than the shards, got {output}"
        raise click.UsageError(msg)
    if journal_of(output).exists():
        msg = (
            f"{journal_of(output)} is the journal of a run that goes on or was killed: "
            "name another --output, or delete it"
        )
        raise click.UsageError(msg)


def _merged(files: Sequence[Path]) -> dict[str, Any]:
    from conformance.merging import MixedError, merge

    named = {str(path): read_run(path) for path in files}
    if len(named) < len(files):
        twice = next(path for i, path in enumerate(files) if path in files[:i])
        msg = f"each shard must be named once, got {twice} twice"
        raise click.UsageError(msg)
    try:
        return merge(named)
    except MixedError as error:
        raise click.UsageError(str(error)) from error
