"""Certificates: what the oracle claims, as plain data that others can check.

A certificate states the problem with its exact inputs and, for each element of an
answer, the rational part R and the two ends of the remainder T, as exact text. Who
checks it needs another way to evaluate the loss, and nothing of this package.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from reference.element import Admit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reference.element import Element
    from reference.enclosure import Enclosure
    from reference.extended import Extended
    from reference.numbers import Numbers
    from reference.oracle import Result
    from reference.problem import Problem
    from reference.remainder import Mpf

VERSION: Final = 1
"""Grows when a field changes its meaning or goes; new fields leave it as it is."""

ADMITTED: Final = {
    Admit.NAN: "nan",
    Admit.PLUS_INFINITY: "inf",
    Admit.MINUS_INFINITY: "-inf",
    Admit.ZERO: "zero",
    Admit.FINITE: "finite",
}


def quantities(result: Result) -> Mapping[str, Enclosure]:
    """Return all that is known: `value`, `gradient.<argument>`, `derivative.<name>`."""
    along = {f"derivative.{k}": exact for k, exact in result.derivatives.items()}
    return {**certified(result), **along}


def certified(result: Result) -> Mapping[str, Enclosure]:
    """Return what certificates speak of: `value` and `gradient.<argument>`."""
    gradients = {f"gradient.{k}": exact for k, exact in result.gradient.items()}
    return {"value": result.value, **gradients}


def statement(problem: Problem) -> dict[str, Any]:
    """Return a problem as plain data, every number exactly."""
    arguments = {
        "input": problem.input,
        "target": problem.target,
        "weight": problem.weight,
        "upstream": problem.upstream,
        "tangent": problem.tangent,
    }
    stated: dict[str, Any] = {"loss": problem.loss, "reduction": problem.reduction}
    if problem.loss == "cross_entropy":
        stated["target_kind"] = problem.target_kind
        stated["ignore_index"] = problem.ignore_index
        stated["label_smoothing"] = exact_text(problem.label_smoothing)
    stated["arguments"] = {
        name: {"shape": list(numbers.shape), "values": period(_texts(numbers))}
        for name, numbers in arguments.items()
        if numbers is not None
    }
    return stated


def claims(
    exact: Enclosure, places: Iterable[int], precision: int
) -> Iterator[dict[str, Any]]:
    """Yield what is claimed of the elements at these row-major places."""
    items = exact.elements(precision)
    for place in places:
        yield {"index": position(place, exact.shape), **claim(items[place])}


def claim(item: Element) -> dict[str, Any]:
    """Return one exact value: `special`, or `rational` and the ends of `remainder`.

    `remainder` is null where the exact value is the rational part.
    """
    admitted = [name for flag, name in ADMITTED.items() if flag in item.also]
    if item.special is not None:
        return {"special": repr(item.special), "admitted": admitted}
    ends = None
    if not item.is_rational:
        low, high = item.remainder.lower, item.remainder.upper
        ends = {"lower": mpf_text(low), "upper": mpf_text(high)}
    return {
        "rational": fraction_text(item.rational),
        "remainder": ends,
        "admitted": admitted,
    }


def position(place: int, shape: Sequence[int]) -> list[int]:
    """Return the index of a row-major place.

    >>> position(5, (2, 3))
    [1, 2]
    """
    index: list[int] = []
    for size in reversed(shape):
        place, last = divmod(place, size)
        index.append(last)
    return index[::-1]


def spread(size: int, most: int | None) -> Sequence[int]:
    """Return at most `most` of `size` places, evenly spread, both ends among them.

    Raises:
        ValueError: If `most` is below two: there would be no spread.

    >>> spread(101, 3)
    [0, 50, 100]
    """
    if most is not None and most < 2:  # noqa: PLR2004 - the two ends
        msg = f"most must be at least 2 to hold both ends, got {most}"
        raise ValueError(msg)
    if most is None or size <= most:
        return range(size)
    return [i * (size - 1) // (most - 1) for i in range(most)]


def period(texts: list[str]) -> list[str]:
    """Return the shortest list that repeats to `texts`: element i is `[i % length]`.

    Expanded arguments, of 2**24 equal numbers say, are stated in one.

    >>> period(["1", "2", "1", "2"])
    ['1', '2']
    """
    size = len(texts)
    small = [p for p in range(1, math.isqrt(size) + 1) if not size % p]
    for p in sorted({*small, *(size // q for q in small)}):
        if texts[:p] == texts[-p:] and texts[:p] * (size // p) == texts:
            return texts[:p]
    return texts


def exact_text(value: Extended) -> str:
    """Return `inf`, `-inf`, `nan`, a hexadecimal binary64 number, or else `n/d`.

    >>> exact_text(Fraction(3, 4)), exact_text(Fraction(2, 3))
    ('0x1.8000000000000p-1', '2/3')
    """
    if isinstance(value, float):
        return repr(value)
    try:
        near = float(value)
    except OverflowError:
        near = math.inf
    fits = math.isfinite(near) and Fraction(near) == value
    return near.hex() if fits else fraction_text(value)


def fraction_text(value: Fraction) -> str:
    """Return `n/d`, or `n` for an integer, in decimal digits."""
    top, bottom = _digits(value.numerator), _digits(value.denominator)
    return top if bottom == "1" else f"{top}/{bottom}"


def mpf_text(value: Mpf) -> str:
    """Return an end of a remainder as `man*2^exp`, with integers in decimal digits."""
    sign, man, exp, _ = value
    return f"{'-' if sign else ''}{_digits(int(man))}*2^{_digits(int(exp))}"


def _digits(value: int) -> str:
    # Python refuses to print integers of more than 4300 digits; decimal does not.
    return str(Decimal(value)) if value.bit_length() > 2**13 else str(value)


def _texts(numbers: Numbers) -> list[str]:
    if numbers.integral:
        return [str(int(v)) for v in numbers.values.ravel()]
    known: dict[int, str] = {}
    flat = list(numbers.values.ravel())
    for value in flat:
        if id(value) not in known:
            known[id(value)] = exact_text(value)
    return [known[id(value)] for value in flat]
