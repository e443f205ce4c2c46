"""The constants of a contract for one storage format, as floats rounded upward."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from reference import format_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.contract import Contract
    from reference import Format

SMALLEST = 2.0**-1074


@dataclass(frozen=True)
class Level:
    """One format of the arithmetic.

    Attributes:
        format: The format.
        u: Unit roundoff, 2**−p.
        eta: Largest error of rounding a product or quotient into the subnormal range:
            half the smallest subnormal number, or that number where half of it is not
            a float64.
        largest: The largest finite number.
        flush: Numbers smaller than this may become zero: the smallest normal number if
            subnormal ones may be flushed, else 0.
    """

    format: Format
    u: float
    eta: float
    largest: float
    flush: float = 0.0

    @staticmethod
    @cache
    def of(name: str, *, flush: bool = False) -> Level:
        """Return the level of the format called `name`."""
        fmt = format_named(name)
        eta = max(float(fmt.smallest_subnormal) / 2, SMALLEST)
        lost = 2.0**fmt.emin if flush else 0.0
        return Level(fmt, float(fmt.unit_roundoff), eta, float(fmt.largest), lost)

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which float64 values are numbers of this format that survive in it."""
        with np.errstate(all="ignore"):
            same = values.astype(self.format.dtype).astype(np.float64) == values
        same &= np.isfinite(values) & self.survives(values)
        return np.asarray(same, dtype=np.bool_)

    def survives(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which numbers cannot be flushed."""
        return np.asarray((np.abs(values) >= self.flush) | (values == 0))

    def flushes(
        self, values: NDArray[np.float64], error: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return what flushing can take from a number that is within `error` of each.

        Rounding is monotone: what is at least the smallest normal number stays so.
        """
        size = np.abs(values)
        return np.where(
            size - error < self.flush, np.minimum(self.flush, size + error), 0
        )


@dataclass(frozen=True)
class Arithmetic:
    """A contract applied to one storage format.

    Attributes:
        compute: Format of elementwise arithmetic (subscript c).
        sums: Format that carries sums (subscript a).
        storage: Format of arguments and results (subscript o).
        stages: Is a storage format other than that of arithmetic rounded to between
            operations?
        exp: Relative error of `exp`: k ulp are at most 2 k u.
        log: Relative error of `log`.
        lanes: None for any order of summation over classes, else at least this many
            partial sums.
        scheme: How log-softmax is formed.
        log_absolute: Absolute error of `log` besides.
        rescalings: How often a partial sum of exponentials may be scaled.
        row_lanes: As `lanes`, of sums over rows, elements and broadcast copies.
        shift_gradient: Is the shift by the largest logit differentiated too?
    """

    compute: Level
    sums: Level
    storage: Level
    stages: bool
    exp: float
    log: float
    lanes: int | None
    scheme: str = "shift"
    log_absolute: float = 0.0
    rescalings: int = 0
    row_lanes: int | None = None
    shift_gradient: bool = False

    @classmethod
    def of(cls, contract: Contract, dtype: str, *, lanes: int | None) -> Arithmetic:
        """Return `contract` for `dtype`, sums in at least `lanes` lanes if given.

        Sums over rows are in those too, unless the contract names lanes for them.
        """
        flush = contract.flush_to_zero
        compute, sums, storage = (
            Level.of(name, flush=flush)
            for name in (contract.compute[dtype], contract.accumulate[dtype], dtype)
        )
        return cls(
            compute,
            sums,
            storage,
            contract.stages and storage != compute,
            2 * contract.exp_ulps * compute.u,
            2 * contract.log_ulps * compute.u,
            lanes,
            contract.scheme,
            contract.log_absolute,
            contract.rescalings,
            lanes if contract.row_lanes is None else contract.row_lanes,
            contract.shift_gradient,
        )

    @property
    def underflow(self) -> float:
        """Absolute error of one product or quotient that becomes subnormal."""
        return self.compute.eta + self.compute.flush

    @property
    def stored_underflow(self) -> float:
        """Absolute error of storing a subnormal number."""
        return self.storage.eta + self.storage.flush

    @property
    def tail(self) -> float:
        """Absolute error of an exponential that is subnormal: k ulp are 2 k η."""
        return (
            max(1.0, self.exp / self.compute.u) * self.compute.eta + self.compute.flush
        )

    @property
    def largest(self) -> float:
        """The largest number that every intermediate can be."""
        return min(self.compute.largest, self.sums.largest)

    def height(self, n: int) -> int:
        """Return the height of the summation tree of `n` addends over classes.

        n − 1 is that of the worst order. L interleaved partial sums, however they are
        combined, and a tail of up to 64 addends have height ⌈n/L⌉ + 64 + ⌈log2 n⌉.
        """
        return _height(n, self.lanes)

    def row_height(self, n: int) -> int:
        """Return that of `n` addends over rows, elements or broadcast copies."""
        return _height(n, self.row_lanes)

    def gamma(self, height: int) -> float:
        """Return γ_h = h u / (1 − h u) of the accumulator; inf once h u ≥ 1.

        Source: Higham, Accuracy and Stability of Numerical Algorithms, section 3.1.
        """
        hu = height * self.sums.u
        return hu / (1 - hu) if hu < 1 else np.inf


def _height(n: int, lanes: int | None) -> int:
    if n < 2:  # noqa: PLR2004 - one addend is not added to anything
        return 0
    if lanes is None:
        return n - 1
    return min(n - 1, -(-n // lanes) + 64 + (n - 1).bit_length())
