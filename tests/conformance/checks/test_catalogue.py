"""The catalogue: unique ids, evidence for each, reasons for what is not asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from conformance import checks
from conformance.answer import ask
from conformance.backend import LOSSES, OPTIONS, Capabilities, execute
from conformance.backends.numpy import create
from conformance.builders.corpus import corpus
from conformance.case import DTYPES
from conformance.experiment import ALL, conduct
from conformance.measure import examine
from conformance.verdict import Status
from conformance.workbench import THOROUGH

ALWAYS_ZERO = {"CE-ONE-CLASS-VALUE"}
"""Requirements whose exact answer is zero: no evidence can tell it from zeros."""

OTHERS = {"CE-PATH", "MAE-PATH", "MSE-PATH"}
"""What the NumPy backend, which has one path, is not asked."""

NUMPY = create()
FULL = NUMPY.capabilities
BY_ID = {r.id: r for r in checks.catalogue()}


def test_ids_are_unique() -> None:
    """No two requirements share an id, and ids say which loss they are about."""
    assert len(BY_ID) == len(checks.catalogue())
    short = {"mae": "MAE-", "mse": "MSE-", "cross_entropy": "CE-"}
    assert all(r.id.startswith(short[r.loss]) for r in checks.catalogue())


def test_requirements_are_stated() -> None:
    """Each has a statement that starts a sentence nobody ends, a source and a rule."""
    for requirement in checks.catalogue():
        assert requirement.statement
        assert not requirement.statement.endswith(".")
        assert requirement.source
        assert requirement.rule


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_requirement_has_evidence(dtype: str) -> None:
    """The corpus alone gives telling evidence for every requirement in every format."""
    telling: set[str] = set()
    reached: set[str] = set()
    for loss in LOSSES:
        for named in corpus(loss, dtype):
            given, output = ask(named.case), execute(NUMPY, named.case)
            asked = ALL if named.name.startswith(THOROUGH) else ""
            trial = conduct(NUMPY, named.case, asked) if output.error is None else None
            for one in examine(named.case, given, NUMPY, output, trial):
                reached.update(one.requirements)
                if one.verdict.status is Status.CONFORMS and not one.verdict.weak:
                    telling.update(one.requirements)
    asked_for = {r.id for r in BY_ID.values() if not checks.unsupported(r, FULL)}
    assert asked_for - reached == set()
    # Where 0 is due always, zeros conform: that it can fail is shown by a mutant.
    assert asked_for - telling == ALWAYS_ZERO | {"MAE-HVP"}


def test_nothing_is_unsupported_with_full_capabilities() -> None:
    """A backend that offers everything is asked for everything."""
    paths = frozenset(r.quantity.removeprefix("path.") for r in BY_ID.values())
    full = replace(FULL, paths=paths)
    assert [r.id for r in BY_ID.values() if checks.unsupported(r, full)] == []
    missing = {r.id for r in BY_ID.values() if checks.unsupported(r, FULL)}
    assert {name.rpartition("-PATH")[0] + "-PATH" for name in missing} <= OTHERS


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_that_is_not_offered_is_a_reason(loss: str) -> None:
    """Exactly the requirements of a missing loss are not asked for."""
    capabilities = replace(FULL, losses=FULL.losses - {loss})
    for requirement in checks.catalogue():
        reason = checks.unsupported(requirement, capabilities)
        assert (reason == f"{loss} is not offered") == (requirement.loss == loss)


@pytest.mark.parametrize(
    ("option", "ids"),
    [
        ("weight", {"CE-WEIGHT-VALUE", "CE-REJECTS-WEIGHT", "CE-REL-WEIGHTS-SCALED"}),
        ("ignore_index", {"CE-IGNORED-VALUE", "CE-REL-IGNORED-REMOVED"}),
        ("label_smoothing", {"CE-SMOOTHING-VALUE", "CE-REJECTS-LABEL-SMOOTHING"}),
        ("class_probabilities", {"CE-PROBABILITIES-VALUE", "CE-REL-ONE-HOT"}),
        ("upstream", {"MAE-UPSTREAM-GRADIENT", "CE-REL-UPSTREAM-SCALED"}),
    ],
)
def test_an_option_that_is_not_offered_is_a_reason(option: str, ids: set[str]) -> None:
    """Requirements that need a missing option are not asked for, nor joint ones."""
    capabilities = replace(FULL, options=frozenset(OPTIONS) - {option})
    reasons = {r.id: checks.unsupported(r, capabilities) for r in checks.catalogue()}
    assert all(option in str(reasons[name]) for name in ids)
    joint = option in {"weight", "ignore_index", "label_smoothing"}
    assert bool(reasons["CE-JOINT-VALUE"]) == joint
    word = {"ignore_index": "IGNORE", "class_probabilities": "PROBABILITIES"}
    for name, reason in reasons.items():
        if word.get(option, option.upper()) in name and "REL" not in name:
            assert reason, name
    assert reasons["CE-MEAN-VALUE"] is None


def test_a_gradient_that_is_not_offered_is_a_reason() -> None:
    """Gradients by an argument that a backend does not differentiate are not asked."""
    none = Capabilities(FULL.losses, FULL.dtypes, negative_strides=True)
    reasons = defaultdict(set)
    for requirement in checks.catalogue():
        reasons[checks.unsupported(requirement, none)].add(requirement.quantity)
    assert reasons["the gradient by input is not offered"] == {"gradient.input"}
    assert reasons["the gradient by target is not offered"] == {"gradient.target"}
    assert reasons["the gradient by weight is not offered"] == {"gradient.weight"}
    assert reasons["hvp is not offered"] == {"derivative.hvp"}
    assert not any(q.startswith(("gradient", "deriv")) for q in reasons[None])


def test_a_requirement_covers_what_has_its_features() -> None:
    """Loss and quantity must agree; a case may have more features than it needs."""
    requirement = BY_ID["CE-JOINT-VALUE"]
    assert requirement.covers("cross_entropy", "value", frozenset({"joint", "mean"}))
    assert not requirement.covers("cross_entropy", "value", frozenset({"mean"}))
    assert not requirement.covers("mse", "value", frozenset({"joint"}))
    assert not requirement.covers("cross_entropy", "shape", frozenset({"joint"}))


@pytest.mark.parametrize("name", ["hvp", "jvp"])
def test_a_derivative_that_is_not_offered_is_a_reason(name: str) -> None:
    """Who offers one derivative is asked for that one, and who offers none for none."""
    other = {"hvp": "jvp", "jvp": "hvp"}[name]
    some = replace(FULL, derivatives=dict.fromkeys(LOSSES, frozenset({other})))
    none = replace(FULL, derivatives={})
    for requirement in checks.catalogue():
        about = requirement.quantity.removeprefix("derivative.")
        reason = checks.unsupported(requirement, some)
        assert (reason == f"{name} is not offered") == (about == name)
        along = about in {"hvp", "jvp"}
        assert not along or checks.unsupported(requirement, none) is not None
