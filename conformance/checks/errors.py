"""Invalid arguments are rejected, valid ones are not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from conformance.checks.declined import declines
from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT, TORCH
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY: Final = {
    "reduction": "a reduction other than none, mean and sum is rejected",
    "target": "a target whose shape does not fit the input is rejected",
}
_CLASSIFICATION: Final = {
    "target": "class indices outside [0, C) other than ignore_index are rejected, and "
    "so are targets whose shape does not fit the input",
    "weight": "a weight whose length is not C is rejected",
    "label_smoothing": "label_smoothing outside [0, 1] is rejected",
    "input": "logits of an integer type are rejected",
}


def _requirements() -> tuple[Requirement, ...]:
    made = []
    for loss, short in SHORT.items():
        rejected = {**_EVERY, **(_CLASSIFICATION if loss == "cross_entropy" else {})}
        made += [
            Requirement(
                f"{short}-REJECTS-{argument.upper().replace('_', '-')}",
                text,
                TORCH[loss],
                loss,
                "rejection",
                "an exception is raised",
                frozenset({f"invalid:{argument}"}),
            )
            for argument, text in rejected.items()
        ]
        text = "valid arguments are accepted"
        made.append(
            Requirement(
                f"{short}-ACCEPTS", text, TORCH[loss], loss, "call", "no exception"
            )
        )
    return tuple(made)


def _check(context: Context) -> Iterator[Verdict]:
    error, answer = context.output.error, context.answer
    if answer.result is not None:
        if error is None:
            yield Verdict("call", Status.CONFORMS, elements=1)
        else:
            yield Verdict("call", Status.ERROR, "raised", 1, detail=error)
    elif not _asked(context):
        return
    elif error is not None:
        yield Verdict("rejection", Status.CONFORMS, elements=1)
    else:
        text = f"accepted, although {answer.rejection}"
        yield Verdict("rejection", Status.ACCEPTED_INVALID, "accepted", 1, detail=text)


def _asked(context: Context) -> bool:
    """Say if the backend must reject the arguments."""
    argument = context.answer.argument
    declined = declines(context.capabilities.declined, f"invalid:{argument}")
    return declined is None and (argument != "input" or _matters(context))


def _matters(context: Context) -> bool:
    """Say if integer logits must be rejected.

    Integer arguments of MAE and MSE are documented nowhere, and torch takes some; from
    an empty array nothing is computed.
    """
    size = math.prod(context.case.arguments["input"].shape)
    return context.case.loss == "cross_entropy" and size > 0


ERRORS: Final = Family(_requirements(), _check)
