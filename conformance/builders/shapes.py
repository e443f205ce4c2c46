"""Shapes: of classification inputs and of regression pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.builders.reals import SMALL

if TYPE_CHECKING:
    from conformance.builders.choices import Choices

    Shape = tuple[int, ...]

CLASSES: Final = (
    *(2, 2, 2, 3, 3, 3, 3, 5, 5, 5, 4, 4, 7, 8, 9, 10, 15, 16, 17),
    *(31, 32, 33, 63, 64, 1),
)
SIZES: Final = (1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 15, 16, 17, 31, 32)
CLIFFS: Final = (
    *(63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1000),
    *(1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097),
)
"""Sizes at which counting in a half format, or a tile of a kernel, ends."""

LARGEST: Final = 4200

_MANY: Final = (6, 100)
"""The share of large inputs."""


@dataclass(frozen=True)
class ClassShape:
    """The shape of a classification input, `(N, C, d1, …)` or `(C,)`.

    Attributes:
        batch: N; None if the input is unbatched.
        classes: C.
        spatial: The sizes after the class axis.
    """

    batch: int | None
    classes: int
    spatial: tuple[int, ...] = ()

    @property
    def input(self) -> tuple[int, ...]:
        """The shape of the input, and of class probabilities."""
        head = () if self.batch is None else (self.batch,)
        return (*head, self.classes, *self.spatial)

    @property
    def target(self) -> tuple[int, ...]:
        """The shape of class indices, and of the unreduced loss."""
        return self.spatial if self.batch is None else (self.batch, *self.spatial)

    @property
    def rows(self) -> int:
        """How many rows of classes there are."""
        return math.prod(self.target)


def classification(choices: Choices) -> ClassShape:
    """Return a shape; about 6 % are large."""
    if choices.chance(*_MANY):
        return _large_classification(choices)
    rank = choices.choice((*(0,) * 10, *(1,) * 4, 2, 2, 3, None, None))
    classes = choices.choice(CLASSES)
    if rank is None:
        return ClassShape(None, classes)
    if rank and choices.chance(1, 3):
        # With equal sizes the wrong class axis raises nothing.
        size = choices.choice((2, 3))
        return ClassShape(size, size, (size,) * rank)
    sizes = _sizes(choices, rank + 1, SMALL // classes)
    return ClassShape(sizes[0], classes, sizes[1:])


def _large_classification(choices: Choices) -> ClassShape:
    cliff = choices.choice(CLIFFS)
    other = choices.choice([k for k in (2, 3, 1, 10, 33) if k * cliff <= LARGEST])
    style = choices.choice(
        ("rows", "rows", "classes", "classes", "unbatched", "spatial")
    )
    if style == "rows":
        return ClassShape(cliff, other)
    if style == "classes":
        return ClassShape(other, cliff)
    if style == "unbatched":
        return ClassShape(None, cliff)
    return ClassShape(1, other, (cliff,))


def regression(choices: Choices) -> tuple[Shape, Shape]:
    """Return the shapes of input and target, most of them equal; about 6 % large."""
    if choices.chance(*_MANY):
        cliff = choices.choice(CLIFFS)
        twice = (2, cliff) if 2 * cliff <= LARGEST else (1, cliff)
        shape = choices.choice(((cliff,), twice, (cliff, 1)))
        return shape, shape
    rank = choices.choice((1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 0))
    shape = _sizes(choices, rank, SMALL)
    if rank and choices.chance(1, 6):
        pair = (shape, _stretched(choices, shape))
        return pair if choices.chance(1, 2) else pair[::-1]
    return shape, shape


def _stretched(choices: Choices, shape: Shape) -> Shape:
    """Return a shape that broadcasts to `shape`: sizes of one, leading axes gone."""
    kept = tuple(1 if choices.chance(1, 2) else size for size in shape)
    return kept[choices.integer(0, len(shape)) :]


def _sizes(choices: Choices, rank: int, room: int) -> Shape:
    """Return `rank` sizes of product at most `room`; now and then one is zero."""
    sizes = []
    for _ in range(rank):
        size = choices.choice([s for s in SIZES if s <= max(room, 1)])
        room //= size
        sizes.append(size)
    if sizes and choices.chance(1, 24):
        sizes[choices.integer(0, rank - 1)] = 0
    return tuple(sizes)
