"""`backends` and `requirements`: what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from conformance.commands.options import dtypes, losses, say, unknown, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.loading import Listing


@click.command()
def backends() -> None:
    """List the backends: built in, and those that plug-ins offer."""
    from conformance.loading import available

    head = ("backend", "status", "contract", "dtypes", "reason")
    _print([head, *(_row(listing) for listing in available())])


def _row(listing: Listing) -> tuple[str, ...]:
    c = listing.capabilities
    names = "" if c is None else ", ".join(d for d in dtypes() if d in c.dtypes)
    contract = "" if c is None else c.contract.name
    return listing.name, listing.status, contract, names, listing.reason


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--loss",
    "chosen",
    multiple=True,
    callback=words("loss", losses),
    help="Only those of this loss; repeat or separate by commas.",
)
def requirements(ids: tuple[str, ...], chosen: tuple[str, ...]) -> None:
    """List what is required of a loss, with the source and the rule.

    With IDs, as reports name them, only those.
    """
    from conformance.checks import catalogue

    known = {r.id: r for r in sorted(catalogue(), key=lambda r: r.id)}
    for name in ids:
        if name not in known:
            raise click.UsageError(unknown("requirement", name, known))
    for r in known.values():
        if r.loss in chosen and (not ids or r.id in ids):
            click.echo(f"{r.id}  {r.statement}")
            click.echo(f"    {r.loss}, {r.quantity}, rule {r.rule}; {r.source}")
            if r.note:
                click.echo(f"    elsewhere: {r.note}")


def _print(rows: Sequence[Iterable[str]]) -> None:
    columns = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{c:{w}}" for c, w in zip(row, columns, strict=True))
        say("  ".join(cells).rstrip())
