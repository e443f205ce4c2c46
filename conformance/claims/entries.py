"""What the keys of a claim may hold, one value at a time."""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from conformance.case import DTYPES
from conformance.claims.digits import written
from conformance.claims.formula import LONGEST, FormulaError, check

if TYPE_CHECKING:
    from collections.abc import Iterable

ARRAYS: Final = ("input", "target", "weight", "upstream")
WORDS: Final = {
    "loss": ("mae", "mse", "cross_entropy"),
    "reduction": ("none", "mean", "sum"),
    "target_kind": ("index", "probability"),
    "dtype": DTYPES,
    "by": ARRAYS,
}
MOST: Final = 10_000
"""Numbers of one argument."""

_DEEPEST: Final = 8
_EXPONENT: Final = 400
_DIGITS: Final = 800


class FieldError(ValueError):
    """A key holds what it may not; the message says what was needed."""


def argument(name: str, value: Any) -> Any:
    """Return an argument or option of a loss, checked."""
    if name in WORDS:
        return word(name, value, WORDS[name])
    if name in {"formula", "label"}:
        if not isinstance(value, str) or len(value) > LONGEST:
            msg = f"{name} must be text of at most {LONGEST} characters"
            raise FieldError(msg)
        if name == "formula":
            _formula(value)
        return value
    if name == "ignore_index":
        if isinstance(value, bool) or not isinstance(value, int):
            msg = f"ignore_index must be an integer, got {shown(value)}"
            raise FieldError(msg)
        return value
    if name == "label_smoothing":
        return _number(name, value)
    budget = [MOST]
    return _numbers(name, value, 0, budget)


def _formula(text: str) -> None:
    try:
        check(text)
    except FormulaError as error:
        raise FieldError(str(error)) from None


def _numbers(name: str, value: Any, depth: int, budget: list[int]) -> Any:
    if not isinstance(value, list):
        budget[0] -= 1
        if budget[0] < 0:
            msg = f"{name} must hold at most {MOST} numbers"
            raise FieldError(msg)
        return _number(name, value)
    if depth == _DEEPEST:
        msg = f"{name} must be nested at most {_DEEPEST} deep"
        raise FieldError(msg)
    return [_numbers(name, item, depth + 1, budget) for item in value]


def _number(name: str, value: Any) -> int | Fraction | float:
    """Return a number: int as it is, a decimal as the fraction it writes."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        msg = f"{name} must hold numbers, got {shown(value)}"
        raise FieldError(msg)
    if isinstance(value, int):
        if value.bit_length() > 4 * _DIGITS:
            msg = f"{name} must hold numbers of at most {_DIGITS} digits"
            raise FieldError(msg)
        return value
    if isinstance(value, str):
        return _fraction(name, value)
    if not value.is_finite():
        return float(value)
    _, digits, exponent = value.as_tuple()
    if (
        len(digits) > _DIGITS
        or abs(value.adjusted()) > _EXPONENT
        or (abs(int(exponent)) > _EXPONENT + _DIGITS)
    ):
        msg = (
            f"{name} must hold numbers of at most {_DIGITS} digits between "
            f"1e-{_EXPONENT} and 1e{_EXPONENT}, got {shown(value)}"
        )
        raise FieldError(msg)
    return Fraction(value)


def _fraction(name: str, text: str) -> Fraction:
    try:
        return Fraction(written(text))
    except (ValueError, OverflowError):
        msg = (
            f'{name} must hold numbers; a text must be a fraction, "2/3", '
            f"got {shown(text)}"
        )
        raise FieldError(msg) from None


def said(kind: str, value: Any) -> Any:
    """Return what is claimed, checked for the kind of claim."""
    if value is None or kind == "manual":
        return value
    if kind in {"value", "gradient"}:
        return _digits(value, 0)
    if kind == "shape":
        whole = isinstance(value, list) and all(
            isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in value
        )
        if not whole:
            msg = f"says must be a list of sizes, such as [2, 3], got {shown(value)}"
            raise FieldError(msg)
        return value
    if kind == "interprets-as":
        return word("says", value, WORDS["target_kind"])
    if kind == "dtype":
        return word("says", value, DTYPES)
    if not isinstance(value, str):
        msg = f"says must be text for kind {kind!r}, got {shown(value)}"
        raise FieldError(msg)
    return value


def _digits(value: Any, depth: int) -> Any:
    if isinstance(value, list) and depth < _DEEPEST:
        return [_digits(item, depth + 1) for item in value]
    if not isinstance(value, str):
        msg = (
            f"says must be digits as text, because 0.60 claims more than 0.6: write "
            f'says = "1.3333", got {shown(value)}'
        )
        raise FieldError(msg)
    try:
        return written(value)
    except ValueError as error:
        msg = f"says must be {error}"
        raise FieldError(msg) from None


def word(name: str, value: Any, known: Iterable[str]) -> str:
    """Return one of the known words, or refuse with the nearest."""
    if isinstance(value, str) and value in known:
        return value
    msg = f"{name} must be one of {', '.join(known)}, got {shown(value)}"
    near = get_close_matches(str(value)[:60], list(known), 1)
    raise FieldError(f"{msg}; did you mean {near[0]!r}?" if near else msg)


def refuse_unknown(table: Iterable[str], known: Iterable[str], what: str) -> None:
    """Refuse a key that is not known, with the nearest that is."""
    names = list(known)
    for key in table:
        if key not in names:
            near = get_close_matches(key[:60], names, 1)
            hint = (
                f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
            )
            msg = f"{key[:60]!r} must not be a key of {what}; {hint}"
            raise FieldError(msg)


def shown(value: object) -> str:
    """Return a value for a message, cut to a line."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return f"a very long {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 - a line's worth
