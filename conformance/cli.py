"""The command line: parses, calls, prints. Exit codes are those of the design."""

from __future__ import annotations

import io
import sys
import traceback
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from conformance.commands.options import leave_stdout, say, unknown
from conformance.files import FileError

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM: Final = "loss-conformance"
CANNOT_START: Final = 2
OWN_FAULT: Final = 3
INTERRUPTED: Final = 130

LONGEST: Final = 2000
"""Characters of a line of an error: what was given may be longer than any screen."""


@dataclass(frozen=True)
class Later:
    """A command that is imported when it is called; help needs only its summary."""

    target: str
    summary: str


COMMANDS: Final = {
    "check": Later("conformance.commands.check:check", "Check backends and report."),
    "replay": Later(
        "conformance.commands.replay:replay", "Run a stored witness once more."
    ),
    "oracle": Later("conformance.commands.oracle:oracle", "Print an exact value."),
    "certificates": Later(
        "conformance.commands.certificates:certificates",
        "Write what the oracle claims about the corpus, for others to check.",
    ),
    "claims": Later(
        "conformance.commands.claims:claims", "Check the numbers of a text."
    ),
    "merge": Later(
        "conformance.commands.merge:merge", "Join the run files of all shards of a run."
    ),
    "report": Later("conformance.commands.report:report", "Render a run file."),
    "compare": Later(
        "conformance.commands.compare:compare", "Hold one run file against another."
    ),
    "bench": Later("conformance.commands.bench:bench", "Measure the oracle's speed."),
    "self-test": Later(
        "conformance.commands.self_test:self_test",
        "Show that every wrong backend is caught.",
    ),
    "backends": Later("conformance.commands.lists:backends", "List the backends."),
    "requirements": Later(
        "conformance.commands.lists:requirements", "List what is required, and why."
    ),
    "init": Later(
        "conformance.commands.init:init", "Write a backend to start from, or a CI file."
    ),
    "help": Later(
        "conformance.commands.topics:topics",
        "Explain functions, configuration, failures, ….",
    ),
}


class LazyGroup(click.Group):
    """A group whose commands are imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click
        """Return the names of all commands, in the order of use."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Return a command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].target.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` name, or the closest match in the error."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(unknown("command", args[0], COMMANDS))
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, c.summary) for name, c in COMMANDS.items()])


def _version(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    value: bool,  # noqa: FBT001 - click's signature
) -> None:
    # click's own version option raises where the program is not installed.
    if value and not ctx.resilient_parsing:
        from conformance.environment import own_version

        click.echo(f"{PROGRAM} {own_version()}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Check MAE, MSE and cross-entropy implementations against exact values.

    Exit codes: 0 conforms; 1 a new finding; 2 could not start; 3 incomplete, or a
    fault of this program; 5 nothing was checked; 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    try:
        code = cli.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        _tell(error)
        code = CANNOT_START
    except FileError as error:
        say(f"Error: {error}", err=True)
        code = OWN_FAULT
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has left; do not fail again while flushing.
        leave_stdout()
        code = INTERRUPTED
    except Exception:  # noqa: BLE001 - a fault of ours must not look like a finding
        click.echo(traceback.format_exc(), err=True)
        click.echo(f"this is a fault of {PROGRAM} itself; please report it", err=True)
        code = OWN_FAULT
    sys.exit(code or 0)


def _tell(error: click.ClickException) -> None:
    # The message may hold a name from a file, or a byte that is no text.
    with io.StringIO() as text:
        error.show(text)
        for line in text.getvalue().rstrip("\n").split("\n"):
            say(line if len(line) <= LONGEST else f"{line[:LONGEST]}…", err=True)
