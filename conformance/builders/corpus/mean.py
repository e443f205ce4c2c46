"""What functions that give the mean alone can show: no reduction is named."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.builders.corpus.entry import (
    CLASSIFICATION,
    REGRESSION,
    Backwards,
    Entry,
    Laid,
    Made,
)
from conformance.builders.layouts import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.builders.corpus.entry import Values
    from conformance.builders.grid import Grid

_NAN: Final = math.nan
_INF: Final = math.inf
_ROWS: Final = [[1.5, -2, 0.25, 3], [4, 0, -3, 1], [-1, -0.5, 2, 2.5]]
_LABELS: Final = [3, 0, 1]
_CUBE: Final = [[[1, -2], [3, 0.5], [0, 2.5]], [[0, 4], [-1, 2], [1.5, -3]]]
_POSITIONS: Final = [[[[[1.5]], [[-2]]], [[[0]], [[3]]]]]
_PLACES: Final = [[[[[[1.5, -2]]]], [[[[0, 3]]]]]]
_SHARES: Final = [[0.25, 0.75], [_NAN, 1]]
_OTHER: Final = [[0.5, -2, 2, 1], [-1, 3, 0, 1.5], [2, -0.5, 8, 0.25]]
_TURNED: Final = Layout(order=(1, 0))

_SPECIALS: Final[Mapping[str, tuple[str, Values, Values]]] = {
    "nan-target": ("NaN where a row's class is", [[_NAN, 1], [0, 2]], [0, 1]),
    "nan-row": ("a row of NaN", [[_NAN, _NAN], [0, 2]], [0, 1]),
    "infinity-target": ("+inf where a row's class is", [[_INF, 1], [0, 2]], [0, 1]),
    "infinity-elsewhere": ("+inf at another class", [[_INF, 1], [0, 2]], [1, 0]),
    "infinity-row": ("a row of +inf", [[_INF, _INF], [0, 2]], [0, 1]),
    "shares": ("NaN among class probabilities", [[0, 1], [2, 0]], _SHARES),
    "positions": ("three axes of positions", _POSITIONS, [[[[1]], [[0]]]]),
    "positions-4": ("four axes of positions", _PLACES, [[[[[1, 0]]]]]),
}
"""Name → what is special, the logits and the target."""

_WEIGHTS: Final = {
    "infinity-weightless": ("+inf at a class of weight zero", [_INF, 1], [0, 0.5]),
    "minus-infinity-weightless": ("−inf at such a class", [-_INF, 1], [0, 0.5]),
    "weight-infinite": ("an infinite weight", [3, 1], [_INF, 0.5]),
}
"""Name → what is special, the first row of logits and the weights of the classes."""

_LAYOUTS: Final[Mapping[str, tuple[Values, Values]]] = {
    "target-step": (_ROWS, Laid(_LABELS, Layout(step=2))),
    "target-offset": (_ROWS, Laid(_LABELS, Layout(offset=1))),
    "target-backwards": (_ROWS, Backwards(_LABELS)),
    "target-turned": (_CUBE, Laid([[0, 1], [2, 1]], _TURNED)),
    "input-step": (Laid(_ROWS, Layout(step=2, offset=1)), _LABELS),
    "input-backwards": (Backwards(_ROWS), _LABELS),
    "input-turned": (Laid(_ROWS, _TURNED), _LABELS),
}
"""What lies in memory otherwise → input and target."""

_TABLES: Final[Mapping[str, tuple[Values, Values]]] = {
    "target-table-offset": (_ROWS, Laid(_OTHER, Layout(offset=1))),
    "target-table-turned": (_ROWS, Laid(_OTHER, _TURNED)),
    "target-table-backwards": (_ROWS, Backwards(_OTHER)),
    "input-table-backwards": (Backwards(_ROWS), _OTHER),
}
"""The same for MAE and MSE."""

_CLASSES: Final = (257, 2049)
"""One more than the label that 8 and 11 bits can just not hold."""


def _range(classes: int) -> Made:
    """Return a row of small numbers, each class another than its neighbours."""

    def make(_: Grid) -> NDArray[np.float64]:
        steps = np.arange(classes, dtype=np.float64).reshape(1, classes)
        # Quarters up to 3/2 are numbers of every format.
        quarters: NDArray[np.float64] = steps % 7 / 4
        return quarters

    return Made(make)


ENTRIES: Final = (
    *(
        Entry(f"mean-{name}", f"{what}, under the mean", logits, target)
        for name, (what, logits, target) in _SPECIALS.items()
    ),
    *(
        Entry(f"mean-{name}", f"{what}, under the mean", [row, [0, 2]], [0, 1], weight)
        for name, (what, row, weight) in _WEIGHTS.items()
    ),
    *(
        Entry(f"mean-{name}", f"{name.replace('-', ' ')}, under the mean", *given)
        for name, given in _LAYOUTS.items()
    ),
    *(
        Entry(
            f"mean-{name}",
            f"{name.replace('-', ' ')}, under the mean",
            *given,
            losses=REGRESSION,
        )
        for name, given in _TABLES.items()
    ),
    *(
        Entry(
            f"mean-classes-{classes}",
            f"{classes} classes that lie side by side, and the last one as target",
            _range(classes),
            [classes - 1],
        )
        for classes in _CLASSES
    ),
    *(
        Entry(
            f"mean-upstream-{value}",
            f"the cotangent of the mean is {value}",
            _ROWS,
            _LABELS if loss == CLASSIFICATION else _OTHER,
            upstream=value,
            losses=loss,
        )
        for value in (_NAN, _INF, -2.5)
        for loss in (CLASSIFICATION, REGRESSION)
        if loss == CLASSIFICATION or math.isfinite(value)
    ),
    Entry(
        "invalid-target-weight-mean",
        "an index out of range, with weights, under the mean",
        [[1, 2], [0, 1]],
        [0, 2],
        [1, 0.5],
    ),
    Entry(
        "mean-nan-input",
        "NaN in the input reaches the mean",
        [_NAN, 1],
        [3, 0],
        losses=REGRESSION,
    ),
    Entry(
        "mean-infinities",
        "equal infinities, under the mean",
        [_INF, 1],
        [_INF, 0],
        losses=REGRESSION,
    ),
    Entry(
        "mean-gap-90",
        "a probability below the normal numbers of float32, not below all of them",
        [[0, -90]],
        [0],
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "mean-lowest",
        "all logits at the lowest number there is",
        [["-largest", "-largest"]],
        [0],
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "mean-behind-largest",
        "a loss as large as the largest number, and one near 1",
        [["largest", 0], [0, 1]],
        [1, 0],
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "mean-subnormals",
        "differences below the normal range, under the mean",
        ["subnormal", "-subnormal", 0],
        [0, 0, "-subnormal"],
        losses=REGRESSION,
        dtypes=("bfloat16", "float32"),
    ),
    Entry(
        "mean-largest",
        "a difference beyond the largest finite number, under the mean",
        ["largest", 0],
        ["-largest", 0],
        losses=REGRESSION,
        dtypes=("bfloat16", "float32"),
    ),
)
