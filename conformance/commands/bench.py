"""`bench`: how fast is the oracle?"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.bench.sizes import LARGE, MEDIUM, SMALL
from conformance.commands.options import Finite, colored, put, writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SCHEMA: Final = "oracle-speed.schema.json"
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of what `--json` writes."""
    folder = resources.files("conformance") / "schemas"
    found: dict[str, Any] = json.loads((folder / _SCHEMA).read_text(encoding="utf-8"))
    return found


def _show_schema(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    value: bool,  # noqa: FBT001 - click's signature
) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(_text(schema()), nl=False)
        ctx.exit()


@click.command()
@click.option(
    "--largest",
    type=click.IntRange(SMALL),
    metavar="LOGITS",
    help=f"Leave out shapes with more logits. Default: {MEDIUM}.",
)
@click.option("--full", is_flag=True, help=f"The same as --largest {LARGE}.")
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="How many times each contender is timed.",
)
@click.option(
    "--seconds",
    type=Finite(0, 1e6, min_open=True),
    default=0.1,
    show_default=True,
    help="What mpmath and flint, which get a part of the logits, may take in a round.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all cases."
)
@click.option("--json", "data_file", type=_FILE, help="Write the figures to this file.")
@click.option("--markdown", "page", type=_FILE, help="Write a report to this file.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_schema,
    help="Print the JSON Schema of what --json writes, and exit.",
)
def bench(
    *,
    largest: int | None,
    full: bool,
    rounds: int,
    seconds: float,
    seed: int,
    data_file: Path | None,
    page: Path | None,
) -> None:
    """Measure the oracle's speed beside mpmath, python-flint and torch.

    Cross-entropy with its gradient, on the same logits, in one run, with one thread and
    with all. What is not installed is left out. The figures are of this machine: let
    nothing else run on it.
    """
    if full and largest is not None:
        msg = "--full and --largest say the same: leave one of them out"
        raise click.UsageError(msg)
    for path in filter(None, (data_file, page)):
        writable(path)
    if data_file is not None and data_file == page:
        msg = f"--json and --markdown must name two files, got {data_file} for both"
        raise click.UsageError(msg)
    most = LARGE if full else largest or MEDIUM
    data = _measured(largest=most, rounds=rounds, seconds=seconds, seed=seed)
    _write(data, data_file, page)


def _measured(**settings: Any) -> dict[str, Any]:
    from conformance.bench.benchmark import Settings, run

    with _progress() as observe:
        return run(Settings(**settings), observe)


def _write(data: dict[str, Any], data_file: Path | None, page: Path | None) -> None:
    from conformance.bench import markdown, terminal

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    # First to the terminal: a full disk must not cost minutes of work.
    put(terminal.write(data, width=width, color=colored()), None)
    if data_file is not None:
        put(_text(data), data_file)
    if page is not None:
        put(markdown.write(data), page)


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda workload: status.update(f"measuring {workload}")
