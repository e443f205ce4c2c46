"""What one writes a backend with: functions made backends, and the types of the parts.

A bare function needs nothing from here: `loss-conformance check ./file.py:function`
wraps it. `torch_like` and `numpy_like` do the same in code, and say there what the name
of the function does not:

>>> import numpy as np
>>> def absolute(input, target):
...     return np.abs(input - target).mean()
>>> backend = numpy_like(absolute, loss="mae", dtypes=["float64"], name="mine")
>>> backend.name, sorted(backend.capabilities.dtypes)
('mine', ['float64'])
"""

from __future__ import annotations

from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from conformance.backend import Backend, Capabilities, Output
from conformance.backends._support import reason_against
from conformance.backends._wrapping import Hints, wrap
from conformance.case import Case
from conformance.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "Attributes",
    "Backend",
    "Capabilities",
    "Case",
    "Contract",
    "Output",
    "numpy_like",
    "reason_against",
    "torch_like",
]


class Attributes(TypedDict, total=False):
    """What can be said of a function, here or as attributes of it.

    Attributes:
        dtypes: The storage formats it takes; all if not given.
        options: Of those that its signature takes, what it offers; all if not given.
            Of `**kwargs`, what it is given; nothing if not given.
        gradients: The arguments it gives gradients by; what tiny calls yield if not
            given.
        derivatives: Of `hvp` and `jvp`, what autograd is to make; none if not given.
        declined: What it is not asked for → why; see `Capabilities`.
        contract: The arithmetic it promises, or its name; `wide` if not given.
        deterministic: Does the same input give the same bits? True if not given.
        device: Where its tensors are: `cpu` or `cuda`; `cpu` if not given.
    """

    dtypes: Iterable[str]
    options: Iterable[str]
    gradients: Iterable[str]
    derivatives: Iterable[str]
    declined: Mapping[str, str]
    contract: Contract | str
    deterministic: bool
    device: str


def torch_like(
    function: Callable[..., Any],
    *,
    loss: str,
    name: str = "",
    **attributes: Unpack[Attributes],
) -> Backend:
    """Return the backend of a function over torch tensors, differentiated by autograd.

    Args:
        function: `f(input, target, **options)`, with torch's names for the options. It
            is only asked for those that its signature takes.
        loss: `mae`, `mse` or `cross_entropy`.
        name: How reports call it; the function's own name if empty.
        attributes: More about it; see `Attributes`.

    Raises:
        LoadError: If one of these is no word that is known.
        BackendUnavailableError: If torch or the device is not here.
    """
    return _described(function, name, Hints(loss, "torch"), attributes)


def numpy_like(
    function: Callable[..., Any],
    *,
    loss: str,
    name: str = "",
    **attributes: Unpack[Attributes],
) -> Backend:
    """Return the backend of a function over NumPy arrays.

    Args:
        function: `f(input, target, **options)`. It returns the value, `(value, gradient
            by input)` or `(value, {argument: gradient})`; bfloat16 is of ml_dtypes.
        loss: `mae`, `mse` or `cross_entropy`.
        name: How reports call it; the function's own name if empty.
        attributes: More about it; see `Attributes`.

    Raises:
        LoadError: If one of these is no word that is known.
    """
    return _described(function, name, Hints(loss, "numpy"), attributes)


def _described(
    function: Callable[..., Any], name: str, hints: Hints, attributes: Attributes
) -> Backend:
    for word in attributes:
        if word not in Attributes.__annotations__:
            known = ", ".join(Attributes.__annotations__)
            msg = f"an attribute of a function must be one of {known}, got {word!r}"
            raise TypeError(msg)
    # Attributes say it to `wrap`; the user's function is not the place for ours.
    told = update_wrapper(partial(function), function)
    for word, value in attributes.items():
        setattr(told, word, value)
    return wrap(told, name or str(getattr(function, "__name__", "function")), hints)
