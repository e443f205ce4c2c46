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
    ("mae", "float16"): "19301f3a4971b69c",
    ("mae", "bfloat16"): "f487a1e2c992f029",
    ("mae", "float32"): "588aecbf4ff8d195",
    ("mae", "float64"): "bb2fbf8a1263623e",
    ("mse", "float16"): "7480d5659be97244",
    ("mse", "bfloat16"): "30ce4e0cc3f0f14a",
    ("mse", "float32"): "13684f30ea818644",
    ("mse", "float64"): "817364640730134e",
    ("cross_entropy", "float16"): "76682245108f2a3d",
    ("cross_entropy", "bfloat16"): "19bf2b4641059a49",
    ("cross_entropy", "float32"): "2b6230c9ca34cbf7",
    ("cross_entropy", "float64"): "a4715db27da310af",
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
    assert (POOL_VERSION, _digest(loss, dtype)) == (2, DIGESTS[loss, dtype])


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
