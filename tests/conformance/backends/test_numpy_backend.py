"""The NumPy backend is what its formulas say, in every format and option."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.backend import Backend, BackendUnavailableError, Output, execute
from conformance.backends.numpy import NumpyBackend, create
from conformance.case import DTYPES, Array, Case

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMPY = create()
INF, NAN = math.inf, math.nan
UNIT = 2.0**-53


def run(loss: str, dtype: str = "float64", **given: Any) -> Output:
    """Return what the backend makes of plain values; it must not raise."""
    output = execute(NUMPY, case(loss, dtype, **given))
    assert output.error is None, output.error
    return output


def case(loss: str, dtype: str = "float64", **given: Any) -> Case:
    """Return the case of plain values; integer targets are class indices."""
    options: dict[str, Any] = {
        name: given.pop(name)
        for name in ("reduction", "ignore_index", "label_smoothing")
        if name in given
    }
    upstream = given.pop("upstream", None)
    arrays = {name: as_array(values, dtype) for name, values in given.items()}
    return Case(
        loss,
        dtype,
        arrays,
        options,
        None if upstream is None else as_array(upstream, dtype),
    )


def as_array(values: Any, dtype: str) -> Array:
    """Return the argument, of integers if the values are."""
    array = np.asarray(values)
    return Array.of(array, None if array.dtype.kind in "iu" else dtype)


def floats(values: NDArray[Any] | None) -> Any:
    """Return plain floats."""
    assert values is not None
    return values.astype(np.float64).tolist()


def test_it_is_a_backend_that_claims_all() -> None:
    """The backend satisfies the protocol and offers every loss in every format."""
    assert isinstance(NUMPY, Backend)
    assert NUMPY.capabilities.dtypes == set(DTYPES)
    assert NUMPY.can_run(case("mse", input=[1.0], target=[2.0])) is None


def test_it_has_no_device() -> None:
    """Asking for another device than the cpu says that there is none."""
    with pytest.raises(BackendUnavailableError, match="cpu only"):
        create("cuda")


SMALL = st.integers(-20, 20)


@pytest.mark.parametrize("dtype", DTYPES)
@given(pairs=st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=6))
@settings(max_examples=30)
def test_small_integers_are_exact(dtype: str, pairs: list[tuple[int, int]]) -> None:
    """Sums of small integer terms are exact, and so are their gradients."""
    x, y = ([float(v) for v in side] for side in zip(*pairs, strict=True))
    differences = [a - b for a, b in pairs]
    kept = {"input": x, "target": y, "reduction": "none"}
    mae, mse = run("mae", dtype, **kept), run("mse", dtype, **kept)
    assert floats(mae.value) == [abs(d) for d in differences]
    assert floats(mae.gradients["input"]) == [(d > 0) - (d < 0) for d in differences]
    squares = np.array([float(d * d) for d in differences])
    assert floats(mse.value) == floats(squares.astype(mse.value.dtype))  # type: ignore[union-attr]
    assert floats(mse.gradients["target"]) == [-2.0 * d for d in differences]


@given(
    pairs=st.lists(
        st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=9
    )
)
@settings(max_examples=100)
def test_means_are_close_to_their_fractions(pairs: list[tuple[float, float]]) -> None:
    """Float64 means are within the any-order bound of the exact fraction."""
    n = len(pairs)
    exact = [Fraction(a) - Fraction(b) for a, b in pairs]
    x, y = ([*side] for side in zip(*pairs, strict=True))
    for loss, terms in (
        ("mae", [abs(d) for d in exact]),
        ("mse", [d * d for d in exact]),
    ):
        value = floats(run(loss, input=x, target=y).value)
        mean = sum(terms, Fraction(0)) / n
        bound = mean * Fraction((n + 5) * UNIT) + Fraction(n * 2.0**-1074)
        assert abs(Fraction(value) - mean) <= bound


def looped(
    x: NDArray[Any], y: NDArray[Any], w: NDArray[Any], eps: float, ignored: int
) -> tuple[list[float], float]:
    """Return row losses and the denominator of `mean`, one scalar at a time."""
    losses, denominator = [], 0.0
    for row, target in zip(x, y, strict=True):
        top = max(row)
        log_sum = math.log(math.fsum(math.exp(v - top) for v in row))
        log_p = [(v - top) - log_sum for v in row]
        classes = range(len(row))
        if y.ndim == 1:
            if target == ignored:
                losses.append(0.0)
                continue
            mass = [
                (1 - eps) * w[c] * (c == target) + eps / len(row) * w[c]
                for c in classes
            ]
            denominator += w[target]
        else:
            mass = [w[c] * (target[c] * (1 - eps) + eps / len(row)) for c in classes]
            denominator += 1.0
        losses.append(-math.fsum(m * v for m, v in zip(mass, log_p, strict=True)))
    return losses, denominator


@st.composite
def classifications(draw: st.DrawFn) -> dict[str, Any]:
    """Draw arguments and options of cross-entropy as `(N, C)`."""
    rows, classes = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    seed = np.random.default_rng(draw(st.integers(0, 2**32)))
    given: dict[str, Any] = {"input": seed.normal(size=(rows, classes)) * 4}
    if draw(st.booleans()):
        given["target"] = seed.integers(0, classes, rows)
        given["ignore_index"] = draw(st.sampled_from([-100, 0, 7]))
        if given["ignore_index"] == 7 and rows > 1:
            given["target"][0] = 7
    else:
        given["target"] = seed.random((rows, classes))
    if draw(st.booleans()):
        given["weight"] = seed.random(classes) + 0.1
    given["label_smoothing"] = draw(st.sampled_from([0.0, 0.1, 1.0]))
    given["reduction"] = draw(st.sampled_from(["none", "mean", "sum"]))
    return given


@given(given_=classifications())
@settings(max_examples=150)
def test_cross_entropy_is_its_loops(given_: dict[str, Any]) -> None:
    """Cross-entropy equals a loop over rows and classes with every option."""
    x, y = given_["input"], given_["target"]
    weight = given_.get("weight", np.ones(x.shape[1]))
    ignored = given_.get("ignore_index", -100)
    losses, denominator = looped(x, y, weight, given_["label_smoothing"], ignored)
    expected: Any = losses
    if given_["reduction"] != "none":
        expected = math.fsum(losses)
    if given_["reduction"] == "mean":
        expected = expected / denominator if denominator else NAN
    got = floats(run("cross_entropy", **given_).value)
    np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-14)


def differences(case_: Case, name: str, step: float = 1e-6) -> NDArray[Any]:
    """Return the gradient by `name` from central differences of the value."""
    base = case_.arguments[name].view().astype(np.float64)
    result = np.zeros(base.shape)
    weights = 1.0 if case_.upstream is None else case_.upstream.view()
    for index in np.ndindex(base.shape):
        ends = []
        for sign in (1, -1):
            moved = base.copy()
            moved[index] += sign * step
            changed = {**case_.arguments, name: Array.of(moved)}
            value = execute(
                NUMPY, Case(case_.loss, case_.dtype, changed, case_.options)
            ).value
            assert value is not None
            ends.append(np.sum(value * weights))
        result[index] = (ends[0] - ends[1]) / (2 * step)
    return result


def check_gradients(case_: Case) -> None:
    """Check every gradient that the backend gives against differences."""
    output = execute(NUMPY, case_)
    assert output.error is None, output.error
    for name, gradient in output.gradients.items():
        expected = differences(case_, name)
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7)


@given(given_=classifications(), seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_gradients_of_cross_entropy_are_slopes(
    given_: dict[str, Any], seed: int
) -> None:
    """The gradients of cross-entropy are the slopes of its value."""
    rows = given_["input"].shape[0]
    shape = (rows,) if given_["reduction"] == "none" else ()
    upstream = np.random.default_rng(seed).normal(size=shape)
    check_gradients(case("cross_entropy", **given_, upstream=upstream))


@pytest.mark.parametrize("loss", ["mae", "mse"])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(
    ("left", "right"), [((), ()), ((3,), (3,)), ((2, 1, 3), (4, 1)), ((2, 3), ())]
)
def test_gradients_of_differences_are_slopes(
    loss: str, reduction: str, left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    """The gradients of MAE and MSE are slopes, summed over broadcast axes."""
    seed = np.random.default_rng(3)
    shape = np.broadcast_shapes(left, right) if reduction == "none" else ()
    check_gradients(
        case(
            loss,
            input=seed.normal(size=left),
            target=seed.normal(size=right),
            reduction=reduction,
            upstream=seed.normal(size=shape),
        )
    )


def test_classes_are_the_second_axis() -> None:
    """Positions beyond the batch are rows like any other."""
    x = np.random.default_rng(5).normal(size=(2, 3, 4, 5))
    y = np.random.default_rng(6).integers(0, 3, (2, 4, 5))
    whole = run("cross_entropy", input=x, target=y, reduction="none")
    flat = run(
        "cross_entropy",
        input=np.moveaxis(x, 1, -1).reshape(-1, 3),
        target=y.reshape(-1),
        reduction="none",
    )
    assert whole.value is not None
    assert whole.value.shape == (2, 4, 5)
    assert floats(whole.value.reshape(-1)) == floats(flat.value)
    gradient = np.moveaxis(whole.gradients["input"], 1, -1).reshape(-1, 3)
    assert floats(gradient) == floats(flat.gradients["input"])


def test_one_row_needs_no_batch() -> None:
    """Logits `(C,)` and an index without shape give what a batch of one gives."""
    single = run("cross_entropy", input=[0.1, 0.2, 0.3], target=1)
    batch = run("cross_entropy", input=[[0.1, 0.2, 0.3]], target=[1])
    assert floats(single.value) == floats(batch.value) == pytest.approx(1.10194, 1e-5)
    assert single.gradients["input"].shape == (3,)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@given(given_=classifications())
@settings(max_examples=40)
def test_half_formats_are_rounded_once(dtype: str, given_: dict[str, Any]) -> None:
    """A half-format result is the float32 result of the same inputs, rounded once."""
    narrow = case("cross_entropy", dtype, **given_)
    arrays = {
        name: a if a.dtype == "int64" else Array.of(a.view(), "float32")
        for name, a in narrow.arguments.items()
    }
    wide = execute(NUMPY, Case("cross_entropy", "float32", arrays, narrow.options))
    got = execute(NUMPY, narrow)
    assert got.value is not None
    assert wide.value is not None
    assert got.value.dtype.name == dtype
    same_numbers(got.value, wide.value.astype(got.value.dtype))
    for name, gradient in got.gradients.items():
        same_numbers(gradient, wide.gradients[name].astype(gradient.dtype))


def same_numbers(got: NDArray[Any], wanted: NDArray[Any]) -> None:
    """Fail unless all elements are equal; in bfloat16, NumPy finds no two nan alike."""
    np.testing.assert_array_equal(got.astype(np.float64), wanted.astype(np.float64))


def test_bfloat16_rounds_to_nearest_even() -> None:
    """The cast from float32 to bfloat16 decides all ties and their neighbours right."""
    high = np.arange(0x7F80, dtype=np.uint32)
    for low in (0x0001, 0x7FFF, 0x8000, 0x8001, 0xFFFF):
        bits = (high << 16) | low
        nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        got = bits.view(np.float32).astype(ml_dtypes.bfloat16).view(np.uint16)
        np.testing.assert_array_equal(got, nearest.astype(np.uint16))


def classes(values: Any) -> Any:
    """Return for each number whether it is finite, infinite with a sign, or NaN."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), 0.0, array).tolist()


