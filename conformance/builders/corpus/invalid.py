"""Inputs that a loss must refuse."""

from __future__ import annotations

import math
from typing import Final

from conformance.builders.corpus.entry import (
    CLASSIFICATION,
    REGRESSION,
    Entry,
    Expanded,
    Integers,
)

_ROWS: Final = [[1.5, -2, 0.25], [4, 0, -3]]
_LABELS: Final = [2, 0]

_PAIR: Final = [[1, 2], [0, 1]]
_PLACES: Final = [[[1, 2], [0, 1]]]

_BESIDE_OPTIONS: Final = (
    Entry(
        "invalid-target-with-weight-and-smoothing",
        "an index out of range where all classes are summed over anyway",
        _PAIR,
        [0, 2],
        [1, 0.5],
        options={"label_smoothing": 0.1},
    ),
    Entry(
        "invalid-target-in-row-19-of-20",
        "an index out of range in a row that is not the first",
        [[1, 2]] * 20,
        [0, 1] * 9 + [2, 1],
    ),
    Entry(
        "invalid-target-with-direction",
        "an index out of range beside a direction",
        _PAIR,
        [0, 2],
        tangent=[[1, 0], [2, 1]],
    ),
    Entry(
        "invalid-weight-beside-probabilities",
        "three weights for the probabilities of two classes",
        _PAIR,
        [[0.5, 0.5], [1, 0.0]],
        [1, 2, 3],
    ),
    Entry(
        "invalid-weight-of-one",
        "a weight alone does not stand for all classes",
        _PAIR,
        [1, 0],
        [2],
    ),
    Entry(
        "invalid-target-of-one-unbatched",
        "a row without a batch has one index, not a list of one",
        [1, 2, 3],
        [1],
    ),
    Entry(
        "invalid-ignored-smoothed-probabilities",
        "smoothed class probabilities leave no class to ignore either",
        _PAIR,
        [[0.5, 0.5], [1, 0.0]],
        options={"ignore_index": 1, "label_smoothing": 0.1},
    ),
    Entry(
        "invalid-smoothing-with-weight",
        "smoothing of 1.25 beside weights",
        _PAIR,
        [1, 0],
        [2, 1],
        options={"label_smoothing": 1.25},
    ),
    Entry(
        "invalid-smoothing-unbatched",
        "smoothing of 1.25 of one row",
        [1, 2, 3],
        1,
        options={"label_smoothing": 1.25},
    ),
    Entry(
        "invalid-reduction-capital",
        "names of reductions are lower case",
        _PAIR,
        [1, 0],
        options={"reduction": "Mean"},
    ),
    Entry(
        "invalid-reduction-unbatched",
        "a row without a batch has no other reductions",
        [1, 2, 3],
        1,
        options={"reduction": "average"},
    ),
)

_OF_PLACES: Final = (
    Entry(
        "invalid-target-at-a-place",
        "an index out of range at one of two places",
        _PLACES,
        [[0, 2]],
    ),
    Entry(
        "invalid-weight-of-places",
        "three weights for two classes at two places",
        _PLACES,
        [[0, 1]],
        [1, 2, 3],
    ),
    Entry(
        "invalid-places-turned",
        "targets for three by two places where there are two by three",
        [[[[1, 2, 0], [0, 1, 1]], [[3, 2, 0], [1, 1, 0]]]],
        [[[0, 1], [1, 0], [0, 0]]],
    ),
    Entry(
        "invalid-places-flat",
        "targets of all places in one list",
        [[[1, 2], [0, 1]], [[1, 2], [0, 1]]],
        [0, 1, 1, 0],
    ),
    Entry(
        "invalid-probabilities-of-one-place",
        "probabilities of one place for two",
        _PLACES,
        [[[0.5], [0.5]]],
    ),
    Entry(
        "invalid-smoothing-of-places",
        "smoothing of 1.5 at two places",
        _PLACES,
        [[0, 1]],
        options={"label_smoothing": 1.5},
    ),
)

ENTRIES: Final = (
    *(
        Entry(
            f"invalid-target-{name}",
            f"{value} is neither one of three classes nor ignored",
            _ROWS,
            [2, value],
        )
        for name, value in (
            ("3", 3),
            ("minus-1", -1),
            ("minus-101", -101),
            ("2-to-32", 2**32),
        )
    ),
    Entry(
        "invalid-target-none",
        "an index out of range, row by row, beside another ignored one",
        _ROWS,
        [-4, 0],
        options={"reduction": "none", "ignore_index": -1},
    ),
    Entry(
        "invalid-target-default-ignored",
        "−100 is out of range like any other where another index is ignored",
        _ROWS,
        [2, -100],
        options={"ignore_index": -1},
    ),
    *(
        Entry(
            f"invalid-smoothing-{name}",
            f"smoothing of {value} is outside [0, 1]",
            _ROWS,
            _LABELS,
            options={"label_smoothing": value},
        )
        for name, value in (("negative", -0.5), ("1.5", 1.5), ("nan", math.nan))
    ),
    Entry(
        "invalid-weight-longer",
        "four weights for three classes",
        _ROWS,
        _LABELS,
        [1] * 4,
    ),
    Entry(
        "invalid-weight-shorter",
        "two weights for three classes",
        _ROWS,
        _LABELS,
        [1] * 2,
    ),
    Entry("invalid-target-longer", "three targets for two rows", _ROWS, [2, 0, 1]),
    Entry(
        "invalid-probabilities-shape",
        "probabilities of two classes for logits of three",
        _ROWS,
        [[0.5, 0.5], [1.0, 0.0]],
    ),
    Entry(
        "invalid-ignored-probabilities",
        "class probabilities leave no class to ignore",
        _ROWS,
        [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]],
        options={"ignore_index": 1},
    ),
    Entry(
        "invalid-reduction",
        "there is no reduction of this name",
        _ROWS,
        _LABELS,
        options={"reduction": "average"},
    ),
    Entry(
        "invalid-integer-input",
        "logits of an integer dtype",
        Integers([[1, 2, 3]]),
        [0],
    ),
    Entry(
        "invalid-shape",
        "sizes 3 and 2 do not broadcast",
        [1, 2, 3],
        [1, 2],
        losses=REGRESSION,
    ),
    Entry(
        "invalid-reduction",
        "there is no reduction of this name",
        [1, 2],
        [1, 3],
        options={"reduction": "average"},
        losses=REGRESSION,
    ),
    Entry(
        "invalid-integer-input",
        "arguments of an integer dtype",
        Integers([1, 2, 3]),
        Integers([1, 2, 5]),
        losses=REGRESSION,
    ),
    *_BESIDE_OPTIONS,
    *_OF_PLACES,
    Entry(
        "invalid-shape-3-axes",
        "sizes 3 and 2 in the middle do not broadcast",
        [[[1, 2], [3, 4], [5, 6]]],
        [[[1, 2], [3, 4]]],
        losses=REGRESSION,
    ),
    Entry(
        "invalid-empty-target",
        "no targets for two rows",
        _ROWS,
        Expanded(0, (0,)),
        losses=CLASSIFICATION,
    ),
)
