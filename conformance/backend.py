"""What an implementation under test must offer, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

import numpy as np

from conformance import float_state
from conformance.contract import WIDE, Contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.case import Array, Case

LOSSES = ("mae", "mse", "cross_entropy")
OPTIONS = (
    "weight",
    "ignore_index",
    "label_smoothing",
    "class_probabilities",
    "upstream",
)
DECLINABLE = ("broadcast", "empty", "invalid", "k-dim", "layout", "unbatched")
"""Kinds of cases that a backend may decline: arguments of different shapes; those
without elements; invalid ones; (N, C, d1, …); views that are not contiguous; (C,)."""


class BackendUnavailableError(Exception):
    """A backend exists but cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class Capabilities:
    """What a backend says it can do. What it leaves out is reported `unsupported`.

    The fields are stable from the first version on.

    Attributes:
        losses: Of `mae`, `mse`, `cross_entropy`.
        dtypes: Of `float16`, `bfloat16`, `float32`, `float64`.
        options: Of `OPTIONS`; every reduction is always asked for.
        gradients: Loss → arguments (`input`, `target`, `weight`) it differentiates by.
        device: Where it computes: `cpu`, `cuda`.
        deterministic: Does the same input give the same bits every time?
        contract: The arithmetic it promises.
        declined: Of `DECLINABLE`, what it is not asked for → why. `invalid:target` and
            the like decline invalid arguments of one name.
    """

    losses: frozenset[str]
    dtypes: frozenset[str]
    options: frozenset[str] = frozenset(OPTIONS)
    gradients: Mapping[str, frozenset[str]] = field(default_factory=dict)
    device: str = "cpu"
    deterministic: bool = True
    contract: Contract = WIDE
    declined: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """What a backend returned for one case, or the error it raised.

    The fields are stable from the first version on.

    Attributes:
        value: The loss, dtype and shape as returned. None if an error was raised.
        gradients: Argument name → gradient, dtype and shape as returned.
        error: `ExceptionType: message` if the call raised, else None.
        device: Where the value was left.
        modified: Names of arguments whose memory the call changed.
    """

    value: NDArray[Any] | None = None
    gradients: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    error: str | None = None
    device: str = "cpu"
    modified: tuple[str, ...] = ()

    @classmethod
    def failed(cls, error: BaseException) -> Self:
        """Return the output of a call that raised `error`."""
        text = " ".join(str(error).split())
        return cls(error=f"{type(error).__name__}: {text}")


@runtime_checkable
class Backend(Protocol):
    """An implementation under test."""

    @property
    def name(self) -> str:
        """How reports call it, such as `torch:cpu`."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def can_run(self, case: Case) -> str | None:
        """Return None, or the reason why this case cannot be run."""
        ...

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the loss and its gradients, or raise.

        Args:
            case: The case; its arrays are read-only.
            buffers: Writable views, one for each argument and for `upstream` if the
                case has one, with the strides the case asks for. Compute from these:
                a change to them is noticed and reported.
        """
        ...


def _checked(output: Output) -> Output:
    """Return an output that can be judged; any other is refused as a fault."""
    if not isinstance(output, Output):
        msg = f"run must return an Output, got {type(output).__name__}"
        raise TypeError(msg)
    value = None if output.value is None else _numbers("value", output.value)
    gradients = {
        name: _numbers(f"gradient by {name}", gradient)
        for name, gradient in output.gradients.items()
    }
    return Output(value, gradients, output.error, output.device)


def _numbers(name: str, array: object) -> NDArray[Any]:
    """Return an array or NumPy scalar of real numbers as an array."""
    if isinstance(array, (np.ndarray, np.generic)):
        made = np.asarray(array)
        if made.dtype.kind in "fiub" or made.dtype.name == "bfloat16":
            return made
    got = f"{type(array).__name__} of {getattr(array, 'dtype', 'no dtype')}"
    msg = f"{name} must be a NumPy array of real numbers, got {got}"
    raise TypeError(msg)


def execute(backend: Backend, case: Case) -> Output:
    """Return what `backend` makes of `case`; an exception is an outcome too."""
    arrays: dict[str, Array] = dict(case.arguments)
    if case.upstream is not None:
        arrays["upstream"] = case.upstream
    bases = {name: array.base.copy() for name, array in arrays.items()}
    buffers = {name: arrays[name].over(base) for name, base in bases.items()}
    try:
        with float_state.theirs():
            output = _checked(backend.run(case, buffers))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises is its outcome
        output = Output.failed(error)
    changed = tuple(
        name
        for name, base in bases.items()
        if base.tobytes() != arrays[name].base.tobytes()
    )
    return Output(output.value, output.gradients, output.error, output.device, changed)
