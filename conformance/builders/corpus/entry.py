"""One entry of the corpus: values written once, made into a case in every dtype."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.builders.grid import grid
from conformance.builders.layouts import ROW_MAJOR, Layout, constant_axes, place
from conformance.case import DTYPES, Case

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.builders.grid import Grid
    from conformance.case import Array

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
    """Values in a 64-bit integer dtype, where a loss wants real ones."""

    values: Nested


Values = Nested | Laid | Expanded | Integers


@dataclass(frozen=True)
class NamedCase:
    """A case of the corpus.

    Attributes:
        name: Unique within the corpus, and stable: known findings refer to it.
        reason: One sentence: why it is always run.
        case: The case, of origin `corpus:name`.
    """

    name: str
    reason: str
    case: Case


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
        case = Case(loss, dtype, arguments, self.options, upstream, origin)
        return NamedCase(self.name, self.reason, case)


def _array(given: Values, dtype: str, *, indices: bool = False) -> Array:
    if isinstance(given, Laid):
        return place(_values(given.values, dtype, indices=indices), given.layout)
    if isinstance(given, Expanded):
        block = _values(given.values, dtype, indices=indices)
        values = np.broadcast_to(block, given.shape)
        return place(values, Layout(expanded=constant_axes(values)))
    if isinstance(given, Integers):
        return place(np.array(given.values, dtype=np.int64))
    return place(_values(given, dtype, indices=indices), ROW_MAJOR)


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
