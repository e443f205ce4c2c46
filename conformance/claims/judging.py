"""From a claim to its ruling: one function a kind."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from conformance.claims import code as reading
from conformance.claims import implementation, sandbox
from conformance.claims.claim import UNJUDGED, WRONG, Claim, Ruling, Verdict
from conformance.claims.digits import Digits, rewritten, rule_on
from conformance.claims.exact import AGREED, PRECISIONS, agree, compare
from conformance.claims.truth import (
    MissingError,
    RejectedError,
    Truth,
    answer,
    target_kind,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.claims.exact import Exact

    Arguments = Mapping[str, Any]
    Judgement = tuple[Verdict, str, Any]

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


def judge(claim: Claim, *, run_code: bool = False) -> Ruling:
    """Return what becomes of a claim.

    Args:
        claim: The claim.
        run_code: Run its code, in a limited subprocess; otherwise it is only read.
    """
    if not claim.settings:
        verdict, because, correction = _judged(claim, claim.arguments, run_code)
        return Ruling(claim, verdict, because, correction)
    found = [
        (_label(one), _judged(claim, {**claim.arguments, **one}, run_code))
        for one in claim.settings
    ]
    verdicts = {judgement[0] for _, judgement in found}
    text = "; ".join(f"{label}: {v}, {why}" for label, (v, why, _) in found)
    if len(verdicts) == 1:
        return Ruling(claim, verdicts.pop(), text)
    return Ruling(claim, Verdict.DEPENDS, text)


def _label(setting: Arguments) -> str:
    if "label" in setting:
        return str(setting["label"])
    shown = setting.items()
    if "formula" in setting:
        shown = {"formula": setting["formula"]}.items()
    return ", ".join(f"{name} = {_plain(value)}" for name, value in shown)


def _judged(claim: Claim, arguments: Arguments, run_code: bool) -> Judgement:  # noqa: FBT001 - handed through
    if claim.kind in {"works", "raises"} and run_code and claim.code:
        return _executed(claim)
    try:
        if claim.code and "loss" not in arguments:
            arguments = {**reading.read(claim.code), **arguments}
        return _KINDS[claim.kind](claim, arguments)
    except reading.RandomError as error:
        return Verdict.NOT_CHECKABLE, str(error), None
    except reading.UnreadableError as error:
        return Verdict.NOT_RUN, f"needs --allow-exec: {error}", None
    except MissingError as error:
        return Verdict.NOT_CHECKABLE, str(error), None
    except RejectedError as error:
        return Verdict.FAILS, f"there is no result: {error}", None


def _value(claim: Claim, arguments: Arguments) -> Judgement:
    return _numbers(claim, truth(arguments))


def _gradient(claim: Claim, arguments: Arguments) -> Judgement:
    return _numbers(claim, truth(arguments, arguments.get("by", "input")))


def _numbers(claim: Claim, exact: Truth) -> Judgement:
    said, shape = _flat(claim.says)
    if shape != exact.shape:
        because = f"the result has shape {_shape(exact.shape)}, not {_shape(shape)}"
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
    correction = None if worst in _GRAVITY[:3] else _nested(right, exact.shape)
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
    ends = {rewritten(text, end) for end in (interval.low, interval.high)}
    return ends.pop() if len(ends) == 1 else exact.describe()


def _because(
    claim: Claim, exact: Truth, found: Sequence[Verdict], right: Sequence[str]
) -> str:
    values = ", ".join(e.describe() for e in exact.numbers[:_SHOWN])
    more = ", …" if len(exact.numbers) > _SHOWN else ""
    text = f"[{values}{more}]" if exact.shape else values
    worst = max(found, key=_GRAVITY.index, default=Verdict.HOLDS)
    said = _brief(claim.says)
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
    write = _brief(_nested(right, exact.shape))
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
    return f"; the difference is {float(off):.3g}"


def _equals(claim: Claim, arguments: Arguments) -> Judgement:
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


def _orders(claim: Claim, arguments: Arguments) -> Judgement:
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
        msg = f"a term must be one number, got shape {_shape(exact.shape)}"
        raise MissingError(msg)
    return exact.numbers[0]


def _ordered(left: Exact, right: Exact) -> int | None:
    if left.special is None and right.special is None:
        return compare(left, right)
    a, b = (e.special if e.special is not None else Fraction(0) for e in (left, right))
    return (a > b) - (a < b) if a == a and b == b else None  # noqa: PLR0124 - nan is not itself


def _named(terms: Sequence[Arguments], values: Sequence[Exact]) -> str:
    pairs = zip(terms, values, strict=True)
    return "; ".join(f"{_label(term)}: {value.describe()}" for term, value in pairs)


def _works(_claim: Claim, arguments: Arguments) -> Judgement:
    accepted, why = implementation.accepts(arguments)
    return (Verdict.HOLDS, why, None) if accepted else (Verdict.FAILS, why, None)


def _raises(claim: Claim, arguments: Arguments) -> Judgement:
    accepted, why = implementation.accepts(arguments)
    if accepted:
        return Verdict.FALSE, why, None
    kind = implementation.exception(arguments)
    if claim.says and kind and kind != claim.says:
        return Verdict.FALSE, f"raises {kind}, not {claim.says}: {why}", None
    unknown = claim.says and not kind
    doubt = "; which exception it raises needs torch" if unknown else ""
    return Verdict.HOLDS, f"fails, as claimed: {why}{doubt}", None


def _executed(claim: Claim) -> Judgement:
    outcome = sandbox.run(claim.code)
    if outcome.unclear:
        return Verdict.NOT_RUN, outcome.text, None
    if claim.kind == "works":
        return (
            (Verdict.FAILS, outcome.text, None)
            if outcome.error
            else (Verdict.HOLDS, "the code runs", None)
        )
    if not outcome.error:
        return Verdict.FALSE, "the code runs without an error", None
    if claim.says and claim.says != outcome.error:
        return Verdict.FALSE, f"raises {outcome.error}, not {claim.says}", None
    return Verdict.HOLDS, f"fails, as claimed: {outcome.text}", None


def _interprets(claim: Claim, arguments: Arguments) -> Judgement:
    if arguments.get("loss") not in {"cross_entropy", None}:
        msg = "only cross_entropy interprets its target"
        raise MissingError(msg)
    result = answer(arguments)
    names = {"index": "class indices", "probability": "class probabilities"}
    kind = target_kind(arguments)
    read = f"the target is read as {names[kind]}"
    if kind == claim.says:
        return Verdict.HOLDS, read, None
    value = truth(arguments)
    shown = value.numbers[0].describe() if not value.shape else "its values"
    if kind == "probability":
        because = (
            f"it runs, but a float target of the input's own shape is read as class "
            f"probabilities{_sums(arguments, result.problem.classes)}; "
            f"{shown} is not the loss of a class"
        )
    else:
        because = f"it runs, but {read}"
    return Verdict.ELSE, f"{because}{_fixed(claim, arguments)}", None


def _sums(arguments: Arguments, classes: int) -> str:
    target = arguments["target"]
    flat, shape = _flat(target)
    if shape != (classes,) or not all(isinstance(v, int | Fraction) for v in flat):
        return ""
    total = sum(map(Fraction, flat))
    bad = "and are no distribution" if total != 1 else "and may be one"
    return f": {_plain(target)} sum to {total} {bad}"


def _fixed(claim: Claim, arguments: Arguments) -> str:
    if not claim.fix:
        return ""
    value = truth({**arguments, **claim.fix})
    shown = value.numbers[0].describe() if not value.shape else "one for each row"
    return f". With {_label(claim.fix)} it is {shown}"


def _dtype(claim: Claim, arguments: Arguments) -> Judgement:
    answer(arguments)  # refuses what has no result
    if "dtype" not in arguments:
        msg = "dtype is not given"
        raise MissingError(msg)
    due = str(arguments["dtype"])
    because = f"the result has the arguments' dtype, {due}"
    return (Verdict.HOLDS if due == claim.says else Verdict.FALSE), because, due


def _shape_of(claim: Claim, arguments: Arguments) -> Judgement:
    due = list(answer(arguments).value.shape)
    because = f"the result has shape {_shape(due)}"
    return (Verdict.HOLDS if due == claim.says else Verdict.FALSE), because, due


def _manual(_claim: Claim, _arguments: Arguments) -> Judgement:
    return Verdict.NOT_CHECKABLE, "listed for a person to judge", None


_KINDS: Final[dict[str, Callable[[Claim, Arguments], Judgement]]] = {
    "value": _value,
    "gradient": _gradient,
    "works": _works,
    "raises": _raises,
    "equals": _equals,
    "orders": _orders,
    "interprets-as": _interprets,
    "dtype": _dtype,
    "shape": _shape_of,
    "manual": _manual,
}


def _flat(value: Any) -> tuple[list[Any], tuple[int, ...]]:
    """Return the leaves of nested lists, and their shape; ragged ones have none."""
    if not isinstance(value, list):
        return [value], ()
    parts = [_flat(item) for item in value]
    shapes = {shape for _, shape in parts}
    inner = shapes.pop() if len(shapes) == 1 else (() if not parts else (-1,))
    return [leaf for leaves, _ in parts for leaf in leaves], (len(value), *inner)


def _nested(flat: Sequence[Any], shape: Sequence[int]) -> Any:
    if not shape:
        return flat[0]
    step = len(flat) // shape[0] if shape[0] else 0
    return [
        _nested(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])
    ]


def _plain(value: Any) -> str:
    """Return numbers as a reader writes them."""
    if isinstance(value, list | tuple):
        return _brief([_plain(item) for item in value])
    return _decimal(value) if isinstance(value, Fraction) else str(value)


def _decimal(value: Fraction) -> str:
    d = value.denominator
    while d % 2 == 0:
        d //= 2
    while d % 5 == 0:
        d //= 5
    short = d == 1 and value.denominator < 10**9 and abs(value) < 10**9
    return f"{float(value)!r}" if short else str(value)


def _brief(value: Any) -> str:
    if isinstance(value, list):
        more = ", …" if len(value) > _SHOWN else ""
        return f"[{', '.join(map(_brief, value[:_SHOWN]))}{more}]"
    return str(value)


def _shape(shape: Sequence[int]) -> str:
    return "()" if not shape else str(tuple(shape)) if -1 not in shape else "ragged"


__all__ = ["UNJUDGED", "WRONG", "judge"]
