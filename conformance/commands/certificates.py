"""`certificates`: what the oracle claims of the whole corpus, for others to check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.commands.options import dtypes, losses, words, writable
from conformance.files import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.builders.corpus import NamedCase


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--loss",
    "chosen",
    multiple=True,
    callback=words("loss", losses),
    help="Only those of this loss; repeat or separate by commas.",
)
@click.option(
    "--dtype",
    "formats",
    multiple=True,
    callback=words("dtype", dtypes),
    help="Only those of this storage format; repeat or separate by commas.",
)
@click.option(
    "--precision",
    type=click.IntRange(16, 65536),
    default=64,
    show_default=True,
    help="Relative bits to which transcendental parts are stated.",
)
@click.option(
    "--most",
    type=click.IntRange(2),
    default=64,
    show_default=True,
    help="Elements of a value or gradient that are stated, evenly spread.",
)
def certificates(
    folder: Path,
    chosen: tuple[str, ...],
    formats: tuple[str, ...],
    precision: int,
    most: int,
) -> None:
    """Write a certificate of each valid case of the corpus into FOLDER.

    A file LOSS-DTYPE-NAME.json holds the inputs and, for every element, the rational
    part and an interval of the rest, exactly; `loss-conformance oracle --schema`
    describes it. How many elements are left out stands in the file.
    """
    from conformance.commands.oracle_json import certificate
    from conformance.commands.question import QuestionError, of_case

    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable(folder / "x.json")
    except OSError as error:
        msg = f"{folder} cannot be made: {error.strerror}"
        raise click.UsageError(msg) from error
    written = refused = 0
    for name, named in _cases(chosen, formats):
        try:
            question = of_case(named.case)
        except QuestionError:
            refused += 1  # the corpus holds invalid inputs too: nothing to certify
            continue
        with writing(folder / f"{name}.json") as file:
            file.writelines(t.encode() for t in certificate(question, precision, most))
        written += 1
    click.echo(f"{written} certificates in {folder}; {refused} cases are invalid input")


def _cases(
    chosen: tuple[str, ...], formats: tuple[str, ...]
) -> Iterator[tuple[str, NamedCase]]:
    from conformance.builders.corpus import corpus

    for loss in chosen:
        for dtype in formats:
            for named in corpus(loss, dtype):
                yield f"{loss}-{dtype}-{named.name}", named
