"""Bare functions as backends: what a signature accepts, and what its results are."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.backend import OPTIONS, Output
from conformance.backends._inference import of_torch
from conformance.backends._support import MEAN, reason_against

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from conformance.backend import Capabilities
    from conformance.case import Case

KEYWORDS = frozenset(
    {"reduction", "weight", "ignore_index", "label_smoothing", "upstream"}
)
EVERYWHERE = frozenset({"reduction", "upstream"})
"""Those that every loss has."""

_POSITIONAL = 2


def accepted_keywords(
    function: Callable[..., Any], stated: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return which of `KEYWORDS` the function takes: those that its signature names.

    `**kwargs`, or a signature that nobody can read, promises nothing by itself: such a
    function takes those that are `stated` as well.
    """
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return KEYWORDS & stated
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    later = list(parameters.values())[_POSITIONAL:]
    named = {p.name for p in parameters.values() if p.kind is kinds[0]}
    named |= {p.name for p in later if p.kind in kinds}
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        named |= stated
    return KEYWORDS & named


def ignored_parameters(function: Callable[..., Any], loss: str) -> tuple[str, ...]:
    """Return the parameters that no call ever fills, so that they keep their defaults.

    Of torch's own functions nothing is said: there they are deprecated ones.
    """
    if of_torch(function):
        return ()
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return ()
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    filled = KEYWORDS if loss == "cross_entropy" else EVERYWHERE
    return tuple(
        p.name
        for place, p in enumerate(parameters)
        if p.kind not in open_ended
        and (place >= _POSITIONAL or p.kind is p.KEYWORD_ONLY)
        and (p.name not in filled or p.kind is p.POSITIONAL_ONLY)
    )


def ignored(backend: object) -> tuple[str, ...]:
    """Return the parameters that no call fills, if the backend is a bare function."""
    kinds = (NumpyFunctionBackend, TorchFunctionBackend)
    return backend.ignored if isinstance(backend, kinds) else ()


def uncallable(function: Callable[..., Any]) -> str:
    """Return why `function(input, target)` cannot be called; empty if it can."""
    try:
        inspect.signature(function).bind(None, None)
    except TypeError as error:
        return str(error)
    except ValueError:
        pass
    return ""


def accepted_options(keywords: frozenset[str]) -> frozenset[str]:
    """Return the optional abilities that go with the accepted keywords."""
    return frozenset(OPTIONS) & (keywords | {"class_probabilities"})


def given_options(keywords: frozenset[str], case: Case) -> dict[str, Any]:
    """Return the options a function is called with: the mean need not be named."""
    unnamed = case.reduction == MEAN and "reduction" not in keywords
    return {k: v for k, v in case.options.items() if not (unnamed and k == "reduction")}


def reason_against_call(
    capabilities: Capabilities, keywords: frozenset[str], case: Case
) -> str | None:
    """Return None, or why a function with these keywords cannot take the case."""
    given = set(given_options(keywords, case))
    given |= set(case.arguments) - {"input", "target"}
    for name in sorted(given - keywords):
        return f"the function takes no {name}"
    return reason_against(capabilities, case)


@dataclass(frozen=True)
class NumpyFunctionBackend:
    """A function `f(input, target, **options)` over NumPy arrays.

    It returns the value, `(value, gradient by input)` or `(value, {name: gradient})`.
    An upstream gradient is passed as `upstream` if the function has that parameter;
    if not, cases with one are not run. Reports name the parameters that are `ignored`.
    """

    function: Callable[..., Any]
    name: str
    capabilities: Capabilities
    keywords: frozenset[str] = KEYWORDS
    ignored: tuple[str, ...] = ()

    def can_run(self, case: Case) -> str | None:
        """Return None, or the reason why this case cannot be run."""
        if case.upstream is not None and "upstream" not in self.keywords:
            return "the function takes no upstream"
        return reason_against_call(self.capabilities, self.keywords, case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the loss and the gradients that the function gives, or raise."""
        keywords = {k: v for k, v in buffers.items() if k not in ("input", "target")}
        options = given_options(self.keywords, case)
        result = self.function(
            buffers["input"], buffers["target"], **keywords, **options
        )
        value, gradients = _split(result)
        return Output(_detached(value), {k: _detached(g) for k, g in gradients.items()})


@dataclass(frozen=True)
class TorchFunctionBackend:
    """A function `f(input, target, **options)` over torch tensors, under autograd."""

    function: Callable[..., Any]
    name: str
    capabilities: Capabilities
    keywords: frozenset[str] = KEYWORDS
    ignored: tuple[str, ...] = ()

    def can_run(self, case: Case) -> str | None:
        """Return None, or the reason why this case cannot be run."""
        return reason_against_call(self.capabilities, self.keywords, case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the loss, and its gradients if the result carries any, or raise."""
        from conformance.backends.torch import differentiate

        case = replace(case, options=given_options(self.keywords, case))
        return differentiate(self.function, case, buffers, self.capabilities.device)


def _split(result: object) -> tuple[object, Mapping[str, object]]:
    if not isinstance(result, tuple):
        return result, {}
    if len(result) != _POSITIONAL:
        msg = (
            "a function over NumPy arrays must return the value or "
            f"(value, gradient), got a tuple of {len(result)}"
        )
        raise TypeError(msg)
    value, gradient = result
    if gradient is None:
        return value, {}
    return value, gradient if isinstance(gradient, dict) else {"input": gradient}


def _detached(result: object) -> NDArray[Any]:
    # Copied: a result must not change when the arguments do.
    made = np.array(result)
    if made.dtype.kind in "OSU" and not isinstance(result, np.ndarray):
        msg = "a function over NumPy arrays must return real numbers, got "
        raise TypeError(msg + type(result).__name__)
    return made
