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
`code`              Python that `works` or `raises`; read, not run, by default. In
                    Markdown by default the block directly above or below the comment,
                    in a notebook else the cell below, or the one that holds the claim
`corrected`         code that does what was meant
`line`, `where`     where it stands on the page
`near`              in Markdown, the words before the number in the text above, where
                    other numbers stand beside it; they must stand there once
`visible`           false: the number is not in the text above, which is not looked at
`text`, `note`      the claim in words; what a reader should know. `zh` and
`zh`, `quote`       `quote` are free text too
==================  ==========================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.claims.claim import KINDS, Claim, ClaimError, Place
from conformance.claims.entries import (
    ARRAYS,
    FieldError,
    argument,
    refuse_unknown,
    said,
    shown,
    word,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OPTIONS: Final = ("reduction", "ignore_index", "label_smoothing", "target_kind")
ASKED: Final = (*ARRAYS, *OPTIONS, "loss", "dtype", "formula", "by")
_CODE: Final = ("code", "corrected")
TEXTS: Final = ("id", "text", "note", "zh", "quote", "where", "near", *_CODE)
KEYS: Final = (
    *(*ASKED, *TEXTS, "kind", "says", "terms", "settings", "fix", "line", "visible"),
)
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
    except FieldError as bad:
        msg = f"{place}: {bad}"
        raise ClaimError(msg) from None


def _read(table: Mapping[str, Any], place: Place, number: int) -> Claim:
    refuse_unknown(table, KEYS, "a claim")
    for name in TEXTS:
        if not isinstance(table.get(name, ""), str):
            msg = f"{name} must be text, got {shown(table[name])}"
            raise FieldError(msg)
    kind = word("kind", table.get("kind", "value"), KINDS)
    page = table.get("line")
    if page is not None and (not isinstance(page, int) or not 0 < page < 10**9):
        msg = f"line must be a positive integer, got {shown(page)}"
        raise FieldError(msg)
    visible = table.get("visible", True)
    if not isinstance(visible, bool):
        msg = f"visible must be true or false, got {shown(visible)}"
        raise FieldError(msg)
    claim = Claim(
        id=table.get("id", f"claim-{number}"),
        kind=kind,
        place=Place(place.file, place.line, place.cell, page),
        says=said(kind, table.get("says")),
        text=table.get("text", ""),
        where=table.get("where", ""),
        note=table.get("note", ""),
        arguments=_arguments(table),
        terms=_tables("terms", table),
        settings=_settings(table),
        fix=_arguments(table.get("fix", {}), strictly=True),
        code=table.get("code", ""),
        corrected=table.get("corrected", ""),
        near=table.get("near", ""),
        visible=visible,
    )
    _complete(claim)
    return claim


def _complete(claim: Claim) -> None:
    """Refuse a claim that says nothing, or compares nothing."""
    needs = {"value", "gradient", "interprets-as", "dtype", "shape"}
    if claim.kind in needs and claim.says is None:
        msg = f"says must be given for kind {claim.kind!r}"
        raise FieldError(msg)
    if claim.kind in {"works", "equals", "orders"} and claim.says is not None:
        msg = f"says must be left out for kind {claim.kind!r}: the kind says it all"
        raise FieldError(msg)
    sets = [one.get("terms", claim.terms) for one in claim.settings] or [claim.terms]
    if claim.kind in {"equals", "orders"} and min(map(len, sets)) < 2:  # noqa: PLR2004 - a pair
        msg = f"terms must be two tables or more for kind {claim.kind!r}"
        raise FieldError(msg)
    if any(sets) and claim.kind not in {"equals", "orders"}:
        msg = f"terms must be left out for kind {claim.kind!r}"
        raise FieldError(msg)


def needs_number(claim: Claim) -> None:
    """Refuse words before a number that do not lead to one.

    Raises:
        ClaimError: If `near` is given, and no number was found by it.
    """
    if claim.near and not claim.seen:
        msg = (
            f"{claim.place}: near must be words that stand once in the paragraph above "
            f"the comment, before a number, got {shown(claim.near)}"
        )
        raise ClaimError(msg)


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
        msg = f"{name} must be a list of at most {_TERMS} tables, got {shown(value)}"
        raise FieldError(msg)
    return tuple(_arguments(one, strictly=True) for one in value)


def _arguments(table: Any, *, strictly: bool = False) -> dict[str, Any]:
    if not isinstance(table, dict):
        msg = f"terms, settings and fix must be tables, got {shown(table)}"
        raise FieldError(msg)
    if strictly:
        refuse_unknown(table, (*ASKED, "label"), "a table of arguments")
    names = (*ASKED, "label") if strictly else ASKED
    return {name: argument(name, table[name]) for name in names if name in table}


def checked_arguments(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments that code gives, checked as those of a file are.

    Raises:
        ClaimError: If one is not what it must be.
    """
    try:
        return _arguments(table)
    except FieldError as bad:
        raise ClaimError(str(bad)) from None


def known_key(key: str, known: Iterable[str], what: str) -> None:
    """Refuse a key that is not known, with the nearest that is.

    Raises:
        ClaimError: If it is not.
    """
    try:
        refuse_unknown([key], sorted(known), what)
    except FieldError as bad:
        raise ClaimError(str(bad)) from None
