"""What whole cases can be, and what they never are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.builders.cases import draw_case
from conformance.builders.choices import CounterChoices
from conformance.builders.layouts import ROW_MAJOR, layout_of
from conformance.case import DTYPES, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from conformance.case import Array

    First = Callable[[str, str], tuple[Case, ...]]
    Judge = Callable[[Case], bool]


LOSSES = ("mae", "mse", "cross_entropy")
EVERY = pytest.mark.parametrize(
    ("loss", "dtype"), [(loss, dtype) for loss in LOSSES for dtype in DTYPES]
)


def _input(case: Case) -> NDArray[Any]:
    return case.arguments["input"].view().astype(np.float64)


def _target(case: Case) -> Array:
    return case.arguments["target"]


def _ignored(case: Case) -> NDArray[Any]:
    if _target(case).dtype != "int64":
        return np.zeros(0, bool)
    return _target(case).view() == case.options.get("ignore_index", -100)


def _arrays(case: Case) -> list[Array]:
    some = [] if case.upstream is None else [case.upstream]
    return [*case.arguments.values(), *some]


def _softmax(rows: NDArray[Any]) -> NDArray[Any]:
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


COMMON = {
    "NaN": lambda c: np.isnan(_input(c)).any(),
    "plus infinity": lambda c: np.isposinf(_input(c)).any(),
    "minus infinity": lambda c: np.isneginf(_input(c)).any(),
    "a negative zero": lambda c: np.any((_input(c) == 0) & np.signbit(_input(c))),
    "empty": lambda c: _input(c).size == 0,
    "not row-major": lambda c: layout_of(c.arguments["input"]) != ROW_MAJOR,
    "target not row-major": lambda c: layout_of(_target(c)) != ROW_MAJOR,
    "expanded input": lambda c: layout_of(c.arguments["input"]).expanded,
    "expanded target": lambda c: layout_of(_target(c)).expanded,
    "an offset": lambda c: c.arguments["input"].offset > 0,
    "backwards": lambda c: min(c.arguments["input"].strides, default=0) < 0,
    "target backwards": lambda c: min(_target(c).strides, default=0) < 0,
    "a small cotangent": lambda c: (
        c.upstream is not None
        and c.upstream.view().size
        and 0 < np.abs(c.upstream.view().astype(float)).max() < 2**-10
    ),
    "reduction mean": lambda c: c.options.get("reduction") == "mean",
    "reduction sum": lambda c: c.reduction == "sum",
    "reduction none": lambda c: c.reduction == "none",
    "reduction left out": lambda c: "reduction" not in c.options,
    "expanded cotangent": lambda c: (
        c.upstream is not None and layout_of(c.upstream).expanded
    ),
    "cotangent 1024": lambda c: (
        c.upstream is not None
        and c.upstream.shape == ()
        and float(c.upstream.view()) == 1024
    ),
    "unknown reduction": lambda c: c.reduction == "average",
    "integer input": lambda c: c.arguments["input"].dtype == "int64",
    "more than 2000 elements": lambda c: _input(c).size > 2000,
}
CLASSIFICATION = COMMON | {
    "all ignored": lambda c: _ignored(c).size > 1 and _ignored(c).all(),
    "some ignored": lambda c: _ignored(c).any() and not _ignored(c).all(),
    "probabilities": lambda c: _target(c).dtype != "int64",
    "unbatched": lambda c: _input(c).ndim == 1,
    "three dimensions more": lambda c: _input(c).ndim == 5,
    "a label above 256": lambda c: (
        _target(c).dtype == "int64"
        and _target(c).view().size
        and 256 < _target(c).view().max() < 5000
    ),
    "an ignored index that is a class modulo 256": lambda c: (
        c.options.get("ignore_index", -100) >= 256
        and c.options["ignore_index"] % 256 < min(_input(c).shape, default=0)
    ),
    "the least ignored index": lambda c: c.options.get("ignore_index") == -(2**63),
    "first of each sequence ignored": lambda c: (
        _ignored(c).ndim == 2
        and min(_ignored(c).shape) > 1
        and _ignored(c)[:, 0].all()
        and not _ignored(c)[:, 1:].any()
    ),
    "shares near the softmax": lambda c: (
        _target(c).dtype != "int64"
        and _input(c).ndim == 2
        and _input(c).size > 3
        and np.isfinite(_input(c)).all()
        and len(np.unique(_input(c))) > 2
        and np.allclose(_softmax(_input(c)), _target(c).view().astype(float), 1e-2)
    ),
    "a share of zero at a masked logit": lambda c: (
        _target(c).shape == _input(c).shape
        and (np.isneginf(_input(c)) & (_target(c).view() == 0)).any()
    ),
    "one dimension more": lambda c: _input(c).ndim == 3,
    "two dimensions more": lambda c: _input(c).ndim == 4,
    "one class": lambda c: _input(c).ndim == 2 and _input(c).shape[1] == 1,
    "all options": lambda c: (
        {"reduction", "ignore_index", "label_smoothing"} <= set(c.options)
        and "weight" in c.arguments
        and c.upstream is not None
        and _ignored(c).any()
    ),
    "a masked half": lambda c: (
        _input(c).ndim == 2
        and _input(c).shape[1] > 3
        and (np.isneginf(_input(c)).sum(axis=1) == _input(c).shape[1] // 2).any()
    ),
    "a NaN in an ignored row": lambda c: (
        _input(c).ndim == 2
        and _ignored(c).shape == _input(c).shape[:1]
        and np.isnan(_input(c)[_ignored(c)]).any()
    ),
    "target out of range": lambda c: (
        _target(c).dtype == "int64"
        and _target(c).view().size
        and _target(c).view().max() >= 2**31
    ),
    "negative smoothing": lambda c: c.options.get("label_smoothing", 0) < 0,
    "smoothing above one": lambda c: c.options.get("label_smoothing", 0) > 1,
    "smoothing NaN": lambda c: math.isnan(c.options.get("label_smoothing", 0)),
    "wrong weight length": lambda c: (
        "weight" in c.arguments
        and c.arguments["weight"].shape[0] not in c.arguments["input"].shape
    ),
    "class axis last in memory": lambda c: (
        _input(c).ndim == 3
        and min(c.arguments["input"].shape) > 1
        and c.arguments["input"].strides[1] == 1
    ),
}
REGRESSION = COMMON | {
    "scalars": lambda c: _input(c).ndim == 0,
    "broadcast": lambda c: c.arguments["input"].shape != _target(c).shape,
    "against nothing": lambda c: _input(c).size > 2 and not _target(c).view().any(),
    "equal": lambda c: (
        _input(c).size > 2
        and np.array_equal(_input(c), _target(c).view().astype(np.float64))
    ),
}


def _tables() -> Iterator[Any]:
    for loss in LOSSES:
        table = CLASSIFICATION if loss == "cross_entropy" else REGRESSION
        for name in table:
            yield pytest.param(loss, table[name], id=f"{loss}: {name}")


@pytest.mark.parametrize(("loss", "predicate"), list(_tables()))
def test_pool_reaches(loss: str, predicate: Callable[..., Any], first: First) -> None:
    """The first 3000 cases of every dtype hold at least one such case."""
    for dtype in DTYPES:
        assert any(bool(predicate(case)) for case in first(loss, dtype)), dtype


@EVERY
def test_pool_reaches_subnormals(loss: str, dtype: str, first: First) -> None:
    """Inputs below the normal range are drawn in every dtype."""
    normal = {"float16": 2.0**-14, "float64": 2.0**-1022}.get(dtype, 2.0**-126)
    sizes = (np.abs(_input(case)) for case in first(loss, dtype))
    assert any(((size > 0) & (size < normal)).any() for size in sizes)


@EVERY
def test_invalid_cases_are_few(
    loss: str, dtype: str, first: First, refused: Judge
) -> None:
    """Between 2 and 6 of a hundred cases are refused by the reference."""
    share = sum(map(refused, first(loss, dtype))) / len(first(loss, dtype))
    assert 0.02 < share < 0.06


@EVERY
def test_most_inputs_are_finite(loss: str, dtype: str, first: First) -> None:
    """At least three of four cases have finite inputs, and not all of them have."""
    finite = [np.isfinite(_input(case)).all() for case in first(loss, dtype)]
    assert 0.75 < sum(finite) / len(finite) < 0.97


@EVERY
def test_arrays_are_of_the_dtype(loss: str, dtype: str, first: First) -> None:
    """Only class indices and invalid inputs are integers; all else is of the dtype."""
    for case in first(loss, dtype):
        integers = {n for n, a in case.arguments.items() if a.dtype == "int64"}
        assert integers <= {"input", "target"}
        assert loss == "cross_entropy" or integers in (set(), {"input", "target"})
        others = {a.dtype for a in _arrays(case)} - {"int64"}
        assert others <= {dtype}


@pytest.mark.parametrize("dtype", DTYPES)
def test_probabilities_have_the_shape_of_the_input(
    dtype: str, first: First, refused: Judge
) -> None:
    """A float target of cross-entropy never stands for class indices."""
    for case in first("cross_entropy", dtype):
        if _target(case).dtype != "int64" and not refused(case):
            assert _target(case).shape == case.arguments["input"].shape


@EVERY
def test_views_stay_in_their_buffers(loss: str, dtype: str, first: First) -> None:
    """No view reaches outside its buffer, in front of it or behind."""
    for array in (a for case in first(loss, dtype) for a in _arrays(case)):
        indices = array.over(np.arange(array.base.size))
        spans = [(n - 1) * s for n, s in zip(array.shape, array.strides, strict=True)]
        if indices.size:
            top = array.offset + sum(max(span, 0) for span in spans)
            bottom = array.offset + sum(min(span, 0) for span in spans)
            assert indices.max() == top < array.base.size
            assert indices.min() == bottom >= 0


@EVERY
def test_large_cases_are_few_and_repetitive(
    loss: str, dtype: str, first: First, small: Judge
) -> None:
    """About six of a hundred cases are large, of few distinct values."""
    large = [case for case in first(loss, dtype) if not small(case)]
    assert 0.03 < len(large) / len(first(loss, dtype)) < 0.1
    for case in large:
        assert _input(case).size <= 4200
        assert len(np.unique(_input(case))) <= 300


@EVERY
def test_case_survives_json(loss: str, dtype: str, first: First) -> None:
    """A case read back from its JSON has the same identity."""
    for case in first(loss, dtype)[:200]:
        assert Case.from_json(case.to_json()).id == case.id


@pytest.mark.parametrize(
    ("loss", "dtype", "named"),
    [("hinge", "float32", "mae"), ("mse", "int8", "float16")],
)
def test_unknown_names_are_refused(loss: str, dtype: str, named: str) -> None:
    """An unknown loss or dtype is an error that lists the known ones."""
    with pytest.raises(ValueError, match=named):
        draw_case(CounterChoices(0, 0), loss, dtype)
