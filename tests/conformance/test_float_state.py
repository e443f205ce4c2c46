"""What a backend does to the arithmetic stays with the backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from conformance import float_state
from conformance.answer import ask
from conformance.backend import execute
from conformance.case import Array, Case
from conformance.loading import load
from conformance.measure import examine
from conformance.verdict import Status
from reference.fast import premises

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.backend import Backend
    from conformance.verdict import Verdict

FLUSHING = '''
"""Flushes subnormal numbers from its first call on."""
import numpy as np
import torch


def mae(input, target, reduction="mean"):
    torch.set_flush_denormal(True)
    loss = abs(np.asarray(input) - np.asarray(target))
    return {"none": loss, "sum": loss.sum(), "mean": loss.mean()}[reduction]


mae.signature = "numpy"
'''
AT_ONCE = """
import numpy as np
import torch

torch.set_flush_denormal(True)


def mae(input, target, reduction="mean"):
    loss = abs(np.asarray(input) - np.asarray(target))
    return {"none": loss, "sum": loss.sum(), "mean": loss.mean()}[reduction]


mae.signature = "numpy"
"""
SUBNORMAL = np.array([2.0**-1022])


def flushed() -> bool:
    """Say whether this thread flushes subnormal results."""
    return not (SUBNORMAL * 0.5).any()


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(float_state, "_THEIRS", {})


@pytest.mark.torch
def test_what_a_block_sets_is_undone_and_found_again() -> None:
    """Between two blocks the judge's arithmetic is back; the next block has its own."""
    import torch

    owner = object()
    with float_state.theirs(owner):
        torch.set_flush_denormal(True)
        assert flushed()
    assert not flushed()
    premises.check()
    with float_state.theirs(owner):
        assert flushed()
        torch.set_flush_denormal(False)
    with float_state.theirs(owner):
        assert not flushed()


def _raise_after_flushing() -> None:
    import torch

    with float_state.theirs(object()):
        torch.set_flush_denormal(True)
        raise KeyError


@pytest.mark.torch
def test_an_exception_restores_too() -> None:
    """However a block ends, the judge's arithmetic is back."""
    with pytest.raises(KeyError):
        _raise_after_flushing()
    premises.check()


def verdict(backend: Backend) -> Verdict:
    """Return the verdict on the loss of a subnormal difference."""
    tiny = Array.of([2.0**-1030], "float64")
    one = Case("mae", "float64", {"input": tiny, "target": Array.of([0.0], "float64")})
    judged = examine(one, ask(one), backend, execute(backend, one))
    return next(j.verdict for j in judged if j.verdict.quantity == "value")


@pytest.mark.torch
@pytest.mark.parametrize("source", [FLUSHING, AT_ONCE], ids=["when called", "loaded"])
def test_a_flushing_backend_is_accused_and_corrupts_nothing(
    source: str, tmp_path: Path
) -> None:
    """Its flushed result violates the bound, and the next answer is exact."""
    kernel = tmp_path / "kernel.py"
    kernel.write_text(source)
    backend = load(f"{kernel}:mae")
    for _ in range(2):
        value = verdict(backend)
        assert value.status is Status.VIOLATES
        assert value.evidence.got == "0.0"
        premises.check()


@pytest.mark.torch
@pytest.mark.parametrize("source", [FLUSHING, AT_ONCE], ids=["when called", "loaded"])
def test_what_one_backend_flushes_another_keeps(source: str, tmp_path: Path) -> None:
    """Whoever runs after a flushing backend, in turn with it, has its own arithmetic.

    Whether it was loaded before or after it.
    """
    kernel = tmp_path / "kernel.py"
    kernel.write_text(source)
    before, flushing, after = load("numpy"), load(f"{kernel}:mae"), load("numpy")
    for _ in range(2):
        assert verdict(flushing).status is Status.VIOLATES
        assert verdict(before).status is Status.CONFORMS
        assert verdict(after).status is Status.CONFORMS
