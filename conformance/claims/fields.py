"""The keys of a claim, each checked: one language for every kind of file.

==================  ==========================================================
key                 what it holds
==================  ==========================================================
`id`                a short name; by default the number of the claim
`kind`              `value`, `gradient`, `works`, `raises`, `equals`, `orders`,
                    `interprets-as`, `dtype`, `shape` or `manual`; by default
                    `value`
`says`              what is claimed. Digits are text, nested as the result is:
                    `"1.3333"`, `["0.1", "-0.2"]`. For `interprets-as`:
                    `"index"` or `"probability"`; for `dtype`: a format; for
                    `shape`: a list of integers; for `raises`: an exception
`loss`              `mae`, `mse` or `cross_entropy`
`input`, `target`,  numbers or nested lists: integers, decimals (exactly as
`weight`,           written) or fractions as text, `"2/3"`. A target of integers
`upstream`          alone is class indices, one with a point is probabilities
`reduction`,        options, as in torch
`ignore_index`,
`label_smoothing`
`dtype`             rounds real numbers to `float16`, `bfloat16`, `float32` or
                    `float64` first
`formula`           in place of a loss: `sum(abs(input - target)) / n`
`by`                for `gradient`: the argument, by default `input`
`terms`             for `equals` and `orders`: tables of the keys above, which add
                    to those of the claim. `orders` claims first < second < …
`settings`          tables likewise; the claim is judged under each of them
`fix`               a table of arguments that do what was meant
`code`              Python that `works` or `raises`; read, not run, by default
`corrected`         code that does what was meant
`line`, `where`     where it stands on the page
`text`, `note`      the claim in words; what a reader should know. `zh` and
`zh`, `quote`       `quote` are free text too
==================  ==========================================================
"""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from conformance.case import DTYPES
from conformance.claims.claim import KINDS, Claim, ClaimError, Place
from conformance.claims.digits import written
from conformance.claims.formula import LONGEST, FormulaError, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ARRAYS: Final = ("input", "target", "weight", "upstream")
OPTIONS: Final = ("reduction", "ignore_index", "label_smoothing", "target_kind")
ASKED: Final = (*ARRAYS, *OPTIONS, "loss", "dtype", "formula", "by")
TEXTS: Final = ("id", "text", "note", "zh", "quote", "where", "code", "corrected")
KEYS: Final = (*ASKED, *TEXTS, "kind", "says", "terms", "settings", "fix", "line")

WORDS: Final = {
    "loss": ("mae", "mse", "cross_entropy"),
    "reduction": ("none", "mean", "sum"),
    "target_kind": ("index", "probability"),
    "dtype": DTYPES,
    "by": ARRAYS,
}
MOST: Final = 10_000
"""Numbers of one claim."""

_DEEPEST: Final = 8
_EXPONENT: Final = 400
_DIGITS: Final = 800
_TERMS: Final = 32


def read(table: Mapping[str, Any], place: Place, number: int) -> Claim:
    """Return the claim that a table of TOML describes.

    Args:
        table: As `tomllib` reads it with `parse_float=Decimal`.
        place: Where it stands.
        number: Its number in the file, its name if it has none.

    Raises:
        ClaimError: If it describes none.
    """
    try:
        return _read(table, place, number)
    except _FieldError as bad:
        msg = f"{place}: {bad}"
        raise ClaimError(msg) from None


class _FieldError(ValueError):
    pass


def _read(table: Mapping[str, Any], place: Place, number: int) -> Claim:
    _known(table, KEYS, "a claim")
    for name in TEXTS:
        if not isinstance(table.get(name, ""), str):
            msg = f"{name} must be text, got {_shown(table[name])}"
            raise _FieldError(msg)
    kind = _word("kind", table.get("kind", "value"), KINDS)
    page = table.get("line")
    if page is not None and (not isinstance(page, int) or not 0 < page < 10**9):
        msg = f"line must be a positive integer, got {_shown(page)}"
        raise _FieldError(msg)
    claim = Claim(
        id=table.get("id", f"claim-{number}"),
        kind=kind,
        place=Place(place.file, place.line, place.cell, page),
        says=_says(kind, table.get("says")),
        text=table.get("text", ""),
        where=table.get("where", ""),
        note=table.get("note", ""),
        arguments=_arguments(table),
        terms=_tables("terms", table),
        settings=_settings(table),
        fix=_arguments(table.get("fix", {}), strictly=True),
        code=table.get("code", ""),
        corrected=table.get("corrected", ""),
    )
    _complete(claim)
    return claim


def _complete(claim: Claim) -> None:
    """Refuse a claim that says nothing, or compares nothing."""
    needs = {"value", "gradient", "interprets-as", "dtype", "shape"}
    if claim.kind in needs and claim.says is None:
        msg = f"says must be given for kind {claim.kind!r}"
        raise _FieldError(msg)
    if claim.kind in {"works", "equals", "orders"} and claim.says is not None:
        msg = f"says must be left out for kind {claim.kind!r}: the kind says it all"
        raise _FieldError(msg)
    sets = [one.get("terms", claim.terms) for one in claim.settings] or [claim.terms]
    if claim.kind in {"equals", "orders"} and min(map(len, sets)) < 2:  # noqa: PLR2004 - a pair
        msg = f"terms must be two tables or more for kind {claim.kind!r}"
        raise _FieldError(msg)
    if any(sets) and claim.kind not in {"equals", "orders"}:
        msg = f"terms must be left out for kind {claim.kind!r}"
        raise _FieldError(msg)


