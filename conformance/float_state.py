"""Floating-point environments of one thread: each backend's own, and the judge's.

A backend may change rounding or flush subnormal numbers to zero, in the middle of a run
or when it is loaded: torch.set_flush_denormal(True) does, for NumPy too. What it sets
is part of what is judged, so it finds it again in its next call; between its calls the
judge's own environment is back, and no other backend of the process sees it.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOM: Final = 64  # bytes; fenv_t has 32 on x86-64 and 8 on AArch64
_LIBRARIES: Final = {"linux": "libm.so.6", "darwin": "libSystem.dylib"}
_THEIRS: Final[dict[int, tuple[object, Any]]] = {}
"""Identity of an owner → the owner, kept so that no other has it, and what it left."""


@contextmanager
def theirs(owner: object) -> Iterator[None]:
    """Give a block the environment that `owner` left behind; then restore ours.

    Where the C library offers no way to do so, nothing is done: the oracle checks its
    premises by itself and refuses to answer.
    """
    functions = _functions()
    if functions is None:
        yield
        return
    get, put = functions
    ours = ctypes.create_string_buffer(_ROOM)
    get(ours)
    if id(owner) in _THEIRS:
        put(_THEIRS[id(owner)][1])
    try:
        yield
    finally:
        left = ctypes.create_string_buffer(_ROOM)
        get(left)
        _THEIRS[id(owner)] = owner, left
        put(ours)


def bequeath(loader: object, backend: object) -> None:
    """Let `backend` find what was set while `loader` loaded it."""
    if id(loader) in _THEIRS:
        _, left = _THEIRS.pop(id(loader))
        _THEIRS[id(backend)] = backend, left


@cache
def _functions() -> tuple[Any, Any] | None:
    name = _LIBRARIES.get(sys.platform)
    if name is None:
        return None
    try:
        library = ctypes.CDLL(name)
        functions = library.fegetenv, library.fesetenv
    except (OSError, AttributeError):
        return None
    return functions
