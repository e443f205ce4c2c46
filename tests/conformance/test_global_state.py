"""What a call changes of the process is noticed and put back."""

from __future__ import annotations

import decimal
import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.backend import Output, execute
from conformance.backends.numpy import NumpyBackend
from conformance.case import Array, Case
from conformance.global_state import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

CASE = Case(
    "mae", "float32", {n: Array.of([1.0], "float32") for n in ("input", "target")}
)


def _fail_after(change: Callable[[], object], found: list[str]) -> None:
    try:
        with watched() as changed:
            change()
            msg = "no number"
            raise ValueError(msg)
    finally:
        found += changed


def _decimals() -> None:
    decimal.getcontext().prec = 5


CHANGES: Mapping[str, Callable[[], object]] = {
    "NumPy's error handling": lambda: np.seterr(over="raise"),
    "the working folder": lambda: os.chdir("/"),
    "the recursion limit": lambda: sys.setrecursionlimit(5000),
    "the decimal context": _decimals,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named_and_undone(name: str) -> None:
    """Whoever comes next finds the setting as it was, also after an exception."""
    changed: list[str] = []
    with watched() as ours:
        with pytest.raises(ValueError, match="no number"):
            _fail_after(CHANGES[name], changed)
        assert changed == [name]
    assert ours == []


def test_a_new_search_path_is_undone_but_no_fault() -> None:
    """Imports may need a folder for a moment."""
    before = list(sys.path)
    with watched() as changed:
        sys.path.append("/nowhere")
    assert sys.path == before
    assert changed == []


@pytest.mark.torch
def test_torch_s_settings_are_watched() -> None:
    """Its default dtype, threads and modes decide what later calls compute."""
    torch = pytest.importorskip("torch")
    with watched() as changed:
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(mode=False)
        torch.use_deterministic_algorithms(mode=True)
    assert len(changed) == 3
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()


class _Untidy(NumpyBackend):
    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        np.seterr(invalid="raise")
        return super().run(case, buffers)


def test_an_output_says_what_the_call_disturbed() -> None:
    """The numbers are right all the same, and are judged by themselves."""
    output = execute(_Untidy(), CASE)
    assert output.disturbed == ("NumPy's error handling",)
    assert output.error is None
    assert execute(NumpyBackend(), CASE).disturbed == ()
