"""Results that a backend promises by name: judged, or missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.judge import judge
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from conformance.checks.requirement import Context


def judged(
    context: Context, quantity: str, given: Mapping[str, NDArray[Any]], words: str
) -> Iterator[Verdict]:
    """Yield the verdict on a promised result of a valid case.

    Args:
        context: What is checked.
        quantity: `gradient.<argument>` or `derivative.<name>`.
        given: What the backend returned of that kind, by name.
        words: What a message calls the result.
    """
    name = quantity.rpartition(".")[2]
    if name in context.output.failures:
        error = context.output.failures[name]
        yield Verdict(quantity, Status.ERROR, "raised", 1, detail=error)
        return
    got = given.get(name)
    if got is None:
        text = f"{words} is promised, but was not returned"
        yield Verdict(quantity, Status.WRONG_CLASS, "missing", detail=text)
        return
    question = context.answer.question(quantity, context.contract)
    if got.shape == question.exact.shape:  # else the verdict on `shape` says so
        yield judge(question, got)
