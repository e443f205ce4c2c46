"""The environment is told without what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.bench import machine

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_processor_is_named(tmp_path: Path) -> None:
    """On Linux the kernel tells the model; else there is the architecture at least."""
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel\t\t: 6\nmodel name\t: A: B @ 2 GHz\n")
    assert machine.cpu_name(info) == "A: B @ 2 GHz"
    info.write_text("model name :\nmodel : 6\n")
    assert machine.cpu_name(info) == machine.cpu_name(tmp_path / "none") != ""


def test_cores_are_those_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is kept to some processors counts these alone."""
    monkeypatch.setattr(
        machine.os, "sched_getaffinity", lambda _: {3, 5}, raising=False
    )
    assert machine.cores() == 2
    monkeypatch.delattr(machine.os, "sched_getaffinity")
    monkeypatch.setattr(machine.os, "cpu_count", lambda: None)
    assert machine.cores() == 1


def test_versions_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed is None; mpmath says what it computes with."""
    versions = {"numpy": "9.9", "python-flint": "0.9"}
    monkeypatch.setattr(machine, "version_of", versions.get)
    found = machine.describe()
    assert (found["numpy"], found["flint"], found["torch"]) == ("9.9", "0.9", None)
    assert found["mpmath_backend"] in ("gmpy", "python", "sage")
