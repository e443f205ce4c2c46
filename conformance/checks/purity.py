"""Arguments are read, not written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT, TORCH
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator


def _requirements() -> tuple[Requirement, ...]:
    text = "no argument's memory is changed, elements outside its view included"
    return tuple(
        Requirement(
            f"{short}-PURE", text, TORCH[loss], loss, "inputs", "bytes before and after"
        )
        for loss, short in SHORT.items()
    )


def _check(context: Context) -> Iterator[Verdict]:
    modified = context.output.modified
    if not modified:
        yield Verdict("inputs", Status.CONFORMS, elements=len(context.case.arguments))
        return
    text = f"the call changed {', '.join(modified)}"
    yield Verdict(
        "inputs",
        Status.WRONG_CLASS,
        "modified",
        len(context.case.arguments),
        detail=text,
    )


PURITY: Final = Family(_requirements(), _check)
