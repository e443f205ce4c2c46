"""Answering a question: the exact value of a loss and its exact gradients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from reference.losses import regression
from reference.losses.cross_entropy import CrossEntropy
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
    """

    problem: Problem

    @cached_property
    def value(self) -> Enclosure:
        """The exact loss: shape `()`, or that of the unreduced loss for `none`."""
        if self.problem.loss in _REGRESSIONS:
            return regression.value(_REGRESSIONS[self.problem.loss], self.problem)
        return self._cross_entropy.value()

    @cached_property
    def gradient(self) -> Mapping[str, Enclosure]:
        """The exact gradients by name, each of the shape of its argument.

        `input` always; `target` for MAE, MSE and class probabilities; `weight` for
        cross-entropy with weights.
        """
        problem = self.problem
        if problem.loss in _REGRESSIONS:
            pair = regression.gradients(_REGRESSIONS[problem.loss], problem)
            return MappingProxyType(pair)
        parts = {"input": self._cross_entropy.gradient_input()}
        if problem.target_kind == "probability":
            parts["target"] = self._cross_entropy.gradient_target()
        if problem.weight is not None:
            parts["weight"] = self._cross_entropy.gradient_weight()
        return MappingProxyType(parts)

    @cached_property
    def _cross_entropy(self) -> CrossEntropy:
        return CrossEntropy(self.problem)


def evaluate(problem: Problem) -> Result:
    """Return the exact answer to a checked problem."""
    return Result(problem)
