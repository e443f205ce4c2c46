"""Each relation is true of the exact values, applies where it should, and can fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.answer import ask
from conformance.backends.numpy import create
from conformance.builders.corpus import corpus
from conformance.builders.pool import pool_case
from conformance.case import Array, Case
from conformance.relations import LARGEST, RELATIONS, applicable
from conformance.relations.identity import ITSELF, Reading, gap
from reference.formats import format_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.answer import Answer
    from conformance.relations import Relation
    from conformance.relations.identity import Term, Variation

CAPABILITIES = create().capabilities
ROWS = [[1.5, -2.0, 0.25], [4.0, 0.0, -3.0]]


def varied(loss: str, dtype: str) -> Iterator[tuple[Case, Relation, Variation]]:
    """Yield what relations make of named and drawn cases that are valid."""
    named = [n.case for n in corpus(loss, dtype) if "everything" in n.name]
    drawn = (pool_case(loss, dtype, i, seed=3) for i in range(25))
    for given in (*named, *drawn):
        case = replace(given, tangent=None)
        if ask(case).result is not None:
            for relation, variation in applicable(case, CAPABILITIES):
                yield case, relation, variation


def reading(given: Answer, term: Term) -> Reading:
    """Return exact values as if a backend had returned them, with float64's error."""
    exact = given.exact(term.quantity)
    columns = exact.columns(53).plain()
    wide = np.where(exact.special, np.nan, columns.head.reshape(exact.shape))
    radius = np.where(exact.special, 0.0, columns.radius.reshape(exact.shape))
    bound = np.abs(wide) * 2.0**-40 + radius + 2.0**-1000
    return Reading(wide, bound, np.asarray((exact.also != 0) | exact.special))


@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
def test_the_exact_values_obey_every_relation(loss: str) -> None:
    """The oracle's values of a case and of its variants satisfy the identities."""
    seen = set()
    threshold = float(format_named("float32").largest)
    for case, relation, variation in varied(loss, "float32"):
        answers = {name: ask(v) for name, v in variation.variants.items()}
        assert all(a.result is not None for a in answers.values()), relation.name
        answers[ITSELF] = ask(case)
        for identity in variation.identities:
            readings = tuple(reading(answers[t.source], t) for t in identity.terms)
            found = gap(identity, readings, threshold)
            assert found.kind in ("", "nan", "infinity"), (relation.name, found.detail)
            seen.add(relation.name)
    assert seen == {r.name for r in RELATIONS if loss in r.losses}


def test_relations_have_unique_names_and_reasons() -> None:
    """Names are unique; each relation says what is true and why."""
    assert len({r.name for r in RELATIONS}) == len(RELATIONS)
    assert all(r.statement and r.source and r.losses for r in RELATIONS)


def case_of(target: Any, weight: Any = None, **options: Any) -> Case:
    """Return a cross-entropy case of two rows."""
    array = np.asarray(target)
    arguments = {
        "input": Array.of(ROWS, "float32"),
        "target": Array.of(array, None if array.dtype.kind == "i" else "float32"),
    }
    if weight is not None:
        arguments["weight"] = Array.of(weight, "float32")
    return Case("cross_entropy", "float32", arguments, options)


def names(case: Case) -> set[str]:
    """Return the names of the relations that say something about a case."""
    return {relation.name for relation, _ in applicable(case, CAPABILITIES)}


def variant(case: Case, name: str) -> Case:
    """Return the only variant that a relation makes of a case."""
    (found,) = (v for r, v in applicable(case, CAPABILITIES) if r.name == name)
    (only,) = found.variants.values()
    return only


def test_where_relations_apply() -> None:
    """A relation says nothing where its identity would be false or empty."""
    plain = names(case_of([2, 0]))
    assert {"one-hot", "unreduced", "batch-duplicated"} <= plain
    assert not {"batch-split", "row-alone", "batched", "weights-scaled"} & plain
    assert "one-hot" not in names(case_of([2, 0], [1, 2, 3]))
    assert "one-hot" in names(case_of([2, 0], [1, 2, 3], reduction="sum"))
    assert "one-hot" not in names(case_of([2, -100]))
    assert {"ignored-removed", "ignored-changed"} <= names(case_of([2, -100]))
    assert "batch-split" in names(case_of([2, 0], reduction="sum"))
    assert "row-alone" in names(case_of([2, 0], reduction="none"))
    assert "unreduced" not in names(case_of([2, 0], [0, 1, 0]))


def test_large_cases_have_no_variants() -> None:
    """Variants of large cases would cost more than they show."""
    wide = Array(np.zeros(1, np.float32), (LARGEST, 2), (0, 0))
    labels = Array(np.zeros(1, np.int64), (LARGEST,), (0,))
    case = Case("cross_entropy", "float32", {"input": wide, "target": labels})
    assert names(case) == set()


def test_variants_are_what_they_are_called() -> None:
    """Classes are mirrored, ignored rows left out, shares are one-hot."""
    mirrored = variant(case_of([2, 0], ignore_index=0), "classes-reversed")
    assert mirrored.arguments["target"].view().tolist() == [0, 2]
    assert mirrored.options["ignore_index"] == 2
    assert mirrored.arguments["input"].view().tolist() == [r[::-1] for r in ROWS]
    fewer = variant(case_of([2, -100]), "ignored-removed")
    assert fewer.arguments["input"].view().tolist() == ROWS[:1]
    hot = variant(case_of([2, 0]), "one-hot")
    assert hot.arguments["target"].view().tolist() == [[0, 0, 1], [1, 0, 0]]
    changed = variant(case_of([2, -100]), "ignored-changed")
    rows = changed.arguments["input"].view().tolist()
    assert rows[0] == ROWS[0]
    assert rows[1] != ROWS[1]


def test_logits_are_shifted_only_where_that_is_exact() -> None:
    """2**-24 + c is no float32 number for any of the shifts: there is no variant."""
    assert "logits-shifted" in names(case_of([2, 0]))
    rough = Array.of([[2.0**-40, 1 / 3, 3e7]], "float32")
    arguments = {"input": rough, "target": Array.of(np.array([0]))}
    assert "logits-shifted" not in names(Case("cross_entropy", "float32", arguments))
