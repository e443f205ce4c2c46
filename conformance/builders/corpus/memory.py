"""Memory layouts of each argument alone; what no index reaches is NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.builders.corpus.entry import CLASSIFICATION, REGRESSION, Entry, Laid
from conformance.builders.layouts import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NONE: Final = {"reduction": "none"}

LAYOUTS: Final[Mapping[str, Layout]] = {
    "step-2": Layout(step=2),
    "step-3": Layout(step=3, offset=1),
    "offset": Layout(offset=1),
    "backwards": Layout(backwards=frozenset({0})),
}
"""Layouts of an array with any number of axes above none."""

TABLES: Final[Mapping[str, Layout]] = {
    **LAYOUTS,
    "padded": Layout(padding=3),
    "transposed": Layout(order=(1, 0)),
    "transposed-padded": Layout(order=(1, 0), padding=2, offset=3),
    "rows-backwards": Layout(backwards=frozenset({0, 1})),
}

CUBES: Final[Mapping[str, Layout]] = {
    "class-axis-last": Layout(order=(0, 2, 1)),
    "class-axis-first": Layout(order=(1, 0, 2)),
    "reversed": Layout(order=(2, 1, 0)),
    "class-axis-last-step-2": Layout(order=(0, 2, 1), step=2, padding=1, offset=1),
    "classes-backwards": Layout(backwards=frozenset({1})),
}
"""Layouts of (N, C, d); with the class axis last, a model's channels-last output."""

_ROWS: Final = [[1.5, -2, 0.25, 3], [4, 0, -3, 1], [-1, -0.5, 2, 2.5]]
_CUBE: Final = [[[1, -2], [3, 0.5], [0, 2.5]], [[0, 4], [-1, 2], [1.5, -3]]]
_CLASSES: Final[Mapping[str, Any]] = {
    "input": _ROWS,
    "target": [3, 0, 1],
    "weight": [2, 0.5, 3, 0.75],
    "upstream": [2, -1, 0.5],
}
_SHARES: Final = [[0.25, 0.25, 0.5, 0], [0, 1, 0, 0.0], [0.5, 0.125, 0.25, 0.125]]
_DIFFERENCES: Final[Mapping[str, Any]] = {
    "input": _ROWS,
    "target": [[0.5, -2, 2, 1], [-1, 3, 0, 1.5], [2, -0.5, 8, 0.25]],
    "upstream": [[2, -1, 0.5, 3], [1, 0.25, -2, 4], [5, -3, 1, 0.5]],
}


def _each(given: Mapping[str, Any], losses: tuple[str, ...]) -> Iterator[Entry]:
    for name, values in given.items():
        table = isinstance(values[0], list)
        for word, layout in (TABLES if table else LAYOUTS).items():
            yield Entry(
                f"layout-{name}-{word}",
                f"the {name} alone lies {word.replace('-', ' ')} in memory",
                **{**given, name: Laid(values, layout)},
                losses=losses,
                options=_NONE,
            )


def _probabilities() -> Iterator[Entry]:
    for word, layout in TABLES.items():
        yield Entry(
            f"layout-probabilities-{word}",
            f"class probabilities alone lie {word.replace('-', ' ')} in memory",
            _ROWS,
            Laid(_SHARES, layout),
            _CLASSES["weight"],
        )


def _cubes() -> Iterator[Entry]:
    for word, layout in CUBES.items():
        yield Entry(
            f"layout-cube-{word}",
            f"logits of shape (2, 3, 2) lie {word.replace('-', ' ')} in memory",
            Laid(_CUBE, layout),
            [[0, 2], [1, 1]],
            [2, 0.5, 3],
        )


ENTRIES: Final = (
    *_each(_CLASSES, CLASSIFICATION),
    *_each(_DIFFERENCES, REGRESSION),
    *_probabilities(),
    *_cubes(),
)
