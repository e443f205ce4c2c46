"""An exact answer as JSON: lossless, in pieces, as `oracle.schema.json` describes it.

The only JSON numbers are indices, sizes and precisions: about others parsers disagree.
"""

from __future__ import annotations

import json
import math
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from conformance.commands.elements import classes, extremes, part, rounded
from conformance.environment import own_version
from reference.certificate import (
    VERSION,
    certified,
    claims,
    quantities,
    spread,
    statement,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.commands.question import Question
    from reference import Enclosure

    Claim = dict[str, Any]

MOST: Final = 1000
"""Elements of a quantity that are written, unless all are asked for."""


def schema() -> str:
    """Return the JSON Schema of answers and certificates; it describes every field."""
    folder = resources.files("conformance") / "schemas"
    return (folder / "oracle.schema.json").read_text(encoding="utf-8")


def answer(
    question: Question, formats: Sequence[str], precision: int, most: int | None = MOST
) -> Iterator[str]:
    """Yield the lines of an answer: claims, float64 bounds and rounded values.

    Args:
        question: What was asked.
        formats: Formats that elements are rounded to.
        precision: Remainders are stated to a relative 2**−precision.
        most: Elements of a quantity, the first ones, and numbers of an argument that
            are repeated; None means all.
    """
    problem = statement(question.result.problem)
    for argument in problem["arguments"].values():
        if most is not None and len(argument["values"]) > most:
            argument["values"] = None
    yield from _opening(question, problem)
    for number, (name, exact) in enumerate(quantities(question.result).items()):
        size = math.prod(exact.shape)
        places = range(size if most is None else min(size, most))
        head = _head(name, exact, precision, places)
        if head["omitted"]:
            head |= _overview(exact, formats, precision)
        yield from _quantity(
            head,
            (
                {**claim, **_details(exact, place, formats)}
                for place, claim in zip(
                    places, claims(exact, places, precision), strict=True
                )
            ),
            first=not number,
        )
    yield "]\n}\n"


def certificate(
    question: Question, precision: int, most: int | None = MOST
) -> Iterator[str]:
    """Yield the lines of a certificate: the whole problem, and claims alone.

    Args:
        question: What was asked.
        precision: Remainders are stated to a relative 2**−precision.
        most: Elements of a quantity, evenly spread; None means all.
    """
    problem = statement(question.result.problem)
    problem["arguments"].pop("tangent", None)  # nothing along it is certified
    yield from _opening(question, problem)
    for number, (name, exact) in enumerate(certified(question.result).items()):
        places = spread(math.prod(exact.shape), most)
        head = _head(name, exact, precision, places)
        yield from _quantity(head, claims(exact, places, precision), first=not number)
    yield "]\n}\n"


def _opening(question: Question, problem: dict[str, Any]) -> Iterator[str]:
    case = question.case
    source = {
        "schema_version": VERSION,
        "program": f"loss-conformance {own_version()}",
        "case": None if case is None else {"id": case.id, "origin": case.origin},
        "problem": problem,
    }
    lines = (f"{json.dumps(k)}: {json.dumps(v)},\n" for k, v in source.items())
    yield f'{{\n{"".join(lines)}"quantities": ['


def _head(
    name: str, exact: Enclosure, precision: int, places: Sequence[int]
) -> dict[str, Any]:
    size = math.prod(exact.shape)
    return {
        "name": name,
        "shape": list(exact.shape),
        "size": size,
        "precision": precision,
        "omitted": size - len(places),
    }


def _quantity(
    head: dict[str, Any], elements: Iterator[Claim], *, first: bool
) -> Iterator[str]:
    """Yield one quantity, a line for each element, so that none waits for the next."""
    yield f'{"" if first else ","}\n{json.dumps(head)[:-1]}, "elements": ['
    for number, element in enumerate(elements):
        yield f"{',' if number else ''}\n{json.dumps(element)}"
    yield "\n]}"


def _overview(
    exact: Enclosure, formats: Sequence[str], precision: int
) -> dict[str, Any]:
    """Return the counts of special elements, and the extreme ones among the others."""
    overview: dict[str, Any] = {"special": classes(exact)}
    places = extremes(exact)
    for label, place in zip(("smallest", "largest"), places or (), strict=False):
        (claim,) = claims(exact, [place], precision)
        overview[label] = {**claim, **_details(exact, place, formats)}
    return overview


def _details(exact: Enclosure, place: int, formats: Sequence[str]) -> dict[str, Any]:
    low, high = part(exact, place).bounds()
    return {
        "bounds": {"lower": _hex(low.item()), "upper": _hex(high.item())},
        "rounded": {f: _rounded(exact, place, f) for f in formats},
    }


def _rounded(exact: Enclosure, place: int, form: str) -> str | list[str]:
    value = rounded(exact, place, form)
    return [_hex(v) for v in value] if isinstance(value, tuple) else _hex(value)


def _hex(value: float) -> str:
    return value.hex()
