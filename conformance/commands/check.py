"""`check`: the main job."""

from __future__ import annotations

import datetime as dt
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.commands import reporting, selection
from conformance.commands.configured import Configured
from conformance.commands.options import RUN_FILE, Finite, suggestion, writable
from conformance.profiles import PROFILES
from conformance.writers.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.commands.reporting import Wanted
    from conformance.findings import Excuses
    from conformance.plan import Scope
    from conformance.request import Progress, Request, Stop

SEED: Final = (1 << 53) - 1
"""Largest seed: every JSON parser reads it back from the run file."""

SECONDS: Final = 1e6
"""Longest time-out: days, and still within what timers take."""

GIB: Final = 1 << 20
"""Most memory for a worker: a pebibyte, and still within what systems count."""

EVERY: Final = 30.0
"""Seconds between two lines of progress where standard error is no terminal."""

SIGNALS: Final = ("SIGINT", "SIGTERM")

_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Configured)
@click.argument("backends", nargs=-1, metavar="[BACKEND]...")
@selection.LOSS
@selection.DTYPE
@selection.profile("How much work to do.")
@click.option(
    "--seed",
    type=click.IntRange(0, SEED),
    default=0,
    show_default=True,
    help="Of all cases.",
)
@selection.SHARD
@selection.JOBS
@click.option(
    "--timeout",
    type=Finite(0, SECONDS, min_open=True),
    default=120.0,
    show_default=True,
    help="Seconds a unit of work may take before its worker counts as hung.",
)
@click.option(
    "--memory",
    type=Finite(0, GIB),
    metavar="GIB",
    help="Memory a worker process may take, 0 for no limit; Linux only, and not with "
    "a CUDA device. Default: its share of three quarters of the machine's, at least 4.",
)
@click.option(
    "--output", type=_FILE, default=RUN_FILE, show_default=True, help="The run file."
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    callback=reporting.requested,
    metavar="FORMAT=PATH",
    help=f"Also write this report; repeat for more. Formats: {', '.join(FORMATS)}.",
)
@click.option(
    "--known",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="TOML file with more known findings.",
)
@click.option("--no-known", is_flag=True, help="Do not use the known findings shipped.")
@click.pass_context
def check(ctx: click.Context, /, **options: Any) -> None:
    """Check BACKENDs (default: numpy and, if installed, torch:cpu) and report.

    A BACKEND is a name that `loss-conformance backends` lists, a file and an object
    in it (./kernel.py:loss), or module:object.
    """
    output: Path = options["output"]
    writable(output, regular=True)
    reporting.prepare(options["reports"], output)
    ctx.exit(_check(_request(options), options["reports"]))


def _request(options: dict[str, Any]) -> Request:
    from conformance.memory import GIB, share
    from conformance.plan import Scope
    from conformance.request import Request

    jobs, size = options["jobs"] or selection.processors(), options["memory"]
    specs = tuple(dict.fromkeys(options["backends"] or _installed()))
    scope = Scope(
        options["chosen_losses"],
        options["chosen_dtypes"],
        PROFILES[options["profile"]],
        options["seed"],
    )
    return Request(
        specs,
        scope,
        _excuses(specs, scope, options["files"], shipped=not options["no_known"]),
        options["output"],
        jobs,
        options["timeout"],
        memory=share(jobs) if size is None else int(size * GIB),
        shard=options["shard"],
    )


def _installed() -> tuple[str, ...]:
    from conformance.environment import version_of

    return ("numpy", "torch:cpu") if version_of("torch") else ("numpy",)


def _excuses(
    specs: Sequence[str], scope: Scope, files: Sequence[Path], *, shipped: bool
) -> Excuses:
    from conformance import findings

    try:
        found = findings.shipped(specs) if shipped else ()
        for path in files:
            found += findings.read_known(path)
        entries = findings.unique(found)
    except findings.KnownError as error:
        raise click.UsageError(str(error)) from error
    _witnesses(entries, scope)
    return findings.Excuses(entries, dt.datetime.now().astimezone().date())


def _witnesses(entries: Sequence[Any], scope: Scope) -> None:
    # Without its witness an entry could never turn out to be stale.
    from conformance.builders.corpus import named_cases

    for entry in entries:
        if entry.loss not in scope.losses:
            continue
        for dtype in entry.dtypes:
            cases = {item.name: item.case for item in named_cases(entry.loss, dtype)}
            what = f"the witness of known finding {entry.id!r} must be"
            if entry.witness not in cases:
                msg = (
                    f"{what} a corpus case of {entry.loss} in {dtype}, got "
                    f"{entry.witness!r}; {suggestion(entry.witness, cases)}"
                )
                raise click.UsageError(msg)
            if other := entry.unmet(cases[entry.witness]):
                has = ", ".join(f"{name} {value!r}" for name, value in other.items())
                msg = (
                    f"{what} a case that its `when` is about, got {entry.witness!r}, "
                    f"which in {dtype} has {has}"
                )
                raise click.UsageError(msg)


def _check(request: Request, reports: Sequence[Wanted]) -> int:
    from conformance import runner
    from conformance.introduction import StartError
    from conformance.request import Stop

    stop = Stop()
    with _signals(stop), _progress() as observe:
        try:
            run = runner.check(request, stop, observe)
        except StartError as error:
            raise click.UsageError(str(error)) from error
    code = reporting.deliver(run, str(request.output), reports)
    _ignore_signals()
    return code


def _ignore_signals() -> None:
    # Python gives a signal that has a handler back to the system while it shuts down:
    # one more Ctrl-C would then end the process without its exit code.
    for name in SIGNALS:
        signal.signal(getattr(signal, name), signal.SIG_IGN)


@contextmanager
def _signals(stop: Stop) -> Iterator[None]:
    # The handlers stay until the process ends: a second Ctrl-C must not cut short
    # what the first one asked for.
    def request_stop(*_: object) -> None:
        if not stop.reason:
            click.echo("stopping; the run file will be marked incomplete", err=True)
        stop.reason = "interrupted"

    for name in SIGNALS:
        signal.signal(getattr(signal, name), request_stop)
    yield


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None]]:
    if not sys.stderr.isatty():
        yield now_and_then(time.monotonic)
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting workers") as status:
        yield lambda p: status.update(_words(p))


def now_and_then(clock: Callable[[], float]) -> Callable[[Progress], None]:
    """Return what prints progress, at most once in `EVERY` seconds of a clock."""
    told = clock()

    def observe(progress: Progress) -> None:
        nonlocal told
        if clock() - told >= EVERY:
            told = clock()
            click.echo(_words(progress), err=True)

    return observe


def _words(p: Progress) -> str:
    return f"{p.done} of {p.total} units, {p.cases} cases, {p.failures} failures"
