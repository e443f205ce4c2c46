"""Bounds are kept by every allowed variant, and are small enough to accuse others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.answer import ask
from conformance.backend import execute
from conformance.backends.numpy import NumpyBackend, Parts, create
from conformance.builders.pool import pool_case
from conformance.case import DTYPES, Array, Case
from conformance.contract import STAGED, WIDE, Contract
from conformance.loading import load
from conformance.measure import examine
from conformance.tolerance import Tolerance
from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.backend import Backend
    from conformance.measure import Judged

LOSSES = ("mae", "mse", "cross_entropy")
UNIT = {
    "float16": 2.0**-11,
    "bfloat16": 2.0**-8,
    "float32": 2.0**-24,
    "float64": 2.0**-53,
}


def of(values: Any, dtype: str) -> Array:
    """Return an array, of labels if the values are integers."""
    array = np.asarray(values)
    return Array.of(array, None if array.dtype.kind == "i" else dtype)


def case(loss: str, dtype: str = "float32", **given: Any) -> Case:
    """Return a case of plain values."""
    names = ("reduction", "ignore_index", "label_smoothing")
    options = {name: given.pop(name) for name in names if name in given}
    up = given.pop("upstream", None)
    arguments = {name: of(values, dtype) for name, values in given.items()}
    return Case(loss, dtype, arguments, options, None if up is None else of(up, dtype))


def bound(given: Case, quantity: str = "value", contract: Contract = WIDE) -> Any:
    """Return B as an array."""
    return Tolerance(given, contract).bound(quantity).error


def judged(backend: Backend, loss: str, dtype: str, count: range) -> Iterator[Judged]:
    """Yield every verdict on the first cases of the pool."""
    for index in count:
        drawn = pool_case(loss, dtype, index, 3)
        if backend.can_run(drawn) is None:
            yield from examine(drawn, ask(drawn), backend, execute(backend, drawn))


def accusations(backend: Backend, loss: str, dtype: str, count: range) -> list[Any]:
    """Return verdicts that are neither conforming nor vacuous."""
    harmless = {Status.CONFORMS, Status.VACUOUS}
    made = judged(backend, loss, dtype, count)
    return [one.verdict for one in made if one.verdict.status not in harmless]


# --- Nobody who keeps the contract is accused


def sequential(values: Any, formats: Any) -> Any:
    """Return sums from the first addend to the last."""
    return _folded(values, formats, range(values.shape[-1]))


def reversed_(values: Any, formats: Any) -> Any:
    """Return sums from the last addend to the first."""
    return _folded(values, formats, range(values.shape[-1] - 1, -1, -1))


def shuffled(values: Any, formats: Any) -> Any:
    """Return sums in an arbitrary order."""
    order = np.random.default_rng(values.size).permutation(values.shape[-1])
    return _folded(values, formats, order)


def ascending(values: Any, formats: Any) -> Any:
    """Return sums of the sorted addends, smallest first."""
    return _folded(np.sort(values, axis=-1), formats, range(values.shape[-1]))


def _folded(values: Any, formats: Any, order: Any) -> Any:
    total = np.full(values.shape[:-1], -0.0, formats.compute)
    for i in order:
        total = np.asarray(total + values[..., i], formats.compute)
    return total


def exp_of_log(parts: Parts, logits: Any, formats: Any) -> Any:
    """Return log p, and p as its exponential."""
    shifted = logits - parts.shift(logits)
    total = parts.total(np.exp(shifted), formats)[..., np.newaxis]
    log_p = shifted - parts.log_sum(total, formats)
    return log_p, np.exp(log_p)


def by_reciprocal(parts: Parts, logits: Any, formats: Any) -> Any:
    """Return log p, and p with one division a row."""
    shifted = logits - parts.shift(logits)
    exponentials = np.exp(shifted)
    total = parts.total(exponentials, formats)[..., np.newaxis]
    one = np.ones((), formats.compute)
    return shifted - parts.log_sum(total, formats), exponentials * (one / total)


def late(d: Any, n: Any) -> Any:
    """Return 2 d · (1/n)."""
    return (d + d) * (np.ones((), d.dtype) / n)


VARIANTS = {
    "sequential": Parts(total=sequential),
    "reversed": Parts(total=reversed_, softmax=exp_of_log),
    "shuffled": Parts(total=shuffled, softmax=by_reciprocal),
    "ascending": Parts(total=ascending, softmax=exp_of_log),
    "late division": replace(Parts(), slopes={**Parts().slopes, "mse": late}),
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_variants_of_the_backend_conform(name: str, dtype: str) -> None:
    """Other orders of sums and other ways to softmax are within the bounds."""
    backend = NumpyBackend(name, VARIANTS[name])
    for loss in LOSSES:
        assert accusations(backend, loss, dtype, range(40)) == []


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_numpy_conforms_on_the_pool(loss: str, dtype: str) -> None:
    """No case of the pool accuses the NumPy backend of anything."""
    assert accusations(create(), loss, dtype, range(1000)) == []


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", LOSSES)
def test_torch_is_within_its_bounds(loss: str, dtype: str) -> None:
    """Eager torch violates no bound in formats that it computes in."""
    made = judged(load("torch:cpu"), loss, dtype, range(600))
    bounded = ("value", "gradient.input", "gradient.target", "gradient.weight")
    found = [one.verdict for one in made if one.verdict.quantity in bounded]
    assert [v for v in found if v.status in FAILURES] == []


# --- Nobody who breaks it is cleared


def test_bounds_are_reached_by_a_correct_backend() -> None:
    """In each cell some correct result uses a fair share of its bound."""
    ratios: dict[tuple[str, str, str], float] = defaultdict(float)
    for loss in LOSSES:
        for dtype in DTYPES:
            for one in judged(create(), loss, dtype, range(40)):
                key = loss, dtype, one.verdict.quantity.partition(".")[0]
                ratios[key] = max(ratios[key], one.verdict.ratio)
    cells = {k: r for k, r in ratios.items() if k[2] in {"value", "gradient"}}
    assert len(cells) == 24
    assert {cell: r for cell, r in cells.items() if r < 0.15} == {}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_ordinary_cases_are_resolved(dtype: str, reduction: str) -> None:
    """On ordinary numbers B is a few dozen unit roundoffs of the exact value."""
    rows = [[1.5, -2.0, 0.25], [4.0, 0.5, -3.0], [-1.0, -0.5, 2.0]]
    options = {"reduction": reduction, "input": rows}
    given = [
        case(loss, dtype, target=(np.array(rows) * 0.7).tolist(), **options)
        for loss in ("mae", "mse")
    ]
    given.append(case("cross_entropy", dtype, target=[2, 1, 0], **options))
    given.append(case("cross_entropy", dtype, target=np.abs(rows) / 8, **options))
    for one in given:
        head, _, _ = ask(one).exact("value").expansion()
        made = Tolerance(one, WIDE).bound("value")
        assert made.resolution(head).max() <= 40 * UNIT[dtype]


integers = st.lists(st.integers(-64, 64), min_size=1, max_size=64)


@given(x=integers, dtype=st.sampled_from(["float32", "float64"]))
def test_sums_of_integers_have_no_error(x: list[int], dtype: str) -> None:
    """Where every partial sum is a number of the format the bound is zero."""
    target = [0.0] * len(x)
    for loss in ("mae", "mse"):
        made = case(
            loss, dtype, input=np.array(x) / 1.0, target=target, reduction="sum"
        )
        assert bound(made) == 0


@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_one_unit_more_in_an_exact_sum_is_caught(loss: str) -> None:
    """A sum of 4096 integers that is off by the last place violates its bound."""
    x = np.arange(4096.0) % 7
    given = case(loss, input=x, target=np.zeros(4096), reduction="sum")
    assert bound(given) == 0
    off = np.nextafter(
        np.float32(np.abs(x).sum() if loss == "mae" else (x * x).sum()), 0
    )
    output = replace(execute(create(), given), value=np.asarray(off, np.float32))
    (value,) = (
        o.verdict
        for o in examine(given, ask(given), create(), output)
        if o.verdict.quantity == "value"
    )
    assert value.status is Status.VIOLATES


def test_sums_stop_being_exact_at_the_precision() -> None:
    """Σ|z| = 2**24 quanta is the end of exactness in float32."""
    full = [2.0**23, 2.0**23 - 1]
    assert bound(case("mae", input=full, target=[0.0, 0.0], reduction="sum")) == 0
    over = [2.0**23, 2.0**23 + 1]
    assert bound(case("mae", input=over, target=[0.0, 0.0], reduction="sum")) > 0


@pytest.mark.parametrize("rows", [1, 4, 64])
@pytest.mark.parametrize("gap", [104.0, 128.0, 1000.0])
def test_rows_with_a_wide_integer_gap_are_exact(rows: int, gap: float) -> None:
    """The loss of [0, G] is G in float32 from 104 on: the bound is far below an ulp."""
    given = case("cross_entropy", input=[[0.0, gap]] * rows, target=[0] * rows)
    assert bound(given) < 2.0**-140
    assert bound(replace(given, options={"reduction": "sum"})) < 2.0**-130


@pytest.mark.parametrize("loss", LOSSES)
def test_a_denominator_off_by_one_is_caught(loss: str) -> None:
    """Dividing 4096 terms by 4095 violates the bound of the mean in float32."""
    if loss == "cross_entropy":
        rows = np.tile([0.0, 128.0], (4096, 1))
        given = case(loss, input=rows, target=np.zeros(4096, np.int64))
        exact = 128.0
    else:
        given = case(loss, input=np.full(4096, 2.0), target=np.zeros(4096))
        exact = 2.0 if loss == "mae" else 4.0
    wrong = np.float32(exact * 4096 / 4095)
    assert abs(wrong - exact) > bound(given)


# --- The parts of a bound


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_terms_add_up_to_the_bound(loss: str, dtype: str) -> None:
    """What the causes contribute is the whole bound, and shapes are the quantity's."""
    for index in range(30):
        drawn = pool_case(loss, dtype, index, 4)
        answer = ask(drawn)
        if answer.result is None:
            continue
        for quantity in ("value", "gradient.input"):
            made = Tolerance(drawn, WIDE).bound(quantity)
            assert made.error.shape == answer.exact(quantity).shape
            finite = np.isfinite(made.error) & (made.error > 1e-300)
            total = np.zeros(made.error.shape)
            for term in made.terms.values():
                total = total + term
            assert np.allclose(total[finite], made.error[finite], rtol=1e-5, atol=0)


