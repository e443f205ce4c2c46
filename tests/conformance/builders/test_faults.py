"""Ways to make a case invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.builders import drafts, faults
from conformance.builders.choices import CounterChoices
from conformance.builders.grid import grid
from conformance.builders.layouts import place
from conformance.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.builders.drafts import Draft

    Judge = Callable[[Case], bool]


def _case(loss: str, draft: Draft) -> Case:
    arguments = {name: place(values) for name, values in draft.arguments.items()}
    upstream = None if draft.upstream is None else place(draft.upstream)
    return Case(loss, "float32", arguments, draft.options, upstream)


@pytest.mark.parametrize("fault", dict.fromkeys(faults.CLASSIFICATION))
def test_classification_fault_is_refused(
    fault: Callable[..., Any], refused: Judge
) -> None:
    """Whatever the case was, the reference refuses it with the fault."""
    for index in range(400):
        choices = CounterChoices(5, index)
        draft = drafts.classification(choices, grid("float32"))
        assert not refused(_case("cross_entropy", draft))
        assert refused(_case("cross_entropy", fault(choices, draft)))


@pytest.mark.parametrize("fault", dict.fromkeys(faults.REGRESSION))
@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_regression_fault_is_refused(
    loss: str, fault: Callable[..., Any], refused: Judge
) -> None:
    """Whatever the case was, the reference refuses it with the fault."""
    for index in range(400):
        choices = CounterChoices(5, index)
        draft = drafts.regression(choices, grid("float32"))
        assert not refused(_case(loss, draft))
        assert refused(_case(loss, fault(choices, draft)))
