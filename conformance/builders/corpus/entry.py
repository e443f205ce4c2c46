"""One entry of the corpus: values written once, made into a case in every dtype."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.grid import Grid, grid
from conformance.builders.layouts import ROW_MAJOR, Layout, constant_axes, place
from conformance.case import DTYPES, Array, Case
from conformance.profiles import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

REGRESSION: Final = ("mae", "mse")
CLASSIFICATION: Final = ("cross_entropy",)

Number = float | str
"""A number, rounded once to the dtype, or `largest`, `tiny`, `subnormal`, `normal`."""

Nested = Number | Sequence[Any]


@dataclass(frozen=True)
class Laid:
    """Values in a memory layout of their own.

    Attributes:
        values: Nested numbers.
        layout: Where they lie.
    """

    values: Nested
    layout: Layout


@dataclass(frozen=True)
class Expanded:
    """One block of values repeated to `shape` with strides of zero."""

    values: Nested
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Integers:
    """Values in an integer dtype, or truth values, where a loss wants others."""

    values: Nested
    dtype: str = "int64"


@dataclass(frozen=True)
class Backwards:
    """Values that run backwards through their buffer, along every axis."""

    values: Nested


@dataclass(frozen=True)
class Made:
    """Exact values made by a function: too many, or too regular, to be written.

    Attributes:
        make: Format → numbers of the format, or class indices as int64.
        layout: Where they lie.
    """

    make: Callable[[Grid], NDArray[Any]]
    layout: Layout = ROW_MAJOR


@dataclass(frozen=True)
class Sliding:
    """Overlapping runs of one sequence: element (i, j, …) is number i + j + … of it.

    Many elements of which neighbours differ along every axis, in a small buffer.

    Attributes:
        make: Format → the sequence, at least as long as the sizes together.
        shape: The sizes.
    """

    make: Callable[[Grid], NDArray[Any]]
    shape: tuple[int, ...]


Values = Nested | Laid | Expanded | Integers | Backwards | Made | Sliding


@dataclass(frozen=True)
class NamedCase:
    """A case of the corpus.

    Attributes:
        name: Unique within the corpus, and stable: known findings refer to it.
        reason: One sentence: why it is always run.
        case: The case, of origin `corpus:name`.
        least: The smallest profile that runs it, one of `LEVELS`.
    """

    name: str
    reason: str
    case: Case
    least: str = LEVELS[0]


@dataclass(frozen=True)
class Entry:
    """What a named case is made from.

    Attributes:
        name: As in `NamedCase`.
        reason: As in `NamedCase`.
        input: The input.
        target: The target. For cross-entropy plain integers are class indices.
        weight: A weight for each class.
        upstream: The cotangent.
        options: Keyword options.
        losses: The losses that have this case.
        dtypes: The dtypes that have it.
        tangent: A direction of the input's shape.
        least: The smallest profile that runs it, one of `LEVELS`.
    """

    name: str
    reason: str
    input: Values
    target: Values
    weight: Values | None = None
    upstream: Values | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    losses: tuple[str, ...] = CLASSIFICATION
    dtypes: tuple[str, ...] = DTYPES
    tangent: Values | None = None
    least: str = LEVELS[0]

    def applies(self, loss: str, dtype: str) -> bool:
        """Is there such a case for `loss` in `dtype`?"""
        return loss in self.losses and dtype in self.dtypes

    def named(self, loss: str, dtype: str) -> NamedCase:
        """Return the case for `loss` in `dtype`."""
        indices = loss in CLASSIFICATION
        arguments = {
            "input": _array(self.input, dtype),
            "target": _array(self.target, dtype, indices=indices),
        }
        if self.weight is not None:
            arguments["weight"] = _array(self.weight, dtype)
        upstream = None if self.upstream is None else _array(self.upstream, dtype)
        origin = f"corpus:{self.name}"
        tangent = None if self.tangent is None else _array(self.tangent, dtype)
        case = Case(loss, dtype, arguments, self.options, upstream, origin, tangent)
        return NamedCase(self.name, self.reason, case, self.least)


def _array(given: Values, dtype: str, *, indices: bool = False) -> Array:
    if isinstance(given, Made | Sliding):
        return _made(given, grid(dtype))
    if isinstance(given, Laid):
        return place(_values(given.values, dtype, indices=indices), given.layout)
    if isinstance(given, Expanded):
        block = _values(given.values, dtype, indices=indices)
        values = np.broadcast_to(block, given.shape)
        return place(values, Layout(expanded=constant_axes(values)))
    if isinstance(given, Integers):
        return place(np.array(given.values, dtype=given.dtype))
    if isinstance(given, Backwards):
        values = _values(given.values, dtype, indices=indices)
        return place(values, Layout(backwards=frozenset(range(values.ndim))))
    return place(_values(given, dtype, indices=indices), ROW_MAJOR)


def _made(given: Made | Sliding, target: Grid) -> Array:
    made = given.make(target)
    exact = made if made.dtype == np.int64 else target.array(made)
    if isinstance(given, Made):
        return place(exact, given.layout)
    axes = len(given.shape)
    reached = exact[: sum(given.shape) - axes + 1].copy()
    return Array(reached, given.shape, (1,) * axes)


def _values(nested: Nested, dtype: str, *, indices: bool) -> NDArray[Any]:
    raw = np.array(nested, dtype=object)
    flat = raw.reshape(-1).tolist()
    if indices and flat and all(type(v) is int for v in flat):
        return raw.astype(np.int64)
    target = grid(dtype)
    return target.array([_number(v, target) for v in flat]).reshape(raw.shape)


def _number(written: Number, target: Grid) -> float:
    if isinstance(written, str):
        sign, name = (-1, written[1:]) if written[0] == "-" else (1, written)
        return sign * _named(name, target)
    value = float(written)
    return target.snap(value) if math.isfinite(value) else value


def _named(name: str, target: Grid) -> float:
    return {
        "largest": target.largest,
        "normal": math.ldexp(1.0, target.emin),
        "subnormal": math.ldexp(1.0, target.emin) - target.tiny,
        "tiny": target.tiny,
    }[name]
