"""What arithmetic a backend is allowed: declared by it, never inferred from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

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


@dataclass(frozen=True)
class Contract:
    """The arithmetic an implementation promises to keep to.

    Attributes:
        name: `wide`, `staged`, `storage` or a name of the backend's own.
        stages: Is the storage format rounded to between public operations?
        compute: Storage format → format of elementwise arithmetic.
        accumulate: Storage format → format that carries sums.
        scheme: How log-softmax is formed. Only `shift`,
            `(x − max) − log Σ exp(x − max)`, has bounds so far.
        exp_ulps: Largest error of `exp` in the compute format, in ulp.
        log_ulps: Largest error of `log` in the compute format, in ulp.
        lanes: None for sums in any order; L for at least L interleaved partial sums
            along an axis, combined in any order.
        flush_to_zero: May subnormal results of the compute format become zero? Only
            False has bounds for every loss so far.
    """

    name: str
    stages: bool = False
    compute: Mapping[str, str] = field(default_factory=lambda: dict(_INSIDE))
    accumulate: Mapping[str, str] = field(default_factory=lambda: dict(_INSIDE))
    scheme: str = "shift"
    exp_ulps: float = 1.0
    log_ulps: float = 1.0
    lanes: int | None = None
    flush_to_zero: bool = False

    def __post_init__(self) -> None:
        """Refuse a contract that has no derived bounds."""
        if self.scheme != "shift":
            msg = f"scheme must be 'shift', got {self.scheme!r}"
            raise ValueError(msg)
        if self.flush_to_zero:
            msg = (
                "flush_to_zero must be False, got True: MAE and MSE have no bounds for "
                "flushed differences"
            )
            raise ValueError(msg)
        if self.lanes is not None and self.lanes < 1:
            msg = f"lanes must be None or at least 1, got {self.lanes}"
            raise ValueError(msg)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a run file."""
        return {
            "name": self.name,
            "stages": self.stages,
            "compute": dict(self.compute),
            "accumulate": dict(self.accumulate),
            "scheme": self.scheme,
            "exp_ulps": self.exp_ulps,
            "log_ulps": self.log_ulps,
            "lanes": self.lanes,
            "flush_to_zero": self.flush_to_zero,
        }


WIDE: Final = Contract("wide")
"""A fused kernel: float32 inside for the half formats, one rounding on the way out."""

STAGED: Final = Contract("staged", stages=True)
"""As `wide` inside each public operation, with the storage format between them."""

STORAGE: Final = Contract("storage", stages=True, compute=_SAME, accumulate=_SAME)
"""Everything, sums included, in the storage format."""
