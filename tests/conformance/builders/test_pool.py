"""The pool is pinned."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conformance.builders.pool import POOL_VERSION, pool_case
from conformance.case import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.case import Case

    First = Callable[[str, str], tuple[Case, ...]]

LOSSES = ("mae", "mse", "cross_entropy")
EVERY = [(loss, dtype) for loss in LOSSES for dtype in DTYPES]

DIGESTS = {
    ("mae", "float16"): "161958e8eeefb53a",
    ("mae", "bfloat16"): "3ae38ab186aee4c9",
    ("mae", "float32"): "afae2dc909be7e5b",
    ("mae", "float64"): "7c0a05280d9d75a8",
    ("mse", "float16"): "8349bffb3ed0c0f7",
    ("mse", "bfloat16"): "e02bcc9b7771dae4",
    ("mse", "float32"): "a6f43ecd62ce72f9",
    ("mse", "float64"): "357047b368fee010",
    ("cross_entropy", "float16"): "329b620500b28a92",
    ("cross_entropy", "bfloat16"): "0016fd9e299f82a2",
    ("cross_entropy", "float32"): "62aa067324a5bd0f",
    ("cross_entropy", "float64"): "0932b0297b122de7",
}
"""Of the ids of cases 0 to 199. Change them only together with POOL_VERSION."""

_SCRIPT = """
import sys
from conformance.builders.pool import pool_case
print(*(pool_case(sys.argv[1], sys.argv[2], i, 3).id for i in range(50)))
assert "hypothesis" not in sys.modules
"""


def _digest(loss: str, dtype: str) -> str:
    ids = " ".join(pool_case(loss, dtype, index).id for index in range(200))
    return hashlib.sha256(ids.encode()).hexdigest()[:16]


@pytest.mark.parametrize(("loss", "dtype"), EVERY)
def test_pool_has_not_drifted(loss: str, dtype: str) -> None:
    """The first 200 cases are those of this version of the pool."""
    assert (POOL_VERSION, _digest(loss, dtype)) == (3, DIGESTS[loss, dtype])


@pytest.mark.parametrize(
    ("loss", "dtype"), [("mae", "float64"), ("cross_entropy", "bfloat16")]
)
def test_another_process_draws_the_same(loss: str, dtype: str) -> None:
    """A fresh process draws the same ids without Hypothesis."""
    command = [sys.executable, "-c", _SCRIPT, loss, dtype]
    drawn = subprocess.run(command, capture_output=True, text=True, check=True)
    assert drawn.stdout.split() == [pool_case(loss, dtype, i, 3).id for i in range(50)]


@pytest.mark.parametrize(("loss", "dtype"), EVERY)
def test_cases_differ(loss: str, dtype: str, first: First) -> None:
    """Hardly any case of the pool repeats another."""
    ids = {case.id for case in first(loss, dtype)}
    assert len(ids) > 0.95 * len(first(loss, dtype))


def test_seed_names_another_pool() -> None:
    """Another seed gives other cases, and the origin says which one it was."""
    ids = [
        [pool_case("mse", "float32", i, seed).id for i in range(20)] for seed in (0, 1)
    ]
    assert not set(ids[0]) & set(ids[1])
    assert pool_case("mse", "float32", 4, 1).origin == "pool:1:4"
