"""Settings of the whole process: noticed when a call changes them, and put back.

A backend that leaves NumPy raising on overflow, torch making float64 tensors or another
working folder changes what every later call means: its own, the judge's and those of
other backends. What it changed is put back after each call. Random generators and
environment variables are left alone: nothing that judges reads them.
"""

from __future__ import annotations

import decimal
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Setting:
    """One setting of the process.

    Attributes:
        name: What messages call it.
        get: Returns it.
        put: Sets it to what `get` returned.
        fault: Is it a fault to change it?
    """

    name: str
    get: Callable[[], Any]
    put: Callable[[Any], object]
    fault: bool = True


def _path() -> list[str]:
    return list(sys.path)


def _put_path(before: list[str]) -> None:
    sys.path[:] = before


SETTINGS: Final = (
    Setting("NumPy's error handling", np.geterr, lambda v: np.seterr(**v)),
    Setting("the working folder", os.getcwd, os.chdir),
    Setting("sys.path", _path, _put_path, fault=False),
    Setting("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    Setting(
        "the decimal context", lambda: decimal.getcontext().copy(), decimal.setcontext
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
            if not _same(setting.get, old):
                setting.put(old)
                if setting.fault:
                    changed.append(setting.name)


def _same(get: Callable[[], Any], old: Any) -> bool:
    try:
        new = get()
    except OSError:  # the working folder is gone
        return False
    if isinstance(old, decimal.Context):
        return repr(new) == repr(old)
    return bool(new == old)
