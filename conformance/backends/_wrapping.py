"""Make a backend of whatever a name led to: an instance, a factory, a bare function."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from conformance.backend import (
    DERIVATIVES,
    LOSSES,
    OPTIONS,
    Backend,
    BackendUnavailableError,
    Capabilities,
)
from conformance.backends._functions import (
    NumpyFunctionBackend,
    TorchFunctionBackend,
    accepted_keywords,
    accepted_options,
    ignored_parameters,
    uncallable,
)
from conformance.backends._inference import (
    contract_of,
    declined_of,
    found_gradients,
    loss_of,
    mentions_torch,
    refuse_slips,
    subset_of,
)
from conformance.backends._modules import as_function
from conformance.backends._sources import LoadError
from conformance.case import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract import Contract

SIGNATURES: Final = ("torch", "numpy")
ARGUMENTS: Final = ("input", "target", "weight")
NO_REDUCTION: Final = "the function takes no reduction"
MEMBERS: Final = ("name", "capabilities", "can_run", "run")


@dataclass(frozen=True)
class Hints:
    """What the caller says about a bare function; None where it says nothing."""

    loss: str | None = None
    signature: str | None = None

    def __post_init__(self) -> None:
        """Refuse a loss or a signature that does not exist."""
        _check_word("loss", self.loss, LOSSES)
        _check_word("signature", self.signature, SIGNATURES)

    def suffix(self) -> str:
        """Return the hints as the end of a name, such as `@mse,torch`."""
        words = [word for word in (self.loss, self.signature) if word is not None]
        return "@" + ",".join(words) if words else ""


def _check_word(what: str, word: str | None, known: tuple[str, ...]) -> None:
    if word is not None and word not in known:
        msg = f"{what} must be one of {', '.join(known)}, got {word!r}"
        raise LoadError(msg)


def wrap(found: Any, name: str, hints: Hints) -> Backend:
    """Return the backend that `found` is, makes, or computes the losses of.

    Raises:
        LoadError: If it is none of these.
    """
    if not inspect.isclass(found) and isinstance(found, Backend):
        return _declared(found, name)
    found = as_function(found, name)
    if callable(found) and not _is_factory(found, hints):
        return _of_function(found, name, hints)
    if not callable(found):
        msg = (
            f"{name!r} must be a backend, something that returns one, or a function "
            f"f(input, target, **options), got {_shortfall(found)}"
        )
        raise LoadError(msg)
    made = _made_by(found, name)
    if isinstance(made, Backend):
        return _declared(made, name)
    msg = (
        f"{name!r} must return a backend (name, capabilities, can_run, run), "
        f"got {_shortfall(made)}"
    )
    raise LoadError(msg)


def _declared(backend: Backend, name: str) -> Backend:
    """Return the backend if what it says about itself can be used."""
    if not isinstance(backend.name, str):
        msg = f"the name of {name!r} must be text, got {backend.name!r}"
        raise LoadError(msg)
    capabilities = backend.capabilities
    if not isinstance(capabilities, Capabilities):
        got = type(capabilities).__name__
        msg = f"the capabilities of {name!r} must be Capabilities, got {got}"
        raise LoadError(msg)
    subset_of(capabilities, "losses", LOSSES, name)
    subset_of(capabilities, "dtypes", _dtypes(capabilities.contract), name)
    subset_of(capabilities, "options", OPTIONS, name)
    declined_of(capabilities, name)
    return backend


def _dtypes(contract: Contract) -> tuple[str, ...]:
    """Return the storage formats that a contract speaks of."""
    return tuple(name for name in DTYPES if name in contract.compute)


def _shortfall(found: Any) -> str:
    """Return the type, and if some members of a backend are there, those that lack."""
    lacking = [member for member in MEMBERS if not hasattr(found, member)]
    some = 0 < len(lacking) < len(MEMBERS)
    without = f" without {', '.join(lacking)}" if some else ""
    return f"{type(found).__name__}{without}"


def _made_by(factory: Callable[[], Any], name: str) -> Any:
    try:
        return factory()
    except BackendUnavailableError:
        raise
    except (Exception, SystemExit) as error:
        msg = f"{name!r} must return a backend, got {type(error).__name__}: {error}"
        raise LoadError(msg) from error


def _is_factory(found: Callable[..., Any], hints: Hints) -> bool:
    if inspect.isclass(found):
        return True
    if hints.loss is not None or hasattr(found, "loss"):
        return False
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return False
    # `*args` is how wrappers of losses look, so it does not make a factory.
    return all(p.default is not p.empty or p.kind is p.VAR_KEYWORD for p in parameters)


def _cotangent(signature: str, keywords: frozenset[str]) -> frozenset[str]:
    """Return `upstream` where it can be given: autograd takes it, or a parameter."""
    return frozenset({"upstream"} if signature == "torch" else keywords & {"upstream"})


def _derivatives(
    function: Callable[..., Any], signature: str, name: str
) -> frozenset[str]:
    """Return what the attribute `derivatives` lists; autograd makes them."""
    if signature != "torch" or not hasattr(function, "derivatives"):
        return frozenset()
    return subset_of(function, "derivatives", DERIVATIVES, name)


def _of_function(function: Callable[..., Any], name: str, hints: Hints) -> Backend:
    refuse_slips(function, name)
    loss = loss_of(function, name, hints.loss)
    why = uncallable(function)
    if why:
        cure = "give the other parameters defaults, or wrap it"
        if why.startswith("too many positional"):
            cure = "its first two parameters must be positional, or wrap it"
        msg = f"{name!r} must be callable as f(input, target), got {why}: {cure}"
        raise LoadError(msg)
    signature = _signature(function, hints)
    device = str(getattr(function, "device", "cpu"))
    if signature == "torch":
        _check_torch(device)
    stated = subset_of(function, "options", (*OPTIONS, "reduction"), name)
    open_to = stated if hasattr(function, "options") else frozenset()
    keywords = accepted_keywords(function, open_to)
    contract = contract_of(function, name, signature)
    capabilities = Capabilities(
        losses=frozenset({loss}),
        dtypes=subset_of(function, "dtypes", _dtypes(contract), name),
        options=accepted_options(keywords) & stated | _cotangent(signature, keywords),
        device=device,
        deterministic=bool(getattr(function, "deterministic", True)),
        contract=contract,
        derivatives={loss: _derivatives(function, signature, name)},
        negative_strides=signature == "numpy",
        declined=_declined(function, keywords, name),
    )
    make = TorchFunctionBackend if signature == "torch" else NumpyFunctionBackend
    trial = make(function, name, capabilities, keywords)
    if hasattr(function, "gradients"):
        gradients = subset_of(function, "gradients", ARGUMENTS, name)
    else:
        gradients = found_gradients(trial, loss)
    complete = replace(capabilities, gradients={loss: gradients})
    ignored = ignored_parameters(function, loss)
    return make(function, name, complete, keywords, ignored)


def _declined(
    function: Callable[..., Any], keywords: frozenset[str], name: str
) -> dict[str, str]:
    """Return what is declined: what the attribute says, and what cannot be asked."""
    unable = {} if "reduction" in keywords else {"reduction": NO_REDUCTION}
    return unable | dict(declined_of(function, name))


def _signature(function: Callable[..., Any], hints: Hints) -> str:
    stated = hints.signature or getattr(function, "signature", None)
    if stated is None:
        return "torch" if mentions_torch(function) else "numpy"
    _check_word("signature", stated, SIGNATURES)
    return str(stated)


def _check_torch(device: str) -> None:
    try:
        from conformance.backends.torch import check_device
    except ModuleNotFoundError as error:
        msg = f"a function over torch tensors needs the package {error.name!r}, "
        msg += "which is not installed: pip install 'loss-conformance[torch]'"
        raise BackendUnavailableError(msg) from error
    check_device(device)
