"""Formulas in claims: arithmetic, exp, log, abs, sum and mean, evaluated exactly."""

from __future__ import annotations

import ast
import warnings
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from conformance.claims.exact import Exact, ExactError, Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = Interval | list[Interval]

LONGEST: Final = 500
_DEEPEST: Final = 40
_POWER: Final = 64
_LARGEST: Final = 1_000_000
_NAMES: Final = ("input", "target", "weight", "n")
_OPERATORS: Final = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.Pow,
    ast.USub,
    ast.Load,
)
_FUNCTIONS: Final = ("abs", "exp", "log", "sum", "mean")


class FormulaError(ValueError):
    """A formula cannot be read; the message says what was needed."""


def evaluate(text: str, names: Mapping[str, list[Fraction]]) -> Exact:
    """Return the number that a formula makes of vectors.

    Args:
        text: For example `sum(abs(input - target)) / n`; `n` is the length of `input`.
            Operations are those of each element.
        names: The vectors.

    Raises:
        FormulaError: If the text is not such a formula, or has no single value.
        ExactError: If it divides by 0 or takes the logarithm of what is not above 0.

    >>> evaluate("sum(input) / n", {"input": [Fraction(1), Fraction(2)]}).describe()
    '3/2'
    """
    tree = _parsed(text)
    made = {name: [Interval(v, v) for v in values] for name, values in names.items()}

    def at(bits: int) -> Interval:
        result = _value(tree, made, bits)
        if isinstance(result, list):
            msg = f"a formula must make one number, got {len(result)}: use sum or mean"
            raise FormulaError(msg)
        return result

    at(64)
    return Exact(at)


def _parsed(text: str) -> ast.expr:
    if len(text) > LONGEST:
        msg = f"a formula must have at most {LONGEST} characters, got {len(text)}"
        raise FormulaError(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the formula's own
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        msg = f"a formula must be arithmetic such as sum(input) / n, got {text!r}"
        raise FormulaError(msg) from None
    if _depth(tree) > _DEEPEST:
        msg = f"a formula must be nested at most {_DEEPEST} deep"
        raise FormulaError(msg)
    for node in ast.walk(tree):
        if not _allowed(node):
            known = ", ".join([*_FUNCTIONS, *_NAMES, "integers", "+ - * / **"])
            msg = f"a formula must be made of {known}; got {text[:60]!r}"
            raise FormulaError(msg)
    return tree


def check(text: str) -> None:
    """Refuse a text that is no formula, before anything is evaluated.

    Raises:
        FormulaError: If it is none.
    """
    _parsed(text)


def _allowed(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=value):
            return type(value) is int
        case ast.Name(id=name):
            return name in {*_NAMES, *_FUNCTIONS}
        case ast.Call(func=ast.Name(id=name), args=[_], keywords=[]):
            return name in _FUNCTIONS
        case ast.BinOp() | ast.Subscript() | ast.UnaryOp(op=ast.USub()):
            return True
    return isinstance(node, _OPERATORS)


def _depth(node: ast.AST) -> int:
    return 1 + max(map(_depth, ast.iter_child_nodes(node)), default=0)


def _value(  # noqa: PLR0911 - one for each form
    node: ast.expr, names: Mapping[str, list[Interval]], bits: int
) -> Value:
    match node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            return Interval(Fraction(number), Fraction(number))
        case ast.Name(id="n") if "input" in names:
            size = Fraction(len(names["input"]))
            return Interval(size, size)
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _each(lambda a: -a, _value(inner, names, bits))
        case ast.Subscript(value=inner, slice=ast.Constant(value=int(place))):
            return _item(_value(inner, names, bits), place)
        case ast.BinOp(op=ast.Pow(), left=base, right=ast.Constant(value=int(power))):
            return _power(_value(base, names, bits), power)
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(op, _value(left, names, bits), _value(right, names, bits))
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]):
            return _call(name, _value(inner, names, bits), bits)
    if isinstance(node, ast.Name):
        msg = f"{'input' if node.id == 'n' else node.id} is not given"
    else:
        msg = f"{ast.unparse(node)[:60]!r} must have an integer of its own"
    raise FormulaError(msg)


def _call(name: str, value: Value, bits: int) -> Value:
    match name:
        case "abs":
            return _each(abs, value)
        case "exp":
            return _each(lambda a: a.exp(bits), value)
        case "log":
            return _each(lambda a: a.log(bits), value)
        case "sum" | "mean":
            items = value if isinstance(value, list) else [value]
            total = sum(items, Interval(Fraction(0), Fraction(0)))
            size = Fraction(len(items))
            return total if name == "sum" else total / Interval(size, size)
    msg = f"a function must be one of {', '.join(_FUNCTIONS)}, got {name!r}"
    raise FormulaError(msg)


def _binary(op: ast.operator, left: Value, right: Value) -> Value:
    make: Callable[[Interval, Interval], Interval]
    match op:
        case ast.Add():
            make = Interval.__add__
        case ast.Sub():
            make = Interval.__sub__
        case ast.Mult():
            make = Interval.__mul__
        case ast.Div():
            make = Interval.__truediv__
        case _:
            msg = f"an operator must be one of + - * / **, got {type(op).__name__}"
            raise FormulaError(msg)
    if isinstance(right, Interval):
        return _each(lambda a: make(a, right), left)
    if isinstance(left, Interval):
        return _each(lambda b: make(left, b), right)
    if len(left) != len(right):
        msg = f"vectors must be of one length, got {len(left)} and {len(right)}"
        raise FormulaError(msg)
    return [make(a, b) for a, b in zip(left, right, strict=True)]


def _power(value: Value, power: int) -> Value:
    if not 0 <= power <= _POWER:
        msg = f"a power must be between 0 and {_POWER}, got {power}"
        raise FormulaError(msg)
    return _each(lambda a: _raised(a, power), value)


def _raised(base: Interval, power: int) -> Interval:
    size = max(
        e.numerator.bit_length() + e.denominator.bit_length() for e in _ends(base)
    )
    if size * power > _LARGEST:
        msg = "a power must stay below a million bits"
        raise FormulaError(msg)
    result = Interval(Fraction(1), Fraction(1))
    for _ in range(power):
        result = result * base
    return result


def _ends(interval: Interval) -> tuple[Fraction, Fraction]:
    return interval.low, interval.high


def _each(make: Callable[[Interval], Interval], value: Value) -> Value:
    return [make(a) for a in value] if isinstance(value, list) else make(value)


def _item(value: Value, place: int) -> Interval:
    if not isinstance(value, list) or not 0 <= place < len(value):
        msg = f"a place must be inside its vector, got {place}"
        raise FormulaError(msg)
    return value[place]


__all__ = ["LONGEST", "ExactError", "FormulaError", "evaluate"]
