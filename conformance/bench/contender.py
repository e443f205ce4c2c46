"""Who takes part: the oracle's three questions, and the rivals that are installed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conformance.bench import mpmath, oracle
from conformance.environment import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.bench.workload import Inputs

    Task = Callable[[], object]

ORACLE: Final[Mapping[str, Callable[[int, Inputs], Task]]] = {
    "oracle-40": partial(oracle.enclosures, 40),
    "oracle-80": partial(oracle.enclosures, 80),
    "oracle-rounded": partial(oracle.rounded, "binary32"),
}
"""Enclosures from plain float64 and from double words, and the correct rounding."""

RIVALS: Final = ("mpmath", "flint", "torch")

BITS: Final = {"mpmath": 53, "flint": 64}
"""Working precision of the rivals that have a choice: the least that is sensible."""

_DISTRIBUTIONS: Final = {"flint": "python-flint", "torch": "torch"}


@dataclass(frozen=True, eq=False)
class Contender:
    """A way to loss and gradient.

    Attributes:
        name: One of `ORACLE` or `RIVALS`.
        threads: How many it may use.
        prepare: Returns what is timed, for given inputs. The rivals convert these to
            their own numbers here, before the clock starts; the oracle takes arrays.
        sampled: Is it so slow that it gets a part of the inputs only?
    """

    name: str
    threads: int
    prepare: Callable[[Inputs], Task]
    sampled: bool = False


def contenders(cores: int) -> tuple[Contender, ...]:
    """Return who can take part, with one thread and, where there are more, with all."""
    missing = absent()
    found = []
    for threads in sorted({1, cores}):
        found += [Contender(n, threads, partial(f, threads)) for n, f in ORACLE.items()]
        if "torch" not in missing:
            found.append(Contender("torch", threads, partial(_torch(), threads)))
    found.append(
        Contender("mpmath", 1, partial(mpmath.prepare, BITS["mpmath"]), sampled=True)
    )
    if "flint" not in missing:
        found.append(Contender("flint", 1, _flint(), sampled=True))
    return tuple(found)


def absent() -> dict[str, str]:
    """Return the rivals that cannot take part, and why."""
    reasons = {}
    for name, load in (("flint", _flint), ("torch", _torch)):
        if version_of(_DISTRIBUTIONS[name]) is None:
            reasons[name] = "not installed"
            continue
        try:
            load()
        except (ImportError, OSError) as error:  # torch's libraries fail with either
            reasons[name] = f"cannot be imported: {error}"
    return reasons


def _flint() -> Any:
    from conformance.bench import flint

    return partial(flint.prepare, BITS["flint"])


def _torch() -> Any:
    from conformance.bench import torch

    return torch.prepare
