"""An argument is read as if it were contiguous: its strides are ignored.

Seen in Transformer Engine, which ignored the stride of the upstream gradient.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.mutants._make import wrapped
from conformance.mutants._memory import dense, start

if TYPE_CHECKING:
    from conformance.backend import Backend, Output
    from conformance.backends.numpy import NumpyBackend
    from conformance.case import Case
    from conformance.mutants._make import Buffers


VARIANTS: Final = {n: n for n in ("input", "target", "weight", "upstream")}


def _evaluated(
    correct: NumpyBackend, case: Case, buffers: Buffers, name: str
) -> Output:
    if name not in buffers:
        return correct.run(case, buffers)
    read = dense(buffers[name], start(buffers[name]))
    return correct.run(case, {**buffers, name: read})


def create(variant: str) -> Backend:
    """Return the mutant of one variant."""
    return wrapped(
        f"strides_ignored_{variant}", partial(_evaluated, name=VARIANTS[variant])
    )
