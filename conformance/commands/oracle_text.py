"""An exact answer in words, for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from conformance.commands.elements import classes, extremes, rounded
from reference import Admit
from reference.certificate import position, quantities

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.commands.question import Question
    from reference import Enclosure

SHOWN: Final = 16
"""Elements of a quantity that are printed."""

DIGITS: Final = 20

_TITLES: Final = {
    "derivative.hvp": "derivative of gradient by input along tangent (hvp)",
    "derivative.jvp": "derivative of value along tangent (jvp)",
}


def lines(
    question: Question, formats: Sequence[str], most: int | None = SHOWN
) -> Iterator[str]:
    """Yield an answer: every quantity's first elements, and the extreme ones.

    Args:
        question: What was asked.
        formats: Formats that elements are rounded to.
        most: Elements of a quantity that are shown; None means all.
    """
    yield from _asked(question)
    for name, exact in quantities(question.result).items():
        yield from _quantity(name, exact, formats, most)


def _asked(question: Question) -> Iterator[str]:
    problem, case = question.result.problem, question.case
    if case is not None:
        origin = f", {case.origin}" if case.origin else ""
        yield f"case {case.id} in {case.dtype}{origin}"
    kind = "indices" if problem.target_kind == "index" else "probabilities"
    meaning = f", target read as class {kind}"
    yield (
        f"{problem.loss}, reduction {problem.reduction}, input of shape "
        f"{problem.input.shape}{meaning if problem.loss == 'cross_entropy' else ''}"
    )


def _quantity(
    name: str, exact: Enclosure, formats: Sequence[str], most: int | None
) -> Iterator[str]:
    size = math.prod(exact.shape)
    shown = size if most is None else min(size, most)
    yield ""
    shape = f", shape {exact.shape}" if exact.shape else ""
    yield f"{_TITLES.get(name, name.replace('gradient.', 'gradient by '))}{shape}"
    if not size:
        yield "  no element"
    for place in range(shown):
        yield from _element(exact, place, formats)
    if shown < size:
        yield f"  … and {size - shown} more; --all prints them"
        yield from _overview(exact, formats)


def _overview(exact: Enclosure, formats: Sequence[str]) -> Iterator[str]:
    """Yield what is worth knowing of many elements."""
    counts = [f"{count} {name}" for name, count in classes(exact).items()]
    if counts:
        yield f"  among all {math.prod(exact.shape)}: {', '.join(counts)}"
    places = extremes(exact)
    if places is not None:
        for label, place in zip(("smallest", "largest"), places, strict=True):
            yield f"  {label}"
            yield from _element(exact, place, formats)


def _element(exact: Enclosure, place: int, formats: Sequence[str]) -> Iterator[str]:
    index = ", ".join(map(str, position(place, exact.shape)))
    where = f"[{index}] " if exact.shape else ""
    admitted = _admitted(Admit(int(exact.also.ravel()[place])))
    yield f"  {where}exact     {exact.describe(place, DIGITS)}{admitted}"
    for form in formats:
        yield f"  {' ' * len(where)}{form:9} {_shown(rounded(exact, place, form))}"


def _shown(value: float | tuple[float, float]) -> str:
    if isinstance(value, tuple):
        low, high = value
        return f"undecided between {low!r} and {high!r}"
    return f"{value!r:24} {value.hex()}"


def _admitted(also: Admit) -> str:
    names = [str(a.name).lower().replace("_", " ") for a in Admit if a and a in also]
    return f"   (also admitted: {', '.join(names)})" if names else ""
