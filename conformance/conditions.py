"""The closed set of conditions on a case that a known finding may name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.reach import reach
from reference.problem import IGNORE_INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.case import Case

_MOST: Final = 1 << 53
"""No array has so many elements, and every JSON parser keeps smaller integers."""

CLASS_AXIS_RANK: Final = 2
"""Logits of at least this rank hold the classes on axis 1, others on axis 0."""


@dataclass(frozen=True)
class Condition:
    """One condition: what its value in a file may be, and when it holds.

    Attributes:
        measure: Case → what the case is.
        kind: The type of the value in the file.
        words: The values allowed, if they are words.
        least: Does the value give a lower limit rather than the thing itself?
    """

    measure: Callable[[Case], Any]
    kind: type
    words: tuple[str, ...] = ()
    least: bool = False

    def problem(self, value: object) -> str:
        """Return what is wrong with `value` in a file, or an empty text."""
        if type(value) is not self.kind:
            return f"must be {self.kind.__name__}"
        if isinstance(value, int) and not 0 <= value < _MOST:
            return f"must be at least 0 and below {_MOST}"
        if self.words and value not in self.words:
            return f"must be one of {', '.join(self.words)}"
        return ""

    def holds(self, case: Case, value: Any) -> bool:
        """Is `case` of the sort that `value` names?"""
        measured = self.measure(case)
        return bool(measured >= value if self.least else measured == value)


def shape_of(case: Case) -> tuple[int, ...]:
    """Return the shape of the input."""
    return case.arguments["input"].shape


def class_axis(case: Case) -> int:
    """Return the axis of the input that holds the classes of a cross-entropy."""
    return 1 if len(shape_of(case)) >= CLASS_AXIS_RANK else 0


def classes(case: Case) -> int:
    """Return the number of classes, 0 for a loss without classes."""
    if case.loss != "cross_entropy" or not shape_of(case):
        return 0
    return shape_of(case)[class_axis(case)]


def rows(case: Case) -> int:
    """Return the number of terms: rows of logits, or elements of a regression loss."""
    shape = list(shape_of(case))
    if classes(case):
        del shape[class_axis(case)]
    return math.prod(shape)


def target_kind(case: Case) -> str:
    """Return what the target holds: `index`, `probability` or `real`."""
    if case.loss != "cross_entropy":
        return "real"
    integer = case.arguments["target"].base.dtype.kind in "iu"
    return "index" if integer else "probability"


def _ignored(case: Case) -> bool:
    if target_kind(case) != "index":
        return False
    index = case.options.get("ignore_index", IGNORE_INDEX)
    return bool(np.any(case.arguments["target"].view() == index))


def _nonfinite(case: Case) -> bool:
    return any(
        not np.all(np.isfinite(array.view()))
        for array in case.arguments.values()
        if array.base.dtype.kind not in "iub"
    )


def _class_axis_last(case: Case) -> bool:
    return class_axis(case) == len(shape_of(case)) - 1


def _lead(case: Case) -> float:
    """Return how far the largest logit is ahead of the others, in the closest row."""
    logits = case.arguments["input"].view().astype(np.float64)
    if not classes(case) or not logits.size:
        return 0.0
    ordered = np.sort(np.moveaxis(logits, class_axis(case), -1), axis=-1)
    if ordered.shape[-1] == 1:
        return math.inf
    lead = ordered[..., -1] - ordered[..., -2]
    return float(np.nan_to_num(lead, nan=0.0, posinf=math.inf).min())


def _smoothing(case: Case) -> bool:
    return bool(case.options.get("label_smoothing", 0.0) != 0)


CONDITIONS: Final[Mapping[str, Condition]] = {
    "reduction": Condition(lambda c: c.reduction, str, ("none", "mean", "sum")),
    "target": Condition(target_kind, str, ("index", "probability", "real")),
    "weight": Condition(lambda c: "weight" in c.arguments, bool),
    "ignored": Condition(_ignored, bool),
    "smoothing": Condition(_smoothing, bool),
    "upstream": Condition(lambda c: c.upstream is not None, bool),
    "class_axis_last": Condition(_class_axis_last, bool),
    "nonfinite": Condition(_nonfinite, bool),
    "min_rows": Condition(rows, int, least=True),
    "min_classes": Condition(classes, int, least=True),
    "min_reach": Condition(reach, float, least=True),
    "min_lead": Condition(_lead, float, least=True),
    "min_elements": Condition(lambda c: math.prod(shape_of(c)), int, least=True),
}
"""Name in a file → condition."""
