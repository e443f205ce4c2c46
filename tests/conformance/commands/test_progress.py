"""Where standard error is no terminal, a long run still says how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.commands.check import EVERY, now_and_then
from conformance.request import Progress

if TYPE_CHECKING:
    import pytest


def test_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """No line before half a minute has passed, then one for each."""
    now = 1000.0
    observe = now_and_then(lambda: now)
    told = []
    for step in range(8):
        now = 1000.0 + step * EVERY / 3
        observe(Progress(step, 7, 10 * step, 0))
        told.append(capsys.readouterr().err)
    assert [bool(text) for text in told] == [step in {3, 6} for step in range(8)]
    assert told[3] == "3 of 7 units, 30 cases, 0 failures\n"
