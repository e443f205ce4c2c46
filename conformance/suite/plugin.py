"""What pytest loads: options, the fixture, and the judgement before a test's body.

It is loaded with every pytest where this package is installed, so it imports nothing
but pytest until one of its options or its fixture is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.suite import ARGUMENT, WHOLE

if TYPE_CHECKING:
    from conformance.suite import Item
    from conformance.suite.evidence import Evidence


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of `pytest --pyargs conformance.suite`."""
    group = parser.getgroup("loss-conformance", "losses against exact values")
    group.addoption(
        "--loss-backend",
        metavar="NAME",
        help="with --pyargs conformance.suite: the backend, as `loss-conformance "
        "check` takes it",
    )
    group.addoption(
        "--loss-profile", default="quick", metavar="NAME", help="quick, ci or deep"
    )
    group.addoption(
        "--loss-losses", default="", metavar="A,B", help="only these losses"
    )
    group.addoption(
        "--loss-dtypes", default="", metavar="A,B", help="only these storage formats"
    )
    group.addoption(
        "--loss-seed", default=0, type=int, metavar="N", help="seed of all cases"
    )


@pytest.fixture
def loss_conformance_requirement(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Evidence:
    """Return what the run shows about one requirement; see `conformance.suite`."""
    from conformance.suite.evidence import Evidence
    from conformance.suite.measuring import measured

    item = getattr(request, "param", None)
    if item is None:
        pytest.fail(
            f"{ARGUMENT} needs @parametrize_with_requirements on the test",
            pytrace=False,
        )
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # that of the session, common to xdist's workers
    invoked = Path(request.config.invocation_params.dir)
    found = measured(item.demand, folder, invoked, request.node.nodeid)
    asked = _asked(request.session) if item.requirement == WHOLE else None
    return Evidence(item, found, asked)


def _asked(session: pytest.Session) -> frozenset[Item]:
    """Return the requirements that have a test among those that were selected."""
    given = (getattr(item, "callspec", None) for item in session.items)
    found = (each.params.get(ARGUMENT) for each in given if each is not None)
    return frozenset(item for item in found if item is not None)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Judge before the body: a test that forgets to ask must not pass."""
    evidence: Any = pyfuncitem.funcargs.get(ARGUMENT)
    if evidence is None or not hasattr(evidence, "judge"):
        return
    for name, value in evidence.properties().items():
        pyfuncitem.user_properties.append((f"loss_conformance_{name}", value))
    evidence.judge()
