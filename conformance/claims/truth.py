"""What is true: the oracle's answer to the arguments of a claim."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import reference
from conformance.claims.exact import Exact, ExactError, Interval
from conformance.claims.formula import FormulaError, evaluate
from reference import ProblemError, format_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reference import Enclosure, Result

_BELOW_ALL: Final = -24_000  # as far down as the oracle prints digits
_TAKES: Final = {
    "mae": ("reduction", "upstream"),
    "mse": ("reduction", "upstream"),
    "cross_entropy": (
        "reduction",
        "upstream",
        "weight",
        "ignore_index",
        "label_smoothing",
        "target_kind",
    ),
}


class MissingError(ValueError):
    """A claim does not say what its truth would need; the message says what."""


class RejectedError(ValueError):
    """The documented rules of a loss refuse the arguments; the message says why."""


@dataclass(frozen=True)
class Truth:
    """Exact numbers, row-major.

    Attributes:
        shape: Their shape.
        numbers: As many.
        rounded: The same, correctly rounded to the claim's format, if it names one.
    """

    shape: tuple[int, ...]
    numbers: tuple[Exact, ...]
    rounded: tuple[Fraction, ...] | None = None


def answer(arguments: Mapping[str, Any]) -> Result:
    """Return what the oracle answers.

    Raises:
        MissingError: If loss, input or target are missing.
        RejectedError: If the arguments are not what the loss accepts.
    """
    for name in ("loss", "input", "target"):
        if name not in arguments:
            msg = f"{name} is not given"
            raise MissingError(msg)
    loss = arguments["loss"]
    given = {name: arguments[name] for name in _TAKES[loss] if name in arguments}
    foreign = {"weight", "ignore_index", "label_smoothing"} & arguments.keys()
    if loss != "cross_entropy" and foreign:
        msg = f"{loss} takes no {', '.join(sorted(foreign))}"
        raise RejectedError(msg)
    given |= {"input": arguments["input"], "target": arguments["target"]}
    if loss == "cross_entropy":
        given["target_kind"] = target_kind(arguments)
    try:
        return getattr(reference, loss)(**_stored(given, arguments.get("dtype")))  # type: ignore[no-any-return]
    except ProblemError as error:
        raise RejectedError(str(error)) from None


def target_kind(arguments: Mapping[str, Any]) -> str:
    """Return how torch reads a target: integers as class indices, others as not.

    As in torch the type decides, not the value: 1.0 is no integer.
    """
    given = arguments.get("target_kind")
    if given:
        return str(given)
    return "index" if _whole(arguments["target"]) else "probability"


def _whole(value: object) -> bool:
    return all(map(_whole, value)) if isinstance(value, list) else type(value) is int


def _stored(given: dict[str, Any], dtype: str | None) -> dict[str, Any]:
    if dtype is None:
        return given
    real = {"input", "weight", "upstream", "target"}
    if given.get("target_kind") == "index":
        real.remove("target")
    return {k: _nested(v, dtype) if k in real else v for k, v in given.items()}


def _nested(value: Any, dtype: str) -> Any:
    if isinstance(value, list):
        return [_nested(item, dtype) for item in value]
    if isinstance(value, float):  # nan or an infinity
        return value
    rounded = format_named(dtype).round(Fraction(value))
    return Fraction(rounded) if abs(rounded) < float("inf") else rounded


def truth(arguments: Mapping[str, Any], quantity: str = "value") -> Truth:
    """Return the exact value of a loss, of its gradient or of a formula.

    Args:
        arguments: As `conformance.claims.fields` reads them.
        quantity: `value`, or the argument of a gradient.

    Raises:
        MissingError: If something is not given.
        RejectedError: If there is no such value.
    """
    if "formula" in arguments:
        return Truth((), (_formula(arguments),))
    result = answer(arguments)
    exact = result.value if quantity == "value" else result.gradient.get(quantity)
    if exact is None:
        msg = (
            f"there is no gradient by {quantity}, only by {', '.join(result.gradient)}"
        )
        raise RejectedError(msg)
    count = 1
    for size in exact.shape:
        count *= size
    numbers = tuple(_number(exact, place) for place in range(count))
    return Truth(exact.shape, numbers, _rounded(exact, arguments.get("dtype")))


def _rounded(exact: Enclosure, dtype: str | None) -> tuple[Fraction, ...] | None:
    if dtype is None:
        return None
    try:
        values = exact.round_to(dtype).astype(float).ravel().tolist()
        return tuple(Fraction(v) for v in values)
    except (reference.Undecided, ValueError, OverflowError):  # nan, infinity
        return None


def _formula(arguments: Mapping[str, Any]) -> Exact:
    names = {n: arguments[n] for n in ("input", "target", "weight") if n in arguments}
    vectors = {}
    for name, value in names.items():
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(v, int | Fraction) for v in items):
            msg = f"a formula needs {name} to be one list of finite numbers"
            raise RejectedError(msg)
        vectors[name] = [Fraction(v) for v in items]
    try:
        return evaluate(arguments["formula"], vectors)
    except (FormulaError, ExactError) as error:
        raise RejectedError(str(error)) from None


def _number(exact: Enclosure, place: int) -> Exact:
    first = exact.elements()[place]

    def at(bits: int) -> Interval:
        return Interval(*exact.elements(bits)[place].ends(_BELOW_ALL))

    return Exact(at, first.special)
