"""Workflow commands by which GitHub Actions shows findings beside a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.run import exit_code
from conformance.writers import facts, findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST: Final = 10
"""Errors of one step that GitHub shows; it drops the rest without a word."""


def write(run: Mapping[str, Any], where: str) -> str:
    """Return one command a line: an error for each new finding, and for the rest.

    There is an error exactly if the exit code is not 0. Where there are more than
    GitHub shows, the last one counts those that are left out.
    """
    lines = [_error(*each) for each in _errors(run, where)]
    left = len(lines) - MOST + 1
    if left > 1:
        more = f"{left} more; all of them are in {where}"
        lines[MOST - 1 :] = [_error("loss-conformance", more)]
    return "".join(f"{each}\n" for each in lines)


def _errors(run: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    code = exit_code(run)
    found = findings.in_turn(run)
    # First what no finding tells: it must not be among those that are left out.
    if code and (code != 1 or not found):
        lines = [facts.headline(run), *facts.trouble(run), *findings.stale_lines(run)]
        yield "loss-conformance", "\n".join(lines)
    for finding in found:
        head, *rest = findings.story(finding, where)
        yield head, "\n".join(rest)


def _error(title: str, text: str) -> str:
    title = _escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::error title={title}::{_escaped(text)}"


def _escaped(text: str) -> str:
    # As in GitHub's own toolkit: these three would end the command or begin another.
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
