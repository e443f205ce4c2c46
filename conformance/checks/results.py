"""The type, the shape and the device of what is returned, and the sign of its zeros.

A zero of MAE and MSE has a positive sign: |·| and squares clear it, and sums of such
terms keep it. Whether a zero of cross-entropy is +0 or −0 is documented nowhere; torch
gives −0 without reduction and +0 with one. Nothing is required of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT, TORCH
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

_STATEMENTS: Final = {
    "dtype": "value and gradients have the data type of the argument they belong to",
    "shape": "the value has the shape its reduction asks for, a gradient its "
    "argument's",
    "device": "the value is left where the backend says that it computes",
}
_ZERO: Final = "no value is −0: |·|, squares, and sums of them have positive zeros"


_EQUAL: Final = frozenset({"equal"})
"""The feature of cases in which some term is zero."""


def _requirements() -> tuple[Requirement, ...]:
    return (
        *(
            Requirement(
                f"{short}-{quantity.upper()}",
                text,
                TORCH[loss],
                loss,
                quantity,
                "equality",
            )
            for loss, short in SHORT.items()
            for quantity, text in _STATEMENTS.items()
        ),
        *(
            Requirement(
                f"{SHORT[loss]}-ZERO",
                _ZERO,
                "IEEE 754, 5.5.1 and 6.3",
                loss,
                "zero",
                "the sign bit",
                _EQUAL,
            )
            for loss in ("mae", "mse")
        ),
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
    yield _device(context)
    if context.case.loss != "cross_entropy" and output.value.size:
        yield _zeros(context, output.value)


def _device(context: Context) -> Verdict:
    wanted, got = context.capabilities.device, context.output.device
    # A result in host memory may have been copied there; any other place is a claim.
    fine = got.partition(":")[0] in (wanted.partition(":")[0], "cpu")
    if fine:
        return Verdict("device", Status.CONFORMS, elements=1)
    text = f"value needs device {wanted}, got {got}"
    return Verdict("device", Status.WRONG_CLASS, "device", 1, detail=text)


def _zeros(context: Context, value: NDArray[Any]) -> Verdict:
    reduced = context.case.reduction != "none"
    negative = (value == 0) & np.signbit(value.astype(np.float64))
    empty = any(0 in a.shape for a in context.case.arguments.values())
    if not negative.any() or (reduced and empty):
        return Verdict("zero", Status.CONFORMS, elements=value.size)
    text = f"{int(negative.sum())} of {value.size} values are −0"
    return Verdict("zero", Status.WRONG_CLASS, "zero", value.size, detail=text)


def _compare(quantity: str, pairs: Mapping[str, tuple[object, object]]) -> Verdict:
    wrong = [f"{q} needs {a}, got {b}" for q, (a, b) in pairs.items() if a != b]
    if not wrong:
        return Verdict(quantity, Status.CONFORMS, elements=len(pairs))
    return Verdict(
        quantity, Status.WRONG_CLASS, quantity, len(pairs), detail="; ".join(wrong)
    )


RESULTS: Final = Family(_requirements(), _check)
