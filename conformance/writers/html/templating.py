"""The template engine of all pages: nothing undefined, everything escaped."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from conformance.writers.html.theme import css

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(*packages: str, **options: Any) -> Environment:
    """Return the engine, with the style sheet as `css`.

    Args:
        packages: Whose templates come before those of the tolerance report, and whose
            styles come after its own.
        options: Of jinja2 besides.
    """
    import jinja2

    places = (*packages, __package__)
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(p) for p in places]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    styles = (resources.files(p).joinpath("templates", "style.css") for p in places)
    texts = reversed([style.read_text("utf-8") for style in styles])
    made.globals["css"] = "\n".join((css(), *texts))
    return made
