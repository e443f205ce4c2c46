"""Cases on which correct arithmetic was once accused, each with the reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.answer import ask
from conformance.backend import execute
from conformance.case import Array, Case
from conformance.loading import load
from conformance.measure import examine
from conformance.verdict import Status

if TYPE_CHECKING:
    from conformance.measure import Judged

INF = np.inf


def case(loss: str, dtype: str, x: Any, y: Any, **others: Any) -> Case:
    """Return a case; class indices are given as integers."""
    integral = np.asarray(y).dtype.kind in "iu"
    arguments = {
        "input": Array.of(x, dtype),
        "target": Array.of(y, None if integral else dtype),
    }
    if "weight" in others:
        arguments["weight"] = Array.of(others.pop("weight"), dtype)
    upstream = others.pop("upstream", None)
    return Case(
        loss,
        dtype,
        arguments,
        others,
        None if upstream is None else Array.of(upstream, dtype),
    )


OVERFLOW_BESIDE_INFINITY = case(
    "cross_entropy", "float32", [[-8.507059e37, 0], [0, -INF]], [0, 1], weight=[4, -1]
)
SUM_MEETS_INFINITY = case("mse", "float32", [-2.9774707e38], [0.0, 0, -INF, 0, 0])
PARTIAL_SUM_OVERFLOWS = case(
    "mse",
    "float32",
    [[0.0]],
    [[-(2.0**124), -(2.0**123)], [0, -(2.0**123)], [0, -(2.0**124)], [-(2.0**123), 0]],
    upstream=[[3, 4], [0, 6], [0, -5], [-6, 0]],
    reduction="none",
)
SUBNORMAL_BEFORE_UPSTREAM = case(
    "mse", "float16", [0.0, 0, 0], [3.8e-6, 0, 0], upstream=2.0
)
SUBNORMAL_BEFORE_KEEP = case(
    "cross_entropy",
    "float16",
    np.tile([[[-10.0], [0.0]]], (15, 1, 2)),
    np.zeros((15, 2, 2)),
    label_smoothing=0.1,
)


def judged(backend: str, one: Case) -> tuple[Judged, ...]:
    """Return the verdicts of a backend on a case."""
    implementation = load(backend)
    return examine(one, ask(one), implementation, execute(implementation, one))


@pytest.mark.parametrize(
    "backend", ["numpy", pytest.param("torch:cpu", marks=pytest.mark.torch)]
)
@pytest.mark.parametrize(
    "one", [OVERFLOW_BESIDE_INFINITY, SUM_MEETS_INFINITY, PARTIAL_SUM_OVERFLOWS]
)
def test_an_overflow_on_the_way_is_vacuous(backend: str, one: Case) -> None:
    """Where a finite intermediate overflows float32, nothing is promised."""
    statuses = {j.verdict.status for j in judged(backend, one)}
    assert statuses <= {Status.CONFORMS, Status.VACUOUS}
    assert Status.VACUOUS in statuses


@pytest.mark.torch
@pytest.mark.parametrize("one", [SUBNORMAL_BEFORE_UPSTREAM, SUBNORMAL_BEFORE_KEEP])
def test_a_stored_subnormal_may_be_scaled_later(one: Case) -> None:
    """A stage may be a subnormal half number before the last factor comes."""
    inexact = {"gradient.input", "gradient.target"}
    verdicts = [
        j.verdict for j in judged("torch:cpu", one) if j.verdict.quantity in inexact
    ]
    assert {v.status for v in verdicts} == {Status.CONFORMS}
    assert max(v.ulps for v in verdicts) > 0


def test_infinities_that_nothing_can_hide_are_still_required() -> None:
    """Where nothing can overflow, nan in place of an infinity is of the wrong class."""
    one = case("cross_entropy", "float32", [[0.0, -INF]], [1])
    implementation = load("numpy")
    output = execute(implementation, one)
    assert output.value is not None
    output.value[...] = np.nan
    found = {
        j.verdict.quantity: j.verdict
        for j in examine(one, ask(one), implementation, output)
    }
    assert found["value"].status is Status.WRONG_CLASS
