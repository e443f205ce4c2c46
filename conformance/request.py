"""What a run is asked to do, how it is stopped, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.tools import PRODUCTION

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.findings import Excuses
    from conformance.plan import Scope
    from conformance.sharding import Shard


@dataclass(frozen=True)
class Request:
    """What the user asked for.

    Attributes:
        backends: As the user spelt them.
        scope: Losses, formats, size, seed.
        excuses: The known findings.
        output: The run file.
        jobs: Worker processes.
        timeout: Seconds a unit may take.
        tools: `module:function` that gives the parts.
        memory: Bytes that a worker may take; 0 for no limit.
        shard: The part of the work to do; None for all of it.
    """

    backends: tuple[str, ...]
    scope: Scope
    excuses: Excuses
    output: Path
    jobs: int
    timeout: float
    tools: str = PRODUCTION
    memory: int = 0
    shard: Shard | None = None


@dataclass
class Stop:
    """Set by a signal handler, read by the runner: nothing is interrupted midway."""

    reason: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    done: int
    total: int
    cases: int
    failures: int
