"""Claims that numbers are equal, or in an order."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from conformance.claims.claim import Claim, Judgement, Verdict
from conformance.claims.exact import AGREED, PRECISIONS, agree, compare
from conformance.claims.truth import MissingError, truth
from conformance.claims.words import label, shape_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.claims.exact import Exact

    Arguments = Mapping[str, Any]


def equals(claim: Claim, arguments: Arguments) -> Judgement:
    """Judge whether all terms are equal."""
    terms = arguments.get("terms") or claim.terms
    values = [_term(arguments, term) for term in terms]
    names = _named(terms, values)
    signs = [_ordered(values[0], other) for other in values[1:]]
    if any(sign in {-1, 1} for sign in signs):
        return Verdict.FALSE, f"they differ: {names}", None
    unknown = [o for sign, o in zip(signs, values[1:], strict=True) if sign is None]
    if not all(agree(values[0], other) for other in unknown):
        because = f"{PRECISIONS[-1]} bits do not tell them apart: {names}"
        return Verdict.NOT_CHECKABLE, because, None
    how = f"they agree to {AGREED} digits" if unknown else "they are equal"
    return Verdict.HOLDS, f"{how}: {names}", None


def orders(claim: Claim, arguments: Arguments) -> Judgement:
    """Judge whether each term is below the next."""
    terms = arguments.get("terms") or claim.terms
    values = [_term(arguments, term) for term in terms]
    names = _named(terms, values)
    signs = [_ordered(a, b) for a, b in pairwise(values)]
    if None in signs:
        return Verdict.NOT_CHECKABLE, f"4096 bits do not tell them apart: {names}", None
    if all(sign == -1 for sign in signs):
        return Verdict.HOLDS, f"in this order: {names}", None
    return Verdict.FALSE, f"not in this order: {names}", None


def _term(arguments: Arguments, term: Arguments) -> Exact:
    common = {k: v for k, v in arguments.items() if k not in {"terms", "label"}}
    if "formula" in term or "loss" in term:
        common.pop("formula", None)
    exact = truth({**common, **term})
    if exact.shape:
        msg = f"a term must be one number, got shape {shape_of(exact.shape)}"
        raise MissingError(msg)
    return exact.numbers[0]


def _ordered(left: Exact, right: Exact) -> int | None:
    if left.special is None and right.special is None:
        return compare(left, right)
    a, b = (e.special if e.special is not None else Fraction(0) for e in (left, right))
    return (a > b) - (a < b) if a == a and b == b else None  # noqa: PLR0124 - nan is not itself


def _named(terms: Sequence[Arguments], values: Sequence[Exact]) -> str:
    pairs = zip(terms, values, strict=True)
    return "; ".join(f"{label(term)}: {value.describe()}" for term, value in pairs)
