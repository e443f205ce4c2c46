"""Backends of few abilities can show all they owe, by named cases alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.answer import answer
from conformance.backend import LOSSES, Capabilities
from conformance.backends._functions import reason_against_call
from conformance.builders.corpus import named_cases
from conformance.checks import catalogue, details, features, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.case import Case
    from conformance.checks import Requirement

ROWS: Final = frozenset({"k-dim", "unbatched", "empty", "invalid"})
MEAN: Final = frozenset({"reduction"})
DRAWN: Final = ("relation", "path", "repeat", "derivative", "detached")
"""Quantities that need more than the case itself."""

# Options, what is declined, gradients and keywords of functions as people write them.
FUNCTIONS: Final = {
    "torch, input and target": ("class_probabilities upstream", MEAN, ""),
    "torch, class indices": ("upstream", MEAN, ""),
    "torch, rows": ("upstream", MEAN | ROWS, ""),
    "torch, rows, dense": ("upstream", MEAN | ROWS | {"layout"}, ""),
    "torch, rows, reductions": ("upstream", ROWS, "reduction"),
    "torch, rows, ignoring": ("upstream ignore_index", ROWS, "reduction"),
    "torch, rows, mean, ignoring": ("upstream ignore_index", MEAN | ROWS, ""),
    "torch, rows, mean, smoothing": ("upstream label_smoothing", MEAN | ROWS, ""),
    "torch, rows, mean, weights": ("upstream weight", MEAN | ROWS, ""),
    "torch, mean, everything": (
        "class_probabilities ignore_index label_smoothing upstream weight",
        MEAN,
        "",
    ),
    "numpy, value": ("", MEAN, ""),
    "numpy, rows": ("", MEAN | ROWS | {"broadcast"}, ""),
    "numpy, rows, reductions": ("", ROWS, "reduction"),
}


@cache
def shown(loss: str) -> list[tuple[Case, frozenset[str], frozenset[str]]]:
    """Return each small named case with its features and what it is judged by."""
    cases = [n.case for n in named_cases(loss, "float32") if n.least == "quick"]
    found = []
    for case in cases:
        given = answer(case)
        quantities = {"rejection"}
        if given.result is not None:
            # Form and purity show in whatever has a value.
            quantities = {
                "value",
                "",
                *(f"gradient.{g}" for g in given.result.gradient),
            }
        special = features(case, given) | details(case, given)
        found.append((case, special, frozenset(quantities)))
    return found


def owed(capabilities: Capabilities) -> Iterator[Requirement]:
    """Yield what a backend has to show by single calls."""
    for requirement in catalogue():
        kind = requirement.quantity.partition(".")[0]
        if kind not in DRAWN and unsupported(requirement, capabilities) is None:
            yield requirement


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_few_abilities_suffice(name: str, loss: str) -> None:
    """Every requirement that is asked for has a named case that can be run."""
    options, declined, keywords = FUNCTIONS[name]
    taken = frozenset(options.split()) - {"class_probabilities", "upstream"}
    offered = options.split() if loss == "cross_entropy" else ["upstream"]
    by_torch = "upstream" in options
    capabilities = Capabilities(
        losses=frozenset({loss}),
        dtypes=frozenset({"float32"}),
        options=frozenset(offered if by_torch else ()),
        gradients={loss: frozenset({"input"} if by_torch else ())},
        negative_strides=not by_torch,
        declined=dict.fromkeys(declined, "not taken"),
    )

    def runs(case: Case) -> bool:
        given: Any = case.upstream
        why = reason_against_call(capabilities, taken | set(keywords.split()), case)
        return why is None and (given is None or by_torch)

    can = [(has, judged) for case, has, judged in shown(loss) if runs(case)]
    lacking = [
        r.id
        for r in owed(capabilities)
        if not any(r.features <= has and _judged_by(r) in judged for has, judged in can)
    ]
    assert not lacking


def _judged_by(requirement: Requirement) -> str:
    kind = requirement.quantity.partition(".")[0]
    return requirement.quantity if kind in {"value", "gradient", "rejection"} else ""
