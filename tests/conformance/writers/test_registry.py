"""Every form of a report is to be had by its name, and keeps to the same rules."""

from __future__ import annotations

import copy
import re
import sys
from typing import Any

import pytest
from sample_runs import make_run, rude_run, sound_run

from conformance.writers import registry
from conformance.writers.registry import FORMATS, Format, FormatError, render, writer


def here() -> list[str]:
    """Return the forms whose libraries are installed."""
    found = []
    for name in FORMATS:
        try:
            writer(name)
        except FormatError:
            continue
        found.append(name)
    return found


def test_only_a_form_that_needs_a_library_can_be_missing() -> None:
    """All others are there in every installation, and every file has its own suffix."""
    assert set(here()) >= {name for name, form in FORMATS.items() if not form.needs}
    assert len({form.suffix for form in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("name", here())
@pytest.mark.parametrize("make", [make_run, rude_run, sound_run])
def test_a_report_is_text_for_any_file_and_terminal(name: str, make: Any) -> None:
    """It is UTF-8, without control characters, of the run alone, which is left."""
    run, before = make(), make()
    text = render(name, run, "run\x1b.json")
    text.encode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert text == render(name, copy.deepcopy(before), "run\x1b.json")
    assert run == before


@pytest.mark.parametrize("name", sorted(set(here()) - {"json", "badge", "annotations"}))
def test_a_report_tells_what_was_found(name: str) -> None:
    """The backend, its witness and the line that replays it are in it."""
    text = render(name, make_run(), "file.json")
    assert "bad" in text
    assert re.search(r"loss-conformance replay [0-9a-f]{12} --run file.json", text)


def test_what_a_form_needs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing library, of ours or of its module, is named with what to install."""
    monkeypatch.setattr(
        registry,
        "FORMATS",
        {
            "one": Format("markdown", ".one", "", needs=("no_such_library",)),
            "two": Format("terminal", ".two", ""),
            "three": Format("no_such_module", ".three", ""),
        },
    )
    with pytest.raises(FormatError, match="pip install no_such_library"):
        writer("one")
    with pytest.raises(FormatError, match="not part of this installation"):
        writer("three")
    monkeypatch.setitem(sys.modules, "conformance.writers.terminal", None)
    with pytest.raises(FormatError, match="report two is not part of this"):
        writer("two")
