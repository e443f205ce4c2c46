"""Settings of the whole process: noticed when a call changes them, and put back.

A backend that leaves NumPy raising on overflow, another function in the place of
numpy.exp, torch making float64 tensors or another working folder changes what every
later call means: its own, the judge's and those of other backends. What it changed is
put back after each call.

Search paths and warning filters are no fault: libraries set them up when they are first
used. Environment variables and random generators are left alone: nothing that judges
reads them, and a backend that draws random numbers would seem to give the same bits
every time if generators were put back.
"""

from __future__ import annotations

import decimal
import math
import operator
import os
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType


@dataclass(frozen=True)
class Setting:
    """One setting of the process.

    Attributes:
        name: What messages call it.
        get: Returns it.
        put: Sets it to what `get` returned.
        fault: Is it a fault to change it?
        same: Says whether the setting before and the one after are the same.
    """

    name: str
    get: Callable[[], Any]
    put: Callable[[Any], object]
    fault: bool = True
    same: Callable[[Any, Any], Any] = operator.eq


def _path() -> list[str]:
    return list(sys.path)


def _put_path(before: list[str]) -> None:
    sys.path[:] = before


def _filters() -> list[Any]:
    return list(warnings.filters)


def _put_filters(before: list[Any]) -> None:
    # By a function of the module, so that it forgets what it decided by the others.
    warnings.resetwarnings()
    warnings.filters[:] = before  # type: ignore[index]


def _functions(module: ModuleType) -> Setting:
    """Return what a module holds now, by which the judge computes."""
    names = tuple(vars(module))
    return Setting(
        f"the functions of {module.__name__}",
        partial(operator.itemgetter(*names), vars(module)),
        lambda before: vars(module).update(zip(names, before, strict=True)),
    )


def _same_text(before: object, after: object) -> bool:
    return repr(before) == repr(after)


SETTINGS: Final = (
    _functions(np),
    _functions(math),
    Setting("NumPy's error handling", np.geterr, lambda v: np.seterr(**v)),
    Setting("the working folder", os.getcwd, os.chdir),
    Setting("sys.path", _path, _put_path, fault=False),
    Setting("the warning filters", _filters, _put_filters, fault=False),
    Setting("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    Setting(
        "the decimal context",
        lambda: decimal.getcontext().copy(),
        decimal.setcontext,
        same=_same_text,
    ),
)


def _torch_settings(torch: Any) -> tuple[Setting, ...]:
    return (
        Setting(
            "torch's default dtype", torch.get_default_dtype, torch.set_default_dtype
        ),
        Setting("torch's thread count", torch.get_num_threads, torch.set_num_threads),
        Setting("torch's grad mode", torch.is_grad_enabled, torch.set_grad_enabled),
        Setting(
            "torch's anomaly mode", torch.is_anomaly_enabled, torch.set_anomaly_enabled
        ),
        Setting(
            "torch's autocast",
            partial(torch.is_autocast_enabled, "cpu"),
            partial(torch.set_autocast_enabled, "cpu"),
        ),
        Setting(
            "torch's deterministic mode",
            torch.are_deterministic_algorithms_enabled,
            torch.use_deterministic_algorithms,
        ),
    )


def _settings() -> tuple[Setting, ...]:
    # Only where a backend has loaded it; importing torch here would cost seconds.
    torch = sys.modules.get("torch")
    ready = torch is not None and hasattr(torch, "use_deterministic_algorithms")
    return SETTINGS + (_torch_settings(torch) if ready else ())


@contextmanager
def watched() -> Iterator[list[str]]:
    """Run a block, put back what it changed, and name the changes that are faults.

    The list is filled when the block ends, however it ends. What the block's first use
    of a library sets up by importing it is not a change: the library was not there.
    """
    before = [(setting, setting.get()) for setting in _settings()]
    changed: list[str] = []
    try:
        yield changed
    finally:
        for setting, old in before:
            if not _same(setting, old):
                setting.put(old)
                if setting.fault:
                    changed.append(setting.name)


def _same(setting: Setting, old: Any) -> bool:
    try:
        return bool(setting.same(old, setting.get()))
    except (OSError, KeyError):  # the working folder, or a function, is gone
        return False