TABLE: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("all ignored", {"input": [[1.0, 2.0]], "target": [-100]}, NAN, [[0.0, 0.0]]),
    ("no rows", {"input": np.zeros((0, 2)), "target": np.zeros(0, int)}, NAN, None),
    ("-inf elsewhere", {"input": [[-INF, 2.0]], "target": [1]}, 0.0, [[0.0, 0.0]]),
    ("-inf at target", {"input": [[-INF, 2.0]], "target": [0]}, INF, [[-1.0, 1.0]]),
    ("inf", {"input": [[INF, 2.0]], "target": [0]}, NAN, [[NAN, NAN]]),
    ("all -inf", {"input": [[-INF, -INF]], "target": [0]}, NAN, [[NAN, NAN]]),
    (
        "NaN in an ignored row",
        {"input": [[NAN, 1.0], [0.0, 0.0]], "target": [-100, 0], "reduction": "sum"},
        math.log(2),
        [[0.0, 0.0], [-0.5, 0.5]],
    ),
    (
        "zero weight and an infinite loss",
        {"input": [[-INF, 2.0]], "target": [0], "weight": [0.0, 1.0]},
        NAN,
        [[NAN, NAN]],
    ),
    (
        "zero probability of an impossible class",
        {"input": [[-INF, 2.0]], "target": [[0.0, 1.0]]},
        NAN,
        [[0.0, 0.0]],
    ),
    (
        "smoothing reaches an impossible class",
        {"input": [[-INF, 2.0]], "target": [1], "label_smoothing": 0.1},
        INF,
        [[-0.05, 0.05]],
    ),
    ("gap", {"input": [[0.0, -200.0]], "target": [1]}, 200.0, [[1.0, -1.0]]),
]


