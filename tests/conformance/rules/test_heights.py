"""Sums over classes and sums over rows have the heights that a contract names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.answer import ask
from conformance.case import Array, Case
from conformance.contract import WIDE
from conformance.tolerance import Tolerance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.contract import Contract

LANES = replace(WIDE, lanes=64)
ROWS_IN_ORDER = replace(WIDE, lanes=64, row_lanes=1)
CLASSES_IN_ORDER = replace(WIDE, lanes=1, row_lanes=64)
IN_ORDER = replace(WIDE, lanes=1)
MANY = 4096
UNIT = 2.0**-24


def case(loss: str, x: Any, y: Any, **options: Any) -> Case:
    """Return a float32 case."""
    integral = np.asarray(y).dtype.kind in "iu"
    arguments = {"input": Array.of(x, "float32")}
    arguments["target"] = Array.of(y, None if integral else "float32")
    if "weight" in options:
        arguments["weight"] = Array.of(options.pop("weight"), "float32")
    return Case(loss, "float32", arguments, options)


def bound(one: Case, contract: Contract, quantity: str = "value") -> float:
    """Return the largest bound of a quantity."""
    return float(Tolerance(one, contract).bound(quantity).error.max())


def in_order(terms: NDArray[np.float32]) -> float:
    """Return their sum, added one by one."""
    return float(np.add.accumulate(terms, dtype=np.float32)[-1])


# A one and then what is lost when it is added to it; the largest loss comes first.
STAGNATING = case("mae", [1.0, *[UNIT] * (MANY - 1)], np.zeros(MANY), reduction="sum")
LOGITS = np.array([[0.0, 2.0**24], *[[0.0, 0.0]] * (MANY - 1)])
ROWS = case("cross_entropy", LOGITS, np.zeros(MANY, np.int64), reduction="sum")
LOSSES = np.array([2.0**24, *[np.log(2)] * (MANY - 1)], np.float32)


@pytest.mark.parametrize(
    ("one", "terms"),
    [
        (STAGNATING, np.array([1.0, *[UNIT] * (MANY - 1)], np.float32)),
        (ROWS, LOSSES),
    ],
    ids=["elements", "rows"],
)
def test_rows_added_in_order_are_outside_lanes_and_near_the_bound_of_one(
    one: Case, terms: NDArray[np.float32]
) -> None:
    """The bound of rows in order holds, within a factor of 4; that of lanes fails."""
    exact = float(ask(one).exact("value").bounds()[0])
    error = abs(in_order(terms) - exact)
    assert bound(one, LANES) < error <= bound(one, ROWS_IN_ORDER) < 4 * error
    assert bound(one, CLASSES_IN_ORDER) < error


WIDE_ROW = case("cross_entropy", np.linspace(0, 1, MANY)[None], [0], reduction="none")
SHARES = case(
    "cross_entropy",
    np.linspace(0, 1, 2 * MANY).reshape(MANY, 2),
    np.full((MANY, 2), 0.5),
    weight=[1.0, 2],
    reduction="sum",
)


@pytest.mark.parametrize("quantity", ["value", "gradient.input"])
def test_lanes_of_rows_do_not_touch_sums_over_classes(quantity: str) -> None:
    """A row of many classes has the bound of the lanes over classes."""
    lanes, rows = bound(WIDE_ROW, LANES, quantity), bound(WIDE_ROW, IN_ORDER, quantity)
    assert lanes < rows
    assert bound(WIDE_ROW, ROWS_IN_ORDER, quantity) == lanes
    assert bound(WIDE_ROW, CLASSES_IN_ORDER, quantity) == rows


@pytest.mark.parametrize(
    ("one", "quantity"),
    [
        (ROWS, "value"),
        (STAGNATING, "value"),
        (SHARES, "value"),
        (SHARES, "gradient.weight"),
        (
            case("mse", [0.3], np.linspace(1, 2, MANY), reduction="sum"),
            "gradient.input",
        ),
    ],
)
def test_lanes_of_classes_do_not_touch_sums_over_rows(one: Case, quantity: str) -> None:
    """Many rows, elements or copies have the bound of the lanes over rows."""
    lanes, rows = bound(one, LANES, quantity), bound(one, IN_ORDER, quantity)
    assert lanes < rows
    assert bound(one, ROWS_IN_ORDER, quantity) == rows
    assert bound(one, CLASSES_IN_ORDER, quantity) == lanes
    assert bound(one, replace(IN_ORDER, row_lanes=None), quantity) == rows


def every_second(one: Case, name: str) -> Case:
    """Return a case that is the same to the eye, with gaps in one argument."""
    given = one.arguments[name]
    doubled = Array(
        given.base.repeat(2), given.shape, tuple(2 * s for s in given.strides)
    )
    return replace(one, arguments={**one.arguments, name: doubled})


@pytest.mark.parametrize("name", ["input", "target"])
@pytest.mark.parametrize(
    "one", [STAGNATING, ROWS, SHARES], ids=["mae", "rows", "shares"]
)
@pytest.mark.parametrize("contract", [LANES, ROWS_IN_ORDER, CLASSES_IN_ORDER])
def test_lanes_of_contiguous_arguments_do_not_touch_others(
    one: Case, name: str, contract: Contract
) -> None:
    """A gap in any argument leaves sums in any order, and only where that is said."""
    gaps, own = every_second(one, name), replace(contract, contiguous_lanes=True)
    assert not gaps.contiguous
    assert bound(one, own) == bound(gaps, contract) == bound(one, contract)
    assert bound(gaps, own) == bound(one, IN_ORDER)


def test_a_sequence_over_strides_is_outside_lanes_unless_they_are_contiguous() -> None:
    """What a plain path for strides makes is inside the contract that tells of it."""
    gaps = every_second(STAGNATING, "input")
    exact = float(ask(gaps).exact("value").bounds()[0])
    error = abs(in_order(np.array([1.0, *[UNIT] * (MANY - 1)], np.float32)) - exact)
    own = replace(LANES, contiguous_lanes=True)
    assert bound(gaps, LANES) < error <= bound(gaps, own) < 4 * error


def test_what_is_suspect_of_classes_leaves_the_rows_that_were_declared() -> None:
    """Sums over classes alone are compared with 64 lanes where rows have their own."""
    contract = replace(WIDE, row_lanes=1)
    suspects = Tolerance(ROWS, contract, lanes=64).bound("value").error
    assert float(suspects) == bound(ROWS, IN_ORDER)
