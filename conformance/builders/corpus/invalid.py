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
    Entry(
        "invalid-empty-target",
        "no targets for two rows",
        _ROWS,
        Expanded(0, (0,)),
        losses=CLASSIFICATION,
    ),
)
