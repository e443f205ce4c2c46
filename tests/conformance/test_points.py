"""Points: the line of a case and what stands in it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.builders.pool import pool_case
from conformance.case import Array, Case
from conformance.cells import Scored
from conformance.points import Point, paired, point
from conformance.verdict import Status, Verdict

figures = st.floats(min_value=0, allow_nan=False).map(lambda x: float(f"{x:.6g}"))
words = st.sampled_from(sorted(str(s) for s in Status))


def logits(rows: list[list[float]], dtype: str = "float32") -> Case:
    """Return a cross-entropy of these logits, class 0 meant everywhere."""
    target = np.zeros(len(rows), np.int64)
    arguments = {
        "input": Array.of(rows, dtype),
        "target": Array.of(target),
    }
    return Case("cross_entropy", dtype, arguments, {}, origin="corpus:x")


def scored(quantity: str, status: Status, **fields: float) -> Scored:
    """Return a verdict as the tally gets it."""
    verdict = Verdict(quantity, status, **fields)
    return Scored(verdict, status, "", status, ())


@given(figures, figures, figures, st.integers(0, 2**40), st.dictionaries(words, words))
def test_a_line_reads_back(
    ratio: float, error: float, gap: float, size: int, departs: dict[str, str]
) -> None:
    """`parse` undoes `text` where figures have six digits."""
    one = Point("0123456789ab", ratio, error, math.inf, size, gap, departs)
    assert Point.parse(one.text()) == one


@pytest.mark.parametrize("text", ["", "a b", "a 1 1 1 x 1", "a 1 1 1 1 1 value"])
def test_other_lines_are_refused(text: str) -> None:
    """A line of another form is an error, not a point."""
    with pytest.raises(ValueError, match=r"unpack|float|int|dictionary"):
        Point.parse(text)


def test_the_worst_figure_is_kept_with_its_error_and_bound() -> None:
    """Ratio, error and bound are of one verdict, and only of numbers."""
    one = {"measured": 1}
    found = [
        scored("value", Status.CONFORMS, ratio=0.5, error=1, bound=2, **one),
        scored(
            "gradient.input", Status.VIOLATES, ratio=3, error=9, bound=3, measured=1
        ),
        scored("relation.x", Status.CONFORMS, ratio=7, error=7, bound=1, **one),
        scored("shape", Status.WRONG_CLASS),
    ]
    kept = point(logits([[1.0, 4.0]]), found)
    assert (kept.ratio, kept.error, kept.bound) == (3, 9, 3)
    assert kept.departs == {"gradient.input": "violates", "shape": "wrong-class"}


def test_a_case_without_numbers_has_no_ratio() -> None:
    """What was rejected, as it should be, is not an error of 0."""
    assert point(logits([[1.0, 4.0]]), [scored("rejection", Status.CONFORMS)]).ratio < 0


def test_the_gap_is_the_widest_row_of_finite_logits() -> None:
    """Infinities and other rows do not count."""
    rows = [[0.0, 5.0, -np.inf], [100.0, 101.0, np.nan], [-np.inf, np.inf, 0.0]]
    assert point(logits(rows), []).gap == 5.0
    assert point(logits([[np.inf, -np.inf]]), []).gap == 0.0


def test_a_gap_beyond_the_range_is_infinite() -> None:
    """Its numbers are finite, and nothing is warned of."""
    assert point(logits([[1e308, -1e308]], "float64"), []).gap == np.inf


def test_only_cases_that_every_run_draws_are_paired() -> None:
    """Pool and corpus are; what a search drew is not."""
    case = logits([[0.0]])
    origins = ("corpus:a", "pool:0:1", "search", "shrunk:pool:0:1", "")
    got = [paired(Case(**{**vars(case), "origin": o})) for o in origins]
    assert got == [True, True, False, False, False]


@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
def test_every_drawn_case_has_a_point(loss: str) -> None:
    """Invalid, empty and unbatched cases too."""
    for index in range(200):
        kept = point(pool_case(loss, "float16", index, 0), [])
        assert kept.size >= 0
        assert kept.gap >= 0
