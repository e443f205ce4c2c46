"""Backends that other distributions offer as entry points."""

from __future__ import annotations

import inspect
import warnings
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from conformance.backends._sources import LoadError
from conformance.backends._wrapping import Hints, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

    from conformance.backend import Backend

GROUP: Final = "loss_conformance.backends"


def plugins() -> Mapping[str, EntryPoint]:
    """Return the entry points by name; a name taken twice gives a warning."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        first = found.setdefault(point.name, point)
        if _origin(first) != _origin(point) or first.value != point.value:
            msg = (
                f"the backend {point.name!r} comes from both {_origin(first)} and "
                f"{_origin(point)}; {_origin(first)} is used: uninstall one of them"
            )
            warnings.warn(msg, stacklevel=3)
    return found


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def plugin(point: EntryPoint, device: str) -> Backend:
    """Return the backend of an entry point; a factory may take the device.

    Raises:
        LoadError: If its code raises, or it has no devices and one is named.
    """
    try:
        found: Any = point.load()
    except (Exception, SystemExit) as error:
        msg = (
            f"the backend {point.name!r} of {_origin(point)} must be importable, "
            f"got {type(error).__name__}: {error}"
        )
        raise LoadError(msg) from error
    if device and callable(found) and len(inspect.signature(found).parameters) == 1:
        return wrap(partial(found, device), point.name, Hints())
    if device:
        msg = f"the backend {point.name!r} must have no device, got {device!r}"
        raise LoadError(msg)
    return wrap(found, point.name, Hints())
