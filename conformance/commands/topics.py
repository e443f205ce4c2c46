"""`help`: texts about what several commands share."""

from __future__ import annotations

from importlib import resources

import click

from conformance.commands.options import unknown


def _topics() -> dict[str, str]:
    folder = resources.files("conformance") / "topics"
    texts = (entry for entry in folder.iterdir() if entry.name.endswith(".txt"))
    return {
        entry.name.removesuffix(".txt"): entry.read_text(encoding="utf-8")
        for entry in sorted(texts, key=lambda entry: entry.name)
    }


@click.command("help")
@click.argument("topic", required=False)
def topics(topic: str | None) -> None:
    """Explain TOPIC: the protocol of process backends, exit codes, reports.

    Without TOPIC, list what there is.
    """
    texts = _topics()
    if topic is None:
        for name, text in texts.items():
            click.echo(f"{name:12}{text.splitlines()[0]}")
        return
    if topic not in texts:
        raise click.UsageError(unknown("topic", topic, texts))
    click.echo(texts[topic], nl=False)