@pytest.mark.parametrize(
    ("given_", "value", "gradient"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE]
)
def test_special_values(given_: dict[str, Any], value: Any, gradient: Any) -> None:
    """Where torch has a special value this backend has the same."""
    output = run("cross_entropy", "float32", **given_)
    np.testing.assert_allclose(floats(output.value), value, rtol=1e-6)
    if gradient is not None:
        got = floats(output.gradients["input"])
        np.testing.assert_allclose(got, gradient, rtol=1e-6)


def test_slope_of_the_absolute_value() -> None:
    """|d| has slope 0 at zero of either sign, and at NaN."""
    output = run(
        "mae",
        input=[0.0, -0.0, NAN, 1.0],
        target=[-0.0, 0.0, 0.0, INF],
        reduction="sum",
    )
    assert floats(output.gradients["input"]) == [0.0, 0.0, 0.0, -1.0]


def test_sign_of_a_zero_loss() -> None:
    """A row loss of zero is −0, as −log 1 is; the mean of such rows is +0."""
    given_ = {"input": [[200.0, 0.0]], "target": [0]}
    row = run("cross_entropy", "float32", **given_, reduction="none").value
    mean = run("cross_entropy", "float32", **given_).value
    assert np.signbit(np.asarray(row)).all()
    assert not np.signbit(np.asarray(mean))


