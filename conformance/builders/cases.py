"""Whole cases: values, options and layouts drawn together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from conformance.builders import drafts, faults, layouts, options
from conformance.builders.grid import grid
from conformance.case import DTYPES, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.builders.choices import Choices
    from conformance.builders.drafts import Draft
    from conformance.builders.faults import Fault
    from conformance.builders.grid import Grid
    from conformance.builders.layouts import Style

_ARRAYS: Final = 4
"""Input, target, weight and upstream gradient."""


@dataclass(frozen=True)
class Kind:
    """What kind of arguments a loss takes.

    Attributes:
        draw: Draws a valid draft.
        faults: What makes a draft invalid.
    """

    draw: Callable[[Choices, Grid], Draft]
    faults: tuple[Fault, ...]


REGRESSION: Final = Kind(drafts.regression, faults.REGRESSION)
CLASSIFICATION: Final = Kind(drafts.classification, faults.CLASSIFICATION)

KINDS: Final[Mapping[str, Kind]] = {
    "mae": REGRESSION,
    "mse": REGRESSION,
    "cross_entropy": CLASSIFICATION,
}
"""Loss → the kind of its arguments. A new loss is one line here."""


def draw_case(choices: Choices, loss: str, dtype: str) -> Case:
    """Return a case of `loss` in `dtype`; about 4 % are invalid.

    Args:
        choices: Where every choice comes from.
        loss: One of `KINDS`.
        dtype: One of `DTYPES`.

    Raises:
        ValueError: If there is no such loss or dtype.
    """
    kind = _kind(loss, dtype)
    fault = choices.choice(kind.faults) if choices.chance(1, 25) else None
    # Drawn before any value: a search then changes values, not what follows them.
    styles = [layouts.draw(choices) for _ in range(_ARRAYS)]
    draft = kind.draw(choices, grid(dtype))
    if fault is not None:
        draft = fault(choices, draft)
    else:
        # After all else: a case without a tangent is what it was before there were any.
        shape = draft.arguments["input"].shape
        draft = replace(draft, tangent=options.tangent(choices, grid(dtype), shape))
    return _laid_out(loss, dtype, draft, styles)


def _kind(loss: str, dtype: str) -> Kind:
    if loss not in KINDS:
        msg = f"loss must be one of {', '.join(KINDS)}, got {loss!r}"
        raise ValueError(msg)
    if dtype not in DTYPES:
        msg = f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}"
        raise ValueError(msg)
    return KINDS[loss]


def _laid_out(loss: str, dtype: str, draft: Draft, styles: Sequence[Style]) -> Case:
    arguments = {
        name: layouts.place(values, style(values))
        for (name, values), style in zip(draft.arguments.items(), styles, strict=False)
    }
    given, style = draft.upstream, styles[-1]
    upstream = None if given is None else layouts.place(given, style(given))
    tangent = None if draft.tangent is None else layouts.place(draft.tangent)
    return Case(loss, dtype, arguments, draft.options, upstream, tangent=tangent)
