"""Answering a question: the exact value of a loss and its exact gradients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from reference.fast.cross_entropy import Tiers
from reference.losses import regression
from reference.losses.cross_entropy import CrossEntropy
from reference.losses.directions import Directions
from reference.losses.mae import MAE
from reference.losses.mse import MSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reference.enclosure import Enclosure
    from reference.problem import Problem

_REGRESSIONS = {"mae": MAE, "mse": MSE}


@dataclass(frozen=True, eq=False)
class Result:
    """The exact answer to a problem.

    Nothing is computed before it is asked for; precision is raised by the question.

    Attributes:
        problem: The question.
        fast: May vectorised tiers answer what their bounds decide? Without them the
            answers are the same, and slower.
        threads: How many threads a large problem may use; None: one for each core.
    """

    problem: Problem
    fast: bool = True
    threads: int | None = None

    @cached_property
    def value(self) -> Enclosure:
        """The exact loss: shape `()`, or that of the unreduced loss for `none`."""
        if self.problem.loss in _REGRESSIONS:
            loss = _REGRESSIONS[self.problem.loss]
            return regression.value(loss, self.problem, fast=self.fast)
        exact, tiers = self._cross_entropy.value(), self._tiers
        return (
            exact
            if tiers is None
            else exact.with_tier(tiers.value(exact), large=tiers.large)
        )

    @cached_property
    def gradient(self) -> Mapping[str, Enclosure]:
        """The exact gradients by name, each of the shape of its argument.

        `input` always; `target` for MAE, MSE and class probabilities; `weight` for
        cross-entropy with weights.
        """
        problem = self.problem
        if problem.loss in _REGRESSIONS:
            loss = _REGRESSIONS[problem.loss]
            pair = regression.gradients(loss, problem, fast=self.fast)
            return MappingProxyType(pair)
        exact, tiers = self._cross_entropy, self._tiers
        by_input = exact.gradient_input()
        if tiers is not None:
            by_input = by_input.with_tier(
                tiers.gradient_input(by_input), large=tiers.large
            )
        parts = {"input": by_input}
        if problem.target_kind == "probability":
            by_target = exact.gradient_target()
            if tiers is not None:
                by_target = by_target.with_tier(
                    tiers.gradient_target(by_target), large=tiers.large
                )
            parts["target"] = by_target
        if problem.weight is not None:
            parts["weight"] = exact.gradient_weight()
        return MappingProxyType(parts)

    @cached_property
    def derivatives(self) -> Mapping[str, Enclosure]:
        """What is exact along the tangent; nothing without one.

        `hvp`: H v, the derivative along it of the gradient by `input`, of that shape;
        `jvp`: J v, the derivative along it of the loss, of the shape of the value.
        """
        problem = self.problem
        if problem.loss in _REGRESSIONS:
            loss = _REGRESSIONS[problem.loss]
            return MappingProxyType(regression.derivatives(loss, problem))
        if problem.tangent is None:
            return MappingProxyType({})
        along = Directions(self._cross_entropy, problem.tangent)
        return MappingProxyType({"hvp": along.hvp(), "jvp": along.jvp()})

    @cached_property
    def _tiers(self) -> Tiers | None:
        if not self.fast:
            return None
        denominator = self._cross_entropy.denominator
        return Tiers.of(self.problem, denominator, self.threads)

    @cached_property
    def _cross_entropy(self) -> CrossEntropy:
        return CrossEntropy(self.problem)


def evaluate(
    problem: Problem, *, fast: bool = True, threads: int | None = None
) -> Result:
    """Return the exact answer to a checked problem; see `Result` for the options.

    Raises:
        ValueError: If `threads` is not positive.
    """
    if threads is not None and threads < 1:
        msg = f"threads must be 1 or more, or None for one each core, got {threads}"
        raise ValueError(msg)
    return Result(problem, fast, threads)
