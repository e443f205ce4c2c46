"""`init`: files to start from."""

from __future__ import annotations

import json
import re
import shlex
from importlib import metadata, resources
from pathlib import Path
from typing import Final

import click

from conformance.commands.options import put

NAME: Final = "loss-conformance"
WORKFLOW: Final = Path(".github/workflows/loss-conformance.yml")
ADAPTER: Final = "./loss_backend.py:backend"
PROGRAMS: Final = {
    "c": ("process_backend.c", "process:./process_backend"),
    "python": ("process_backend.py", "process:python process_backend.py"),
}
COMPILE: Final = "cc -std=c99 -O2 -o process_backend process_backend.c -lm"


FROM_HERE: Final = "Where it is installed from here; a folder or another URL will do."
BY_NAME: Final = (
    "If your index has no such package, or that of somebody else, replace the name by",
    "where you have it from: the path of a clone, or git+https://HOST/PATH.",
)
"""What is said of where pip gets the program, whose publication is not known here."""


@click.command()
@click.argument(
    "folder",
    default=Path(),
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@click.option("--backend", is_flag=True, help="Write a backend in Python, with NumPy.")
@click.option(
    "--process",
    "language",
    type=click.Choice(list(PROGRAMS)),
    help="Write a program that answers cases on its standard input.",
)
@click.option(
    "--ci", "checked", metavar="NAME", help="Write the CI file alone, to check NAME."
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
def init(
    folder: Path,
    *,
    backend: bool,
    language: str | None,
    checked: str | None,
    force: bool,
) -> None:
    """Write a backend to start from into FOLDER, and a CI file that checks it.

    What is written conforms: replace its computation by your own and check again. With
    --ci only the CI file is written, for a backend that you have, spelt as for `check`.
    """
    asked = {"--backend": backend, "--process": language, "--ci": checked}
    given = [option for option, value in asked.items() if value]
    if len(given) != 1:
        got = " and ".join(given) or "none"
        msg = f"init needs one of --backend, --process and --ci, got {got}"
        raise click.UsageError(msg)
    example, spec = PROGRAMS[language] if language else ("adapter.py", ADAPTER)
    spec = checked or spec
    workflow = _workflow(spec)
    if language == "c":
        before = "      - run: loss-conformance"
        workflow = workflow.replace(before, f"      - run: {COMPILE}\n{before}", 1)
    files = {folder / WORKFLOW: workflow}
    if not checked:
        written = folder / (example if language else "loss_backend.py")
        files = {written: _example(example), **files}
    _write(files, force=force)
    click.echo("next:")
    if folder != Path():
        click.echo(f"  cd {shlex.quote(str(folder))}")
    if language == "c":
        click.echo(f"  {COMPILE}")
    click.echo(f"  loss-conformance check {shlex.quote(spec)}")


def _workflow(spec: str) -> str:
    """Return a CI file that checks a backend."""
    needed = requirement()
    told = "\n      # ".join(BY_NAME) if needed == NAME else FROM_HERE
    text = _example("ci.yml").replace("ORIGIN", told)
    text = text.replace("REQUIREMENT", shlex.quote(needed))
    (before,) = re.findall("loss-conformance check BACKEND.*", text)
    command = before.replace("BACKEND", shlex.quote(spec))
    if re.search(r": | #|[^ -~]", command):
        # In plain YAML these mean something else; what is JSON is YAML as well.
        command = json.dumps(command)
    return text.replace(before, command)


def requirement() -> str:
    """Return what pip is to install to have this very program: name, or name @ URL.

    The URL is where it was installed from, as pip wrote it down (PEP 610), unless that
    is a folder of this machine.
    """
    try:
        noted = metadata.distribution(NAME).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        noted = None
    origin = json.loads(noted or "{}")
    url = str(origin.get("url", ""))
    if not url or "dir_info" in origin or url.startswith("file:"):
        return NAME
    source = origin.get("vcs_info")
    if source is None:
        return f"{NAME} @ {url}"
    return f"{NAME} @ {source['vcs']}+{url}@{source['commit_id']}"


def _example(name: str) -> str:
    text = resources.files("conformance") / "examples" / name
    return text.read_text(encoding="utf-8")


def _write(files: dict[Path, str], *, force: bool) -> None:
    there = [str(path) for path in files if path.exists()]
    if there and not force:
        which = "it" if len(there) == 1 else "them"
        msg = f"{' and '.join(there)} must not exist yet: move {which}, or give --force"
        raise click.UsageError(msg)
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"{path} cannot be written: {error.strerror}"
            raise click.UsageError(msg) from error
        put(text, path)
        click.echo(f"wrote {path}")