@pytest.mark.parametrize("dtype", DTYPES)
def test_overflow_is_silent(dtype: str) -> None:
    """Overflow gives infinity in silence: warnings are errors here."""
    largest = float(np.array(1e300, "float64")) if dtype == "float64" else 6e4
    output = run("mse", dtype, input=[largest], target=[-largest])
    assert output.value is not None
    assert (floats(output.value) == INF) == (dtype in ("float16", "float64"))


def test_layout_does_not_matter() -> None:
    """Strided, offset and expanded arguments give what contiguous ones give."""
    x = np.random.default_rng(7).normal(size=(3, 4))
    base = np.full(40, NAN)
    for i, j in np.ndindex(3, 4):
        base[3 + 2 * i + 7 * j] = x[i, j]
    strided = Array(base, (3, 4), (2, 7), 3)
    target = Array(np.array([0.25]), (3, 4), (0, 0))
    plain = {"input": Array.of(x), "target": Array.of(np.full((3, 4), 0.25))}
    for loss in ("mae", "mse", "cross_entropy"):
        one = execute(NUMPY, Case(loss, "float64", plain))
        two = execute(
            NUMPY, Case(loss, "float64", {"input": strided, "target": target})
        )
        assert floats(one.value) == floats(two.value)
        assert floats(one.gradients["input"]) == floats(two.gradients["input"])
        assert two.modified == ()


BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("IndexError: target", "cross_entropy", {"target": [2]}),
    ("IndexError: target", "cross_entropy", {"target": [-1]}),
    ("ValueError: a target", "cross_entropy", {"target": [0, 1]}),
    ("ValueError: a target", "cross_entropy", {"target": [0.0, 1.0]}),
    ("TypeError: a target", "cross_entropy", {"target": np.zeros(1, np.int32)}),
    ("ValueError: label_smoothing", "cross_entropy", {"label_smoothing": -0.5}),
    ("ValueError: label_smoothing", "cross_entropy", {"label_smoothing": 1.5}),
    ("ValueError: label_smoothing", "cross_entropy", {"label_smoothing": NAN}),
    ("ValueError: weight", "cross_entropy", {"weight": [1.0]}),
    ("ValueError: reduction", "cross_entropy", {"reduction": "average"}),
    ("TypeError: input", "cross_entropy", {"input": [[1, 2]]}),
    ("ValueError: input", "cross_entropy", {"input": 1.0}),
    ("ValueError: upstream", "cross_entropy", {"upstream": [1.0]}),
    (
        "ValueError: ignore_index",
        "cross_entropy",
        {"target": [[0.0, 1.0]], "ignore_index": 1},
    ),
    ("ValueError: input and target", "mse", {"target": [1.0, 2.0, 3.0]}),
    ("TypeError: input", "mae", {"input": [[1, 2]], "target": [1, 2]}),
    ("TypeError: target", "mae", {"target": [1, 2]}),
    ("ValueError: reduction", "mse", {"target": [1.0], "reduction": ""}),
]


@pytest.mark.parametrize(("error", "loss", "changes"), BAD)
def test_invalid_arguments_are_refused(
    error: str, loss: str, changes: dict[str, Any]
) -> None:
    """Each invalid argument raises an error that names it, the need and the gift."""
    given_ = {"input": [[0.5, 1.0]], "target": [0], **changes}
    output = execute(NUMPY, case(loss, **given_))
    assert output.error is not None
    assert output.error.startswith(error)
    assert ", got " in output.error


def test_uint8_targets_are_indices() -> None:
    """Class indices may be uint8, with an ignored value beyond the classes."""
    given_: dict[str, Any] = {"input": [[0.5, 1.0], [1.0, 0.0]], "ignore_index": 255}
    eight = run("cross_entropy", **given_, target=np.array([255, 1], np.uint8))
    wide = run("cross_entropy", **given_, target=[255, 1])
    assert floats(eight.value) == floats(wide.value)


@pytest.mark.torch
@given(given_=classifications(), seed=st.integers(0, 2**32))
@settings(max_examples=150)
def test_it_means_what_torch_means(given_: dict[str, Any], seed: int) -> None:
    """In float64 value and gradients are torch's to the last digits."""
    from conformance.backends.torch import create as create_torch

    shape = (given_["input"].shape[0],) if given_["reduction"] == "none" else ()
    upstream = np.random.default_rng(seed).normal(size=shape)
    agree(create_torch(), case("cross_entropy", **given_, upstream=upstream))


def agree(other: Backend, case_: Case) -> None:
    """Check that two backends give the same dtypes, shapes and nearly the values."""
    mine, its = execute(NUMPY, case_), execute(other, case_)
    assert mine.error is its.error is None
    assert mine.value is not None
    assert its.value is not None
    assert mine.value.shape == its.value.shape
    np.testing.assert_allclose(mine.value, its.value, rtol=1e-12, atol=1e-14)
    assert set(mine.gradients) == set(its.gradients)
    for name, gradient in mine.gradients.items():
        assert gradient.dtype == its.gradients[name].dtype
        np.testing.assert_allclose(
            gradient, its.gradients[name], rtol=1e-11, atol=1e-14
        )


SPECIAL = (-INF, INF, NAN, 0.0, 2.0)


