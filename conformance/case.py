"""One complete input of a loss: the raw arguments, their memory layout, the options."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import ml_dtypes
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

DTYPES: Final = ("float16", "bfloat16", "float32", "float64")
"""The storage formats under test, by torch's names."""

ID_DIGITS: Final = 12


def numpy_dtype(name: str) -> np.dtype[Any]:
    """Return the NumPy data type called `name`; bfloat16 is that of ml_dtypes."""
    dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name, name))
    return dtype


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the row-major strides of `shape`, in elements.

    >>> contiguous_strides((2, 3, 4))
    (12, 4, 1)
    """
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


@dataclass(frozen=True, eq=False)
class Array:
    """A strided view of a flat buffer: element `i` is `base[offset + i · strides]`.

    Attributes:
        base: The buffer, `(K,)`, read-only. Elements no index reaches are part of the
            case: a backend that reads them is wrong.
        shape: The shape of the view.
        strides: In elements, not bytes. Zero means expanded.
        offset: Index in `base` of the view's first element.
    """

    base: NDArray[Any]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0

    def __post_init__(self) -> None:
        """Refuse a view that leaves its buffer, and make the buffer read-only."""
        last = self.offset + sum(
            (n - 1) * max(s, 0) for n, s in zip(self.shape, self.strides, strict=True)
        )
        first = self.offset + sum(
            (n - 1) * min(s, 0) for n, s in zip(self.shape, self.strides, strict=True)
        )
        if 0 not in self.shape and not 0 <= first <= last < self.base.size:
            msg = (
                f"a view must stay within its buffer of {self.base.size} elements, "
                f"got shape={self.shape}, strides={self.strides}, offset={self.offset}"
            )
            raise ValueError(msg)
        self.base.flags.writeable = False

    @classmethod
    def of(cls, values: ArrayLike, dtype: str | None = None) -> Self:
        """Return a contiguous array of `values`."""
        array = np.asarray(values, dtype=None if dtype is None else numpy_dtype(dtype))
        flat = np.array(array, order="C").reshape(-1)
        return cls(flat, array.shape, contiguous_strides(array.shape))

    @property
    def dtype(self) -> str:
        """The name of the element type, such as `bfloat16` or `int64`."""
        return self.base.dtype.name

    def view(self) -> NDArray[Any]:
        """Return the read-only strided view."""
        return self.over(self.base)

    def copy(self) -> NDArray[Any]:
        """Return a writable view of a fresh buffer, of the same strides and offset."""
        return self.over(self.base.copy())

    def over(self, base: NDArray[Any]) -> NDArray[Any]:
        """Return this array's view of another buffer of the same size."""
        size = base.itemsize
        return np.lib.stride_tricks.as_strided(
            base[self.offset :] if 0 not in self.shape else base[:0],
            self.shape,
            tuple(s * size for s in self.strides),
            writeable=base.flags.writeable,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data: floats as hexadecimal strings, integers as strings."""
        return {
            "dtype": self.dtype,
            "shape": list(self.shape),
            "strides": list(self.strides),
            "offset": self.offset,
            "base": _encode(self.base),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the array that `to_json` described."""
        dtype = numpy_dtype(data["dtype"])
        base = _decode(data["base"], dtype)
        return cls(base, tuple(data["shape"]), tuple(data["strides"]), data["offset"])


def _encode(base: NDArray[Any]) -> list[str]:
    if base.dtype.kind in "iub":
        return [str(int(v)) for v in base]
    # Each of the four formats embeds exactly in float64; all NaNs are one NaN here.
    values = base.astype(np.float64).tolist()
    return ["nan" if math.isnan(v) else v.hex() for v in values]


def _decode(base: Sequence[str], dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.kind in "iub":
        return np.array([int(v) for v in base], dtype=dtype)
    values = np.array([float.fromhex(v) for v in base], dtype=np.float64)
    with np.errstate(all="ignore"):
        array = values.astype(dtype)
    if not np.array_equal(array.astype(np.float64), values, equal_nan=True):
        msg = f"an array of {dtype.name} must hold numbers of that format"
        raise ValueError(msg)
    return array


@dataclass(frozen=True, eq=False)
class Case:
    """One complete input, possibly an invalid one: negative requirements need that.

    The fields are what a backend sees, and are stable from the first version on.

    Attributes:
        loss: `mae`, `mse` or `cross_entropy`.
        dtype: The storage format under test: one of `DTYPES`.
        arguments: `input` and `target` always; `weight` `(C,)` for cross-entropy if
            present. A target of an integer dtype holds class indices.
        options: Keyword options as torch spells them, only those given:
            `reduction` (`none`, `mean`, `sum`), `ignore_index`, `label_smoothing`.
        upstream: The cotangent, of the shape of the value; None means ones.
        origin: Where the case comes from (`pool:7`, `search`, `corpus:name`); not part
            of its identity.
        tangent: A direction of the shape and dtype of `input`, along which derivatives
            are asked for; None asks for none, and is not part of the identity.
    """

    loss: str
    dtype: str
    arguments: Mapping[str, Array]
    options: Mapping[str, Any] = field(default_factory=dict)
    upstream: Array | None = None
    origin: str = ""
    tangent: Array | None = None

    @property
    def reduction(self) -> str:
        """The reduction, torch's default if the case gives none."""
        return str(self.options.get("reduction", "mean"))

    @cached_property
    def contiguous(self) -> bool:
        """Is every array of it, cotangent and direction too, dense and row-major?"""
        arrays = [*self.arguments.values(), self.upstream, self.tangent]
        return all(a is None or a.view().flags.c_contiguous for a in arrays)

    @cached_property
    def id(self) -> str:
        """The first 12 hex digits of SHA-256 over the canonical JSON without origin."""
        data = self.to_json()
        del data["origin"]
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]

    def to_json(self) -> dict[str, Any]:
        """Return plain data, the same on every platform."""
        data = {
            "loss": self.loss,
            "dtype": self.dtype,
            "arguments": {k: a.to_json() for k, a in self.arguments.items()},
            "options": {k: _encode_option(v) for k, v in self.options.items()},
            "upstream": None if self.upstream is None else self.upstream.to_json(),
            "origin": self.origin,
        }
        # Only where there is one: ids from before there were tangents stay.
        if self.tangent is not None:
            data["tangent"] = self.tangent.to_json()
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the case that `to_json` described."""
        upstream, tangent = data["upstream"], data.get("tangent")
        return cls(
            loss=data["loss"],
            dtype=data["dtype"],
            arguments={k: Array.from_json(a) for k, a in data["arguments"].items()},
            options={k: _decode_option(v) for k, v in data["options"].items()},
            upstream=None if upstream is None else Array.from_json(upstream),
            origin=data.get("origin", ""),
            tangent=None if tangent is None else Array.from_json(tangent),
        )


def _encode_option(value: object) -> dict[str, str]:
    if isinstance(value, float):
        return {"float": "nan" if math.isnan(value) else value.hex()}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"int": str(value)}
    if isinstance(value, str):
        return {"str": value}
    msg = f"an option must be a float, an int or a str, got {value!r}"
    raise TypeError(msg)


def _decode_option(data: Mapping[str, str]) -> float | int | str:
    ((kind, text),) = data.items()
    if kind == "float":
        return float.fromhex(text)
    return int(text) if kind == "int" else text
