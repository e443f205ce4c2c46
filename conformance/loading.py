"""From a name to a backend: built-in, entry point, file, module, or a bare function.

A name is tried as, in this order,

- a built-in backend, `numpy`, `torch:cpu`, or a wrong one, `mutant:NAME`,
- `process:COMMAND`, a program that answers cases on its standard input; the protocol is
  that of `loss-conformance help protocol`,
- an entry point of the group `loss_conformance.backends`,
- `path/to/file.py:object`,
- `module:object`, with the working folder at the end of the search path.

The object is a backend, a class or factory of one, or a bare function
`f(input, target, **options)`. What a function computes is in its name, in its
attributes (`loss`, `signature`, `contract`, `dtypes`, `options`, `device`,
`gradients`, `derivatives`, `deterministic`, `declined`), or at the end of what is
loaded: `file.py:f@cross_entropy,torch`.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from conformance import backends, float_state
from conformance.backend import LOSSES, BackendUnavailableError
from conformance.backends._plugins import GROUP, plugin, plugins
from conformance.backends._process import started
from conformance.backends._sources import LoadError, defined, load_object
from conformance.backends._wrapping import Hints, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from conformance.backend import Backend, Capabilities

__all__ = ["GROUP", "Listing", "LoadError", "available", "known_names", "load"]

_FEW = 12
"""Names that an error lists in full."""


@dataclass(frozen=True)
class Listing:
    """What is known about a backend without running it.

    Attributes:
        name: What `load` takes.
        status: `available`, `unavailable` here, or `broken`: its code raises.
        reason: Why it is not available; empty if it is.
        capabilities: What it can do; None unless it is available.
    """

    name: str
    status: Literal["available", "unavailable", "broken"]
    reason: str = ""
    capabilities: Capabilities | None = None


def load(
    spec: str, *, loss: str | None = None, signature: str | None = None
) -> Backend:
    """Return the backend called `spec`.

    Args:
        spec: A name; see the module.
        loss: What a bare function computes, if its name does not say.
        signature: `torch` or `numpy`: what a bare function takes.

    Raises:
        LoadError: If there is no such backend, or its code raises.
        BackendUnavailableError: If it exists but cannot run here.
    """
    loader = object()
    with float_state.theirs(loader):
        made = _load(spec, loss, signature)
    float_state.bequeath(loader, made)
    return made


def _load(spec: str, loss: str | None, signature: str | None) -> Backend:
    name, device = _divided(spec)
    if name in _builtin_names():
        return _builtin(name, device)
    if name == "mutant":
        return _mutant(device)
    if name == "process":
        return started(device)
    points = plugins()
    if name in points:
        return plugin(points[name], device)
    place, hints = _hinted(spec, Hints(loss, signature))
    if ":" not in place:
        raise _nameless(spec) or _unknown(spec)
    return wrap(load_object(place), place + hints.suffix(), hints)


def available() -> tuple[Listing, ...]:
    """Return what is known about every built-in backend and every entry point."""
    rows: list[Listing] = []
    for name in _builtin_names():
        rows += _listed_builtin(name)
    for name, point in sorted(plugins().items()):
        if name in _builtin_names():
            rows.append(Listing(name, "broken", "hidden by the built-in backend"))
        else:
            rows.append(_listed(name, partial(plugin, point, "")))
    return tuple(rows)


def known_names() -> tuple[str, ...]:
    """Return the names that `load` takes beside files, modules and mutants."""
    return tuple(row.name for row in available())


def _divided(spec: str) -> tuple[str, str]:
    name, _, device = spec.partition(":")
    return name, device


def _hinted(spec: str, hints: Hints) -> tuple[str, Hints]:
    """Return the name without its `@…`, and the hints; arguments outrank the `@…`."""
    start, colon, attribute = spec.rpartition(":")
    attribute, _, suffix = attribute.partition("@")
    loss, signature = hints.loss, hints.signature
    for word in filter(None, suffix.split(",")):
        if word in LOSSES:
            loss = loss or word
        else:
            signature = signature or word
    return start + colon + attribute, Hints(loss, signature)


def _builtin_names() -> tuple[str, ...]:
    modules = pkgutil.iter_modules(backends.__path__)
    return tuple(sorted(m.name for m in modules if not m.name.startswith("_")))


def _builtin_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"{backends.__name__}.{name}")
    except ModuleNotFoundError as error:
        msg = (
            f"the {name} backend needs the package {error.name!r}, which is not "
            f"installed: pip install 'loss-conformance[{name}]'"
        )
        raise BackendUnavailableError(msg) from error


def _builtin(name: str, device: str) -> Backend:
    module = _builtin_module(name)
    if device and device not in module.DEVICES:
        full = f"{name}:{device}"
        raise _unknown(full)
    backend: Backend = module.create(device)
    return backend


def _listed_builtin(name: str) -> Iterator[Listing]:
    try:
        devices = _builtin_module(name).DEVICES
    except BackendUnavailableError as error:
        yield Listing(name, "unavailable", str(error))
        return
    for device in devices or ("",):
        full = f"{name}:{device}" if device else name
        yield _listed(full, partial(_builtin, name, device))


def _listed(name: str, create: Callable[[], Backend]) -> Listing:
    try:
        return Listing(name, "available", capabilities=create().capabilities)
    except BackendUnavailableError as error:
        return Listing(name, "unavailable", str(error))
    except Exception as error:  # noqa: BLE001 - a broken plug-in must not hide the rest
        return Listing(name, "broken", f"{type(error).__name__}: {error}")


def _mutant(name: str) -> Backend:
    from conformance.mutants import MUTANTS

    if name not in MUTANTS:
        msg = f"no mutant named {name!r}{_closest(name, MUTANTS)}"
        raise LoadError(msg)
    mutant: Backend = MUTANTS[name]()
    return mutant


def _nameless(spec: str) -> LoadError | None:
    """Return what to say where a file is named, but nothing in it; else None."""
    names = defined(spec)
    if names is None:
        return None
    listed = " or ".join(f"{spec}:{name}" for name in names[:_FEW]) or "nothing at all"
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return LoadError(
        f"a backend must be an object of a file, got the file {spec!r} alone; "
        f"it defines {listed}{more}"
    )


def _unknown(spec: str) -> LoadError:
    known = known_names()
    return LoadError(
        f"no backend named {spec!r}{_closest(spec, known)}; write file.py:object, "
        "module:object or process:COMMAND for one of your own"
    )


def _closest(name: str, known: tuple[str, ...] | Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    hint = f", did you mean {close[0]!r}?" if close else ""
    if len(known) > _FEW:
        return (
            f"{hint} ({len(known)} are known, such as {', '.join(sorted(known)[:4])})"
        )
    return f"{hint} (known: {', '.join(sorted(known))})"
