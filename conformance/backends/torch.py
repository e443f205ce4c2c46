"""MAE, MSE and cross-entropy of `torch.nn.functional`, with gradients by autograd."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import ml_dtypes
import numpy as np
import torch
from torch.nn import functional

from conformance.backend import (
    DERIVATIVES,
    FORWARD,
    LOSSES,
    BackendUnavailableError,
    Capabilities,
    Output,
    told,
)
from conformance.backends._memory import flat_base
from conformance.backends._support import reason_against
from conformance.backends._torch_paths import (
    PATHS,
    forward_over_reverse,
    threads_of,
)
from conformance.case import DTYPES
from conformance.contract import STAGED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from conformance.case import Array, Case
    from conformance.contract import Contract

DEVICES: Final = ("cpu", "cuda")

_LOSSES: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "mae": functional.l1_loss,
        "mse": functional.mse_loss,
        "cross_entropy": functional.cross_entropy,
    }
)

_GRADIENTS: Final = MappingProxyType(
    {
        "mae": frozenset({"input", "target"}),
        "mse": frozenset({"input", "target"}),
        # By target and weight only where the target holds class probabilities.
        "cross_entropy": frozenset({"input", "target", "weight"}),
    }
)

_DERIVATIVES: Final = MappingProxyType(dict.fromkeys(LOSSES, frozenset(DERIVATIVES)))

# Error of exp and log in ulp. On the cpu SLEEF's names promise 1.0; exp has two of
# them in some kernels. On cuda the documented maxima are distances from the correctly
# rounded value, which itself is half an ulp away from the exact one.
_ULPS: Final = MappingProxyType({"cpu": (2.0, 1.0), "cuda": (2.5, 1.5)})


def contract_on(device: str) -> Contract:
    """Return what torch documents of its arithmetic on a device."""
    exp_ulps, log_ulps = _ULPS[device]
    return replace(STAGED, exp_ulps=exp_ulps, log_ulps=log_ulps)


class _Arguments:
    """The arguments of one call as tensors, over the same memory where possible."""

    def __init__(
        self, case: Case, buffers: Mapping[str, NDArray[Any]], device: str
    ) -> None:
        self._bases: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.tensors: dict[str, torch.Tensor] = {}
        for name, buffer in buffers.items():
            beside = {"upstream": case.upstream, "tangent": case.tangent}
            array = beside[name] if name in beside else case.arguments[name]
            self.tensors[name] = self._tensor(buffer, array, device)

    def _tensor(
        self, buffer: NDArray[Any], array: Array | None, device: str
    ) -> torch.Tensor:
        base = None if array is None else flat_base(buffer, array)
        if array is None or base is None:
            return _from_numpy(buffer).to(device)
        home = _from_numpy(base)
        there = home.to(device)
        self._bases.append((home, there))
        return there.as_strided(array.shape, array.strides, array.offset)

    def write_back(self) -> None:
        """Copy what a call on another device changed into the caller's buffers."""
        for home, there in self._bases:
            if home.data_ptr() != there.data_ptr():
                home.copy_(there.detach())


def _from_numpy(array: NDArray[Any]) -> torch.Tensor:
    # NumPy and torch share no bfloat16; both can read the bits as integers.
    if array.dtype == ml_dtypes.bfloat16:
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def _to_numpy(tensor: torch.Tensor) -> NDArray[Any]:
    # Cloned: a result must not change when the arguments do.
    home = tensor.detach().cpu().clone()
    if home.dtype == torch.bfloat16:
        return np.asarray(home.view(torch.int16).numpy().view(ml_dtypes.bfloat16))
    return np.asarray(home.numpy())


def differentiate(
    function: Callable[..., torch.Tensor],
    case: Case,
    buffers: Mapping[str, NDArray[Any]],
    device: str,
) -> Output:
    """Return what `function(input, target, **options)` gives, and autograd's gradients.

    Gradients are those by `input`, and by the other arguments where torch's own losses
    offer them. A function whose result carries no gradient gives the value alone.
    Derivatives along a tangent come from further calls, so that they change nothing.
    """
    arguments = _Arguments(case, buffers, device)
    tensors = dict(arguments.tensors)
    upstream, tangent = (tensors.pop(name, None) for name in ("upstream", "tangent"))
    leaves = {name: tensors[name] for name in _leaves(tensors)}
    for leaf in leaves.values():
        leaf.requires_grad_()
    with warnings.catch_warnings():
        # Torch warns where shapes broadcast; here that is meant.
        warnings.simplefilter("ignore")
        given, target = tensors.pop("input"), tensors.pop("target")
        value = function(given, target, **tensors, **case.options)
        gradients = _gradients(value, leaves, upstream)
        stored = {name: _to_numpy(g) for name, g in gradients.items()}
        made = Output(_to_numpy(value), stored, device=value.device.type)
        if tangent is not None:
            rest = {name: t.detach() for name, t in tensors.items()}
            made = along(
                lambda x: function(x, target.detach(), **rest, **case.options),
                (given.detach(), tangent),
                upstream,
                made,
            )
    arguments.write_back()
    return made


def along(
    function: Callable[[torch.Tensor], torch.Tensor],
    at: tuple[torch.Tensor, torch.Tensor],
    upstream: torch.Tensor | None,
    output: Output,
) -> Output:
    """Return `output` with the derivatives at (input, tangent), or why there is none.

    `hvp` is reverse mode over reverse mode, `jvp` is forward mode.
    """
    ways: dict[str, Callable[[], torch.Tensor]] = {
        "hvp": lambda: _hessian_product(function, *at, upstream),
        "jvp": lambda: _forward(function, *at),
    }
    found: dict[str, NDArray[Any]] = {}
    failures: dict[str, str] = {}
    for name, way in ways.items():
        try:
            found[name] = _to_numpy(way())
        except Exception as error:  # noqa: BLE001 - it is this derivative's outcome
            failures[name] = told(error)
    return replace(output, derivatives=found, failures=failures)


