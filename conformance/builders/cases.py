"""Whole cases: values, options and layouts drawn together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.builders import drafts, faults, layouts
from conformance.builders.grid import grid
from conformance.case import DTYPES, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.builders.choices import Choices
    from conformance.builders.drafts import Draft
    from conformance.builders.faults import Fault
    from conformance.builders.grid import Grid


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
    draft = kind.draw(choices, grid(dtype))
    if choices.chance(1, 25):
        draft = choices.choice(kind.faults)(choices, draft)
    return _laid_out(choices, loss, dtype, draft)


def _kind(loss: str, dtype: str) -> Kind:
    if loss not in KINDS:
        msg = f"loss must be one of {', '.join(KINDS)}, got {loss!r}"
        raise ValueError(msg)
    if dtype not in DTYPES:
        msg = f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}"
        raise ValueError(msg)
    return KINDS[loss]


def _laid_out(choices: Choices, loss: str, dtype: str, draft: Draft) -> Case:
    upstream = draft.upstream
    return Case(
        loss=loss,
        dtype=dtype,
        arguments={k: layouts.draw(choices, v) for k, v in draft.arguments.items()},
        options=draft.options,
        upstream=None if upstream is None else layouts.draw(choices, upstream),
    )
