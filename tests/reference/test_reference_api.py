"""What the package offers, and that its own examples are true."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from fractions import Fraction

import numpy as np
import pytest

import reference

MODULES = sorted(
    m.name for m in pkgutil.walk_packages(reference.__path__, "reference.")
)


@pytest.mark.parametrize("name", ["reference", *MODULES])
def test_examples_in_docstrings_are_true(name: str) -> None:
    """Every example of every docstring gives what it says."""
    failures, _ = doctest.testmod(importlib.import_module(name))
    assert failures == 0


def test_there_are_examples() -> None:
    """The examples are found at all."""
    found = doctest.DocTestFinder().find(reference)
    assert sum(len(test.examples) for test in found) >= 4


def test_all_names_exist() -> None:
    """`__all__` is what the package has, each with words of its own."""
    assert all(inspect.getdoc(getattr(reference, n)) for n in reference.__all__)


@pytest.mark.parametrize(
    "loss", [reference.mae, reference.mse, reference.cross_entropy]
)
def test_arguments_are_torch_s(loss: object) -> None:
    """Input and target come by position, all else by name, mean being the default."""
    parameters = inspect.signature(loss).parameters  # type: ignore[arg-type]
    assert list(parameters)[:2] == ["input", "target"]
    options = list(parameters.values())[2:]
    assert {p.kind for p in options} == {inspect.Parameter.KEYWORD_ONLY}
    assert parameters["reduction"].default == "mean"


def test_defaults_of_cross_entropy_are_torch_s() -> None:
    """ignore_index is −100, there is no smoothing and no weight."""
    parameters = inspect.signature(reference.cross_entropy).parameters
    defaults = {name: p.default for name, p in parameters.items()}
    assert defaults["ignore_index"] == -100
    assert defaults["label_smoothing"] == 0
    assert defaults["weight"] is defaults["upstream"] is None


@pytest.mark.torch
def test_shared_arguments_have_torch_s_defaults() -> None:
    """What torch's functions call by the same name has the same default there."""
    functional = pytest.importorskip("torch.nn.functional")
    for ours, theirs in (
        (reference.mae, functional.l1_loss),
        (reference.mse, functional.mse_loss),
        (reference.cross_entropy, functional.cross_entropy),
    ):
        theirs_by_name = inspect.signature(theirs).parameters
        shared = {"reduction", "ignore_index", "label_smoothing"}
        for name, parameter in inspect.signature(ours).parameters.items():
            if name in shared:
                assert parameter.default == theirs_by_name[name].default


def test_results_are_arrays_of_the_format() -> None:
    """Rounding gives a NumPy array of the format's own data type."""
    value = reference.mae([1.0], [1.1], reduction="none").value
    for name, fmt in reference.FORMATS.items():
        assert value.round_to(name).dtype == fmt.dtype
    assert isinstance(value.round_to("float32"), np.ndarray)


def test_floats_mean_their_exact_value() -> None:
    """A decimal literal is Python's float64 of it; a Fraction is itself."""
    assert reference.mae([0.1], [0]).value.lower.item() == Fraction(0.1)
    assert reference.mae([Fraction("0.1")], [0]).value.lower.item() == Fraction(1, 10)
