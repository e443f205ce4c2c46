"""`replay`: stored witnesses, run once more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.commands.options import (
    RUN_FILE,
    Finite,
    losses,
    put,
    read_run,
    reading,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.replaying import Replayed, Witness

FAILS: Final = 1
INCOMPLETE: Final = 3
NOTHING: Final = 5

SCRIPTED: Final = frozenset({"value", "gradient", "call", "rejection"})
"""Quantities that a script in plain torch can show."""

_LONGEST: Final = 40
"""Characters that an error repeats of what is no id."""

SHORTEST: Final = 4
"""Digits of an id that must be given at least."""


@click.command()
@click.argument("what", metavar="[ID|NAME|CASEFILE]", required=False)
@click.option("--all", "every", is_flag=True, help="Every finding of the run file.")
@click.option(
    "--known", metavar="BACKEND", help="The known findings shipped for a backend."
)
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
    type=Finite(0, 1e6, min_open=True),
    default=120.0,
    show_default=True,
    help="Seconds after which the backend counts as hung.",
)
@click.option(
    "--script",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the one witness as a script in plain torch.",
)
@click.pass_context
def replay(ctx: click.Context, /, **options: Any) -> None:
    """Run a witness again: the ID of a finding or case, or a JSON file with a case.

    The name of a case, such as behind-104, runs it in every loss and dtype that has it.

    Exit codes: 0 fixed, it conforms now; 1 failing, or an error: it crashes or hangs;
    2 there is no such witness; 3 a fault of this program; 5 the backend does not take
    it. The backend is loaded as the run file spells it, which may be any program:
    replay files of people you trust, or name the backend yourself.
    """
    witnesses = _chosen(options)
    if options["script"] and len(witnesses) != 1:
        msg = f"--script needs one witness, got {len(witnesses)}: name it by its ID"
        raise click.UsageError(msg)
    ctx.exit(_replay(witnesses, options))


def _chosen(options: Mapping[str, Any]) -> list[Witness]:
    from conformance.replaying import of_known, of_run

    given = [k for k in ("what", "every", "known") if options[k]]
    if len(given) != 1:
        msg = "one of ID, --all and --known BACKEND is needed, got " + (
            " and ".join("ID" if k == "what" else f"--{k}" for k in given) or "none"
        )
        raise click.UsageError(msg.replace("--every", "--all"))
    if options["known"]:
        return list(of_known(options["known"]))
    if options["every"]:
        path = options["run_file"]
        with reading(path):
            named = list(of_run(read_run(path)))
        return [witness for names, witness in named if witness.id in names[:-1]]
    what = options["what"]
    return _named(what, options["backend"]) or [_single(what, options)]


def _named(name: str, backend: str | None) -> list[Witness]:
    """Return the named case in every loss and format that has it; none if none is."""
    from conformance.builders.corpus import ENTRIES, SYSTEMATIC
    from conformance.case import DTYPES
    from conformance.files import is_file
    from conformance.replaying import Witness

    found = [
        (entry, loss, dtype)
        for entry in (*ENTRIES, *SYSTEMATIC)
        for loss in losses()
        for dtype in DTYPES
        if entry.name == name and entry.applies(loss, dtype)
    ]
    if not found or is_file(Path(name)):
        return []
    if backend is None:
        msg = f"the named case {name!r} needs --backend, got none"
        raise click.UsageError(msg)
    return [
        Witness(
            f"{name} ({loss}, {dtype})", e.named(loss, dtype).case.to_json(), backend
        )
        for e, loss, dtype in found
    ]


def _single(what: str, options: Mapping[str, Any]) -> Witness:
    from conformance.files import is_file
    from conformance.replaying import Witness

    path = Path(what)
    if not is_file(path):
        return _find(read_run(options["run_file"]), what, options["run_file"])
    if options["backend"] is None:
        msg = "a case file needs --backend, got none"
        raise click.UsageError(msg)
    return Witness(path.name, _read_case(path), options["backend"])


def _read_case(path: Path) -> Mapping[str, Any]:
    from conformance.commands.case_files import CaseFileError, load_case

    try:
        return load_case(path).to_json()
    except CaseFileError as error:
        raise click.UsageError(str(error)) from error


def _find(run: Mapping[str, Any], what: str, path: Path) -> Witness:
    from conformance.replaying import of_run

    with reading(path):
        named = list(of_run(run))
    found = {
        name: witness
        for names, witness in named
        for name in names
        if len(what) >= SHORTEST and name.startswith(what)
    }
    if len(found) != 1:
        many = f"{len(found)} of them" if found else "none"
        msg = (
            f"an id must be that of one finding or witness in {path}, got "
            f"{what[:_LONGEST]!r}: {many}; `loss-conformance report {path}` lists them"
        )
        raise click.UsageError(msg)
    return next(iter(found.values()))


def _replay(witnesses: Sequence[Witness], options: Mapping[str, Any]) -> int:
    from dataclasses import replace

    from conformance import replaying
    from conformance.introduction import StartError

    other = options["backend"]
    chosen = [replace(w, backend=other) if other else w for w in witnesses]
    states: Counter[str] = Counter()
    try:
        for replayed in replaying.replay(chosen, options["timeout"]):
            _tell(replayed)
            _script(replayed, options["script"])
            states[replayed.state] += 1
    except StartError as error:
        raise click.UsageError(str(error)) from error
    click.echo(", ".join(f"{n} {s}" for s, n in states.items()) or "nothing to replay")
    return _exit(states)


def _exit(states: Mapping[str, int]) -> int:
    if states.get("fault"):
        return INCOMPLETE
    if states.get("failing") or states.get("error"):
        return FAILS
    return 0 if states.get("fixed") else NOTHING


def _tell(replayed: Replayed) -> None:
    from conformance.case import Case
    from conformance.explain import explain

    witness = replayed.witness
    case = Case.from_json(witness.case)
    for verdict in replayed.verdicts:
        for line in explain(witness.backend, case, verdict):
            say(line)
    said = f": {replayed.text}" if replayed.text else ""
    say(f"{witness.id}  {witness.backend}: {replayed.state}{said}")


def _script(replayed: Replayed, path: Path | None) -> None:
    from conformance.case import Case
    from conformance.writers import script

    if path is None:
        return
    if not replayed.verdicts:
        msg = f"--script needs a result to compare with, got {replayed.state}"
        raise click.UsageError(msg)
    backend = replayed.witness.backend
    kind = replayed.verdicts[0].quantity.partition(".")[0]
    if backend.partition(":")[0] != "torch" or kind not in SCRIPTED:
        msg = (
            "--script calls torch's own losses once: it needs a finding of torch about "
            f"a value, a gradient or a call, got {kind} of {backend}"
        )
        raise click.UsageError(msg)
    case = Case.from_json(replayed.witness.case)
    put(script.write(case, replayed.verdicts[0]), path)
