"""Derivatives are judged where they are promised, each by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance import checks
from conformance.answer import ask
from conformance.backend import Output, execute
from conformance.backends.numpy import CAPABILITIES, create
from conformance.case import Array, Case
from conformance.measure import examine
from conformance.verdict import Status

if TYPE_CHECKING:
    from conformance.verdict import Verdict

NUMPY = create()
PLAIN = Case(
    "cross_entropy",
    "float32",
    {
        "input": Array.of([[1.5, -2.0], [0.5, 0.25]], "float32"),
        "target": Array.of(np.array([0, 1])),
    },
)
ALONG = replace(PLAIN, tangent=Array.of([[1.0, -1.0], [0.5, 2.0]], "float32"))


def said(case: Case, output: Output, backend: Any = NUMPY) -> dict[str, Verdict]:
    """Return the verdicts by quantity."""
    made = examine(case, ask(case), backend, output)
    return {one.verdict.quantity: one.verdict for one in made}


def test_a_correct_backend_conforms() -> None:
    """Both are judged, with a bound that tells them from zero."""
    verdicts = said(ALONG, execute(NUMPY, ALONG))
    for name in ("derivative.hvp", "derivative.jvp"):
        assert verdicts[name].status is Status.CONFORMS
        assert not verdicts[name].weak
        assert verdicts[name].measured


def test_without_a_direction_nothing_is_said() -> None:
    """A case without a tangent is no evidence."""
    assert not any(q.startswith("deriv") for q in said(PLAIN, execute(NUMPY, PLAIN)))


def test_who_promises_nothing_is_not_asked() -> None:
    """A backend without derivatives gets its other verdicts alone."""
    modest = replace(NUMPY, capabilities=CAPABILITIES)
    verdicts = said(ALONG, execute(modest, ALONG), modest)
    assert not any(q.startswith("deriv") for q in verdicts)
    assert verdicts["value"].status is Status.CONFORMS


def test_each_failure_is_its_own() -> None:
    """Raised, missing, of another shape or of another type: one verdict each."""
    good = execute(NUMPY, ALONG)
    raised = replace(good, derivatives={}, failures={"hvp": "RuntimeError: no"})
    verdicts = said(ALONG, raised)
    assert verdicts["derivative.hvp"].status is Status.ERROR
    assert verdicts["derivative.hvp"].detail == "RuntimeError: no"
    assert verdicts["derivative.jvp"].kind == "missing"
    assert verdicts["call"].status is Status.CONFORMS
    assert verdicts["gradient.input"].status is Status.CONFORMS
    hvp, jvp = good.derivatives["hvp"], good.derivatives["jvp"]
    odd = replace(good, derivatives={"hvp": hvp[0], "jvp": jvp.astype(np.float64)})
    verdicts = said(ALONG, odd)
    assert "derivative.hvp needs (2, 2), got (2,)" in verdicts["shape"].detail
    assert "derivative.jvp needs float32, got float64" in verdicts["dtype"].detail
    assert "derivative.hvp" not in verdicts


def test_a_wrong_derivative_violates() -> None:
    """An error beyond the bound is refuted, with its rule."""
    good = execute(NUMPY, ALONG)
    moved = {name: d * np.float32(1.001) for name, d in good.derivatives.items()}
    verdicts = said(ALONG, replace(good, derivatives=moved))
    for name in ("hvp", "jvp"):
        verdict = verdicts[f"derivative.{name}"]
        assert verdict.status is Status.VIOLATES
        assert verdict.evidence.rule == f"CE-{name.upper()}"


def test_the_feature_selects_the_requirements() -> None:
    """Verdicts along a direction are evidence for requirements about it."""
    judged = examine(ALONG, ask(ALONG), NUMPY, execute(NUMPY, ALONG))
    ids = {
        r for one in judged if "hvp" in one.verdict.quantity for r in one.requirements
    }
    assert ids == {"CE-HVP", "CE-HVP-MEAN"}
    assert "tangent" in checks.features(ALONG, ask(ALONG))
    assert "tangent" not in checks.features(PLAIN, ask(PLAIN))
