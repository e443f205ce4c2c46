"""Class weights enter the value, and the denominator, but not the gradient's numerator.

A class of faults of our own; in Paddle #24352 they were wrong in both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.backends._cross_entropy import index_mass
from conformance.mutants._make import wrapped

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


LOSSES: Final = ("cross_entropy",)


def _mass(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    mass = index_mass(parts, buffers, options, formats)
    rest = {name: b for name, b in buffers.items() if name != "weight"}
    plain = index_mass(parts, rest, options, formats)
    return replace(mass, effective=plain.effective)


def _evaluated(correct: NumpyBackend, case: Case, buffers: Buffers) -> Output:
    parts = replace(correct.parts, index_mass=_mass)
    wrong = replace(correct, parts=parts).run(case, buffers)
    return replace(correct.run(case, buffers), gradients=wrong.gradients)


def create() -> Backend:
    """Return the mutant."""
    return wrapped("weights_lost_in_gradient", _evaluated)
