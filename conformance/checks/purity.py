"""Arguments are read, not written, and the process is left as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT, TORCH
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_STATEMENTS: Final = {
    "PURE": (
        "inputs",
        "no argument's memory is changed, elements outside its view included",
        "bytes before and after",
    ),
    "STATE": (
        "state",
        "settings of the process, such as torch's default dtype, stay as they were",
        "settings before and after",
    ),
}


def _requirements() -> tuple[Requirement, ...]:
    return tuple(
        Requirement(f"{short}-{name}", text, TORCH[loss], loss, quantity, rule)
        for loss, short in SHORT.items()
        for name, (quantity, text, rule) in _STATEMENTS.items()
    )


def _check(context: Context) -> Iterator[Verdict]:
    size = len(context.case.arguments)
    yield _changes("inputs", "modified", context.output.modified, size)
    yield _changes("state", "disturbed", context.output.disturbed, 1)


def _changes(quantity: str, kind: str, changed: Sequence[str], size: int) -> Verdict:
    if not changed:
        return Verdict(quantity, Status.CONFORMS, elements=size)
    text = f"the call changed {', '.join(changed)}"
    return Verdict(quantity, Status.WRONG_CLASS, kind, size, detail=text)


PURITY: Final = Family(_requirements(), _check)
