"""What an implementation under test must offer, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, runtime_checkable

import numpy as np

from conformance import float_state
from conformance.contract import WIDE, Contract
from conformance.global_state import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
DERIVATIVES = ("hvp", "jvp")
"""H v, the derivative along `tangent` of the gradient by input, and J v, the loss's."""
FORWARD: Final = "forward-over-reverse"
"""The one path that goes along a tangent: `run_path` is shown it for cases that have
one, asked for no others, and returns `hvp` beside value and gradient by input."""
DECLINABLE = (
    *("broadcast", "empty", "invalid", "k-dim", "layout", "reduction"),
    "unbatched",
)
"""Kinds of cases that a backend may decline: arguments of different shapes; those
without elements; invalid ones; (N, C, d1, …); views that are not contiguous; another
reduction than the mean; (C,)."""


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
        derivatives: Loss → which of `DERIVATIVES` it gives along a tangent. A backend
            that gives none of a loss is shown no tangent.
        paths: Other ways to the same results, which `run_path` takes by name.
        negative_strides: Does it take views that run backwards through memory?
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
    derivatives: Mapping[str, frozenset[str]] = field(default_factory=dict)
    paths: frozenset[str] = frozenset()
    negative_strides: bool = False
    declined: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """What a backend returned for one case, or the error it raised.

    The fields are stable from the first version on.

    Attributes:
        value: The loss, dtype and shape as returned. None if an error was raised.
        gradients: Argument name → gradient, dtype and shape as returned.
        error: `ExceptionType: message` if the call raised, else None.
        device: Where the value was left; `cpu` also if it was copied there.
        modified: Names of arguments whose memory the call changed.
        derivatives: Of `DERIVATIVES`, if the case has a tangent: `hvp` of the shape of
            `input`, `jvp` of the shape of the value.
        failures: Name of a derivative → the error that it alone raised, as in `error`.
        disturbed: Settings of the process that the call changed.
    """

    value: NDArray[Any] | None = None
    gradients: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    error: str | None = None
    device: str = "cpu"
    modified: tuple[str, ...] = ()
    derivatives: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    disturbed: tuple[str, ...] = ()

    @classmethod
    def failed(cls, error: BaseException) -> Self:
        """Return the output of a call that raised `error`."""
        return cls(error=told(error))


def told(error: BaseException) -> str:
    """Return an exception as `ExceptionType: message`, in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


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
            buffers: Writable views, one for each argument, for `upstream` if the case
                has one, and for `tangent` if it has one and `capabilities.derivatives`
                names the loss, with the strides the case asks for. Compute from these:
                a change to them is noticed and reported.
        """
        ...


@runtime_checkable
class ManyPaths(Protocol):
    """A backend that reaches the same results by other paths too."""

    def run_path(
        self, path: str, case: Case, buffers: Mapping[str, NDArray[Any]]
    ) -> Output | None:
        """Return what `path` gives, or None where it does not take the case.

        Args:
            path: One of `Capabilities.paths`.
            case: As for `Backend.run`.
            buffers: As for `Backend.run`.
        """
        ...


def runs_backwards(case: Case) -> bool:
    """Say whether some array of a case has a negative stride."""
    given = (*case.arguments.values(), case.upstream, case.tangent)
    arrays = [array for array in given if array is not None]
    return any(stride < 0 for array in arrays for stride in array.strides)


def _checked(output: object) -> Output:
    """Return an output that can be judged; any other is refused as a fault."""
    if not isinstance(output, Output):
        msg = f"run must return an Output, got {type(output).__name__}"
        raise TypeError(msg)
    value = None if output.value is None else _numbers("value", output.value)
    gradients = {
        name: _numbers(f"gradient by {name}", gradient)
        for name, gradient in output.gradients.items()
    }
    derivatives = {
        name: _numbers(f"derivative {name}", derivative)
        for name, derivative in output.derivatives.items()
    }
    return replace(output, value=value, gradients=gradients, derivatives=derivatives)


def _numbers(name: str, array: object) -> NDArray[Any]:
    """Return an array or NumPy scalar of real numbers as an array."""
    if isinstance(array, (np.ndarray, np.generic)):
        made = np.asarray(array)
        if made.dtype.kind in "fiub" or made.dtype.name == "bfloat16":
            return made
    got = f"{type(array).__name__} of {getattr(array, 'dtype', 'no dtype')}"
    msg = f"{name} must be a NumPy array of real numbers, got {got}"
    raise TypeError(msg)


class Memory:
    """The buffers of a case: one call after another may be given the same memory."""

    def __init__(self, case: Case, *, tangent: bool = False) -> None:
        """Lay the arguments of `case` out, its tangent if that is to be shown."""
        self._case = case
        self._arrays: dict[str, Array] = dict(case.arguments)
        if case.upstream is not None:
            self._arrays["upstream"] = case.upstream
        if tangent and case.tangent is not None:
            self._arrays["tangent"] = case.tangent
        self._bases = {name: a.base.copy() for name, a in self._arrays.items()}
        self._given = {name: a.base for name, a in self._arrays.items()}
        self._buffers = {n: self._arrays[n].over(b) for n, b in self._bases.items()}

    def call(
        self,
        run: Callable[[Case, Mapping[str, NDArray[Any]]], Output | None],
        owner: object,
    ) -> Output:
        """Return what `run` makes of the buffers; an exception is an outcome too.

        Args:
            run: The call.
            owner: The backend whose call it is.
        """
        try:
            with watched() as disturbed, float_state.theirs(owner):
                output = _checked(run(self._case, self._buffers))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises is its outcome
            output = Output.failed(error)
        changed = tuple(
            name
            for name, base in self._bases.items()
            if base.tobytes() != self._given[name].tobytes()
        )
        return replace(output, modified=changed, disturbed=tuple(disturbed))

    def spoil(self) -> None:
        """Write other numbers over everything, as a caller may who goes on."""
        for base in self._bases.values():
            base[...] = np.where(base == _SPOILT[0], *reversed(_SPOILT))

    def refill(self) -> None:
        """Write the arguments again, with other garbage where no view reaches."""
        for name, array in self._arrays.items():
            given = array.base.copy()
            unreached = np.ones(given.size, dtype=np.bool_)
            array.over(unreached)[...] = False
            given[unreached] = _OTHER_GARBAGE
            self._given[name] = given
            self._bases[name][...] = given


_SPOILT: Final = (3, 5)
"""What `spoil` writes: the first, or the second where the first was before."""

_OTHER_GARBAGE: Final = 77
"""In a half format, in an integer format, and no class of a small case."""


def execute(backend: Backend, case: Case) -> Output:
    """Return what `backend` makes of `case`; an exception is an outcome too."""
    return Memory(case, tangent=_along(backend, case)).call(backend.run, backend)


def _along(backend: Backend, case: Case) -> bool:
    """Say whether a backend is shown the tangent of a case, if there is one."""
    return bool(backend.capabilities.derivatives.get(case.loss))
