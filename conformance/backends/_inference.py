"""What a bare function computes: from its attributes, name, file and tiny calls."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from conformance.backend import DECLINABLE, LOSSES, Backend, execute
from conformance.backends._sources import LoadError
from conformance.case import DTYPES, Array, Case
from conformance.contract import AUTOGRAD, CONTRACTS, WIDE, Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ATTRIBUTES: Final = (
    *("contract", "declined", "derivatives", "deterministic", "device", "dtypes"),
    *("gradients", "loss", "options", "signature"),
)
"""What attributes of a function say."""

_NEAR: Final = 0.8
"""How alike words are of which one is taken for a slip of the pen."""

_WORDS: Final = {
    "mae": frozenset({"mae", "l1"}),
    "mse": frozenset({"mse"}),
    "cross_entropy": frozenset({"cross_entropy", "crossentropy", "ce"}),
}


def loss_of(function: Callable[..., Any], name: str, hint: str | None) -> str:
    """Return the loss a function computes: as stated, or as its name says.

    Raises:
        LoadError: If neither says so.
    """
    stated = hint or getattr(function, "loss", None)
    if stated in LOSSES:
        return str(stated)
    known = ", ".join(LOSSES)
    if stated is not None:
        msg = f"the attribute loss of {name!r} must be one of {known}, got {stated!r}"
        raise LoadError(msg)
    title = _snake(str(getattr(function, "__name__", "")))
    words = {*re.split(r"[^a-z0-9]+|_", title)}
    if "cross_entropy" in title:
        words.add("cross_entropy")
    found = [loss for loss, names in _WORDS.items() if words & names]
    if len(found) == 1:
        return found[0]
    msg = (
        f"the loss that {name!r} computes must be one of {known}, and its name does "
        f"not say which: write {name.partition('@')[0]}@mse, for example, or give the "
        "function an attribute `loss`"
    )
    raise LoadError(msg)


def _snake(name: str) -> str:
    """Return a name in lower case, with `_` between the words of CrossEntropyLoss."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def refuse_slips(function: Callable[..., Any], name: str) -> None:
    """Refuse an attribute that is nearly one of ours: ignored, it would hide a slip.

    Others are none of our business, and those of objects are theirs.

    Raises:
        LoadError: If there is one.
    """
    if not isinstance(function, FunctionType | partial):
        return
    for word in sorted(set(vars(function)) - set(ATTRIBUTES)):
        near = get_close_matches(word, ATTRIBUTES, 1, _NEAR)
        if near and not word.startswith("__"):
            msg = f"{name!r} has an attribute {word!r}, which says nothing: "
            raise LoadError(msg + f"did you mean {near[0]!r}? Otherwise rename it")


def contract_of(function: Callable[..., Any], name: str, signature: str) -> Contract:
    """Return the contract that the function's attribute names.

    By default `wide`, and where autograd makes the gradients, what that does besides;
    for what torch itself defines, that of its backend.
    """
    stated = getattr(function, "contract", None)
    if stated is None:
        return _usual(function, signature)
    if isinstance(stated, Contract):
        return stated
    if stated in CONTRACTS:
        return CONTRACTS[stated]
    msg = (
        f"the attribute contract of {name!r} must be a Contract or one of "
        f"{', '.join(CONTRACTS)}, got {stated!r}"
    )
    raise LoadError(msg)


def of_torch(function: Callable[..., Any]) -> bool:
    """Does torch itself define the function?"""
    return str(getattr(function, "__module__", "")).partition(".")[0] == "torch"


def _usual(function: Callable[..., Any], signature: str) -> Contract:
    if signature != "torch":
        return WIDE
    if not of_torch(function):
        return AUTOGRAD
    from conformance.backends.torch import contract_on

    return contract_on(getattr(function, "device", "cpu"))


def subset_of(
    described: object, attribute: str, known: tuple[str, ...], name: str
) -> frozenset[str]:
    """Return what an attribute lists of `known`; all of it if there is none."""
    value = getattr(described, attribute, known)
    stated = frozenset((value,) if isinstance(value, str) else value)
    if stated <= frozenset(known):
        return stated
    msg = (
        f"the attribute {attribute} of {name!r} must be some of {', '.join(known)}, "
        f"got {', '.join(sorted(stated))}"
    )
    raise LoadError(msg)


def declined_of(described: object, name: str) -> Mapping[str, str]:
    """Return what an attribute `declined` says is not asked for, and why.

    Raises:
        LoadError: If it declines what cannot be declined, or gives no reason.
    """
    stated = getattr(described, "declined", {})
    names = {
        kind.partition(":")[0] if kind.startswith("invalid:") else kind
        for kind in stated
    }
    if not names <= set(DECLINABLE) or not isinstance(stated, Mapping):
        known, got = ", ".join(DECLINABLE), ", ".join(map(str, stated))
        msg = f"the attribute declined of {name!r} must say why of some of {known}, "
        msg += f"got {got}"
        raise LoadError(msg)
    if all(isinstance(why, str) and why for why in stated.values()):
        return dict(stated)
    msg = (
        f"the attribute declined of {name!r} must give a reason for each, got {stated}"
    )
    raise LoadError(msg)


def mentions_torch(function: Callable[..., Any]) -> bool:
    """Return whether the file that defines the function imports torch."""
    try:
        path = inspect.getsourcefile(inspect.unwrap(function))
        tree = ast.parse(Path(str(path)).read_bytes())
    except (TypeError, OSError, SyntaxError):
        return str(getattr(function, "__module__", "")).startswith("torch")
    names = [
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    return any(name.split(".")[0] == "torch" for name in names)


def found_gradients(backend: Backend, loss: str) -> frozenset[str]:
    """Return the gradients that tiny calls yield; `input` if none of them succeeds."""
    outputs = [execute(backend, case) for case in _tiny_cases(backend, loss)]
    if all(output.error for output in outputs):
        return frozenset({"input"})
    return frozenset(name for output in outputs for name in output.gradients)


def _tiny_cases(backend: Backend, loss: str) -> Iterator[Case]:
    dtypes = backend.capabilities.dtypes
    dtype = next((name for name in reversed(DTYPES) if name in dtypes), "float32")
    targets = [Array.of([[0.25, 0.75]], dtype)]
    if loss == "cross_entropy":
        targets.append(Array.of([1]))
    for target in targets:
        arguments = {"input": Array.of([[0.5, 1.0]], dtype), "target": target}
        if loss == "cross_entropy" and "weight" in backend.capabilities.options:
            arguments["weight"] = Array.of([1.0, 2.0], dtype)
        yield Case(loss, dtype, arguments)
