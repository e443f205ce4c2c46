"""From a claim to its ruling."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.claims import calls, relations, values
from conformance.claims import code as source
from conformance.claims.claim import (
    ABOUT_CODE,
    GOOD,
    UNJUDGED,
    WRONG,
    Claim,
    Judgement,
    Ruling,
    Verdict,
)
from conformance.claims.truth import MissingError, RejectedError
from conformance.claims.visible import reading
from conformance.claims.words import brief, label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Arguments = Mapping[str, Any]

_SHOWN: Final = 8
_RUNNABLE: Final = frozenset({"works", "raises"})


def is_run(claim: Claim) -> bool:
    """Say whether a claim is judged by running its code, where that is allowed."""
    return claim.kind in _RUNNABLE and bool(claim.code)


def judge(claim: Claim, *, run_code: bool = False) -> Ruling:
    """Return what becomes of a claim.

    Args:
        claim: The claim.
        run_code: Run its code, in a limited subprocess; otherwise it is only read.
    """
    taken = reading(claim)
    if taken.absent:
        because = (
            f"the text beside the claim says {_list(claim.seen)}, and not "
            f"{brief(claim.says)}: write that there, or visible = false in the comment"
        )
        return Ruling(claim, Verdict.UNSEEN, because)
    told = replace(claim, says=taken.instead) if taken.instead else claim
    verdict, because, correction = _under_all(told, run_code)
    if taken.instead:
        because += f"; the text says {taken.instead}, the comment {brief(claim.says)}"
        verdict = Verdict.DIFFERS if verdict in GOOD else verdict
    elif verdict in GOOD and taken.unsaid:
        because += (
            f"; but the text says {_list(claim.seen)}, and not {brief(claim.says)}: "
            "write that there, or visible = false in the comment"
        )
        verdict = Verdict.UNCLEAR
    elif verdict in GOOD and (wrong := _rivals(claim, taken.rivals)):
        because += (
            f"; but the text also says {_list(wrong)}: name the words before the "
            'number in the comment, near = "…"'
        )
        verdict = Verdict.UNCLEAR
    return Ruling(claim, verdict, because, correction, taken.instead)


def _list(numbers: Sequence[str]) -> str:
    more = ", …" if len(numbers) > _SHOWN else ""
    return f"{', '.join(n.rstrip('.') for n in numbers[:_SHOWN])}{more}"


def _rivals(claim: Claim, numbers: Sequence[str]) -> list[str]:
    """Return those that would not hold either, if they were what is claimed."""
    if not isinstance(claim.says, str) or len(numbers) > _SHOWN:
        return list(numbers)
    told = ((n, replace(claim, says=n)) for n in numbers)
    return [n for n, one in told if _under_all(one, run_code=False)[0] not in GOOD]


def _under_all(claim: Claim, run_code: bool) -> Judgement:  # noqa: FBT001 - handed through
    """Judge a claim under each of its settings."""
    if not claim.settings:
        return _judged(claim, claim.arguments, run_code)
    found = [
        (label(one), _judged(claim, {**claim.arguments, **one}, run_code))
        for one in claim.settings
    ]
    verdict = _together([judgement[0] for _, judgement in found])
    text = "; ".join(f"{label}: {v}, {why}" for label, (v, why, _) in found)
    return verdict, text, None


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
    if run_code and is_run(claim):
        return calls.executed(claim)
    try:
        if "loss" not in arguments:
            arguments = {**_read(claim), **arguments}
        return _KINDS[claim.kind](claim, arguments)
    except source.UnreadableError as error:
        if claim.kind in _RUNNABLE:
            return Verdict.NOT_RUN, f"needs --allow-exec: {error}", None
        return Verdict.NOT_CHECKABLE, str(error), None
    except (source.RandomError, MissingError) as error:
        return Verdict.NOT_CHECKABLE, str(error), None
    except RejectedError as error:
        return Verdict.FAILS, f"there is no result: {error}", None


def _read(claim: Claim) -> Arguments:
    if claim.kind in ABOUT_CODE and not claim.code:
        msg = (
            f"{claim.kind} needs code or a loss: put the comment under a ```python "
            "fence, or give code"
        )
        raise MissingError(msg)
    return source.read(claim.code) if claim.code else {}


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
