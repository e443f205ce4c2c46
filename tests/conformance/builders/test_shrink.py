"""Shrinking reaches what is known to be smallest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.builders.axes import arrays
from conformance.builders.corpus import corpus
from conformance.builders.layouts import ROW_MAJOR, Layout, layout_of, place
from conformance.builders.pool import pool_case
from conformance.builders.shrink import shrink
from conformance.case import DTYPES, Case

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    First = Callable[[str, str], tuple[Case, ...]]
    Judge = Callable[[Case], bool]


LOSSES = ("mae", "mse", "cross_entropy")


def _values(case: Case, name: str = "input") -> NDArray[Any]:
    return case.arguments[name].view().astype(np.float64)


def _gap(case: Case) -> float:
    values = _values(case)
    if values.ndim < 2 or not values.size:
        return 0.0
    return float(np.ptp(values, axis=1).max())


def _finite(case: Case) -> bool:
    return all(np.isfinite(_values(case, name)).all() for name in case.arguments)


def _elements(case: Case) -> int:
    return sum(array.view().size for array in arrays(case).values())


def _failing(first: First, loss: str, dtype: str, fails: Judge) -> Case:
    return next(case for case in first(loss, dtype) if fails(case))


def _small_gap(case: Case) -> bool:
    return _finite(case) and _gap(case) >= 6


def test_gap_becomes_two_logits(first: First) -> None:
    """Any gap of at least six shrinks to two integers six apart in one row."""
    found = [c for c in first("cross_entropy", "bfloat16") if _small_gap(c)]
    for case in found[:25]:
        least = shrink(case, _small_gap, budget=2000)
        assert least.arguments["input"].shape == (1, 2), case.origin
        assert sorted(_values(least)[0]) in ([-6, 0], [0, 6])
        assert _values(least, "target").tolist() in ([0], [[0, 0]])
        assert dict(least.options) == {}
        assert set(least.arguments) == {"input", "target"}
        assert least.upstream is None


def _lost(case: Case) -> bool:
    """Is the target of some row more than five ahead, with the classes last?"""
    if case.arguments["target"].dtype != "int64" or _values(case).ndim != 2:
        return False
    rows, labels = _values(case), _values(case, "target").astype(int)
    valid = (labels >= 0) & (labels < rows.shape[1])
    if not _finite(case) or not valid.all() or len(rows) != len(labels):
        return False
    if rows.shape[1] < 2:
        return False
    ahead = [r[t] - np.delete(r, t).max() for r, t in zip(rows, labels, strict=True)]
    return bool(ahead) and max(ahead) > 5


def test_target_ahead_becomes_zero_and_minus_six(first: First) -> None:
    """A row whose target is far ahead shrinks to [0, -6] or [6, 0], or the mirror."""
    found = [case for case in first("cross_entropy", "bfloat16") if _lost(case)]
    for case in found[:25]:
        least = shrink(case, _lost, budget=2000)
        assert least.arguments["input"].shape == (1, 2)
        assert sorted(np.abs(_values(least)[0])) == [0, 6]


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("weight", lambda c: "weight" in c.arguments),
        ("smoothing", lambda c: c.options.get("label_smoothing", 0) > 0),
        ("upstream", lambda c: c.upstream is not None),
        ("none", lambda c: c.reduction == "none"),
        ("probabilities", lambda c: c.arguments["target"].dtype != "int64"),
        ("minus infinity", lambda c: np.isneginf(_values(c)).any()),
        ("NaN", lambda c: np.isnan(_values(c)).any()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_only_what_is_needed_stays(name: str, needed: Judge, first: First) -> None:
    """Of the options, only the one that the fault needs is left."""
    case = _failing(first, "cross_entropy", "float32", needed)
    least = shrink(case, needed, budget=1000)
    assert len(least.options) <= (name in {"smoothing", "none"})
    assert ("weight" in least.arguments) == (name == "weight")
    assert (least.upstream is None) == (name != "upstream")
    # Sizes of zero cannot become larger; everything else becomes one.
    assert _values(least).size <= 1


def test_class_index_follows_its_class(first: First) -> None:
    """Dropping classes renames the targets, so that the target stays far behind."""

    def behind(case: Case) -> bool:
        if case.arguments["target"].dtype != "int64" or _values(case).ndim != 2:
            return False
        rows, labels = _values(case), _values(case, "target").astype(int)
        if not _finite(case) or not len(labels) or labels.min() < 1:
            return False
        inside = labels.max() < rows.shape[1]
        return inside and rows[0, labels[0]] <= rows[0].max() - 3

    case = next(
        c
        for c in first("cross_entropy", "float32")
        if behind(c) and _values(c).shape[1] > 4
    )
    least = shrink(case, behind, budget=2000)
    assert least.arguments["input"].shape == (1, 2)
    assert _values(least, "target").tolist() == [1]


def test_ignored_class_follows_too() -> None:
    """An ignored class inside the range is renamed with the classes."""
    case = Case(
        "cross_entropy",
        "float32",
        {
            "input": place(np.float32([[1, 2, 3, 4, 5], [0, 0, 0, 0, 0]])),
            "target": place(np.int64([3, 1])),
        },
        {"ignore_index": 3},
    )

    def ignores(candidate: Case) -> bool:
        target = _values(candidate, "target")
        return candidate.options.get("ignore_index", -100) in target

    least = shrink(case, ignores, budget=500)
    assert _values(least, "target").tolist() == [least.options["ignore_index"]]
    assert least.arguments["input"].shape == (1, 1)


def test_broadcast_axes_shrink_together() -> None:
    """Input and target of different shapes stay a pair that broadcasts."""
    case = Case(
        "mse",
        "float32",
        {
            "input": place(np.arange(12, dtype=np.float32).reshape(4, 3)),
            "target": place(np.float32([[1], [5], [9], [13]])),
        },
    )

    def fails(candidate: Case) -> bool:
        x, y = _values(candidate), _values(candidate, "target")
        return bool(np.any(y - x > 3))

    least = shrink(case, fails, budget=500)
    assert _values(least).shape == _values(least, "target").shape == ()
    assert (_values(least), _values(least, "target")) == (0, 4)


def test_needed_layout_stays_and_others_go(first: First) -> None:
    """A fault of one layout keeps that layout only, on fewer elements."""

    def transposed(case: Case) -> bool:
        array = case.arguments["input"]
        if len(array.shape) != 2 or min(array.shape) < 2:
            return False
        return 0 < array.strides[0] < array.strides[1]

    found = next(
        c
        for c in first("cross_entropy", "float64")
        if transposed(c) and max(c.arguments["input"].shape) > 2
    )
    least = shrink(found, transposed, budget=1000)
    assert layout_of(least.arguments["input"]) == Layout(order=(1, 0))
    assert layout_of(least.arguments["target"]) == ROW_MAJOR


def test_expanded_case_shrinks_where_it_lies() -> None:
    """Many rows that a fault needs stay expanded: no buffer grows."""
    named = {n.name: n.case for n in corpus("cross_entropy", "float16")}
    case = named["rows-65520"]

    def many(candidate: Case) -> bool:
        return candidate.arguments["input"].shape[0] >= 65520

    least = shrink(case, many, budget=60)
    assert least.arguments["input"].base.size == 1
    assert least.arguments["input"].shape == (65520, 1)


@settings(max_examples=60)
@given(st.sampled_from(LOSSES), st.sampled_from(DTYPES), st.data())
def test_shrinking_never_grows(loss: str, dtype: str, data: st.DataObject) -> None:
    """For any fault, the result fails, is no larger, and took no more calls."""
    case = pool_case(loss, dtype, data.draw(st.integers(0, 3000)))
    modulus = data.draw(st.integers(2, 5))
    budget = data.draw(st.integers(0, 150))
    calls = []

    def fails(candidate: Case) -> bool:
        calls.append(candidate)
        Case.from_json(candidate.to_json())
        return candidate.id == case.id or int(candidate.id, 16) % modulus > 0

    least = shrink(case, fails, budget=budget)
    assert len(calls) <= budget
    assert fails(least)
    assert _elements(least) <= _elements(case)
    assert set(least.options) <= set(case.options)
    assert set(least.arguments) <= set(case.arguments)


def test_shrinking_is_deterministic(first: First) -> None:
    """The same case and fault give the same result."""
    case = _failing(first, "cross_entropy", "float32", _small_gap)
    results = {shrink(case, _small_gap, budget=300).id for _ in range(2)}
    assert len(results) == 1


def test_case_that_raises_is_no_witness(first: First) -> None:
    """A candidate on which the judge raises is never the result."""

    def fails(candidate: Case) -> bool:
        if candidate.arguments["input"].view().size < 3:
            msg = "cannot judge"
            raise RuntimeError(msg)
        return True

    case = _failing(
        first, "mae", "float32", lambda c: _values(c).ndim == 1 and _values(c).size > 8
    )
    assert shrink(case, fails, budget=500).arguments["input"].view().size == 3


def test_interrupt_comes_through(first: First) -> None:
    """An interrupt stops the shrinking."""

    def fails(_: Case) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shrink(first("mae", "float32")[0], fails, budget=5)


def test_what_cannot_shrink_is_returned() -> None:
    """A case without anything to leave out is returned as it is."""
    case = Case(
        "mae",
        "float32",
        {"input": place(np.float32(0)), "target": place(np.float32(0))},
    )
    assert shrink(case, lambda _: True, budget=50) is case


def test_a_tangent_goes_unless_it_is_needed(first: First) -> None:
    """It is left out like an option, and kept small where the fault is along it."""
    case = _failing(first, "cross_entropy", "float32", lambda c: c.tangent is not None)
    assert shrink(case, _finite, budget=300).tangent is None

    def steep(c: Case) -> bool:
        return c.tangent is not None and bool(np.abs(c.tangent.view()).max() >= 0.5)

    case = _failing(first, "cross_entropy", "float32", steep)
    small = shrink(case, steep, budget=600)
    assert small.tangent is not None
    assert small.tangent.shape == small.arguments["input"].shape
    assert small.tangent.view().size == 1
