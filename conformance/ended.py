"""How a worker's task ended, and in which words that is told."""

from __future__ import annotations

import signal
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired

from conformance.crumb import last_words

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a task ended.

    Attributes:
        how: `done`, `crashed`, `hung` or `failed` (raised what nobody caught).
        text: The result if it is done, else what happened.
    """

    how: str
    text: str


def explained(ended: Ended, crumb: Path) -> Ended:
    """Return how a task ended, in the words that a backend left in its trail."""
    words = last_words(crumb) if ended.how == "crashed" else ""
    return Ended(ended.how, words) if words else ended


def outcome(future: Any, timeout: float) -> Ended:
    """Return how the task of a future that is done ended."""
    # Read, not raised: the SystemExit of a backend must not end the main process.
    error = future.exception()
    if error is None:
        return Ended("done", future.result())
    if isinstance(error, (ProcessExpired, BrokenProcessPool)):
        return Ended("crashed", death(getattr(error, "exitcode", None)))
    if isinstance(error, (TimeoutError, FutureTimeoutError)):
        return Ended("hung", silence(timeout))
    return Ended("failed", f"{type(error).__name__}: {error}")


def silence(timeout: float) -> str:
    """Say that a task took more than `timeout` seconds."""
    return f"no answer within {timeout:g} s, see --timeout"


def death(code: int | None) -> str:
    """Say how a worker process died."""
    if code is None:
        return "the worker process died"
    if code >= 0:
        return f"the worker process ended with exit status {code}"
    try:
        return f"the worker process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"the worker process was ended by signal {-code}"