@pytest.mark.torch
@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_special_differences_are_torchs(loss: str) -> None:
    """MAE and MSE of infinities and NaN, and their gradients, are of torch's class."""
    from conformance.backends.torch import create as create_torch

    torch = create_torch()
    for x, y, up in itertools.product(SPECIAL, SPECIAL, (0.0, 1.0, INF)):
        case_ = case(loss, "float32", input=[x, 1.0], target=[y, 1.0], upstream=up)
        assert_same_classes(execute(NUMPY, case_), execute(torch, case_))


def assert_same_classes(mine: Output, its: Output) -> None:
    """Check that both are finite, infinite and NaN at the same places."""
    assert str(classes(mine.value)) == str(classes(its.value))
    for name, gradient in mine.gradients.items():
        assert str(classes(gradient)) == str(classes(its.gradients[name]))


@pytest.mark.torch
@pytest.mark.parametrize("target", [0, 1, [0.0, 1.0], [0.5, 0.5], [0.0, 0.0]])
@pytest.mark.parametrize("weight", [None, [2.0, 3.0], [0.0, 1.0]])
def test_special_logits_are_torchs(target: Any, weight: Any) -> None:
    """Cross-entropy of infinities and NaN is of torch's class, and so its gradients."""
    from conformance.backends.torch import create as create_torch

    torch = create_torch()
    named = {} if weight is None else {"weight": weight}
    for row, eps in itertools.product(itertools.product(SPECIAL, repeat=2), (0.0, 0.1)):
        if eps and weight == [0.0, 1.0] and target == 0:
            continue  # Smoothing over a total weight of zero: torch adds NaN to ∞.
        for reduction in ("none", "mean", "sum"):
            case_ = case(
                "cross_entropy",
                "float32",
                input=[row],
                target=[target],
                label_smoothing=eps,
                reduction=reduction,
                **named,
            )
            assert_same_classes(execute(NUMPY, case_), execute(torch, case_))


def test_parts_can_be_replaced() -> None:
    """A backend with other parts keeps the rest."""

    def nowhere(smoothing: float, classes: int) -> tuple[float, float]:
        del classes
        return 1 - smoothing, 0.0

    other = NumpyBackend("other", replace(NUMPY.parts, spread=nowhere))
    case_ = case("cross_entropy", input=[[0.0, 1.0]], target=[0], label_smoothing=0.5)
    plain = case("cross_entropy", input=[[0.0, 1.0]], target=[0])
    half, whole = execute(other, case_).value, execute(other, plain).value
    assert floats(half) == pytest.approx(floats(whole) / 2)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
def test_derivatives_are_slopes_along_the_direction(loss: str, reduction: str) -> None:
    """Central differences of the gradient give H v, those of the loss J v."""
    x, v = np.array([[0.5, -1, 2], [1, 0.25, -2]]), np.array([[1, 2, -1], [0, 3.0, 1]])
    given: dict[str, Any] = {"target": [2, 0], "weight": [0.5, 2, 3]}
    if loss != "cross_entropy":
        given = {"target": [[0.0, 1, 4]]}
    shape = {"cross_entropy": (2,)}.get(loss, (2, 3)) if reduction == "none" else ()
    given |= {"reduction": reduction, "upstream": np.full(shape, -1.5)}
    question = case(loss, input=x, **given)
    output = execute(NUMPY, replace(question, tangent=as_array(v, "float64")))
    step = 2.0**-16
    ahead, behind = (run(loss, input=x + s * v, **given) for s in (step, -step))
    slopes = (
        (
            output.derivatives["hvp"],
            ahead.gradients["input"],
            behind.gradients["input"],
        ),
        (output.derivatives["jvp"], ahead.value, behind.value),
    )
    for got, above, below in slopes:
        assert above is not None
        assert below is not None
        np.testing.assert_allclose(got, (above - below) / (2 * step), rtol=0, atol=1e-8)


def test_a_direction_of_another_shape_is_refused() -> None:
    """The message says which shape was needed."""
    question = case("mse", input=[1.0, 2.0], target=[0.0, 0.0])
    output = execute(NUMPY, replace(question, tangent=as_array([1.0], "float64")))
    assert output.error is not None
    assert "tangent must have the shape of input, (2,), got (1,)" in output.error
