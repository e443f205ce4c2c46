"""The a-priori bound that a contract implies for one quantity of one case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.rules import regression
from conformance.rules.arithmetic import SMALLEST, Arithmetic
from conformance.rules.cross_entropy import CrossEntropyRules
from conformance.rules.derivatives import (
    DirectionRules,
    regression_hvp,
    regression_jvp,
)
from conformance.rules.rows import Rows
from reference.problem import IGNORE_INDEX, class_axis_back, class_axis_last

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.contract import Contract
    from conformance.rules.running import Running

    Floats = NDArray[np.float64]

MARGIN: Final = 1 + 2.0**-20
"""Covers the float64 operations that made the bound: `conformance.rules.running`."""

SUSPECT_LANES: Final = 64
"""Sums outside this many lanes, but inside any order, are suspect."""

_SHORT: Final = {"mae": "MAE", "mse": "MSE", "cross_entropy": "CE"}


@dataclass(frozen=True, eq=False)
class Bound:
    """How far a conforming result may be from the exact value, element by element.

    Attributes:
        rule: The id of the rule; its derivation is in `conformance.rules`.
        error: B, of the quantity's shape; inf where the contract promises nothing.
        terms: Cause → its part of B, of the same shape.
    """

    rule: str
    error: Floats
    terms: Mapping[str, Floats]

    def resolution(self, exact: Floats) -> Floats:
        """Return B/|exact|: at 1 and above, zero would conform too."""
        with np.errstate(all="ignore"):
            return np.where(self.error == 0, 0.0, self.error / np.abs(exact))

    def shares(self, index: int) -> dict[str, float]:
        """Return cause → part of B at one row-major position, largest first."""
        parts = {k: float(v.ravel()[index]) for k, v in self.terms.items()}
        return dict(sorted(parts.items(), key=lambda kv: -kv[1]))


@dataclass(frozen=True, eq=False)
class Tolerance:
    """The bounds of one case under one contract.

    Attributes:
        case: A valid case.
        contract: The arithmetic that is allowed.
        lanes: Sums in at least this many lanes, save those over rows where the contract
            names lanes for them; None takes the contract's own.
    """

    case: Case
    contract: Contract
    lanes: int | None = None

    def bound(self, quantity: str) -> Bound:
        """Return the bound of `value`, `gradient.<argument>`, `derivative.<name>`.

        Raises:
            ValueError: If there is no rule for that quantity.
        """
        with np.errstate(all="ignore"):
            made = self._running(quantity)
            error = made.error * MARGIN
        shape = self._shape(quantity)
        error = np.where(made.lost | np.isnan(error), np.inf, error)
        if self.case.dtype == "float64":
            # Some of the operations above may themselves have been subnormal.
            error = np.where(error > 0, error + 4 * SMALLEST, error)
        full = made.value.shape
        terms = {
            k: self._arrange(np.broadcast_to(v, full), shape)
            for k, v in made.terms.items()
        }
        return Bound(self.rule(quantity), self._arrange(error, shape), terms)

    @property
    def settled(self) -> bool:
        """Is the denominator of a mean other than 0, or 0 in every order?"""
        if self.case.loss != "cross_entropy":
            return True
        rows = self._rows()
        w = rows.denominator(self._arithmetic) if rows.cancels else None
        return w is None or not np.isnan(w.held).any()

    def rule(self, quantity: str) -> str:
        """Return the id of the rule for a quantity, such as `CE-MEAN`."""
        if quantity == "value":
            part = self.case.reduction.upper()
        elif quantity.startswith("derivative."):
            part = quantity.removeprefix("derivative.").upper()
        elif self.case.loss == "cross_entropy":
            part = quantity.replace("gradient.", "grad-").upper()
        else:
            part = "GRAD"
        return f"{_SHORT[self.case.loss]}-{part}"

    def _running(self, quantity: str) -> Running:
        if quantity in ("derivative.hvp", "derivative.jvp"):
            along = self._along(quantity.removeprefix("derivative."))
            # What flushing, or a shift that is differentiated twice, does to a
            # derivative is not derived.
            c = self.contract
            return replace(along, lost=along.lost | c.flush_to_zero | c.shift_gradient)
        if self.case.loss == "cross_entropy":
            rules = self._cross_entropy
            made = {
                "value": rules.value,
                "gradient.input": rules.gradient_input,
                "gradient.target": rules.gradient_target,
                "gradient.weight": rules.gradient_weight,
            }
            if quantity in made:
                return made[quantity]()
        elif quantity == "value":
            x, y = self._pair
            return regression.value(
                self.case.loss, x, y, self.case.reduction, self._arithmetic
            )
        elif quantity in ("gradient.input", "gradient.target"):
            return self._regression_gradient(quantity.removeprefix("gradient."))
        msg = f"quantity must have a rule, got {quantity!r} of {self.case.loss}"
        raise ValueError(msg)

    def _regression_gradient(self, name: str) -> Running:
        x, y = self._pair
        n = x.size if self.case.reduction == "mean" else None
        up = self._argument("upstream")
        up = np.ones(()) if up is None else up
        up = np.broadcast_to(up, x.shape)
        scale = regression.factor(up, n, self._arithmetic)
        shape = self.case.arguments[name].shape
        last = None if n is None else up
        return regression.gradient(
            self.case.loss, x, y, scale, shape, self._arithmetic, last
        )

    def _along(self, name: str) -> Running:
        """Return the bound of `hvp` or `jvp` along the case's tangent."""
        case, v = self.case, self._argument("tangent")
        if case.loss == "cross_entropy":
            rows = class_axis_last(v)
            rules = DirectionRules(self._rows(), self._arithmetic, rows)
            return rules.hvp() if name == "hvp" else rules.jvp()
        x, y = self._pair
        along = np.broadcast_to(v, x.shape)
        if name == "jvp":
            return regression_jvp(
                case.loss, x, y, along, case.reduction, self._arithmetic
            )
        up = self._argument("upstream")
        up = np.broadcast_to(np.ones(()) if up is None else up, x.shape)
        mean = case.reduction == "mean"
        return regression_hvp(
            case.loss, along, up, v.shape, self._arithmetic, mean=mean
        )

    @cached_property
    def _arithmetic(self) -> Arithmetic:
        contract = self.contract.for_arguments(contiguous=self.case.contiguous)
        lanes = contract.lanes if self.lanes is None else self.lanes
        return Arithmetic.of(contract, self.case.dtype, lanes=lanes)

    @cached_property
    def _pair(self) -> tuple[Floats, Floats]:
        x, y = np.broadcast_arrays(self._argument("input"), self._argument("target"))
        return x, y

    def _argument(self, name: str) -> Any:
        given = {"upstream": self.case.upstream, "tangent": self.case.tangent}
        array = given[name] if name in given else self.case.arguments.get(name)
        return None if array is None else array.view().astype(np.float64)

    @cached_property
    def _cross_entropy(self) -> CrossEntropyRules:
        return CrossEntropyRules(self._rows(), self._arithmetic)

    def _rows(self) -> Rows:
        case = self.case
        x = class_axis_last(self._argument("input"))
        target = case.arguments["target"]
        up = self._argument("upstream")
        up = np.ones(()) if up is None else up
        indices = probabilities = None
        valid = np.ones(len(x), dtype=np.bool_)
        if target.dtype in ("int64", "int32", "uint8", "int16", "int8"):
            labels = target.view().reshape(-1).astype(np.int64)
            valid = labels != int(case.options.get("ignore_index", IGNORE_INDEX))
            indices = np.where(valid, labels, 0).astype(np.intp)
        else:
            probabilities = class_axis_last(self._argument("target"))
        return Rows(
            x,
            indices,
            probabilities,
            valid,
            self._argument("weight"),
            float(case.options.get("label_smoothing", 0.0)),
            case.reduction,
            np.broadcast_to(up.reshape(-1) if up.ndim else up, (len(x),)),
        )

    def _shape(self, quantity: str) -> tuple[int, ...]:
        if quantity == "derivative.hvp":
            return self.case.arguments["input"].shape
        if quantity.startswith("gradient."):
            return self.case.arguments[quantity.removeprefix("gradient.")].shape
        if self.case.reduction != "none":
            return ()
        shape = self.case.arguments["input"].shape
        if self.case.loss == "cross_entropy":
            return () if len(shape) == 1 else (shape[0], *shape[2:])
        return self._pair[0].shape

    def _arrange(self, values: Floats, shape: tuple[int, ...]) -> Floats:
        """Return class-last rows in the quantity's own shape."""
        wants_rows = self.case.loss == "cross_entropy" and values.ndim == 2  # noqa: PLR2004
        if wants_rows:
            return np.asarray(class_axis_back(values, shape))
        return values.reshape(shape)