def test_a_bound_names_its_rule() -> None:
    """Rules are named by loss and quantity, or reduction."""
    regression = case("mse", input=[1.0], target=[2.0], reduction="sum")
    assert Tolerance(regression, WIDE).bound("value").rule == "MSE-SUM"
    assert Tolerance(regression, WIDE).bound("gradient.target").rule == "MSE-GRAD"
    rows = case("cross_entropy", input=[[1.0, 2.0]], target=[0])
    assert Tolerance(rows, WIDE).bound("value").rule == "CE-MEAN"
    assert Tolerance(rows, WIDE).bound("gradient.input").rule == "CE-GRAD-INPUT"


@pytest.mark.parametrize("quantity", ["gradient.weight", "hessian"])
def test_a_quantity_without_a_rule_is_refused(quantity: str) -> None:
    """Asking for the bound of something else names it and the loss."""
    given = case("mae", input=[1.0], target=[2.0])
    with pytest.raises(ValueError, match=f"{quantity}' of mae"):
        Tolerance(given, WIDE).bound(quantity)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_lanes_and_contracts_are_ordered(loss: str, dtype: str) -> None:
    """Sums in lanes have a bound no larger than in any order, `wide` than `staged`."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 3))
    y = (
        np.zeros(300, np.int64)
        if loss == "cross_entropy"
        else rng.normal(size=(300, 3))
    )
    given = case(loss, dtype, input=x, target=y)
    anyhow = Tolerance(given, WIDE).bound("value").error
    lanes = Tolerance(given, WIDE, 64).bound("value").error
    assert lanes < anyhow
    assert anyhow <= Tolerance(given, STAGED).bound("value").error * (1 + 1e-12)


def test_causes_beyond_the_range_together_promise_nothing() -> None:
    """Where errors add up to infinity so is the bound, and nothing is warned of."""
    arguments = {
        "input": Array.of([[-4e-9, -8.0, -64.0, 6e262]]),
        "target": Array.of(np.array([0])),
    }
    options = {"reduction": "none", "label_smoothing": 0.001}
    upstream = Array.of([-(2.0**1023)])
    case = Case("cross_entropy", "float64", arguments, options, upstream)
    contract = replace(WIDE, scheme="lse")
    assert np.isinf(Tolerance(case, contract).bound("gradient.input").error).any()


def test_intermediates_out_of_range_promise_nothing() -> None:
    """Where the compute format overflows on the way the bound is infinite."""
    given = case("mse", input=[1e30, 0.0], target=[0.0, 0.0])
    assert bound(given) == np.inf
    half = case("mse", "float16", input=[6e4, 0.0], target=[0.0, 0.0])
    assert np.isfinite(bound(half))


# --- Cases that once were judged wrongly


@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_a_mean_may_be_multiplied_by_the_reciprocal(loss: str) -> None:
    """An exact sum times the rounded 1/n is within the bound, for every small n."""
    for n in range(1, 200):
        x = np.zeros(n)
        x[0] = 3.0
        given = case(loss, input=x, target=np.zeros(n))
        term = 3.0 if loss == "mae" else 9.0
        got = np.float32(term) * (np.float32(1) / np.float32(n))
        assert abs(float(got) - term / n) <= bound(given)


def test_an_upstream_gradient_may_come_last() -> None:
    """(2/n · d) · u loses what 2/n · d does below the normal range, times u."""
    d, n, u = np.float32(2.0**-140), np.float32(3), np.float32(1024)
    given = case("mse", input=[float(d), 0.0, 0.0], target=[0.0] * 3, upstream=1024.0)
    got = (np.float32(2) / n * d) * u
    exact = 2 * float(d) / 3 * 1024
    assert abs(float(got) - exact) <= bound(given, "gradient.input")[0]
    assert abs(float(got) - exact) > 2.0**-150
