"""Every three options meet in some case, and each case is one that counts."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from conformance.answer import ask
from conformance.builders.corpus.combined import (
    COMBINATIONS,
    ENTRIES,
    KINDS,
    PLACES,
    REDUCTIONS,
    SMOOTHINGS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.builders.corpus.combined import Combination
    from conformance.builders.corpus.entry import Entry

DOMAINS: Final[Mapping[str, tuple[object, ...]]] = {
    "kind": tuple(range(len(KINDS))),
    "places": tuple(range(len(PLACES))),
    "smoothing": tuple(range(len(SMOOTHINGS))),
    "reduction": REDUCTIONS,
    "weighted": (False, True),
    "scaled": (False, True),
    "directed": (False, True),
}
PAIRS: Final = tuple(zip(COMBINATIONS, ENTRIES, strict=True))


@pytest.mark.parametrize("names", list(combinations(DOMAINS, 3)), ids="-".join)
def test_any_three_choices_meet(names: tuple[str, ...]) -> None:
    """Whatever the values of three of the seven, a case has them."""
    met = {tuple(getattr(one, name) for name in names) for one in COMBINATIONS}
    assert met == set(product(*(DOMAINS[name] for name in names)))


@pytest.mark.parametrize(("one", "entry"), PAIRS)
def test_a_combination_is_what_it_says(one: Combination, entry: Entry) -> None:
    """Options and arguments are as chosen, and the case is valid in float32."""
    case = entry.named("cross_entropy", "float32").case
    assert ask(case).result is not None
    assert case.reduction == one.reduction
    assert ("weight" in case.arguments) == one.weighted
    assert (case.upstream is not None) == one.scaled
    assert (case.tangent is not None) == one.directed
    assert case.options.get("label_smoothing", 0.0) == SMOOTHINGS[one.smoothing]
    target = case.arguments["target"]
    ignored = target.view() == case.options.get("ignore_index", -100)
    assert ignored.any() == (KINDS[one.kind] in ("default", "own", "class"))
    assert (target.base.dtype.kind == "f") == (KINDS[one.kind] == "probabilities")


def test_every_format_has_every_kind() -> None:
    """Formats with fewer cases still have each kind of target, and their numbers."""
    for dtype in ("float16", "bfloat16", "float64"):
        some = [e for e in ENTRIES if dtype in e.dtypes]
        assert all(any(f"-{kind}-" in e.name for e in some) for kind in KINDS)
    for entry in ENTRIES:
        for dtype in entry.dtypes:
            given = entry.named("cross_entropy", dtype).case.arguments["input"].view()
            wide = entry.named("cross_entropy", "float64").case.arguments["input"]
            assert np.array_equal(given.astype(np.float64), wide.view())
