"""Claims of a value or a gradient: written digits against exact numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from conformance.claims.claim import Claim, Judgement, Verdict
from conformance.claims.digits import Digits, rewritten, rule_on
from conformance.claims.exact import PRECISIONS, significant
from conformance.claims.truth import MissingError, Truth, truth
from conformance.claims.words import brief, flat, nested, shape_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.claims.exact import Exact

    Arguments = Mapping[str, Any]

_VERDICT: Final = {
    Digits.EXACT: Verdict.HOLDS,
    Digits.ROUNDED: Verdict.ROUNDED,
    Digits.CUT_OFF: Verdict.CUT_OFF,
    Digits.LAST_DIGIT: Verdict.LAST_DIGIT,
    Digits.WRONG: Verdict.FALSE,
}
_GRAVITY: Final = (
    Verdict.HOLDS,
    Verdict.ROUNDED,
    Verdict.FORMAT,
    Verdict.LAST_DIGIT,
    Verdict.CUT_OFF,
    Verdict.FALSE,
)
_SHOWN: Final = 6
_LARGEST: Final = 10**1000  # what is written out in full


def value(claim: Claim, arguments: Arguments) -> Judgement:
    """Judge the value of a loss or a formula."""
    return _numbers(claim, truth(arguments))


def gradient(claim: Claim, arguments: Arguments) -> Judgement:
    """Judge a gradient."""
    return _numbers(claim, truth(arguments, arguments.get("by", "input")))


def _numbers(claim: Claim, exact: Truth) -> Judgement:
    said, shape = flat(claim.says)
    if shape != exact.shape:
        because = f"the result has shape {shape_of(exact.shape)}, not {shape_of(shape)}"
        return Verdict.FALSE, because, None
    found = [
        _digits(text, number) for text, number in zip(said, exact.numbers, strict=True)
    ]
    if exact.rounded is not None:
        triples = zip(found, said, exact.rounded, strict=True)
        found = [_of_format(v, text, value) for v, text, value in triples]
    worst = max(found, key=_GRAVITY.index, default=Verdict.HOLDS)
    right = [
        text if v in _GRAVITY[:3] else _right(text, number)
        for text, number, v in zip(said, exact.numbers, found, strict=True)
    ]
    correction = None if worst in _GRAVITY[:3] else nested(right, exact.shape)
    return worst, _because(claim, exact, found, right), correction


def _digits(text: str, exact: Exact) -> Verdict:
    if exact.special is not None or text in {"nan", "inf", "-inf"}:
        same = exact.special is not None and repr(exact.special) == text
        return Verdict.HOLDS if same else Verdict.FALSE
    ruled = exact.decide(lambda i: rule_on(text, i.low, i.high))
    if ruled is None:
        msg = f"{PRECISIONS[-1]} bits do not decide the digits of {text}"
        raise MissingError(msg)
    return _VERDICT[ruled]


def _of_format(verdict: Verdict, text: str, rounded: Fraction) -> Verdict:
    """Return a milder verdict where the digits are those of the rounded result."""
    if verdict in _GRAVITY[:2] or text in {"nan", "inf", "-inf"}:
        return verdict
    close = rule_on(text, rounded)
    return Verdict.FORMAT if close in {Digits.EXACT, Digits.ROUNDED} else verdict


def _right(text: str, exact: Exact) -> str:
    if exact.special is not None:
        return repr(exact.special)
    if text in {"nan", "inf", "-inf"} or "/" in text:
        return exact.describe()
    interval = exact.at(PRECISIONS[-1])
    if max(abs(interval.low), abs(interval.high)) > _LARGEST:
        return exact.describe()
    ends = {rewritten(text, end) for end in (interval.low, interval.high)}
    return ends.pop() if len(ends) == 1 else exact.describe()


def _because(
    claim: Claim, exact: Truth, found: Sequence[Verdict], right: Sequence[str]
) -> str:
    values = ", ".join(e.describe() for e in exact.numbers[:_SHOWN])
    more = ", …" if len(exact.numbers) > _SHOWN else ""
    text = f"[{values}{more}]" if exact.shape else values
    worst = max(found, key=_GRAVITY.index, default=Verdict.HOLDS)
    said = brief(claim.says)
    match worst:
        case Verdict.HOLDS:
            return f"exactly {text}" if "…" not in text else text
        case Verdict.ROUNDED:
            return f"all digits are right; the exact value is {text}"
        case Verdict.FORMAT:
            return (
                f"{said} is the correctly rounded {claim.arguments['dtype']} value; "
                f"the exact value is {text}"
            )
    write = brief(nested(right, exact.shape))
    if worst is Verdict.CUT_OFF:
        return f"write {write} for {said}; the exact value is {text}"
    if worst is Verdict.LAST_DIGIT:
        return f"write {write} for {said}; the exact value is {text}"
    return f"says {said}; it is {write}, exactly {text}{_away(claim, exact)}"


def _away(claim: Claim, exact: Truth) -> str:
    if exact.shape or exact.numbers[0].special is not None:
        return ""
    if claim.says in {"nan", "inf", "-inf"}:
        return ""
    off = abs(Fraction(claim.says) - exact.numbers[0].middle)
    return f"; the difference is {significant(off, 3)}"
