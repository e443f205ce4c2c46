"""`pytest --pyargs conformance.suite --loss-backend NAME`: each requirement a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.suite import ARGUMENT, Demand, items

if TYPE_CHECKING:
    from conformance.suite.evidence import Evidence


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every requirement in every storage format."""
    option = metafunc.config.getoption
    backend = option("--loss-backend")
    if not backend:
        msg = "conformance.suite needs --loss-backend NAME, got none"
        raise pytest.UsageError(msg)
    losses, dtypes = (
        tuple(word for word in option(name).split(",") if word)
        for name in ("--loss-losses", "--loss-dtypes")
    )
    try:
        found = items(
            Demand(
                backend, option("--loss-profile"), losses, dtypes, option("--loss-seed")
            )
        )
    except ValueError as error:
        msg = f"--loss-{error}"
        raise pytest.UsageError(msg) from error
    metafunc.parametrize(ARGUMENT, found, indirect=True, ids=[i.id for i in found])


def test_requirement(loss_conformance_requirement: Evidence) -> None:
    """The requirement holds on all cases that are evidence for it."""
    assert loss_conformance_requirement.holds  # noqa: S101 - judged before, and again
