"""`report`: a run file, rendered."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.commands.options import RUN_FILE, put, read_run, reading, writable


@click.command()
@click.argument(
    "run_file", type=click.Path(path_type=Path), default=RUN_FILE, metavar="[RUN]"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "terminal"]),
    default="markdown",
    show_default=True,
    help="The form of the report.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file. Default: standard output.",
)
def report(run_file: Path, form: str, output: Path | None) -> None:
    """Render the run file RUN, or the journal that an ended run left."""
    if output is not None:
        writable(output)
    run = read_run(run_file)
    from conformance.writers import markdown, terminal

    write = markdown.write if form == "markdown" else terminal.write
    with reading(run_file):
        text = write(run, str(run_file))
    put(text, output)
