"""What a run owes, and the work that shows it."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from conformance.backend import Capabilities
from conformance.plan import Scope, Subject, make_corpus, make_plan, make_units
from conformance.profiles import PROFILES, Profile
from conformance.tools import production
from conformance.unit import CorpusUnit, PoolUnit, SearchUnit

SMALL = Profile("small", pool=25, search=1500, unit=10)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the fake parts."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return import_module("fake_parts")


def subject(name: str = "good") -> Subject:
    """Return a backend that offers one loss in two formats."""
    dtypes = frozenset({"float32", "float64"})
    return Subject(name, name, Capabilities(frozenset({"mae"}), dtypes))


def test_everything_is_planned_or_has_a_reason(parts: Any) -> None:
    """Requirements × backends × formats are all accounted for."""
    scope = Scope(("mae", "mse"), ("float16", "float32"), SMALL, 0)
    plan = make_plan(scope, [subject()], parts.parts())
    assert plan.planned == (("MAE-VALUE", "good", "float32"),)
    assert [entry[:3] for entry in plan.unsupported] == [
        ("MAE-VALUE", "good", "float16"),
        ("MSE-VALUE", "good", "float16"),
        ("MSE-VALUE", "good", "float32"),
    ]
    assert all(entry[3] for entry in plan.unsupported)


def test_a_filter_shrinks_the_plan(parts: Any) -> None:
    """What was not asked for is neither planned nor listed."""
    plan = make_plan(
        Scope(("mse",), ("float64",), SMALL, 0), [subject()], parts.parts()
    )
    assert not plan.planned
    assert len(plan.requirements) == 1


def test_units_cover_corpus_pool_and_search(parts: Any) -> None:
    """Every pool index is in one unit; every cell of every backend gets a search."""
    scope = Scope(("mae", "mse"), ("float32", "float64"), SMALL, 3)
    units = make_units(scope, [subject("a"), subject("b")], parts.parts())
    pool = [u for u in units if isinstance(u, PoolUnit) and u.dtype == "float32"]
    assert [i for u in pool for i in range(u.start, u.stop)] == list(range(25))
    assert all(u.backends == ("a", "b") and u.loss == "mae" for u in pool)
    assert sum(isinstance(u, CorpusUnit) for u in units) == 2
    searches = [u for u in units if isinstance(u, SearchUnit)]
    budgets = [u.budget for u in searches if (u.backend, u.dtype) == ("a", "float32")]
    assert budgets == [1000, 500]
    assert len({u.seed for u in searches}) == len(searches)


def test_large_named_cases_are_for_large_profiles(parts: Any) -> None:
    """Each is a unit of its own, from the profile on that it is meant for."""
    named = parts.parts().corpus("mae", "float32")
    more = (replace(named[0], least="ci"), replace(named[0], least="deep"))
    tools = replace(parts.parts(), corpus=lambda _loss, _dtype: (*named, *more))
    ranges = {}
    for level in ("quick", "ci", "deep"):
        profile = replace(SMALL, level=level, unit=1)
        units = make_units(
            Scope(("mae",), ("float32",), profile, 0), [subject()], tools
        )
        found = [u for u in units if isinstance(u, CorpusUnit)]
        ranges[level] = [(u.start, u.stop) for u in found]
    first = [(i, i + 1) for i in range(len(named))]
    third = (len(named), len(named) + 1)
    assert ranges["quick"] == first
    assert ranges["ci"] == [*first, third]
    assert ranges["deep"] == [*first, third, (third[1], third[1] + 1)]


def test_a_subject_survives_plain_data() -> None:
    """What a worker tells about a backend is what the main process plans with."""
    again = Subject.from_json(subject().to_json())
    assert again == subject()
    along = replace(
        subject().capabilities, derivatives={"mae": frozenset({"hvp", "jvp"})}
    )
    told = replace(subject(), capabilities=along)
    assert Subject.from_json(told.to_json()) == told


def test_every_profile_searches_and_uses_the_pool() -> None:
    """Every cell gets both populations, in every profile; a deeper one gets more."""
    profiles = [PROFILES[name] for name in ("quick", "ci", "deep")]
    assert all(p.pool and p.search and p.unit and p.shrink for p in profiles)
    assert [p.pool for p in profiles] == sorted(p.pool for p in profiles)


def test_the_corpus_is_told_by_what_the_profile_runs() -> None:
    """Cases of a larger profile count only there; each cell has its own digest."""
    scopes = [
        Scope(("mae",), ("float32", "float64"), PROFILES[name], 0)
        for name in ("quick", "ci")
    ]
    quick, ci = (make_corpus(scope, production()) for scope in scopes)
    assert [(c["loss"], c["dtype"]) for c in quick] == [
        ("mae", "float32"),
        ("mae", "float64"),
    ]
    assert quick[0]["cases"] < ci[0]["cases"]
    assert len({c["hash"] for c in (*quick, *ci)}) == 4


def test_what_a_function_ignores_is_kept() -> None:
    """A subject is the same after its way through a run file."""
    told = replace(subject(), ignored=("delta",))
    assert Subject.from_json(told.to_json()) == told
    assert "ignored" not in subject().to_json()
