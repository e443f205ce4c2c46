"""What a mutant is to those who list them: a name, and where it can show."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.backend import LOSSES
from conformance.backends.numpy import NumpyBackend, Parts
from conformance.case import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from conformance.backend import Backend

_REGRESSION: Final = frozenset({"terms", "slopes", "curvatures"})
_EVERYWHERE: Final = frozenset(
    {"formats", "widen", "store", "total", "cotangent", "divisor"}
)


@dataclass(frozen=True)
class Mutant:
    """A backend that is wrong on purpose, not yet made.

    Attributes:
        name: Unique among mutants.
        mechanism: What is wrong, in one sentence.
        create: Returns the backend.
        losses: Where it can show: elsewhere it is the correct backend.
        dtypes: The same for the storage format.
    """

    name: str
    mechanism: str
    create: Callable[[], Backend]
    losses: tuple[str, ...]
    dtypes: tuple[str, ...]

    def __call__(self) -> Backend:
        """Return the backend."""
        return self.create()


def mutants_of(module: ModuleType) -> Iterator[Mutant]:
    """Yield the mutants of a module: one, or one for each of its `VARIANTS`.

    `LOSSES` and `DTYPES` of the module say where the mechanism can show; for replaced
    parts the losses follow from the parts.
    """
    short = module.__name__.rpartition(".")[2]
    mechanism = " ".join((module.__doc__ or "").split("\n\n")[0].split())
    variants = getattr(module, "VARIANTS", None)
    made = (
        {short: module.create}
        if variants is None
        else {f"{short}_{v}": partial(module.create, v) for v in variants}
    )
    for name, create in made.items():
        losses = getattr(module, "LOSSES", None) or _losses(create())
        dtypes = getattr(module, "DTYPES", DTYPES)
        yield Mutant(name, mechanism, create, losses, dtypes)


def _losses(backend: Backend) -> tuple[str, ...]:
    """Return the losses that reach the replaced parts."""
    if not isinstance(backend, NumpyBackend):
        return LOSSES
    correct = Parts()
    replaced = {
        f.name
        for f in fields(Parts)
        if getattr(backend.parts, f.name) != getattr(correct, f.name)
    }
    if replaced <= _REGRESSION:
        return ("mae", "mse")
    if replaced & (_EVERYWHERE | _REGRESSION):
        return LOSSES
    return ("cross_entropy",)