def _forward(
    function: Callable[[torch.Tensor], torch.Tensor],
    given: torch.Tensor,
    tangent: torch.Tensor,
) -> torch.Tensor:
    made: torch.Tensor
    _, made = torch.func.jvp(function, (_own(given),), (tangent,))
    return made


def _own(given: torch.Tensor) -> torch.Tensor:
    # Forward mode refuses an expanded input, and its message says to clone it.
    expanded = 0 in given.stride()
    return given.clone(memory_format=torch.contiguous_format) if expanded else given


def _bent(
    function: Callable[..., torch.Tensor],
    case: Case,
    buffers: Mapping[str, NDArray[Any]],
    device: str,
) -> Output:
    """Return value, gradient by input and H v, by forward mode over reverse mode."""
    arguments = _Arguments(case, buffers, device)
    tensors = dict(arguments.tensors)
    upstream, tangent = (tensors.pop(name, None) for name in ("upstream", "tangent"))
    given, target = tensors.pop("input"), tensors.pop("target")
    call = partial(_with_target, function, target, {**tensors, **case.options})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value, *made = forward_over_reverse(call, upstream)(_own(given), tangent)
    arguments.write_back()
    gradient, product = map(_to_numpy, made)
    return Output(
        _to_numpy(value),
        {"input": gradient},
        device=value.device.type,
        derivatives={"hvp": product},
    )


def _with_target(
    function: Callable[..., torch.Tensor],
    target: torch.Tensor,
    options: Mapping[str, Any],
    given: torch.Tensor,
) -> torch.Tensor:
    return function(given, target, **options)


def _hessian_product(
    function: Callable[[torch.Tensor], torch.Tensor],
    given: torch.Tensor,
    tangent: torch.Tensor,
    upstream: torch.Tensor | None,
) -> torch.Tensor:
    leaf = given.detach().requires_grad_()
    value = function(leaf)
    cotangent = torch.ones_like(value) if upstream is None else upstream
    (gradient,) = torch.autograd.grad(value, leaf, cotangent, create_graph=True)
    (product,) = torch.autograd.grad(gradient, leaf, tangent)
    return product


def _leaves(tensors: Mapping[str, torch.Tensor]) -> tuple[str, ...]:
    """Return the arguments to differentiate by; integers have no derivative."""
    if not tensors["target"].is_floating_point():
        # Torch refuses the derivative by weight for class indices.
        return ("input",) if tensors["input"].is_floating_point() else ()
    return tuple(name for name, t in tensors.items() if t.is_floating_point())


def _gradients(
    value: torch.Tensor,
    leaves: Mapping[str, torch.Tensor],
    upstream: torch.Tensor | None,
) -> dict[str, torch.Tensor]:
    if not leaves or not value.requires_grad:
        return {}
    cotangent = torch.ones_like(value) if upstream is None else upstream
    found = torch.autograd.grad(
        value, list(leaves.values()), cotangent, allow_unused=True
    )
    pairs = zip(leaves, found, strict=True)
    return {name: g for name, g in pairs if g is not None}


@cache
def _capabilities(device: str) -> Capabilities:
    return Capabilities(
        losses=frozenset(LOSSES),
        dtypes=frozenset(DTYPES),
        gradients=_GRADIENTS,
        device=device,
        deterministic=device == "cpu",
        contract=contract_on(device),
        derivatives=_DERIVATIVES,
        paths=frozenset({*PATHS, FORWARD} if device == "cpu" else ()),
    )


@dataclass(frozen=True)
class TorchBackend:
    """The losses of `torch.nn.functional` on one device."""

    device: str = "cpu"

    @property
    def name(self) -> str:
        """`torch:cpu` or `torch:cuda`."""
        return f"torch:{self.device}"

    @property
    def capabilities(self) -> Capabilities:
        """Everything; on cuda without the promise of equal bits."""
        return _capabilities(self.device)

    def can_run(self, case: Case) -> str | None:
        """Return None, or the reason why this case cannot be run."""
        return reason_against(self.capabilities, case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the loss and its gradients, or raise as torch does."""
        return differentiate(_LOSSES[case.loss], case, buffers, self.device)

    def run_path(
        self, path: str, case: Case, buffers: Mapping[str, NDArray[Any]]
    ) -> Output | None:
        """Return what another way to the loss gives; None if it leads not there."""
        if path == FORWARD:
            return _bent(_LOSSES[case.loss], case, buffers, self.device)
        function = PATHS[path](case, _LOSSES[case.loss])
        if function is None:
            return None
        with threads_of(path):
            return differentiate(function, case, buffers, self.device)


def create(device: str = "") -> TorchBackend:
    """Return the backend for a device, the cpu if none is named.

    Raises:
        BackendUnavailableError: If there is no such device here.
    """
    check_device(device or "cpu")
    return TorchBackend(device or "cpu")


def check_device(device: str) -> None:
    """Refuse a device that is not here; keep torch to one thread of its own.

    Raises:
        BackendUnavailableError: If there is no such device here.
    """
    if device not in DEVICES:
        msg = f"a torch device must be one of {', '.join(DEVICES)}, got {device!r}"
        raise BackendUnavailableError(msg)
    if device == "cuda" and not torch.cuda.is_available():
        msg = f"torch {torch.__version__} finds no CUDA device on this machine"
        raise BackendUnavailableError(msg)
    torch.set_num_threads(1)
