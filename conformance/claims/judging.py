"""From a claim to its ruling."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.claims import calls, relations, values
from conformance.claims import code as reading
from conformance.claims.claim import (
    GOOD,
    UNJUDGED,
    WRONG,
    Claim,
    Judgement,
    Ruling,
    Verdict,
)
from conformance.claims.truth import MissingError, RejectedError
from conformance.claims.visible import read_instead
from conformance.claims.words import brief, label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Arguments = Mapping[str, Any]

_RUNNABLE: Final = frozenset({"works", "raises"})


def judge(claim: Claim, *, run_code: bool = False) -> Ruling:
    """Return what becomes of a claim.

    Args:
        claim: The claim.
        run_code: Run its code, in a limited subprocess; otherwise it is only read.
    """
    if not claim.settings:
        return _alone(claim, run_code)
    found = [
        (label(one), _judged(claim, {**claim.arguments, **one}, run_code))
        for one in claim.settings
    ]
    verdict = _together([judgement[0] for _, judgement in found])
    text = "; ".join(f"{label}: {v}, {why}" for label, (v, why, _) in found)
    return Ruling(claim, verdict, text)


def _alone(claim: Claim, run_code: bool) -> Ruling:  # noqa: FBT001 - handed through
    """Judge what a reader reads: the text, where it is not what the comment says."""
    read = read_instead(claim)
    if read is None:
        because = (
            f"the text beside the claim says {', '.join(claim.seen)}, and not "
            f"{brief(claim.says)}: write that there, or visible = false in the comment"
        )
        return Ruling(claim, Verdict.UNSEEN, because)
    told = replace(claim, says=read) if read else claim
    verdict, because, correction = _judged(told, claim.arguments, run_code)
    if read:
        because += f"; the text says {read}, the comment {brief(claim.says)}"
    return Ruling(claim, verdict, because, correction, read)


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    """Return what settings with these verdicts make of a claim."""
    found = list(dict.fromkeys(verdicts))
    if len(found) == 1:
        return found[0]
    if set(found) & UNJUDGED:
        return Verdict.NOT_CHECKABLE
    if set(found) <= GOOD:
        return max(found, key=list(Verdict).index)
    return found[0] if set(found) <= WRONG else Verdict.DEPENDS


def _judged(claim: Claim, arguments: Arguments, run_code: bool) -> Judgement:  # noqa: FBT001 - handed through
    if claim.kind in _RUNNABLE and run_code and claim.code:
        return calls.executed(claim)
    try:
        if claim.code and "loss" not in arguments:
            arguments = {**reading.read(claim.code), **arguments}
        return _KINDS[claim.kind](claim, arguments)
    except reading.UnreadableError as error:
        if claim.kind in _RUNNABLE:
            return Verdict.NOT_RUN, f"needs --allow-exec: {error}", None
        return Verdict.NOT_CHECKABLE, str(error), None
    except (reading.RandomError, MissingError) as error:
        return Verdict.NOT_CHECKABLE, str(error), None
    except RejectedError as error:
        return Verdict.FAILS, f"there is no result: {error}", None


def _manual(_claim: Claim, _arguments: Arguments) -> Judgement:
    return Verdict.NOT_CHECKABLE, "listed for a person to judge", None


_KINDS: Final[dict[str, Callable[[Claim, Arguments], Judgement]]] = {
    "value": values.value,
    "gradient": values.gradient,
    "works": calls.works,
    "raises": calls.raises,
    "equals": relations.equals,
    "orders": relations.orders,
    "interprets-as": calls.interprets,
    "dtype": calls.dtype,
    "shape": calls.shape,
    "manual": _manual,
}
