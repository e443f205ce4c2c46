"""What a backend declines is neither run nor required, and says why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.backend import DECLINABLE, Output
from conformance.backends._inference import declined_of
from conformance.backends._support import kinds
from conformance.backends.numpy import CAPABILITIES, NumpyBackend
from conformance.builders.corpus import corpus
from conformance.builders.pool import pool_case
from conformance.case import Array, Case
from conformance.checks import catalogue, features, unsupported
from conformance.checks.declined import declines
from conformance.loading import LoadError
from conformance.relations import applicable
from conformance.tools import production
from conformance.verdict import FAILURES, Status
from conformance.workbench import THOROUGH


def case(loss: str, x: Any, y: Any, **options: Any) -> Case:
    """Return a case in float32."""
    arguments = {"input": Array.of(x, "float32"), "target": Array.of(y)}
    if loss != "cross_entropy":
        arguments["target"] = Array.of(y, "float32")
    return Case(loss, "float32", arguments, options)


STRIDED = Array(np.zeros(4, np.float32), (2,), (2,), 0)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (case("mse", [1.0], [2.0]), set()),
        (case("mse", [1.0, 2.0], 2.0), {"broadcast"}),
        (case("mse", [1.0, 2.0], [1.0, 2.0, 3.0]), set()),  # invalid, no broadcast
        (case("mse", [], []), {"empty"}),
        (case("cross_entropy", [1.0, 2.0], 0), {"unbatched"}),
        (case("cross_entropy", [[1.0, 2.0]], [0]), set()),
        (case("cross_entropy", [[[1.0], [2.0]]], [[0]]), {"k-dim"}),
        (Case("mae", "float32", {"input": STRIDED, "target": STRIDED}), {"layout"}),
    ],
)
def test_the_kinds_of_a_case(given: Case, found: set[str]) -> None:
    """They show from shapes and strides alone."""
    assert set(kinds(given)) == found


@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
def test_what_is_declined_is_not_owed(loss: str) -> None:
    """A case is of a kind exactly if it has the feature that requirements go by."""
    tools, met = production(), set()
    for index in range(150):
        drawn = pool_case(loss, "float32", index, 0)
        given = tools.answer(drawn)
        if given.result is None:
            continue
        found = features(drawn, given)
        featured = found & set(DECLINABLE)
        featured |= {"reduction"} if found & {"none", "sum"} else set()
        assert set(kinds(drawn)) == featured
        met |= featured
    shapes = {"k-dim", "unbatched"} if loss == "cross_entropy" else {"broadcast"}
    assert met == {"empty", "layout", "reduction", *shapes}


@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
@pytest.mark.parametrize("kind", DECLINABLE)
def test_a_relation_without_variants_is_not_owed(kind: str, loss: str) -> None:
    """Each that is owed has a case, among those asked everything, that shows it."""
    mine = NumpyBackend(capabilities=replace(CAPABILITIES, declined={kind: "because"}))
    named = [n.case for n in corpus(loss, "float32") if n.name.startswith(THOROUGH)]
    shown = {
        f"relation.{relation.name}"
        for one in named
        for relation, variation in applicable(one, mine.capabilities)
        if all(mine.can_run(c) is None for c in (one, *variation.variants.values()))
    }
    owed = {
        requirement.quantity
        for requirement in catalogue()
        if requirement.loss == loss
        and requirement.quantity.startswith("relation.")
        and unsupported(requirement, mine.capabilities) is None
    }
    assert owed - shown == set()


@pytest.mark.parametrize("kind", DECLINABLE)
def test_a_declined_requirement_is_unsupported(kind: str) -> None:
    """Some requirements go with each kind, most stay; the reason is the one given."""
    mine = replace(CAPABILITIES, declined={kind: "because"})
    reasons = [unsupported(r, mine) for r in catalogue()]
    assert "because" in reasons
    assert reasons.count(None) > len(reasons) / 2


def test_the_default_index_is_shown_only_to_who_ignores() -> None:
    """Rows of target −100 need `ignore_index`, although no case names it."""
    ignoring = case("cross_entropy", [[1.0, 2.0], [0.0, 1.0]], [-100, 1])
    everything = NumpyBackend()
    assert everything.can_run(ignoring) is None
    options = CAPABILITIES.options - {"ignore_index"}
    without = NumpyBackend(capabilities=replace(CAPABILITIES, options=options))
    assert without.can_run(ignoring) == "does not offer ignore_index"


def test_invalid_arguments_can_be_declined() -> None:
    """A function that does not look at `reduction` is then not accused of it."""
    wrong = case("mse", [1.0], [2.0], reduction="average")
    tools = production()
    got = Output(np.float32(1.0).reshape(()))
    for declined, status in (
        ({}, {Status.ACCEPTED_INVALID}),
        ({"invalid:target": "because"}, {Status.ACCEPTED_INVALID}),
        ({"invalid:reduction": "because"}, set()),
        ({"invalid": "because"}, set()),
    ):
        capabilities = replace(CAPABILITIES, declined=declined)
        backend = NumpyBackend(capabilities=capabilities)
        judged = tools.examine(wrong, tools.answer(wrong), backend, got)
        assert {j.verdict.status for j in judged} & FAILURES == status


def test_a_finer_feature_goes_with_its_kind() -> None:
    """`k-dim-2`, `invalid:weight`, `input-strided` belong to what is declined."""
    declined = {"k-dim": "a", "invalid": "b", "layout": "c"}
    assert declines(declined, "k-dim-2") == "a"
    assert declines(declined, "invalid:weight") == "b"
    assert declines(declined, "input-strided") == "c"
    assert declines(declined, "mean") is None
    assert declines({}, "input-strided") is None


@pytest.mark.parametrize(
    ("stated", "hint"),
    [
        ({"layouts": "no"}, "broadcast, empty, invalid, k-dim, layout, reduction"),
        (["layout"], "must say why"),
        ({"layout": ""}, "must give a reason"),
        ({"layout": True}, "must give a reason"),
    ],
)
def test_declining_needs_a_known_kind_and_a_reason(stated: Any, hint: str) -> None:
    """Anything else is refused when the backend is loaded."""
    described = type("Described", (), {"declined": stated})
    with pytest.raises(LoadError, match=hint):
        declined_of(described, "mine")
