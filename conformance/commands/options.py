"""Options that several commands share, and their problems."""

from __future__ import annotations

import contextlib
import math
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.spelling import suggestion, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "RUN_FILE",
    "Finite",
    "colored",
    "dtypes",
    "leave_stdout",
    "losses",
    "put",
    "read_run",
    "reading",
    "say",
    "suggestion",
    "unknown",
    "words",
    "writable",
]

RUN_FILE: Final = Path("loss-conformance-run.json")


def words(
    what: str, known: Callable[[], Sequence[str]]
) -> Callable[[click.Context, click.Parameter, Any], tuple[str, ...]]:
    """Return a click callback for a repeatable option with commas allowed."""

    def callback(
        ctx: click.Context, param: click.Parameter, values: Sequence[str]
    ) -> tuple[str, ...]:
        names = known()
        given = [word for value in values for word in value.split(",") if word]
        if values and not given:
            # An empty variable of a script must not widen what is checked.
            msg = f"must name a {what}, got {values[0]!r}; known: {', '.join(names)}"
            raise click.BadParameter(msg, ctx, param)
        for word in given:
            if word not in names:
                raise click.BadParameter(unknown(what, word, names), ctx, param)
        return tuple(name for name in names if not given or name in given)

    return callback


def losses() -> tuple[str, ...]:
    """Return the names of the losses."""
    from conformance.backend import LOSSES

    return LOSSES


def dtypes() -> tuple[str, ...]:
    """Return the names of the storage formats."""
    from conformance.case import DTYPES

    return DTYPES


class Finite(click.FloatRange):
    """A number of a range that is not NaN, which is outside no range."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the number, or end with a usage error."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"must be a finite number, got {value}", param, ctx)
        return number


def writable(path: Path, *, regular: bool = False) -> None:
    """Refuse a file that could not be written at the end of a long run.

    Args:
        path: The file.
        regular: Must it be a file that can take another's place, not a device?
    """
    from conformance.files import FileError, probe

    try:
        probe(path)
    except FileError as error:
        raise click.UsageError(str(error)) from error
    if regular and path.exists() and not path.is_file():
        msg = f"{path} must be a file, got a pipe or a device"
        raise click.UsageError(msg)


def put(text: str, output: Path | None) -> None:
    """Write `text` to a file in one step, or to standard output."""
    from conformance.files import FileError, replace

    try:
        if output is None:
            _print(text)
        else:
            replace(output, text)
    except FileError as error:
        raise click.UsageError(str(error)) from error


def _print(text: str) -> None:
    from conformance.files import FileError

    try:
        click.echo(_harmless(text), nl=False)
    except BrokenPipeError:
        raise
    except (OSError, UnicodeEncodeError) as error:
        leave_stdout()
        msg = f"standard output cannot be written: {error}"
        raise FileError(msg) from error


def _harmless(text: str) -> str:
    """Return lines in which only colours, which are ours, act on a terminal."""
    from conformance.writers.characters import shown

    pieces = re.split("(\x1b\\[[0-9;]*m)", text)
    for i in range(0, len(pieces), 2):
        pieces[i] = "\n".join(map(shown, pieces[i].split("\n")))
    return "".join(pieces)


def leave_stdout() -> None:
    """Let what is left for standard output go nowhere, as it cannot be written."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str, *, err: bool = False) -> None:
    """Print lines that hold texts of others: control characters become escapes."""
    from conformance.writers.characters import shown

    click.echo("\n".join(map(shown, text.split("\n"))), err=err)


def colored() -> bool:
    """Is standard output a terminal whose user did not ask for plain text?"""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def read_run(path: Path) -> dict[str, Any]:
    """Return the run at `path`, or end with a usage error."""
    from conformance.journal import DamagedError
    from conformance.run import load_run

    try:
        with reading(path):
            return load_run(path)
    except DamagedError as error:
        raise click.UsageError(str(error)) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what a damaged run file makes a block raise into a usage error."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        msg = (
            f"{path} is damaged: it has the outline of a run file, but not its content "
            f"({type(error).__name__}: {error}); run `loss-conformance check` again"
        )
        raise click.UsageError(msg) from error
