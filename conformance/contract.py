"""What arithmetic a backend is allowed: declared by it, never inferred from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

from reference import format_named

if TYPE_CHECKING:
    from collections.abc import Mapping

_INSIDE: Final = MappingProxyType(
    {
        "float16": "float32",
        "bfloat16": "float32",
        "float32": "float32",
        "float64": "float64",
    }
)
_SAME: Final = MappingProxyType({name: name for name in _INSIDE})
_DOUBLE: Final = MappingProxyType(
    {name: "float64" for name in _INSIDE if name != "float64"}
)

SCHEMES: Final = ("shift", "lse", "exp2-diff", "exp2-sep", "exp2-fma")
"""How log-softmax may be formed; each is written out in `rules.log_softmax`."""


@dataclass(frozen=True)
class Contract:
    """The arithmetic an implementation promises to keep to.

    Attributes:
        name: `wide`, `staged`, `strict`, `storage` or a name of the backend's own.
        stages: Is the storage format rounded to between public operations?
        compute: Storage format → format of elementwise arithmetic, at least as wide.
            Storage formats that it does not name are not offered.
        accumulate: Storage format → format that carries sums.
        scheme: How log-softmax is formed, of `SCHEMES`.
        exp_ulps: Largest error of `exp` or `exp2` in the compute format, in ulp.
        log_ulps: Largest error of `log` or `log2` in the compute format, in ulp.
        log_absolute: What the error of `log` may be besides, absolutely: fast device
            logarithms lose their relative accuracy near 1.
        rescalings: How often a partial sum of exponentials may be multiplied by
            exp(old maximum − new maximum); online softmax over tiles of T classes
            does so ⌈C/T⌉ − 1 times at most.
        lanes: None for sums in any order, where what sums in 64 lanes would not give
            is shown as suspect; L for at least L interleaved partial sums along an
            axis, combined in any order. 1 is any order, on purpose: nothing is suspect.
        row_lanes: Lanes of sums over rows, over the elements of MAE and MSE and over
            copies of what was broadcast, where they are not those over classes: a
            kernel may add classes in lanes, and rows by atomic additions. None takes
            `lanes`.
        contiguous_lanes: Are lanes promised for arguments without gaps in row-major
            order alone? Sums over others are in any order then, as where a kernel has
            a vectorised path and a plain one for strides. Nothing there is suspect.
        shift_gradient: Is the shift by the largest logit differentiated too, as
            autograd does where the maximum is not detached? Its derivative is 0, but
            what the sum of a row's gradient is rounded to goes to the largest logit.
        flush_to_zero: May subnormal arguments, intermediate and final results of the
            compute format and of the storage format become zero?
    """

    name: str
    stages: bool = False
    compute: Mapping[str, str] = field(default_factory=lambda: dict(_INSIDE))
    accumulate: Mapping[str, str] = field(default_factory=lambda: dict(_INSIDE))
    scheme: str = "shift"
    exp_ulps: float = 1.0
    log_ulps: float = 1.0
    log_absolute: float = 0.0
    rescalings: int = 0
    lanes: int | None = None
    flush_to_zero: bool = False
    row_lanes: int | None = None
    shift_gradient: bool = False
    contiguous_lanes: bool = False

    def __post_init__(self) -> None:
        """Refuse a contract that has no derived bounds."""
        if self.scheme not in SCHEMES:
            msg = f"scheme must be one of {', '.join(SCHEMES)}, got {self.scheme!r}"
            raise ValueError(msg)
        for name in ("lanes", "row_lanes"):
            lanes = getattr(self, name)
            if lanes is not None and lanes < 1:
                msg = f"{name} must be None or at least 1, got {lanes}"
                raise ValueError(msg)
        if self.contiguous_lanes and self.lanes is None and self.row_lanes is None:
            msg = "contiguous_lanes must have lanes or row_lanes beside it, got neither"
            raise ValueError(msg)
        for name in ("exp_ulps", "log_ulps", "log_absolute", "rescalings"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                msg = f"{name} must be finite and at least 0, got {value!r}"
                raise ValueError(msg)
        for storage, compute in self.compute.items():
            if not _holds(compute, storage):
                msg = f"compute must hold all of {storage}, got {compute}"
                raise ValueError(msg)
        if self.accumulate.keys() != self.compute.keys():
            named, got = ", ".join(self.compute), ", ".join(self.accumulate)
            msg = f"accumulate must name the formats of compute, {named}, got {got}"
            raise ValueError(msg)

    def for_arguments(self, *, contiguous: bool) -> Self:
        """Return what is promised for arguments of one layout: 1 lane is any order.

        >>> mine = Contract("mine", lanes=64, contiguous_lanes=True)
        >>> [mine.for_arguments(contiguous=c).lanes for c in (True, False)]
        [64, 1]
        """
        if contiguous or not self.contiguous_lanes:
            return self
        return replace(self, lanes=self.lanes and 1, row_lanes=self.row_lanes and 1)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a run file."""
        data = {one.name: getattr(self, one.name) for one in fields(self)}
        formats = {name: dict(data[name]) for name in ("compute", "accumulate")}
        return data | formats

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the contract that `to_json` described."""
        return cls(**data)


def _holds(wide: str, narrow: str) -> bool:
    """Say if every number of one format is a number of another."""
    a, b = format_named(wide), format_named(narrow)
    lowest = a.smallest_subnormal <= b.smallest_subnormal
    return lowest and a.precision >= b.precision and a.emax >= b.emax


WIDE: Final = Contract("wide")
"""A fused kernel: float32 inside for the half formats, one rounding on the way out."""

STAGED: Final = Contract("staged", stages=True)
"""As `wide` inside each public operation, with the storage format between them."""

STRICT: Final = Contract("strict", compute=_DOUBLE, accumulate=_DOUBLE)
"""The correct rounding of a result that float64 arithmetic gives: half an ulp, and the
error inside, which only counts where the exact value lies next to a midpoint or is the
difference of much larger numbers. Not for float64, which has no wider format here."""

AUTOGRAD: Final = Contract("autograd", shift_gradient=True)
"""As `wide`, for a loss whose gradients autograd makes from its operations."""

STORAGE: Final = Contract("storage", compute=_SAME, accumulate=_SAME)
"""Everything, sums included, in the storage format."""

CONTRACTS: Final[Mapping[str, Contract]] = MappingProxyType(
    {contract.name: contract for contract in (WIDE, AUTOGRAD, STAGED, STRICT, STORAGE)}
)
"""Name → contract."""
