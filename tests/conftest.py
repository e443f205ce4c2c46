"""What every test runs under: one Hypothesis profile, torch or not, no leaks."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

import hypothesis
import mpmath
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same examples in every run: a test that turns red was turned by the change at
# hand. `--hypothesis-profile=thorough` looks for new ones. No deadline: how long an
# example takes says nothing on a machine that runs other things too.
hypothesis.settings.register_profile(
    "tests", deadline=None, derandomize=True, database=None
)
hypothesis.settings.register_profile(
    "thorough", deadline=None, max_examples=2000, print_blob=True
)
hypothesis.settings.load_profile("tests")

_HEADED = ("numpy", "mpmath", "ml_dtypes", "hypothesis", "torch")


def pytest_report_header() -> str:
    """Return the versions that decide what the tests see."""
    found = [f"{name} {version}" for name in _HEADED if (version := _version(name))]
    return f"{', '.join(found)}; mpmath computes with {mpmath.libmp.BACKEND}"


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs torch where there is none."""
    if item.get_closest_marker("torch") and find_spec("torch") is None:
        pytest.skip("needs torch: install loss-conformance[torch]")


@pytest.fixture(autouse=True)
def _precision_is_left_alone() -> Iterator[None]:
    """Fail a test after which mpmath's global precision is another."""
    before = mpmath.mp.prec, mpmath.iv.prec
    yield
    after = mpmath.mp.prec, mpmath.iv.prec
    mpmath.mp.prec, mpmath.iv.prec = before
    assert after == before, (
        f"mpmath's global precision must stay {before}, got {after}: "
        "compute in a context of your own, mpmath.MPContext()"
    )
