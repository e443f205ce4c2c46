"""MAE, MSE and cross-entropy by their textbook formulas, written in NumPy.

Half formats and float32 compute in float32, float64 in float64, and results are
rounded to the storage format once: contract `wide`. The semantics are torch's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.backend import (
    DERIVATIVES,
    LOSSES,
    BackendUnavailableError,
    Capabilities,
    Output,
)
from conformance.backends import _cross_entropy, _regression, _validation
from conformance.backends._parts import Parts
from conformance.backends._support import reason_against
from conformance.case import DTYPES
from conformance.contract import WIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.case import Case

    Arrays = dict[str, NDArray[Any]]

__all__ = ["CAPABILITIES", "CONTRACT", "DEVICES", "NumpyBackend", "Parts", "create"]

DEVICES: Final = ()

# The comments beside NumPy's AVX2 and AVX-512 kernels for float32 give 2.52 ulp for
# exp and 3.83 ulp for log; those for float64 are better.
CONTRACT: Final = replace(WIDE, exp_ulps=3.0, log_ulps=4.0)

CAPABILITIES: Final = Capabilities(
    losses=frozenset(LOSSES),
    dtypes=frozenset(DTYPES),
    gradients=MappingProxyType(
        {
            "mae": frozenset({"input", "target"}),
            "mse": frozenset({"input", "target"}),
            # By target and weight only for class probabilities, as in torch.
            "cross_entropy": frozenset({"input", "target", "weight"}),
        }
    ),
    contract=CONTRACT,
    negative_strides=True,
)
"""Without derivatives along a tangent: whoever takes these over need not have any."""

COMPLETE: Final = replace(
    CAPABILITIES,
    derivatives=MappingProxyType(dict.fromkeys(LOSSES, frozenset(DERIVATIVES))),
)


@dataclass(frozen=True)
class NumpyBackend:
    """The NumPy implementation, composed of `parts`."""

    name: str = "numpy"
    parts: Parts = field(default_factory=Parts)
    capabilities: Capabilities = COMPLETE

    def can_run(self, case: Case) -> str | None:
        """Return None, or the reason why this case cannot be run."""
        return reason_against(self.capabilities, case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the loss and its gradients.

        Raises:
            TypeError: If an argument has a dtype that the loss does not take.
            ValueError: If a shape or an option is wrong.
            IndexError: If a target is neither a class nor ignored.
        """
        _validation.check_reduction(case.reduction)
        shape = _checked_shape(case, buffers)
        _validation.check_upstream(buffers, case.reduction, shape)
        _validation.check_tangent(buffers)
        with np.errstate(all="ignore"):
            value, gradients, derivatives = self._evaluate(case, dict(buffers))
        return Output(value, gradients, derivatives=derivatives)

    def _evaluate(
        self, case: Case, buffers: dict[str, NDArray[Any]]
    ) -> tuple[NDArray[Any], Arrays, Arrays]:
        if case.loss == "cross_entropy":
            return _cross_entropy.evaluate(
                self.parts, case.reduction, case.options, buffers
            )
        return _regression.evaluate(self.parts, case.loss, case.reduction, buffers)


def _checked_shape(case: Case, buffers: Mapping[str, NDArray[Any]]) -> tuple[int, ...]:
    if case.loss == "cross_entropy":
        return _validation.check_classification(buffers, case.options)
    return _validation.check_pair(buffers)


def create(device: str = "") -> NumpyBackend:
    """Return the backend; NumPy has no device to choose."""
    if device not in ("", "cpu"):
        msg = f"the numpy backend runs on the cpu only, got device {device!r}"
        raise BackendUnavailableError(msg)
    return NumpyBackend()
