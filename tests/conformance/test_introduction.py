"""What a worker tells of a backend becomes a subject, or an error for the user."""

from __future__ import annotations

import json

import pytest

from conformance.executor import Ended
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
