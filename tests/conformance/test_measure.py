"""The oracle answers once, and the answer leads to the right questions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance import answer as answers
from conformance.answer import answer, ask
from conformance.backend import Output, execute
from conformance.backends.numpy import create
from conformance.case import Array, Case
from conformance.contract import STAGED, STORAGE, STRICT, WIDE, Contract
from conformance.measure import examine, same_bounds, wide_of
from conformance.verdict import Status


def case(loss: str = "mae", dtype: str = "float32", **options: Any) -> Case:
    """Return a small case."""
    arguments = {"input": [1.0, 2.0, 3.0], "target": [1.0, 2.0, 5.0]}
    arrays = {name: Array.of(v, dtype) for name, v in arguments.items()}
    return Case(loss, dtype, arguments=arrays, options=options)


def test_the_oracle_is_asked_what_the_case_says() -> None:
    """Values, options and cotangent reach the reference."""
    given = replace(case(reduction="sum"), upstream=Array.of(3.0, "float32"))
    made = ask(given)
    assert made.exact("value").lower.item() == 2
    assert made.exact("gradient.input").lower.tolist() == [0, 0, -3]
    assert made.exact("gradient.target").lower.tolist() == [0, 0, 3]


def test_an_invalid_case_has_a_reason() -> None:
    """What is wrong is said, and there is nothing exact to ask for."""
    made = ask(case(reduction="typo"))
    assert (made.result, made.argument) == (None, "reduction")
    assert "typo" in made.rejection
    with pytest.raises(ValueError, match=r"must be valid, got: .*typo"):
        made.exact("value")


def test_equal_cases_are_answered_once() -> None:
    """Answers are remembered by case id, wherever the case comes from."""
    first = answer(replace(case(), origin="here"))
    assert answer(replace(case(), origin="there")) is first
    assert answer(case(loss="mse")) is not first


def test_only_signs_of_mae_always_count() -> None:
    """The gradient of MAE is a sign; other quantities may round to the other side."""
    for loss, quantity, signed in (
        ("mae", "gradient.input", True),
        ("mae", "value", False),
        ("mse", "gradient.input", False),
    ):
        assert ask(case(loss)).question(quantity, WIDE).signed is signed


def test_a_sum_of_signs_may_cancel() -> None:
    """The gradient by a broadcast argument adds signs up: its own sign may be lost."""
    arrays = {
        "input": Array.of([1.0, 2.0, 3.0], "float32"),
        "target": Array.of(2.0, "float32"),
    }
    given = ask(Case("mae", "float32", arrays))
    assert given.question("gradient.input", WIDE).signed
    assert not given.question("gradient.target", WIDE).signed


def test_small_sums_have_no_lanes() -> None:
    """Where any order is as good as lanes only one bound is asked."""
    for n, wanted in ((30, False), (66, True)):
        arrays = {"input": Array.of(np.ones(n) / 3), "target": Array.of(np.zeros(n))}
        made = ask(Case("mae", "float64", arrays)).question("value", WIDE)
        assert (made.lanes is not None) == wanted


@pytest.mark.parametrize("sizes", [((60, 1), (1, 60)), ((80,), ())])
def test_broadcasting_makes_a_sum_long(sizes: tuple[Any, Any]) -> None:
    """What counts is how many elements are added, not how many are stored."""
    arrays = {
        name: Array.of(np.full(size, value))
        for name, size, value in zip(
            ("input", "target"), sizes, (0.1, 0.7), strict=True
        )
    }
    made = ask(Case("mae", "float64", arrays)).question("value", WIDE)
    assert made.lanes is not None
    assert (made.lanes.error < made.bound.error).all()


def test_declared_lanes_are_the_bound() -> None:
    """A contract with lanes has nothing in between that could be suspect."""
    n = 5000
    arrays = {"input": Array.of(np.ones(n) / 3), "target": Array.of(np.zeros(n))}
    given = ask(Case("mae", "float64", arrays))
    declared = given.question("value", replace(WIDE, lanes=64))
    assert declared.lanes is None
    undeclared = given.question("value", WIDE)
    assert undeclared.lanes is not None
    assert declared.bound.error == undeclared.lanes.error < undeclared.bound.error


def test_bounds_are_made_once() -> None:
    """The same question gives the same bound object, another contract another."""
    given = ask(case())
    first = given.question("value", WIDE).bound
    assert given.question("value", WIDE).bound is first
    assert given.question("value", STAGED).bound is not first


def test_wide_keeps_the_error_of_functions() -> None:
    """The comparison under `wide` takes over what exp and log are allowed."""
    own = replace(STAGED, exp_ulps=3.0, log_ulps=4.0)
    assert wide_of(own) == replace(WIDE, exp_ulps=3.0, log_ulps=4.0)


def test_a_staged_backend_is_also_judged_as_wide() -> None:
    """A result that only staging excuses conforms, and would violate `wide`."""
    backend = create()
    staged = replace(
        backend, capabilities=replace(backend.capabilities, contract=STAGED)
    )
    arrays = {
        "input": Array.of([1.0, 2.0, 3.3], "bfloat16"),
        "target": Array.of([0.7, 1.9, 5.1], "bfloat16"),
    }
    given = Case("mse", "bfloat16", arrays)
    output = execute(staged, given)
    assert output.value is not None
    seen = set()
    for factor in (1.0, 1 + 2.0**-7, 1 - 2.0**-7):
        moved = np.asarray(output.value.astype(np.float32) * np.float32(factor))
        changed = Output(moved.astype(output.value.dtype), output.gradients)
        for one in examine(given, ask(given), staged, changed):
            if one.verdict.quantity == "value":
                seen.add((one.verdict.status, one.wide))
    assert (Status.CONFORMS, Status.VIOLATES) in seen
    assert (Status.VIOLATES, Status.CONFORMS) not in seen


@pytest.mark.parametrize("contract", [STORAGE, STRICT], ids=lambda c: c.name)
def test_every_contract_is_also_judged_as_wide(contract: Contract) -> None:
    """Contracts with other formats inside imply other bounds than `wide`."""
    assert not same_bounds(contract, WIDE, "bfloat16")
    assert same_bounds(WIDE, replace(WIDE, name="mine"), "bfloat16")
    assert same_bounds(STORAGE, WIDE, "float32")
    assert same_bounds(STAGED, WIDE, "float32")
    assert not same_bounds(STRICT, WIDE, "float32")


def test_verdicts_carry_their_requirements() -> None:
    """Each verdict is evidence for what its quantity and the case's features need."""
    backend, given = create(), case()
    made = examine(given, ask(given), backend, execute(backend, given))
    found = {one.verdict.quantity: set(one.requirements) for one in made}
    assert found == {
        "value": {"MAE-MEAN-VALUE"},
        "gradient.input": {"MAE-MEAN-GRADIENT", "MAE-EQUAL-GRADIENT"},
        "gradient.target": {"MAE-TARGET"},
        "dtype": {"MAE-DTYPE"},
        "device": {"MAE-DEVICE"},
        "zero": {"MAE-ZERO"},
        "shape": {"MAE-SHAPE"},
        "inputs": {"MAE-PURE"},
        "state": {"MAE-STATE"},
        "call": {"MAE-ACCEPTS"},
    }
    assert all(one.wide is one.verdict.status for one in made)


def test_the_lanes_that_are_suspect_are_the_documented_ones() -> None:
    """The threshold below which lanes are not asked is that of the height itself."""
    from conformance.rules.arithmetic import Arithmetic

    any_order = Arithmetic.of(WIDE, "float32", lanes=None)
    lanes = Arithmetic.of(WIDE, "float32", lanes=answers.SUSPECT_LANES)
    for n in range(answers._LARGE):  # noqa: SLF001 - the threshold is the point
        assert lanes.height(n) == any_order.height(n)
    assert lanes.height(200) < any_order.height(200)
