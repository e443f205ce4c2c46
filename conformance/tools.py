"""What units are made of, gathered so that a test can hand in other parts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.backend import Backend, Capabilities
    from conformance.case import Case

PRODUCTION: Final = "conformance.tools:production"
"""Where workers find the real parts."""

MOST: Final = 16
"""Elements of an exact value that are put into words."""


@dataclass(frozen=True)
class Tools:
    """The functions a run needs.

    Attributes:
        load: Backend's spelling → backend.
        answer: Case → the oracle's answer.
        examine: Case, answer, backend, output, what `conduct` gave → every verdict.
        pool_case: Loss, dtype, index, seed → case.
        corpus: Loss, dtype → named cases (`name`, `reason`, `case`, `least`), those of
            the smallest profile first.
        search: Drives the builders towards a large score.
        shrink: Case, test, budget → a smaller case that still passes the test.
        catalogue: Every requirement there is.
        unsupported: Requirement, capabilities → reason not to plan it, or None.
        describe: The oracle's answer → the exact value of the loss as text.
        pool_version: Changes whenever the pool gives other cases.
        conduct: Backend, case, what is asked → what else the backend answers, for
            `examine`; None asks nothing else.
    """

    load: Callable[[str], Backend]
    answer: Callable[[Case], Any]
    examine: Callable[..., Sequence[Any]]
    pool_case: Callable[..., Case]
    corpus: Callable[[str, str], Sequence[Any]]
    search: Callable[..., None]
    shrink: Callable[..., Case]
    catalogue: Callable[[], Sequence[Any]]
    unsupported: Callable[[Any, Capabilities], str | None]
    describe: Callable[[Any], str]
    pool_version: int = 0
    conduct: Callable[[Backend, Case, str], Any] | None = None


def production() -> Tools:
    """Return the real parts; importing them is what takes time."""
    from conformance import answer, checks, experiment, loading, measure
    from conformance.builders import corpus, pool, search, shrink

    return Tools(
        load=loading.load,
        answer=answer.answer,
        examine=measure.examine,
        pool_case=pool.pool_case,
        corpus=corpus.named_cases,
        search=search.search,
        shrink=shrink.shrink,
        catalogue=checks.catalogue,
        unsupported=checks.unsupported,
        describe=_described,
        pool_version=pool.POOL_VERSION,
        conduct=experiment.conduct,
    )


def _described(answer: Any) -> str:
    if answer.result is None:
        return f"none: {answer.rejection}"
    value = answer.exact("value")
    return ", ".join(
        value.describe(i) for i in range(min(math.prod(value.shape), MOST))
    )


@cache
def resolve(where: str) -> Tools:
    """Return the parts that `module:function` gives, made once in a process."""
    module, _, name = where.partition(":")
    tools: Tools = getattr(import_module(module), name)()
    return tools


@cache
def backend(where: str, spec: str) -> Backend:
    """Return the backend spelt `spec`, made once in a process."""
    return resolve(where).load(spec)
