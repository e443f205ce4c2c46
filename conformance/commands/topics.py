"""`help`: texts about what several commands share."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

import click

from conformance.commands.options import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMAS: Final[Mapping[str, str]] = {
    "comparison": "comparison",
    "configuration": "config",
    "run-file": "run",
}
"""Topic → the JSON Schema that says the rest."""


def _topics() -> dict[str, str]:
    folder = resources.files("conformance") / "topics"
    texts = (entry for entry in folder.iterdir() if entry.name.endswith(".txt"))
    return {
        entry.name.removesuffix(".txt"): entry.read_text(encoding="utf-8")
        for entry in sorted(texts, key=lambda entry: entry.name)
    }


def _schema(topic: str | None) -> str:
    if topic is None or topic not in SCHEMAS:
        msg = f"--schema needs one of the topics {', '.join(SCHEMAS)}, got {topic}"
        raise click.UsageError(msg)
    folder = resources.files("conformance") / "schemas"
    file = folder / f"{SCHEMAS[topic]}.schema.json"
    return file.read_text(encoding="utf-8")


@click.command("help")
@click.argument("topic", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a topic's file.")
def topics(topic: str | None, *, schema: bool) -> None:
    """Explain TOPIC: functions as backends, configuration, reports, exit codes, ….

    Without TOPIC, list what there is.
    """
    texts = _topics()
    if topic is not None and topic not in texts:
        raise click.UsageError(unknown("topic", topic, texts))
    if schema:
        click.echo(_schema(topic), nl=False)
    elif topic is not None:
        click.echo(texts[topic], nl=False)
    else:
        wide = max(map(len, texts))
        for name, text in texts.items():
            click.echo(f"{name:{wide}}  {text.splitlines()[0]}")
