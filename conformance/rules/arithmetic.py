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
    """

    format: Format
    u: float
    eta: float
    largest: float

    @staticmethod
    @cache
    def of(name: str) -> Level:
        """Return the level of the format called `name`."""
        fmt = format_named(name)
        eta = max(float(fmt.smallest_subnormal) / 2, SMALLEST)
        return Level(fmt, float(fmt.unit_roundoff), eta, float(fmt.largest))

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which float64 values are numbers of this format."""
        with np.errstate(all="ignore"):
            same = values.astype(self.format.dtype).astype(np.float64) == values
        return np.asarray(same & np.isfinite(values), dtype=np.bool_)


@dataclass(frozen=True)
class Arithmetic:
    """A contract applied to one storage format.

    Attributes:
        compute: Format of elementwise arithmetic (subscript c).
        sums: Format that carries sums (subscript a).
        storage: Format of arguments and results (subscript o).
        stages: Is the storage format rounded to between operations?
        exp: Relative error of `exp`: k ulp are at most 2 k u.
        log: Relative error of `log`.
        lanes: None for any order of summation, else at least this many partial sums.
        flushed: What a flushed subnormal loses: the smallest normal number, or 0.
    """

    compute: Level
    sums: Level
    storage: Level
    stages: bool
    exp: float
    log: float
    lanes: int | None
    flushed: float

    @classmethod
    def of(cls, contract: Contract, dtype: str, *, lanes: int | None) -> Arithmetic:
        """Return `contract` for `dtype`, sums in at least `lanes` lanes if given."""
        compute = Level.of(contract.compute[dtype])
        flushed = 2.0**compute.format.emin if contract.flush_to_zero else 0.0
        return cls(
            compute,
            Level.of(contract.accumulate[dtype]),
            Level.of(dtype),
            contract.stages,
            2 * contract.exp_ulps * compute.u,
            2 * contract.log_ulps * compute.u,
            lanes,
            flushed,
        )

    @property
    def underflow(self) -> float:
        """Absolute error of one product, quotient or exp that becomes subnormal."""
        return self.compute.eta + self.flushed

    def height(self, n: int) -> int:
        """Return the height of the summation tree of `n` addends along one axis.

        n − 1 is that of the worst order. L interleaved partial sums, however they are
        combined, and a tail of up to 64 addends have height ⌈n/L⌉ + 64 + ⌈log2 n⌉.
        """
        if n < 2:  # noqa: PLR2004 - one addend is not added to anything
            return 0
        if self.lanes is None:
            return n - 1
        return min(n - 1, -(-n // self.lanes) + 64 + (n - 1).bit_length())

    def gamma(self, height: int) -> float:
        """Return γ_h = h u / (1 − h u) of the accumulator; inf once h u ≥ 1.

        Source: Higham, Accuracy and Stability of Numerical Algorithms, section 3.1.
        """
        hu = height * self.sums.u
        return hu / (1 - hu) if hu < 1 else np.inf
