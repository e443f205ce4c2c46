"""A stored witness is fixed, failing or in error, and a crash costs only itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.builders.corpus import corpus
from conformance.replaying import Witness, of_known, replay

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = """
import os, signal
import numpy as np


def mae(input, target, reduction="mean"):
    if reduction == "sum":
        os.kill(os.getpid(), signal.SIGSEGV)
    return np.abs(input - target).mean()


def wrong(input, target, reduction="mean"):
    return np.float32(7)


wrong.loss = "mae"
"""


def test_each_witness_gets_its_own_answer(tmp_path: Path) -> None:
    """A segmentation fault in one does not hide the others."""
    file = tmp_path / "hostile.py"
    file.write_text(HOSTILE, encoding="utf-8")
    case = next(c for c in corpus("mae", "float32") if c.name == "reduction-sum").case
    specs = (f"{file}:mae", f"{file}:wrong", "numpy")
    witnesses = [Witness(spec, case.to_json(), spec) for spec in specs]
    states = [replayed.state for replayed in replay(witnesses, timeout=60)]
    assert states == ["error", "failing", "fixed"]


def test_known_findings_bring_their_witnesses() -> None:
    """Only those that speak of the backend asked for."""
    assert len(list(of_known("torch:cpu"))) >= 19
    assert list(of_known("torch:cuda")) == []
    assert list(of_known("numpy")) == []
