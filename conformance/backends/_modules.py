"""Modules of `torch.nn` as functions: a class with its options, or one instance."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any, Final

from conformance.backends._functions import KEYWORDS, accepted_keywords
from conformance.backends._inference import ATTRIBUTES
from conformance.backends._sources import LoadError

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN: Final = {
    "reduction": "mean",
    "weight": None,
    "ignore_index": -100,
    "label_smoothing": 0.0,
}
"""What the options are where a case names none."""


def as_function(found: Any, name: str) -> Any:
    """Return a module of torch, or a class of them, as a function; all else as it is.

    A class is instantiated for each call with the options of the case, as
    `Loss(reduction="sum")(input, target)`. An instance is called as it stands.

    Raises:
        LoadError: If a class needs more arguments, or an instance has options of its
            own that it cannot be called without.
    """
    # Who has a module has imported torch.
    torch = sys.modules.get("torch")
    base = getattr(getattr(torch, "nn", None), "Module", None)
    if not isinstance(base, type):
        return found
    if inspect.isclass(found) and issubclass(found, base):
        return _constructed(found, name)
    return _applied(found, name) if isinstance(found, base) else found


def _constructed(kind: Callable[..., Any], name: str) -> Callable[..., Any]:
    try:
        inspect.signature(kind).bind()
    except TypeError as error:
        msg = f"the class {name!r} must be callable without arguments, got {error}; "
        raise LoadError(msg + "name an instance of it, or a function") from error

    def function(input: Any, target: Any, **options: Any) -> Any:
        return kind(**options)(input, target)

    parameters = inspect.signature(kind).parameters
    taken = KEYWORDS & {"upstream", *parameters} - {"upstream"}
    return _described(function, kind, kind, taken)


def _applied(module: Any, name: str) -> Callable[..., Any]:
    taken = accepted_keywords(module.forward)
    for option, plain in _PLAIN.items():
        own = getattr(module, option, plain)
        if option not in taken and own is not plain and own != plain:
            msg = (
                f"the module {name!r} must have {option}={plain!r}, because nothing "
                f"else is asked of it, got {own!r}: name its class, or a function that "
                "makes a module for each call"
            )
            raise LoadError(msg)

    def function(input: Any, target: Any, **options: Any) -> Any:
        return module(input, target, **options)

    return _described(function, module, type(module), taken)


def _described(
    function: Callable[..., Any], found: Any, kind: Any, taken: frozenset[str]
) -> Callable[..., Any]:
    """Return `function` with name, signature and attributes of what it stands for."""
    function.__name__, function.__module__ = kind.__name__, kind.__module__
    both = inspect.Parameter.POSITIONAL_OR_KEYWORD
    only = inspect.Parameter.KEYWORD_ONLY
    given = [inspect.Parameter(word, both) for word in ("input", "target")]
    given += [inspect.Parameter(o, only, default=_PLAIN[o]) for o in sorted(taken)]
    told = {word: getattr(found, word) for word in ATTRIBUTES if hasattr(found, word)}
    vars(function).update({"signature": "torch"} | told)
    vars(function)["__signature__"] = inspect.Signature(given)
    return function
