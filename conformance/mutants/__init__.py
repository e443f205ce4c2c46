"""Backends that are wrong on purpose: one mechanism a file.

They show that a check can fail. A module here whose name does not start with an
underscore offers `create()`, or `VARIANTS` and `create(variant)` if the mechanism has
a few strengths; its docstring says what is wrong and who has seen it.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.mutants._mutant import Mutant, mutants_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MUTANTS", "Mutant"]


def _all() -> Iterator[Mutant]:
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            yield from mutants_of(importlib.import_module(f"{__name__}.{module.name}"))


MUTANTS: Final[Mapping[str, Mutant]] = MappingProxyType({m.name: m for m in _all()})
"""Name → mutant; calling one returns its backend."""
