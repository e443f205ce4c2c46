"""The forms of a report: a new one is a module beside this one, and a line here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.writers.characters import legible, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Format:
    """One form of a report.

    Attributes:
        module: The module of this package whose `write(run, where)` returns the text.
        suffix: How its files end; no two are the same.
        about: What it is, in a few words.
        needs: Packages it imports that not every installation has.
        verbatim: Is it given the run as it is, rather than with its texts made legible?
    """

    module: str
    suffix: str
    about: str
    needs: tuple[str, ...] = ()
    verbatim: bool = False


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "terminal": Format("terminal", ".txt", "what `check` prints"),
        "markdown": Format("markdown", ".md", "for a comment or a summary, ≤ 60 kB"),
        "html": Format(
            "html", ".html", "one page with plots", needs=("jinja2", "matplotlib")
        ),
        "junit": Format("junit", ".xml", "JUnit XML, a test for each requirement"),
        "badge": Format("badge", ".svg", "an SVG picture of the result"),
        "annotations": Format(
            "annotations", ".annotations.txt", "commands that GitHub Actions shows"
        ),
        "json": Format("data", ".json", "the run itself", verbatim=True),
    }
)


class FormatError(Exception):
    """A form of report is not to be had here; the message says what to install."""


def writer(name: str) -> Callable[[Mapping[str, Any], str], str]:
    """Return the function that writes the form called `name`.

    Raises:
        FormatError: If a library it needs is missing.
    """
    form = FORMATS[name]
    for package in form.needs:
        if find_spec(package) is None:
            raise FormatError(_lacking(name, package))
    try:
        module = import_module(f"{__package__}.{form.module}")
    except ImportError as error:
        raise FormatError(_lacking(name, error.name or str(error))) from error
    write: Callable[[Mapping[str, Any], str], str] = module.write
    return write


def _lacking(name: str, package: str) -> str:
    if package.startswith(__package__):
        return f"the report {name} is not part of this installation"
    return (
        f"the report {name} needs the package {package!r}, which cannot be imported: "
        f"pip install {package}"
    )


def render(name: str, run: Mapping[str, Any], where: str) -> str:
    """Return a report.

    Args:
        name: Of `FORMATS`.
        run: The run.
        where: The run file, as the replay lines name it.

    Raises:
        FormatError: If a library it needs is missing.
    """
    write = writer(name)
    if FORMATS[name].verbatim:
        return write(run, where)
    return write(legible(run), shown(where))
