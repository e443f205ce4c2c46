"""What a worker tells of a backend becomes a subject, or an error for the user."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.ended import Ended
from conformance.introduction import StartError, introduce, introduced
from conformance.tools import PRODUCTION


def test_a_backend_is_told_whole() -> None:
    """Name and capabilities survive the way through a worker's answer."""
    subject = introduced("numpy", Ended("done", introduce("numpy", PRODUCTION)))
    assert (subject.spec, subject.name) == ("numpy", "numpy")
    assert "cross_entropy" in subject.capabilities.losses


def test_an_unknown_backend_is_refused_in_the_words_of_the_loader() -> None:
    """The message names the backend once, and what is known instead."""
    answer = json.loads(introduce("numpi", PRODUCTION))
    assert set(answer) == {"refused"}
    assert "numpy" in answer["refused"]


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (Ended("done", '{"refused": "too old"}'), "too old"),
        (Ended("crashed", "ended by SIGSEGV"), "ended by SIGSEGV"),
        (Ended("hung", "no answer"), "no answer"),
    ],
)
def test_what_cannot_be_used_is_an_error(ended: Ended, reason: str) -> None:
    """Refused, crashed or hung: the message says which backend, and why."""
    with pytest.raises(StartError, match=f"'mine' cannot be used: {reason}"):
        introduced("mine", ended)


def described(**changes: Any) -> Ended:
    """Return what a worker tells of NumPy, with something changed."""
    answer = json.loads(introduce("numpy", PRODUCTION))
    answer["subject"] |= changes
    return Ended("done", json.dumps(answer))


@pytest.mark.parametrize("name", ["", "a\x1b[2J", "a\nb", "a\u202eb"])
def test_a_name_that_cannot_be_printed_is_refused(name: str) -> None:
    """It would change what a terminal or a report shows of others."""
    with pytest.raises(StartError, match="its name must be printable"):
        introduced("mine", described(name=name))


def test_capabilities_that_no_run_file_holds_are_refused() -> None:
    """The message says which part is of the wrong kind."""
    with pytest.raises(StartError, match="device: needed string, got 7"):
        introduced("mine", described(device=7))


def test_the_worker_tells_of_its_machine() -> None:
    """Its state comes with the backend, apart from what the backend says of itself."""
    subject = introduced("numpy", Ended("done", introduce("numpy", PRODUCTION)))
    assert subject.machine.keys() == {"threads", "flush_to_zero", "gpu"}
    assert "machine" not in subject.to_json()
