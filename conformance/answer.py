"""The oracle's answer to a case, and the questions it puts to the judge."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

import reference
from conformance.judge import Question
from conformance.reach import reach
from conformance.tolerance import SUSPECT_LANES, Bound, Tolerance
from reference import format_named

if TYPE_CHECKING:
    from conformance.case import Case
    from conformance.contract import Contract
    from reference import Enclosure, Result

_HEAVY = 1 << 17  # elements; more of them, many times over, would not fit in memory
_LARGE = 66  # up to here any order is no worse than lanes


@dataclass(frozen=True, eq=False)
class Answer:
    """What the oracle says to a case.

    Attributes:
        case: The case.
        result: The exact answer, or None if the case is invalid.
        rejection: What is wrong with an invalid case.
        argument: The argument that is wrong.
    """

    case: Case
    result: Result | None
    rejection: str = ""
    argument: str = ""
    _bounds: dict[tuple[Any, ...], Bound] = field(default_factory=dict, repr=False)

    def exact(self, quantity: str) -> Enclosure:
        """Return the exact values of `value` or `gradient.<argument>`."""
        if self.result is None:
            msg = f"case {self.case.id} must be valid, got: {self.rejection}"
            raise ValueError(msg)
        if quantity == "value":
            return self.result.value
        return self.result.gradient[quantity.removeprefix("gradient.")]

    def question(self, quantity: str, contract: Contract) -> Question:
        """Return what is to be judged under a contract."""
        large = any(
            max(a.shape, default=0) >= _LARGE for a in self.case.arguments.values()
        )
        flat = sum(len(a.base) for a in self.case.arguments.values()) >= _LARGE
        lanes = None
        if contract.lanes is None and (large or flat):
            lanes = self._bound(quantity, contract, SUSPECT_LANES)
        return Question(
            quantity,
            self.exact(quantity),
            self._bound(quantity, contract, None),
            lanes,
            self.case.dtype,
            signed=self._signed(quantity),
            crowded=self._crowded(contract),
        )

    def _crowded(self, contract: Contract) -> bool:
        """Say if finite arguments beside infinite ones can overflow on the way."""
        arrays = self.case.arguments.values()
        floats = [a.view() for a in arrays if a.base.dtype.kind not in "iu"]
        if all(np.isfinite(a).all() for a in floats):
            return False
        largest = float(format_named(contract.compute[self.case.dtype]).largest)
        return reach(self.case) >= largest

    def _signed(self, quantity: str) -> bool:
        """Say if a sign is due even within the bound: ±u/n has nothing to cancel."""
        if self.case.loss != "mae" or quantity == "value":
            return False
        shapes = [self.case.arguments[name].shape for name in ("input", "target")]
        name = quantity.removeprefix("gradient.")
        return self.case.arguments[name].shape == np.broadcast_shapes(*shapes)

    def _bound(self, quantity: str, contract: Contract, lanes: int | None) -> Bound:
        key = (quantity, repr(contract), lanes)
        if key not in self._bounds:
            self._bounds[key] = Tolerance(self.case, contract, lanes).bound(quantity)
        return self._bounds[key]


def ask(case: Case, *, fast: bool = True) -> Answer:
    """Return the oracle's answer to a case, valid or not.

    Args:
        case: The case.
        fast: May the vectorised tiers be used? The answers are the same without.
    """
    arguments = {name: array.view() for name, array in case.arguments.items()}
    if case.upstream is not None:
        arguments["upstream"] = case.upstream.view()
    loss = getattr(reference, case.loss)
    try:
        problem = loss(**arguments, **case.options).problem
        # Workers share the cores among themselves.
        return Answer(case, reference.evaluate(problem, fast=fast, threads=1))
    except reference.ProblemError as error:
        return Answer(case, None, str(error), error.argument)


@lru_cache(maxsize=256)
def _remembered(key: _ById) -> Answer:
    return ask(key.case)


@dataclass(frozen=True, eq=False)
class _ById:
    case: Case

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.case.id == self.case.id

    def __hash__(self) -> int:
        return hash(self.case.id)


@lru_cache(maxsize=1)
def _last(key: _ById) -> Answer:
    return ask(key.case)


def answer(case: Case) -> Answer:
    """Return the oracle's answer, remembered by case id; of large cases the last."""
    sizes = (math.prod(array.shape) for array in case.arguments.values())
    asked = _last if max(sizes, default=0) > _HEAVY else _remembered
    return asked(_ById(case))
