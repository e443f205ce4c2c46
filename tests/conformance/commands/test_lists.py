"""`requirements` lists all, or those that a report names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from conformance.checks import catalogue
from conformance.cli import cli

if TYPE_CHECKING:
    from click.testing import Result


def requirements(*words: str) -> Result:
    """Return the result of the command."""
    return CliRunner().invoke(cli, ["requirements", *words])


def test_one_requirement() -> None:
    """Its statement, and no other's."""
    wanted = next(r for r in catalogue() if r.id == "CE-MEAN-VALUE")
    text = requirements("CE-MEAN-VALUE").output
    assert text.splitlines()[0] == f"CE-MEAN-VALUE  {wanted.statement}"
    assert sum(not line.startswith(" ") for line in text.splitlines()) == 1
    assert len(requirements().output.splitlines()) > 2 * len(catalogue()) - 1


def test_an_unknown_requirement() -> None:
    """The nearest is named."""
    result = requirements("CE-MEAN-VALEU")
    assert result.exit_code == 2
    assert "did you mean 'CE-MEAN-VALUE'?" in result.output
