"""Backends that are wrong on purpose: one mechanism a file.

They show that a check can fail. A module here whose name does not start with an
underscore offers `create()`; its docstring says what is wrong and who has seen it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.backend import Backend

__all__ = ["MUTANTS"]


def _create(name: str) -> Backend:
    module = importlib.import_module(f"{__name__}.{name}")
    mutant: Backend = module.create()
    return mutant


MUTANTS: Final[Mapping[str, Callable[[], Backend]]] = MappingProxyType(
    {
        module.name: partial(_create, module.name)
        for module in pkgutil.iter_modules(__path__)
        if not module.name.startswith("_")
    }
)
"""Name → what returns the mutant."""
