"""The examples of the tutorial that the project began with, in its own dtype."""

from __future__ import annotations

from typing import Final

from conformance.builders.corpus.entry import CLASSIFICATION, Entry

_DTYPES: Final = ("float32",)

ENTRIES: Final = (
    Entry(
        "tutorial-mae",
        "the tutorial's L1Loss code: 2/3, printed 0.6667, where its text says 0.6",
        [1, 2, 3],
        [1, 2, 5],
        losses=("mae",),
        dtypes=_DTYPES,
    ),
    Entry(
        "tutorial-mse",
        "the tutorial's MSELoss code: 4/3, printed 1.3333",
        [1, 2, 3],
        [1, 2, 5],
        losses=("mse",),
        dtypes=_DTYPES,
    ),
    Entry(
        "tutorial-cross-entropy",
        "the tutorial's worked example: scores 0.1, 0.2, 0.3 of person, dog and cat,"
        " and dog, class 1, is meant: 1.1019…",
        [0.1, 0.2, 0.3],
        1,
        losses=CLASSIFICATION,
        dtypes=_DTYPES,
    ),
    Entry(
        "tutorial-cross-entropy-float-target",
        "the tutorial's CrossEntropyLoss code as it stands: a float target [1, 2, 5]"
        " is read as class probabilities, which do not sum to one: 7.2608…",
        [1, 2, 3],
        [1.0, 2.0, 5.0],
        losses=CLASSIFICATION,
        dtypes=_DTYPES,
    ),
    Entry(
        "tutorial-cross-entropy-corrected",
        "the tutorial's CrossEntropyLoss code with its own logits and a class index:"
        " 1, because its text names dog, the second of three classes, as the target",
        [1, 2, 3],
        1,
        losses=CLASSIFICATION,
        dtypes=_DTYPES,
    ),
)
