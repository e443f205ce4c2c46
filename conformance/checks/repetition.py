"""The same call gives the same bits, and results stand by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT
from conformance.experiment import DETACHED, REPEAT, results, same_bits
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.experiment import Repetition


def _requirements() -> tuple[Requirement, ...]:
    made = []
    for loss, short in SHORT.items():
        made += [
            Requirement(
                f"{short}-REPEATS",
                "the same arguments in the same memory give the same bits, whatever "
                "was computed in between and whatever lies outside the views",
                "the backend's promise to be deterministic",
                loss,
                REPEAT,
                "equality of bits; nan equals nan",
            ),
            Requirement(
                f"{short}-DETACHED",
                "results do not change when the arguments' memory does afterwards, nor "
                "in later calls",
                "a function returns a value",
                loss,
                DETACHED,
                "equality of bits; nan equals nan",
            ),
        ]
    return tuple(made)


def _check(context: Context) -> Iterator[Verdict]:
    trial = context.trial
    repetition = None if trial is None else trial.repetition
    if repetition is None or context.answer.result is None or context.output.error:
        return
    yield _detached(repetition)
    if context.capabilities.deterministic:
        yield _repeated(repetition)


def _detached(repetition: Repetition) -> Verdict:
    if not repetition.aliased:
        return Verdict(DETACHED, Status.CONFORMS, elements=1)
    text = f"{', '.join(repetition.aliased)} changed after the call had returned"
    return Verdict(DETACHED, Status.WRONG_CLASS, "aliased", 1, detail=text)


def _repeated(repetition: Repetition) -> Verdict:
    first, again = dict(results(repetition.first)), dict(results(repetition.again))
    if repetition.first.error or repetition.again.error:
        errors = repetition.first.error, repetition.again.error
        text = f"two calls ended with {errors[0]!r} and {errors[1]!r}"
        return Verdict(REPEAT, Status.ERROR, "raised", 1, detail=text)
    different = [
        name
        for name in sorted(first.keys() | again.keys())
        if name not in first
        or name not in again
        or not same_bits(first[name], again[name])
    ]
    if not different:
        return Verdict(REPEAT, Status.CONFORMS, elements=len(first))
    text = f"{', '.join(different)} differed between two calls with the same arguments"
    return Verdict(
        REPEAT, Status.WRONG_CLASS, "nondeterministic", len(first), detail=text
    )


REPETITION: Final = Family(_requirements(), _check)
