"""More that a loss must refuse: other kinds of targets, options, places and shapes."""

from __future__ import annotations

from typing import Final

from conformance.builders.corpus.entry import REGRESSION, Entry, Expanded, Integers

_ROWS: Final = [[1.5, -2, 0.25], [4, 0, -3]]
_LABELS: Final = [2, 0]
_PAIR: Final = [[1, 2], [0, 1]]
_PLACES: Final = [[[1, 2], [0, 1]]]

_OF_OTHER_KINDS: Final = (
    Entry(
        "invalid-target-table",
        "integers in the shape of class probabilities",
        _ROWS,
        Integers([[0, 0, 1], [1, 0, 0]]),
    ),
    Entry(
        "invalid-target-table-of-places",
        "integers in the shape of class probabilities at two places",
        _PLACES,
        Integers([[[0, 1], [1, 0]]]),
    ),
    Entry(
        "invalid-target-real-of-places",
        "real numbers in the shape of class indices at two places",
        _PLACES,
        [[1.0, 0.0]],
    ),
    Entry(
        "invalid-target-bool-of-places",
        "truth values at two places are no class indices",
        _PLACES,
        Integers([[True, False]], "bool"),
    ),
    Entry(
        "invalid-probabilities-turned",
        "a row of probabilities for each class where there is to be one for each row",
        _ROWS,
        [[0.5, 0.25], [0.25, 0.25], [0.25, 0.5]],
    ),
)

_OUT_OF_RANGE: Final = (
    Entry(
        "invalid-target-at-a-place-none",
        "an index out of range at one of two places, each with its own loss",
        _PLACES,
        [[2, 0]],
        options={"reduction": "none"},
    ),
    Entry(
        "invalid-target-at-a-place-sum",
        "a negative index at one of two places, summed",
        _PLACES,
        [[0, -1]],
        options={"reduction": "sum"},
    ),
    Entry(
        "invalid-target-wholly-smoothed",
        "an index out of range where smoothing leaves nothing of the target",
        _PAIR,
        [2, 0],
        options={"label_smoothing": 1.0},
    ),
    Entry(
        "invalid-target-with-weight-and-cotangent",
        "an index out of range in a row of its own, weighted",
        _PAIR,
        [0, -1],
        [1, 0.5],
        [1, -2],
        options={"reduction": "none"},
    ),
    *(
        Entry(
            f"invalid-smoothing-just-{name}",
            f"smoothing of {value} is outside [0, 1], by little",
            _ROWS,
            _LABELS,
            options={"label_smoothing": value},
        )
        for name, value in (("below-0", -0.001), ("above-1", 1.001))
    ),
)

_SHAPES: Final = (
    Entry(
        "invalid-shape-of-equal-size",
        "two rows of three against three rows of two: as many, and no pairs",
        [[1, 2, 3], [4, 5, 6]],
        [[1, 2], [3, 4], [5, 6]],
        losses=REGRESSION,
    ),
    Entry(
        "invalid-shape-rows",
        "three rows against two",
        [[1, 2], [3, 4], [5, 6]],
        [[1, 2], [3, 4]],
        options={"reduction": "none"},
        losses=REGRESSION,
    ),
    Entry(
        "invalid-shape-nothing",
        "three numbers against none",
        [1, 2, 3],
        Expanded(0, (0,)),
        options={"reduction": "sum"},
        losses=REGRESSION,
    ),
)

ENTRIES: Final = (*_OF_OTHER_KINDS, *_OUT_OF_RANGE, *_SHAPES)
