"""Each family says what is wrong, and nothing where it does not apply."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.answer import ask
from conformance.backend import Output, execute
from conformance.backends.numpy import create
from conformance.case import Array, Case
from conformance.measure import examine
from conformance.verdict import Status, Verdict

NUMPY = create()
INDICES = Case(
    "cross_entropy",
    "float32",
    {
        "input": Array.of([[1.5, -2.0], [0.5, 0.25]], "float32"),
        "target": Array.of(np.array([0, 1])),
        "weight": Array.of([1.0, 2.0], "float32"),
    },
)
PAIR = Case(
    "mse",
    "float32",
    {
        "input": Array.of([1.0, 3.0], "float32"),
        "target": Array.of([0.5, 7.0], "float32"),
    },
)
INVALID = Case("mse", "float32", PAIR.arguments, {"reduction": "typo"})


def said(case: Case, output: Output) -> dict[str, Verdict]:
    """Return the verdicts by quantity."""
    made = examine(case, ask(case), NUMPY, output)
    return {one.verdict.quantity: one.verdict for one in made}


def changed(case: Case, **fields: Any) -> Output:
    """Return what NumPy makes of a case, with some fields replaced."""
    good = execute(NUMPY, case)
    return Output(
        fields.get("value", good.value),
        fields.get("gradients", good.gradients),
        fields.get("error"),
        modified=fields.get("modified", ()),
    )


def failing(verdicts: dict[str, Verdict]) -> dict[str, tuple[Status, str]]:
    """Return status and kind of what does not conform."""
    return {
        quantity: (v.status, v.kind)
        for quantity, v in verdicts.items()
        if v.status is not Status.CONFORMS
    }


WRONG = Status.WRONG_CLASS


def test_a_good_output_conforms_in_every_family() -> None:
    """A correct output gets one verdict a quantity, and all conform."""
    verdicts = said(PAIR, changed(PAIR))
    assert failing(verdicts) == {}
    common = {"value", "dtype", "shape", "device", "inputs", "state", "call"}
    assert set(verdicts) == common | {"gradient.input", "gradient.target", "zero"}
    # The gradient by weight is asked for beside class probabilities only.
    assert set(said(INDICES, changed(INDICES))) == common | {"gradient.input"}


def test_a_missing_value_is_noticed() -> None:
    """No value is no value, and its type and shape are nobody's."""
    verdicts = said(PAIR, changed(PAIR, value=None))
    assert failing(verdicts) == {"value": (WRONG, "missing")}
    assert "shape" not in verdicts


def test_a_missing_gradient_is_noticed() -> None:
    """A promised gradient that is not returned is missing."""
    gradients = {"input": execute(NUMPY, PAIR).gradients["input"]}
    verdicts = said(PAIR, changed(PAIR, gradients=gradients))
    assert failing(verdicts) == {"gradient.target": (WRONG, "missing")}
    assert "by target is promised" in verdicts["gradient.target"].detail


def test_a_wrong_shape_is_judged_once() -> None:
    """A value of another shape fails by its shape; its numbers are not compared."""
    verdicts = said(PAIR, changed(PAIR, value=np.zeros(1, np.float32)))
    assert failing(verdicts) == {"shape": (WRONG, "shape")}
    assert verdicts["shape"].detail == "value needs (), got (1,)"
    assert "value" not in verdicts


def test_a_wrong_gradient_shape_is_judged_once() -> None:
    """So does a gradient of another shape."""
    gradients = {name: g[None] for name, g in execute(NUMPY, PAIR).gradients.items()}
    verdicts = said(PAIR, changed(PAIR, gradients=gradients))
    assert failing(verdicts) == {"shape": (WRONG, "shape")}
    assert "gradient.input needs (2,), got (1, 2)" in verdicts["shape"].detail


def test_a_wrong_type_is_noticed() -> None:
    """The value has the type of its input, even where its number is right."""
    value = np.float64(execute(NUMPY, PAIR).value)
    verdicts = said(PAIR, changed(PAIR, value=np.asarray(value)))
    assert failing(verdicts) == {"dtype": (WRONG, "dtype")}
    assert verdicts["dtype"].detail == "value needs float32, got float64"


def test_a_modified_argument_is_noticed() -> None:
    """The names of changed arguments are in the verdict."""
    verdicts = said(PAIR, changed(PAIR, modified=("input", "target")))
    assert failing(verdicts) == {"inputs": (WRONG, "modified")}
    assert verdicts["inputs"].detail == "the call changed input, target"


def test_an_error_on_valid_arguments_is_a_failure() -> None:
    """An exception is one failing verdict, and no other family repeats it."""
    verdicts = said(PAIR, Output(error="ValueError: no"))
    assert failing(verdicts) == {"call": (Status.ERROR, "raised")}
    assert set(verdicts) == {"call", "inputs", "state"}
    assert verdicts["call"].detail == "ValueError: no"


def test_an_error_on_invalid_arguments_is_due() -> None:
    """Invalid arguments must raise; a number for them is accepted-invalid."""
    assert failing(said(INVALID, Output(error="ValueError: typo"))) == {}
    verdicts = said(INVALID, changed(PAIR))
    assert failing(verdicts) == {"rejection": (Status.ACCEPTED_INVALID, "accepted")}
    assert "reduction" in verdicts["rejection"].detail


@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_integer_arguments_of_a_regression_are_nobodys_business(loss: str) -> None:
    """Nobody documents what they do, so neither outcome is judged."""
    whole = Array.of(np.array([1, 2]))
    case = Case(loss, "float32", {"input": whole, "target": whole})
    for output in (Output(error="TypeError: no"), Output(np.float32(0))):
        assert set(said(case, output)) == {"inputs", "state"}
