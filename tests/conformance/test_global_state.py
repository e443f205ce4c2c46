"""What a call changes of the process is noticed and put back."""

from __future__ import annotations

import decimal
import math
import os
import sys
import warnings
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


def _exponentials() -> None:
    np.exp = np.expm1


def _roots() -> None:
    del math.sqrt


def _decimals() -> None:
    decimal.getcontext().prec = 5


CHANGES: Mapping[str, Callable[[], object]] = {
    "NumPy's error handling": lambda: np.seterr(over="raise"),
    "the working folder": lambda: os.chdir("/"),
    "the recursion limit": lambda: sys.setrecursionlimit(5000),
    "the decimal context": _decimals,
    "the functions of numpy": _exponentials,
    "the functions of math": _roots,
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


def test_warnings_turned_into_errors_are_undone_but_no_fault() -> None:
    """Libraries set filters up; another backend must not raise because of them."""
    before = list(warnings.filters)
    with watched() as changed:
        warnings.simplefilter("error")
    assert list(warnings.filters) == before
    assert changed == []


@pytest.mark.torch
def test_torch_s_settings_are_watched() -> None:
    """Its default dtype, threads and modes decide what later calls compute."""
    torch = pytest.importorskip("torch")
    with watched() as changed:
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(mode=False)
        torch.use_deterministic_algorithms(mode=True)
        torch.set_anomaly_enabled(True)
        torch.set_autocast_enabled("cpu", True)  # noqa: FBT003 - no name to give it
    assert len(changed) == 5
    assert not torch.is_autocast_enabled("cpu")
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()


class _Untidy(NumpyBackend):
    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        np.seterr(invalid="raise")
        return super().run(case, buffers)


class _Patching(NumpyBackend):
    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        np.abs = np.negative
        return super().run(case, buffers)


def test_a_function_replaced_for_all_is_replaced_for_one_call() -> None:
    """Neither the judge nor the next backend computes with it."""
    output = execute(_Patching(), CASE)
    assert output.disturbed == ("the functions of numpy",)
    assert np.abs(-1) == 1
    assert execute(NumpyBackend(), CASE).disturbed == ()


def test_an_output_says_what_the_call_disturbed() -> None:
    """The numbers are right all the same, and are judged by themselves."""
    output = execute(_Untidy(), CASE)
    assert output.disturbed == ("NumPy's error handling",)
    assert output.error is None
    assert execute(NumpyBackend(), CASE).disturbed == ()
