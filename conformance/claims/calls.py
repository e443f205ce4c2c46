"""Claims about a call: does it work, what is its target read as, what comes back?"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from conformance.claims import implementation, sandbox
from conformance.claims.claim import Claim, Judgement, Verdict
from conformance.claims.exact import in_words
from conformance.claims.truth import MissingError, answer, target_kind, truth
from conformance.claims.words import flat, label, plain, shape_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Arguments = Mapping[str, Any]


def works(_claim: Claim, arguments: Arguments) -> Judgement:
    """Judge whether a call is accepted."""
    accepted, why = implementation.accepts(arguments)
    return (Verdict.HOLDS, why, None) if accepted else (Verdict.FAILS, why, None)


def raises(claim: Claim, arguments: Arguments) -> Judgement:
    """Judge whether a call is refused, and how."""
    accepted, why = implementation.accepts(arguments)
    if accepted:
        return Verdict.FALSE, why, None
    kind = implementation.exception(arguments)
    if claim.says and kind and kind != claim.says:
        return Verdict.FALSE, f"raises {kind}, not {claim.says}: {why}", None
    unknown = claim.says and not kind
    doubt = "; which exception it raises needs torch" if unknown else ""
    return Verdict.HOLDS, f"fails, as claimed: {why}{doubt}", None


def executed(claim: Claim) -> Judgement:
    """Judge code by running it."""
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


def interprets(claim: Claim, arguments: Arguments) -> Judgement:
    """Judge what a target is read as."""
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
    leaves, shape = flat(target)
    if shape != (classes,) or not all(isinstance(v, int | Fraction) for v in leaves):
        return ""
    total = sum(map(Fraction, leaves), Fraction(0))
    bad = "and are no distribution" if total != 1 else "and may be one"
    return f": {plain(target)} sum to {in_words(total)} {bad}"


def _fixed(claim: Claim, arguments: Arguments) -> str:
    if not claim.fix:
        return ""
    value = truth({**arguments, **claim.fix})
    shown = value.numbers[0].describe() if not value.shape else "one for each row"
    return f". With {label(claim.fix)} it is {shown}"


def dtype(claim: Claim, arguments: Arguments) -> Judgement:
    """Judge the dtype of a result."""
    answer(arguments)  # refuses what has no result
    if "dtype" not in arguments:
        msg = "dtype is not given"
        raise MissingError(msg)
    due = str(arguments["dtype"])
    because = f"the result has the arguments' dtype, {due}"
    return (Verdict.HOLDS if due == claim.says else Verdict.FALSE), because, due


def shape(claim: Claim, arguments: Arguments) -> Judgement:
    """Judge the shape of a result."""
    due = list(answer(arguments).value.shape)
    because = f"the result has shape {shape_of(due)}"
    return (Verdict.HOLDS if due == claim.says else Verdict.FALSE), because, due
