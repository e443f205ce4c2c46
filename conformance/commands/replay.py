"""`replay`: one stored witness, run once more."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from conformance.commands.options import RUN_FILE, read_run, reading
from conformance.packing import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.executor import Ended, Workers

FAILS: Final = 1
INCOMPLETE: Final = 3
NOTHING: Final = 5

SHORTEST: Final = 4
"""Digits of an id that must be given at least."""


class Witness(NamedTuple):
    """What to run: a case, and the spelling of a backend."""

    case: Mapping[str, Any]
    backend: str


@click.command()
@click.argument("what", metavar="ID|CASEFILE")
@click.option(
    "--run",
    "run_file",
    type=click.Path(path_type=Path),
    default=RUN_FILE,
    show_default=True,
    help="The run file that holds the finding.",
)
@click.option(
    "--backend", help="Run it on this backend instead of the one that failed."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=120.0,
    show_default=True,
    help="Seconds after which the backend counts as hung.",
)
@click.pass_context
def replay(
    ctx: click.Context, what: str, run_file: Path, backend: str | None, timeout: float
) -> None:
    """Run a witness again: the ID of a finding or case, or a JSON file with a case.

    Exit codes: 0 it conforms now; 1 it still fails; 2 there is no such witness.
    """
    path = Path(what)
    if path.is_file():
        if backend is None:
            msg = "a case file needs --backend, got none"
            raise click.UsageError(msg)
        witness = Witness(_read_case(path), backend)
    else:
        witness = _find(read_run(run_file), what, run_file)
    chosen = backend or witness.backend
    ctx.exit(_replay(witness.case, chosen, timeout))


def _read_case(path: Path) -> Mapping[str, Any]:
    from conformance.case import Case

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Case.from_json(data).to_json()
    except KeyError as error:
        msg = f"{path} must hold a case as JSON, got one without {error}"
        raise click.UsageError(msg) from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        msg = f"{path} must hold a case as JSON, got {type(error).__name__}: {error}"
        raise click.UsageError(msg) from error


def _find(run: Mapping[str, Any], what: str, path: Path) -> Witness:
    with reading(path):
        specs = {b["name"]: b["spec"] for b in run["backends"]}
        found = {
            name: Witness(case, specs[finding["backend"]])
            for finding in run["findings"]
            for name, case in _names(finding)
            if len(what) >= SHORTEST and name.startswith(what)
        }
    if len(found) != 1:
        many = f"{len(found)} of them" if found else "none"
        msg = (
            f"an id must be that of one finding or witness in {path}, got {what!r}: "
            f"{many}; `loss-conformance report {path}` lists them"
        )
        raise click.UsageError(msg)
    return next(iter(found.values()))


def _names(finding: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    from conformance.case import Case

    small = (finding["shrunk"] or finding)["case"]
    yield finding["id"], small
    yield Case.from_json(finding["case"]).id, finding["case"]
    yield Case.from_json(small).id, small


def _replay(case: Mapping[str, Any], backend: str, timeout: float) -> int:
    from conformance.executor import Workers
    from conformance.findings import Excuses
    from conformance.introduction import StartError, introduce, introduced
    from conformance.tools import PRODUCTION
    from conformance.unit import CaseUnit, Settings, perform

    settings = Settings(Excuses(), PRODUCTION)
    with tempfile.TemporaryDirectory() as folder, Workers(1, timeout) as workers:
        try:
            introduced(backend, _one(workers, introduce, backend, PRODUCTION))
        except StartError as error:
            raise click.UsageError(str(error)) from error
        crumb = Path(folder) / "crumb"
        ended = _one(workers, perform, CaseUnit(case, backend), settings, crumb)
    if ended.how != "done":
        click.echo(f"{backend}: {ended.how}: {ended.text}")
        return FAILS
    return _tell(case, backend, loads(ended.text))


def _one(workers: Workers, function: Callable[..., str], *args: Any) -> Ended:
    workers.start("replay", function, *args)
    while not (ended := workers.wait(1.0)):
        pass
    return ended[0][1]


def _tell(case: Mapping[str, Any], backend: str, answer: Mapping[str, Any]) -> int:
    from conformance.case import Case
    from conformance.explain import explain
    from conformance.verdict import FAILURES, Verdict

    for text in answer["tally"]["faults"]:
        click.echo(f"fault: {text}", err=True)
    if answer["tally"]["faults"]:
        return INCOMPLETE
    verdicts = [Verdict.from_json(v) for v in answer["verdicts"]]
    failing = [v for v in verdicts if v.status in FAILURES]
    # Of a witness that conforms now, show the numbers that it is about.
    for verdict in failing or [v for v in verdicts if v.measured] or verdicts:
        click.echo("\n".join(explain(backend, Case.from_json(case), verdict)))
    if not verdicts:
        click.echo(f"{backend} cannot run this case")
        return NOTHING
    click.echo("still fails" if failing else "conforms now")
    return FAILS if failing else 0