def _settings(table: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the settings, which may have terms of their own."""
    value = table.get("settings", [])
    rest = value
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        rest = [{k: v for k, v in one.items() if k != "terms"} for one in value]
    made = _tables("settings", {"settings": rest})
    return tuple(
        {**one, "terms": _tables("terms", given)} if "terms" in given else one
        for one, given in zip(made, value, strict=True)
    )


def _tables(name: str, table: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or len(value) > _TERMS:
        msg = f"{name} must be a list of at most {_TERMS} tables, got {_shown(value)}"
        raise _FieldError(msg)
    return tuple(_arguments(one, strictly=True) for one in value)


def _arguments(table: Any, *, strictly: bool = False) -> dict[str, Any]:
    if not isinstance(table, dict):
        msg = f"terms, settings and fix must be tables, got {_shown(table)}"
        raise _FieldError(msg)
    if strictly:
        _known(table, (*ASKED, "label"), "a table of arguments")
    names = (*ASKED, "label") if strictly else ASKED
    return {name: _argument(name, table[name]) for name in names if name in table}


def _argument(name: str, value: Any) -> Any:
    if name in WORDS:
        return _word(name, value, WORDS[name])
    if name in {"formula", "label"}:
        if not isinstance(value, str) or len(value) > LONGEST:
            msg = f"{name} must be text of at most {LONGEST} characters"
            raise _FieldError(msg)
        if name == "formula":
            _formula(value)
        return value
    if name == "ignore_index":
        if isinstance(value, bool) or not isinstance(value, int):
            msg = f"ignore_index must be an integer, got {_shown(value)}"
            raise _FieldError(msg)
        return value
    if name == "label_smoothing":
        return _number(name, value)
    budget = [MOST]
    return _numbers(name, value, 0, budget)


def _formula(text: str) -> None:
    try:
        check(text)
    except FormulaError as error:
        raise _FieldError(str(error)) from None


def _numbers(name: str, value: Any, depth: int, budget: list[int]) -> Any:
    if not isinstance(value, list):
        budget[0] -= 1
        if budget[0] < 0:
            msg = f"{name} must hold at most {MOST} numbers"
            raise _FieldError(msg)
        return _number(name, value)
    if depth == _DEEPEST:
        msg = f"{name} must be nested at most {_DEEPEST} deep"
        raise _FieldError(msg)
    return [_numbers(name, item, depth + 1, budget) for item in value]


def _number(name: str, value: Any) -> int | Fraction | float:
    """Return a number: int as it is, a decimal as the fraction it writes."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        msg = f"{name} must hold numbers, got {_shown(value)}"
        raise _FieldError(msg)
    if isinstance(value, int):
        if value.bit_length() > 4 * _DIGITS:
            msg = f"{name} must hold numbers of at most {_DIGITS} digits"
            raise _FieldError(msg)
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
            f"1e-{_EXPONENT} and 1e{_EXPONENT}, got {_shown(value)}"
        )
        raise _FieldError(msg)
    return Fraction(value)


def _fraction(name: str, text: str) -> Fraction:
    try:
        return Fraction(written(text))
    except (ValueError, OverflowError):
        msg = (
            f'{name} must hold numbers; a text must be a fraction, "2/3", '
            f"got {_shown(text)}"
        )
        raise _FieldError(msg) from None


def _says(kind: str, value: Any) -> Any:
    if value is None or kind == "manual":
        return value
    if kind in {"value", "gradient"}:
        return _digits(value, 0)
    if kind == "shape":
        whole = isinstance(value, list) and all(
            isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in value
        )
        if not whole:
            msg = f"says must be a list of sizes, such as [2, 3], got {_shown(value)}"
            raise _FieldError(msg)
        return value
    if kind == "interprets-as":
        return _word("says", value, WORDS["target_kind"])
    if kind == "dtype":
        return _word("says", value, DTYPES)
    if not isinstance(value, str):
        msg = f"says must be text for kind {kind!r}, got {_shown(value)}"
        raise _FieldError(msg)
    return value


def _digits(value: Any, depth: int) -> Any:
    if isinstance(value, list) and depth < _DEEPEST:
        return [_digits(item, depth + 1) for item in value]
    if not isinstance(value, str):
        msg = (
            f"says must be digits as text, because 0.60 claims more than 0.6: write "
            f'says = "1.3333", got {_shown(value)}'
        )
        raise _FieldError(msg)
    try:
        return written(value)
    except ValueError as error:
        msg = f"says must be {error}"
        raise _FieldError(msg) from None


def _word(name: str, value: Any, known: Iterable[str]) -> str:
    if isinstance(value, str) and value in known:
        return value
    msg = f"{name} must be one of {', '.join(known)}, got {_shown(value)}"
    near = get_close_matches(str(value)[:60], list(known), 1)
    raise _FieldError(f"{msg}; did you mean {near[0]!r}?" if near else msg)


def checked_arguments(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments that code gives, checked as those of a file are.

    Raises:
        ClaimError: If one is not what it must be.
    """
    try:
        return _arguments(table)
    except _FieldError as bad:
        raise ClaimError(str(bad)) from None


def known_key(key: str, known: Iterable[str], what: str) -> None:
    """Refuse a key that is not known, with the nearest that is.

    Raises:
        ClaimError: If it is not.
    """
    try:
        _known({key: None}, sorted(known), what)
    except _FieldError as bad:
        raise ClaimError(str(bad)) from None


def _known(table: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    names = list(known)
    for key in table:
        if key not in names:
            near = get_close_matches(key[:60], names, 1)
            hint = (
                f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
            )
            msg = f"{key[:60]!r} must not be a key of {what}; {hint}"
            raise _FieldError(msg)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return f"a very long {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 - a line's worth
