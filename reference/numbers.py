"""Reading arguments: every input number becomes an exact extended number, once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any, Self

import numpy as np

from reference.extended import Extended, extended


class ProblemError(ValueError):
    """An argument is not what a loss accepts: the message says which, and what is.

    Attributes:
        argument: The name of the argument.
    """

    def __init__(self, argument: str, message: str) -> None:
        """Keep the argument's name beside the message."""
        self.argument = argument
        super().__init__(message)


def refuse(argument: str, needed: str, got: object) -> ProblemError:
    """Return the one form of error: the argument, what was needed, what was got."""
    return ProblemError(argument, f"{argument} must {needed}, got {got}")


@dataclass(frozen=True, eq=False)
class Numbers:
    """An array of exact numbers.

    Attributes:
        values: Object array of `Fraction`, inf, −inf, nan; its shape is the argument's.
        integral: Were the numbers given as integers (an integer dtype, Python ints)?
        integer_dtype: Were they given as an array of an integer dtype?
    """

    values: np.ndarray[Any, np.dtype[np.object_]]
    integral: bool
    integer_dtype: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the argument."""
        shape: tuple[int, ...] = self.values.shape
        return shape

    @classmethod
    def read(cls, argument: str, given: object) -> Self:
        """Return the numbers in a list, a scalar or a NumPy array, exactly.

        Args:
            argument: Its name, for messages.
            given: Nested lists or tuples of int, float, Fraction or NumPy scalars, or a
                NumPy array of an integer type, float16, bfloat16, float32 or float64.

        Raises:
            ProblemError: If it is complex, ragged, boolean or no number at all.
        """
        if isinstance(given, (np.ndarray, np.generic)):
            return cls._from_array(argument, np.asarray(given))
        shape = _shape(argument, given)
        leaves = _leaves(given)
        flat = [_number(argument, v) for v in leaves]
        integral = all(
            isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in leaves
        )
        return cls(_object_array(flat, shape), integral and bool(leaves))

    @classmethod
    def _from_array(cls, argument: str, array: np.ndarray[Any, Any]) -> Self:
        kind, name = array.dtype.kind, array.dtype.name
        if kind in "iu":
            flat: list[Extended] = [Fraction(v) for v in array.ravel().tolist()]
            return cls(
                _object_array(flat, array.shape), integral=True, integer_dtype=True
            )
        if name not in ("float16", "bfloat16", "float32", "float64"):
            needed = (
                "be of dtype float16, bfloat16, float32, float64 or an integer type"
            )
            raise refuse(argument, needed, name)
        wide = array.astype(np.float64).ravel().tolist()  # exact: all four embed
        # Equal numbers share one object, which lets a loss evaluate equal terms once.
        shared: dict[float, Extended] = {}
        flat = [
            shared[v] if v in shared else shared.setdefault(v, extended(v))
            for v in wide
        ]
        return cls(_object_array(flat, array.shape), integral=False)


def _object_array(
    flat: list[Extended], shape: tuple[int, ...]
) -> np.ndarray[Any, np.dtype[np.object_]]:
    array = np.empty(len(flat), dtype=object)
    array[:] = flat
    return array.reshape(shape)


def _shape(argument: str, given: object) -> tuple[int, ...]:
    if not isinstance(given, (list, tuple)):
        return ()
    if not given:
        return (0,)
    inner = {_shape(argument, item) for item in given}
    if len(inner) != 1:
        shapes = ", ".join(sorted(map(str, inner)))
        raise refuse(argument, "not be ragged", f"parts of shapes {shapes}")
    return (len(given), *inner.pop())


def _leaves(given: object) -> list[object]:
    if isinstance(given, (list, tuple)):
        return [leaf for item in given for leaf in _leaves(item)]
    return [given]


def _number(argument: str, value: object) -> Extended:
    if isinstance(value, np.generic) and not isinstance(value, np.bool_):
        number: Extended = Numbers.read(argument, value).values.item()
        return number
    if isinstance(value, bool) or not isinstance(value, (Rational, float)):
        needed = "hold real numbers (int, float, Fraction or NumPy's own)"
        raise refuse(argument, needed, f"{value!r} of type {type(value).__name__}")
    return extended(value if isinstance(value, float) else Fraction(value))
