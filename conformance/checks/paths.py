"""Other ways of a backend to the same results are within the same bounds.

What such a path shares with the main one, to the bit or in failing too, is reported
there and not again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.backend import FORWARD
from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT
from conformance.experiment import PATH, results, same_bits
from conformance.judge import judge
from conformance.verdict import FAILURES, Status, Verdict, gravity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from conformance.backend import Output

EVERY: Final = ("mae", "mse", "cross_entropy")
PATHS: Final = {
    "module": ("the loss as a module object gives the loss", EVERY),
    "composed": (
        "the loss put together from its documented parts gives the loss",
        ("cross_entropy",),
    ),
    "vmap": ("the loss mapped over a stacked axis gives each item's loss", EVERY),
    "no-grad": ("the value is the same loss where no gradient is recorded", EVERY),
    "threads": ("several threads give the loss within the same bound as one", EVERY),
    FORWARD: (
        "forward mode over the gradient gives H v, and the same gradient beside it",
        EVERY,
    ),
}
"""Path → what is required of it, and of which losses."""


def _requirements() -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            f"{SHORT[loss]}-PATH-{path.upper()}",
            statement,
            "the backend's documentation of that path",
            loss,
            PATH + path,
            "the bounds of value, gradients and H v",
        )
        for path, (statement, losses) in PATHS.items()
        for loss in losses
    )


def _check(context: Context) -> Iterator[Verdict]:
    trial = context.trial
    if trial is None or context.answer.result is None or context.output.error:
        return
    for path, output in trial.paths.items():
        yield _path(context, PATH + path, output)


def _path(context: Context, quantity: str, output: Output) -> Verdict:
    if output.error is not None:
        return Verdict(quantity, Status.ERROR, "raised", 1, detail=output.error)
    if output.modified:
        text = f"the call changed {', '.join(output.modified)}"
        return Verdict(quantity, Status.WRONG_CLASS, "modified", 1, detail=text)
    if output.value is None:
        text = "no value was returned"
        return Verdict(quantity, Status.WRONG_CLASS, "missing", 1, detail=text)
    found = [v for v in _parts(context, quantity, output) if v is not None]
    return max(
        found or [Verdict(quantity, Status.CONFORMS)],
        key=gravity,
    )


def _parts(context: Context, quantity: str, output: Output) -> Iterator[Verdict | None]:
    main = _everything(context.output)
    for name, got in _everything(output).items():
        if name not in main:
            continue
        if same_bits(got, main[name]):
            yield Verdict(quantity, Status.CONFORMS, elements=got.size)
        elif (got.shape, got.dtype) != (main[name].shape, main[name].dtype):
            text = f"{name} is of {got.dtype} {got.shape}, by the main path of "
            text += f"{main[name].dtype} {main[name].shape}"
            yield Verdict(quantity, Status.WRONG_CLASS, "shape", 1, detail=text)
        elif not context.failed(name):
            yield _judged(context, quantity, name, output)


def _everything(output: Output) -> dict[str, NDArray[Any]]:
    """Return the quantities of an output, derivatives along a tangent among them."""
    along = {f"derivative.{n}": d for n, d in output.derivatives.items()}
    return dict(results(output)) | along


def _judged(
    context: Context, quantity: str, name: str, output: Output
) -> Verdict | None:
    question = context.answer.question(name, context.contract)
    got = _everything(output)[name]
    if got.shape != question.exact.shape:
        return None
    made = judge(question, got)
    failing = made.status in FAILURES
    return Verdict(
        quantity,
        made.status,
        made.kind,
        made.elements,
        made.counts,
        made.ratio,
        made.ulps,
        made.rounded,
        made.measured,
        detail=f"by this path {name} is wrong" if failing else "",
        evidence=made.evidence,
    )


BY_PATH: Final = Family(_requirements(), _check)
