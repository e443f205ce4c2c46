"""The type and the shape of what is returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT, TORCH
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STATEMENTS: Final = {
    "dtype": "value and gradients have the data type of the argument they belong to",
    "shape": "the value has the shape its reduction asks for, a gradient its "
    "argument's",
}


def _requirements() -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            f"{short}-{quantity.upper()}", text, TORCH[loss], loss, quantity, "equality"
        )
        for loss, short in SHORT.items()
        for quantity, text in _STATEMENTS.items()
    )


def _check(context: Context) -> Iterator[Verdict]:
    output, answer = context.output, context.answer
    if answer.result is None or output.error is not None or output.value is None:
        return
    wanted = {"value": answer.exact("value").shape}
    found = {"value": output.value}
    for name, gradient in output.gradients.items():
        if name in context.case.arguments:
            wanted[f"gradient.{name}"] = context.case.arguments[name].shape
            found[f"gradient.{name}"] = gradient
    for name, derivative in output.derivatives.items():
        if name in answer.result.derivatives:
            wanted[f"derivative.{name}"] = answer.exact(f"derivative.{name}").shape
            found[f"derivative.{name}"] = derivative
    shapes = {q: (wanted[q], found[q].shape) for q in found}
    dtypes = {q: (context.case.dtype, found[q].dtype.name) for q in found}
    yield _compare("shape", shapes)
    yield _compare("dtype", dtypes)


def _compare(quantity: str, pairs: Mapping[str, tuple[object, object]]) -> Verdict:
    wrong = [f"{q} needs {a}, got {b}" for q, (a, b) in pairs.items() if a != b]
    if not wrong:
        return Verdict(quantity, Status.CONFORMS, elements=len(pairs))
    return Verdict(
        quantity, Status.WRONG_CLASS, quantity, len(pairs), detail="; ".join(wrong)
    )


RESULTS: Final = Family(_requirements(), _check)
