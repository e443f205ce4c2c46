"""Correct arithmetic is not accused at the edges of the formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from extremes import extreme
from innocents import FLUSHING, INNOCENTS
from test_innocents import accusations

from conformance.answer import ask
from conformance.case import DTYPES, Array, Case
from conformance.judge import judge
from conformance.loading import load
from conformance.tolerance import Tolerance
from conformance.verdict import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOSSES = ("mae", "mse", "cross_entropy")
INF = np.inf
FEW, MANY = 3, 400


@dataclass(frozen=True, eq=False)
class Edge:
    """A case on which correct arithmetic was accused.

    Attributes:
        who: Whose arithmetic: names of innocents.
        case: The case.
    """

    who: tuple[str, ...]
    case: Case


def edge(who: str, loss: str, dtype: str, x: Any, y: Any, **others: Any) -> Edge:
    """Return an edge; class indices are given as integers."""
    integral = np.asarray(y).dtype.kind in "iu"
    arguments = {"input": Array.of(x, dtype)}
    arguments["target"] = Array.of(y, None if integral else dtype)
    arrays = {n: others.pop(n, None) for n in ("weight", "upstream", "tangent")}
    given = {n: Array.of(a, dtype) for n, a in arrays.items() if a is not None}
    if "weight" in given:
        arguments["weight"] = given.pop("weight")
    up, tangent = given.get("upstream"), given.get("tangent")
    return Edge(
        tuple(who.split("; ")), Case(loss, dtype, arguments, others, up, "", tangent)
    )


CE = "cross_entropy"
EDGES = {
    "a quotient is subnormal before it is doubled": edge(
        "backward", "mse", "float32", [float.fromhex("0x1.fffffep-126"), 0], [0.0, 0]
    ),
    "a product with the cotangent is subnormal before it is doubled": edge(
        "backward",
        "mse",
        "float32",
        [float.fromhex("0x1.fffffep-126")],
        [0.0],
        upstream=0.5,
    ),
    "weight · upstream overflows before probabilities of 0": edge(
        "staged",
        CE,
        "bfloat16",
        [[1.0, 1.0]],
        [[0.0, 0.0]],
        weight=[-4e9, 7.5e29],
        upstream=1e34,
        reduction="sum",
    ),
    "ε/C · upstream vanishes before a large weight": edge(
        "accumulated in float64",
        CE,
        "float32",
        [[3.0, -1], [0, 1]],
        [0, 1],
        weight=[7e36, 0.0],
        label_smoothing=2.0**-100,
    ),
    "the sum of weights overflows before ε/C": edge(
        "ascending; accumulated in float64",
        CE,
        "float32",
        [[1.0, 2, 3, 4]],
        [0],
        weight=[1, 2e38, 2e38, -1e37],
        label_smoothing=0.1,
        reduction="sum",
    ),
    "the sum of weights overflows before the mean": edge(
        "sequential",
        CE,
        "bfloat16",
        [[1.0, 2], [0, 2]],
        [0, 1],
        weight=[3e38, 3e38],
    ),
    "a sum of probabilities overflows": edge(
        "all in storage",
        CE,
        "float16",
        [[-14.0, 3, 80]],
        [[32768.0, 32768, 16384]],
        reduction="none",
    ),
    "weight · probability overflows beside a loss of 0": edge(
        "sequential",
        CE,
        "bfloat16",
        [[1.0]],
        [[3e38]],
        weight=[-10.5],
        reduction="sum",
    ),
    "parts of e vanish in float64 itself": edge(
        "correctly rounded; sequential",
        CE,
        "float64",
        [[0.0, 0.25]],
        [[-0.015625, -0.0078125]],
        weight=[5e-324, 5e-324],
        label_smoothing=1 - 2.0**-24,
    ),
    "a saturated row under a tiny cotangent": edge(
        "float64 inside",
        CE,
        "float32",
        [[2.0**127, 0.0]],
        [[0.25, 0.0]],
        upstream=2.0**-149,
        reduction="sum",
    ),
    "a small share stored in half before the cotangent": edge(
        "staged",
        CE,
        "float16",
        [[6.125, -4.965, 5.19, 6.65]] * 9,
        [[0.0, 0, 0, 0.0109]] * 9,
        label_smoothing=1e-6,
        upstream=-745.0,
    ),
    "ε that is 0 in float32, at a logit of −inf": edge(
        "sequential",
        CE,
        "float32",
        [[-3.0, -INF, -0.5]],
        [0],
        label_smoothing=1e-300,
        reduction="none",
    ),
    "a factor of an infinity vanishes": edge(
        "sequential",
        CE,
        "float32",
        [[-INF, 4, 8]],
        [[0.0, 0, 1]],
        weight=[3e-27, 1, 1],
        upstream=1e-19,
        reduction="sum",
    ),
    "log p is 0 under an infinite cotangent": edge(
        "sequential",
        CE,
        "float32",
        [[200.0, 0.0]],
        [[0.5, 0.5]],
        upstream=INF,
        reduction="sum",
    ),
    "an infinite weight where smoothing meets a probability of 0": edge(
        "sequential; shuffled",
        CE,
        "float32",
        [[0.0, 1.0]],
        [[0.0, 0.0]],
        weight=[INF, 1.0],
        label_smoothing=0.5,
        reduction="none",
    ),
    "weights cancel in some orders only": edge(
        "sequential; in lanes; compensated",
        CE,
        "float32",
        [[1.0, 0, 2, 3]] * 4,
        [0, 1, 2, 3],
        weight=[2.0**100, 1, -(2.0**100), -1],
    ),
    "an exact gradient has a subnormal product on the way": edge(
        "pairwise; staged",
        CE,
        "float32",
        [[-INF, 0], [0, 1.0]],
        [0, 1],
        weight=[3 * 2.0**-80, 2.0**-60 - 3 * 2.0**-80],
        upstream=3 * 2.0**-70,
    ),
    "twice the cotangent overflows": edge(
        "shuffled",
        "mse",
        "float32",
        [0.0, 2.0**-8, 1],
        [0.0, 0, 0.5],
        upstream=[3e38, 3e38, 1],
        reduction="none",
    ),
    "2 d u is subnormal before it is divided": edge(
        "all in storage, in sequence",
        "mse",
        "float16",
        [-0.01322],
        [-0.4531, 0.2893, 0.0698, 0.979],
        upstream=2.4e-7,
    ),
    "u/n is subnormal in storage, 2/n is not": edge(
        "staged",
        "mse",
        "float16",
        [0.0, 0, 0],
        [-128.0, -128, -128],
        upstream=-6e-8,
    ),
}


@pytest.mark.parametrize("name", EDGES)
def test_an_edge_accuses_nobody(name: str) -> None:
    """What once accused a correct backend does so no more."""
    one = EDGES[name]
    assert accusations({who: INNOCENTS[who] for who in one.who}, [one.case]) == []


@pytest.mark.torch
def test_torch_may_meet_nan_along_a_direction_of_zero_weight() -> None:
    """A probability times a direction that overflows meets weights of 0."""
    one = edge(
        "torch",
        CE,
        "float32",
        [[0.0, 1.0]],
        [[3e38, 0.5]],
        weight=[0.0, 0.0],
        tangent=[[4.0, 1.0]],
        reduction="sum",
        upstream=2.0**100,
    )
    assert accusations({"torch": load("torch:cpu")}, [one.case]) == []


def _bound(one: Case, quantity: str) -> NDArray[np.float64]:
    contract = INNOCENTS["sequential"].capabilities.contract
    return Tolerance(one, contract).bound(quantity).error


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_probability_of_0_at_minus_infinity_has_the_bound_of_the_other_classes(
    dtype: str, reduction: str
) -> None:
    """So has the loss, the gradient by probabilities and that by weights."""
    weight = [2.0, 3.0, 0.0]
    masked = edge(
        "",
        CE,
        dtype,
        [[1.0, 2.0, -INF], [0.0, -INF, -INF]],
        [[0.25, 0.75, 0], [1, 0, 0]],
        weight=weight,
        reduction=reduction,
    ).case
    kept = edge(
        "",
        CE,
        dtype,
        [[1.0, 2.0], [0.0, -1e4]],
        [[0.25, 0.75], [1, 0]],
        weight=weight[:2],
        reduction=reduction,
    ).case
    value = _bound(masked, "value")
    assert np.isfinite(value).all()
    assert (value <= 2 * _bound(kept, "value")).all()
    assert np.isfinite(_bound(masked, "gradient.weight")).all()
    assert np.isfinite(_bound(masked, "gradient.target")[0]).all()
    assert ask(masked).exact("value").elements()[0].special is None


def test_an_infinite_weight_of_another_class_leaves_the_bound() -> None:
    """The table of special values says what it may do; the rest is as without it."""
    rows = [[0.0, 1.0], [2.0, 0.0]]
    odd, usual = (
        edge("", CE, "float32", rows, [0, 1], weight=[w, 1.0], reduction="none").case
        for w in (INF, 1.0)
    )
    for quantity in ("value", "gradient.input"):
        assert np.array_equal(_bound(odd, quantity)[1], _bound(usual, quantity)[1])


@pytest.mark.parametrize("weight", [[1.0, -1.0], [0.5, -0.5]])
def test_weights_that_cancel_in_every_order_are_settled(weight: list[float]) -> None:
    """Then the mean is nan or infinite, and a number is of the wrong class."""
    one = edge("", CE, "float32", [[1.0, 0], [0, 1]], [0, 1], weight=weight).case
    contract = INNOCENTS["sequential"].capabilities.contract
    answer = ask(one)
    question = answer.question("value", contract)
    assert judge(question, np.array(2.0)).status is Status.WRONG_CLASS
    unsettled = EDGES["weights cancel in some orders only"].case
    question = ask(unsettled).question("value", contract)
    assert judge(question, np.array(2.0)).status is Status.VACUOUS


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_random_extremes_accuse_nobody(loss: str, dtype: str) -> None:
    """Nor do numbers from all over the formats, in every argument."""
    cases = [extreme(seed, loss, dtype) for seed in range(FEW)]
    assert accusations(INNOCENTS, cases) == []


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_many_random_extremes_accuse_nobody(loss: str, dtype: str) -> None:
    """So it is on many more, and for torch in the formats that it computes in."""
    backends = {**INNOCENTS, **FLUSHING}
    if dtype in ("float32", "float64"):
        backends["torch"] = load("torch:cpu")
    cases = (extreme(seed, loss, dtype) for seed in range(FEW, MANY))
    assert accusations(backends, cases) == []


@pytest.mark.parametrize("seed", [*range(FEW), 120, 223])
@pytest.mark.parametrize("loss", LOSSES)
def test_no_cause_of_error_is_negative(loss: str, seed: int) -> None:
    """Not even where a sum of weights may be 0, and the bound is infinite."""
    case = extreme(seed, loss, "float64")
    for backend in (INNOCENTS["sequential"], *FLUSHING.values()):
        tolerance = Tolerance(case, backend.capabilities.contract)
        for name in ("value", "gradient.input"):
            bound = tolerance.bound(name)
            assert not any((term < 0).any() for term in bound.terms.values())
            assert (bound.error >= 0).all()
