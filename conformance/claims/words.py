"""Numbers, lists and arguments in words."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from conformance.claims.exact import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN: Final = 6


def label(setting: Mapping[str, Any]) -> str:
    """Return what a set of arguments is called: its label, or what it says."""
    if "label" in setting:
        return str(setting["label"])
    shown = setting.items()
    if "formula" in setting:
        shown = {"formula": setting["formula"]}.items()
    return ", ".join(f"{name} = {plain(value)}" for name, value in shown)


def plain(value: Any) -> str:
    """Return numbers as a reader writes them."""
    if isinstance(value, list | tuple):
        return brief([plain(item) for item in value])
    return _decimal(value) if isinstance(value, Fraction) else str(value)


def _decimal(value: Fraction) -> str:
    d = value.denominator
    while d % 2 == 0:
        d //= 2
    while d % 5 == 0:
        d //= 5
    short = d == 1 and value.denominator < 10**9 and abs(value) < 10**9
    return f"{float(value)!r}" if short else in_words(value)


def brief(value: Any) -> str:
    """Return nested words on one line, the first ones of many."""
    if isinstance(value, list):
        more = ", …" if len(value) > _SHOWN else ""
        return f"[{', '.join(map(brief, value[:_SHOWN]))}{more}]"
    return str(value)


def shape_of(shape: Sequence[int]) -> str:
    """Return a shape as NumPy writes it."""
    return "()" if not shape else str(tuple(shape)) if -1 not in shape else "ragged"


def flat(value: Any) -> tuple[list[Any], tuple[int, ...]]:
    """Return the leaves of nested lists, and their shape; ragged ones have none."""
    if not isinstance(value, list):
        return [value], ()
    parts = [flat(item) for item in value]
    shapes = {shape for _, shape in parts}
    inner = shapes.pop() if len(shapes) == 1 else (() if not parts else (-1,))
    return [leaf for leaves, _ in parts for leaf in leaves], (len(value), *inner)


def nested(flat: Sequence[Any], shape: Sequence[int]) -> Any:
    """Return row-major leaves in nested lists of a shape."""
    if not shape:
        return flat[0]
    step = len(flat) // shape[0] if shape[0] else 0
    return [nested(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]
