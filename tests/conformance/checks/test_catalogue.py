"""The catalogue: unique ids, evidence for each, reasons for what is not asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from conformance import checks
from conformance.answer import ask
from conformance.backend import LOSSES, OPTIONS, Capabilities, execute
from conformance.backends.numpy import create
from conformance.builders.corpus import corpus
from conformance.case import DTYPES
from conformance.measure import examine
from conformance.verdict import Status

MOST = 20_000  # elements: larger cases of the corpus only take longer
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
    for loss in LOSSES:
        for named in corpus(loss, dtype):
            if np.prod(named.case.arguments["input"].shape) > MOST:
                continue
            given = ask(named.case)
            for one in examine(named.case, given, NUMPY, execute(NUMPY, named.case)):
                if one.verdict.status is Status.CONFORMS and not one.verdict.weak:
                    telling.update(one.requirements)
    # Where 0 is due always, zeros conform: that it can fail is shown by a mutant.
    assert set(BY_ID) - telling == {"MAE-HVP"}


def test_nothing_is_unsupported_with_full_capabilities() -> None:
    """A backend that offers everything is asked for everything."""
    assert [r.id for r in BY_ID.values() if checks.unsupported(r, FULL)] == []


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
        ("weight", {"CE-WEIGHT-VALUE", "CE-WEIGHT-GRADIENT", "CE-REJECTS-WEIGHT"}),
        ("ignore_index", {"CE-IGNORED-VALUE", "CE-IGNORED-GRADIENT"}),
        (
            "label_smoothing",
            {
                "CE-SMOOTHING-VALUE",
                "CE-SMOOTHING-GRADIENT",
                "CE-REJECTS-LABEL-SMOOTHING",
            },
        ),
        (
            "class_probabilities",
            {"CE-PROBABILITIES-VALUE", "CE-PROBABILITIES-GRADIENT", "CE-TARGET"},
        ),
    ],
)
def test_an_option_that_is_not_offered_is_a_reason(option: str, ids: set[str]) -> None:
    """Requirements that need a missing option are not asked for, nor joint ones."""
    capabilities = replace(FULL, options=frozenset(OPTIONS) - {option})
    reasons = {r.id: checks.unsupported(r, capabilities) for r in checks.catalogue()}
    missing = {name for name, reason in reasons.items() if reason}
    joint = {"CE-JOINT-VALUE", "CE-JOINT-GRADIENT"}
    by_weight = {"CE-WEIGHT"} if option in {"weight", "class_probabilities"} else set()
    name = {"ignore_index": "ignored", "label_smoothing": "smoothing"}.get(
        option, option
    )
    feature = name.removeprefix("class_").upper()
    along = {f"CE-{derivative}-{feature}" for derivative in ("HVP", "JVP")}
    expected = ids | by_weight | (joint if option != "class_probabilities" else set())
    expected |= along
    assert missing == expected
    assert all(reasons[name] == f"{option} is not offered" for name in ids)


def test_a_gradient_that_is_not_offered_is_a_reason() -> None:
    """Gradients by an argument that a backend does not differentiate are not asked."""
    none = Capabilities(FULL.losses, FULL.dtypes)
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


def test_no_upstream_no_requirement() -> None:
    """A function that takes no upstream gradient is not asked to multiply by it."""
    capabilities = replace(FULL, options=frozenset(OPTIONS) - {"upstream"})
    reasons = {r.id: checks.unsupported(r, capabilities) for r in checks.catalogue()}
    missing = {name for name, reason in reasons.items() if reason}
    gradients = {f"{loss}-UPSTREAM-GRADIENT" for loss in ("MAE", "MSE", "CE")}
    assert missing == gradients | {"MSE-HVP-UPSTREAM", "CE-HVP-UPSTREAM"}


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
        assert (checks.unsupported(requirement, none) is not None) == along
