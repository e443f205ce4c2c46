"""What is measured: shapes of logits, and the numbers in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.bench.sizes import LARGE, MEDIUM, SMALL

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES: Final = (10, 1_000, 128_256)
"""Digits, ImageNet, and the vocabulary of Llama 3."""
DTYPES: Final = ("float32", "float64")
SPREAD: Final = 3.0
"""Standard deviation of the logits."""


@dataclass(frozen=True, order=True)
class Workload:
    """Logits of one shape and dtype, with class indices and the mean over rows.

    Attributes:
        rows: N.
        classes: C.
        dtype: `float32` or `float64`.
    """

    rows: int
    classes: int
    dtype: str

    @property
    def logits(self) -> int:
        """How many logits there are."""
        return self.rows * self.classes

    def __str__(self) -> str:
        """Return shape and dtype."""
        return f"{self.rows} × {self.classes} {self.dtype}"


HEADLINE: Final = Workload(64, 16_384, "float32")
VOCABULARY: Final = Workload(8, 128_256, "float32")


@dataclass(frozen=True, eq=False)
class Inputs:
    """The numbers of a workload, read-only: so the oracle need not copy them.

    Attributes:
        logits: `(N, C)`.
        labels: `(N,)`, each in [0, C).
    """

    logits: NDArray[Any]
    labels: NDArray[np.int64]

    @property
    def size(self) -> int:
        """How many logits there are."""
        return self.logits.size

    def cut(self, most: int) -> Inputs:
        """Return as many whole rows as have at most so many logits, or part of one.

        Labels beyond the classes left start again at 0.
        """
        classes = min(self.logits.shape[1], most)
        rows = max(most // self.logits.shape[1], 1)
        return Inputs(self.logits[:rows, :classes], self.labels[:rows] % classes)


def workloads(largest: int) -> tuple[Workload, ...]:
    """Return what is measured up to so many logits, small ones first.

    Each number of classes at about 2**16, 2**20 and 2**24 logits in both dtypes, and
    the shapes that promises are about.
    """
    found = {
        Workload(size // classes, classes, dtype)
        for size in (SMALL, MEDIUM, LARGE)
        for classes in CLASSES
        for dtype in DTYPES
        if size >= classes
    }
    found |= {HEADLINE, VOCABULARY}
    fitting = [w for w in found if w.logits <= largest]
    return tuple(sorted(fitting, key=lambda w: (w.logits.bit_length(), w)))


def draw(workload: Workload, seed: int) -> Inputs:
    """Return logits from N(0, 3²) and uniform labels.

    Those in float32 are those in float64, rounded.
    """
    shape = (workload.rows, workload.classes)
    source = np.random.default_rng([seed, *shape])
    logits = (source.standard_normal(shape) * SPREAD).astype(workload.dtype)
    labels = source.integers(0, workload.classes, workload.rows)
    logits.flags.writeable = labels.flags.writeable = False
    return Inputs(logits, labels)
