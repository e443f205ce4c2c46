"""The oracle's answer to a case, and the questions it puts to the judge."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

import reference
from conformance.judge import Question
from conformance.reach import depth, faintest, reach
from conformance.tolerance import SUSPECT_LANES, Bound, Tolerance
from reference import format_named

if TYPE_CHECKING:
    from conformance.case import Case
    from conformance.contract import Contract
    from reference import Enclosure, Format, Result

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
        """Return the exact values of `value`, `gradient.<argument>`, `derivative.…`."""
        if self.result is None:
            msg = f"case {self.case.id} must be valid, got: {self.rejection}"
            raise ValueError(msg)
        if quantity == "value":
            return self.result.value
        kind, _, name = quantity.partition(".")
        known = (
            self.result.derivatives if kind == "derivative" else self.result.gradient
        )
        return known[name]

    def question(self, quantity: str, contract: Contract) -> Question:
        """Return what is to be judged under a contract."""
        lanes = None
        if contract.lanes is None and _longest_sum(self.case) >= _LARGE:
            lanes = self._bound(quantity, contract, SUSPECT_LANES)
        return Question(
            quantity,
            self.exact(quantity),
            self._bound(quantity, contract, None),
            lanes,
            self.case.dtype,
            signed=self._signed(quantity),
            crowded=self._crowded(contract),
            unsettled=self._unsettled(contract),
        )

    def _crowded(self, contract: Contract) -> bool:
        """Say if finite arguments beside infinite ones can leave the range on the way.

        One that overflows may meet an infinity of the other sign, and a factor that is
        lost below makes nan of one.
        """
        scalars, logits = self._infinite()
        if not scalars and not logits:
            return False
        fmt = format_named(contract.compute[self.case.dtype])
        limit = float(fmt.largest)
        if contract.scheme == "exp2-fma":
            # The largest exponential is 2 to the rounding error of a product.
            limit = min(limit, fmt.emax / float(2 * fmt.unit_roundoff))
        if reach(self.case) >= limit or depth(self.case) < self._least(contract):
            return True
        # A machine's log p may be 0 beside an infinite factor.
        unit = max(float(f.unit_roundoff) for f in self._formats(contract))
        classified = self.case.loss == "cross_entropy"
        return bool(scalars and classified and faintest(self.case) < 8 * unit)

    def _unsettled(self, contract: Contract) -> bool:
        """Say if a sum of weights is 0 exactly, but not in every order."""
        if "weight" not in self.case.arguments or self.case.reduction != "mean":
            return False
        return not Tolerance(self.case, contract).settled

    def _infinite(self) -> tuple[bool, bool]:
        """Say if a factor, and if an input, is infinite or nan."""
        arrays = dict(self.case.arguments)
        if self.case.upstream is not None:
            arrays["upstream"] = self.case.upstream
        odd = {
            name
            for name, a in arrays.items()
            if a.base.dtype.kind not in "iu" and not np.isfinite(a.view()).all()
        }
        return bool(odd - {"input"}), "input" in odd

    def _formats(self, contract: Contract) -> list[Format]:
        """Return the formats whose numbers a contract may hold on the way."""
        dtype = self.case.dtype
        names = {contract.compute[dtype], contract.accumulate[dtype]}
        if contract.stages or contract.flush_to_zero:
            names.add(dtype)
        return [format_named(name) for name in names]

    def _least(self, contract: Contract) -> float:
        """Return a number that no format of a contract takes for 0.

        Twice the smallest, as the machine's factors are not exactly ours.
        """
        formats = self._formats(contract)
        if contract.flush_to_zero:
            return 2.0 ** (max(fmt.emin for fmt in formats) + 1)
        return 2 * max(float(fmt.smallest_subnormal) for fmt in formats)

    def _signed(self, quantity: str) -> bool:
        """Say if a sign is due even within the bound: ±u/n has nothing to cancel."""
        if self.case.loss != "mae" or not quantity.startswith("gradient."):
            return False
        shapes = [self.case.arguments[name].shape for name in ("input", "target")]
        name = quantity.removeprefix("gradient.")
        return self.case.arguments[name].shape == np.broadcast_shapes(*shapes)

    def _bound(self, quantity: str, contract: Contract, lanes: int | None) -> Bound:
        key = (quantity, repr(contract), lanes)
        if key not in self._bounds:
            self._bounds[key] = Tolerance(self.case, contract, lanes).bound(quantity)
        return self._bounds[key]


def _longest_sum(case: Case) -> int:
    """Return how many addends the longest sum along one axis has."""
    x, y = (case.arguments[name].shape for name in ("input", "target"))
    if case.loss != "cross_entropy":
        return math.prod(np.broadcast_shapes(x, y))
    classes = x[0] if len(x) == 1 else x[1]
    return max(classes, math.prod(x) // max(classes, 1))


def ask(case: Case, *, fast: bool = True) -> Answer:
    """Return the oracle's answer to a case, valid or not.

    Args:
        case: The case.
        fast: May the vectorised tiers be used? The answers are the same without.
    """
    arguments = {name: array.view() for name, array in case.arguments.items()}
    if case.upstream is not None:
        arguments["upstream"] = case.upstream.view()
    if case.tangent is not None:
        arguments["tangent"] = case.tangent.view()
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
