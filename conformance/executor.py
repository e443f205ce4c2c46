"""Worker processes that may crash or hang without taking the run with them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import warnings
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

from pebble import ProcessExpired, ProcessPool

if TYPE_CHECKING:
    from collections.abc import Callable

TICK: Final = 0.1
"""Seconds to wait at a time, so that a request to stop is soon noticed."""

LEFT: Final = 97
"""Exit status of a worker whose backend called `os._exit(0)`."""

_ENVIRONMENT: Final = {
    # A file `random.py` in the working folder must not be what a worker imports.
    "PYTHONSAFEPATH": "1",
    # One intra-op thread in each worker, also in libraries we do not know.
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Ended:
    """How a task ended.

    Attributes:
        how: `done`, `crashed`, `hung` or `failed` (raised what nobody caught).
        text: The result if it is done, else what happened.
    """

    how: str
    text: str


class Workers:
    """A fixed number of lanes, each one worker process that is replaced when it dies.

    A lane is a pool of a single process: pebble then always knows whose death it sees.
    """

    def __init__(self, jobs: int, timeout: float, memory: int | None = None) -> None:
        """Prepare `jobs` lanes, each task of which may take `timeout` seconds.

        Args:
            jobs: How many tasks run at the same time.
            timeout: Seconds a task may take.
            memory: Bytes of data that a worker may hold, see `memory_limit`.
        """
        self._timeout = timeout
        self._memory = memory
        self._idle: list[ProcessPool | None] = [None] * jobs
        self._running: dict[Any, tuple[Any, ProcessPool]] = {}
        self._environment: dict[str, str | None] = {}

    def __enter__(self) -> Self:
        """Set the environment that workers inherit."""
        self._environment = {name: os.environ.get(name) for name in _ENVIRONMENT}
        os.environ.update(_ENVIRONMENT)
        return self

    def __exit__(self, *_: object) -> None:
        """End all workers, busy or not."""
        pools = [p for p in self._idle if p] + [p for _, p in self._running.values()]
        for pool in pools:
            pool.stop()
        for pool in pools:
            pool.join()
        self._idle, self._running = [], {}
        for name, value in self._environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    @property
    def free(self) -> int:
        """How many more tasks can start now."""
        return len(self._idle)

    @property
    def busy(self) -> int:
        """How many tasks are running."""
        return len(self._running)

    def start(self, key: Any, function: Callable[..., str], *args: Any) -> None:
        """Start `function(*args)`; `wait` will name it by `key`."""
        pool = self._idle.pop()
        if pool is not None and not pool.active:
            pool.stop()
            pool.join()
            pool = None
        pool = pool or ProcessPool(
            max_workers=1,
            initializer=_prepare,
            initargs=(self._memory,),
            context=multiprocessing.get_context("spawn"),
        )
        with _SigintHeldBack():
            future = pool.schedule(function, args=args, timeout=self._timeout)
        self._running[future] = (key, pool)

    def wait(self, seconds: float) -> list[tuple[Any, Ended]]:
        """Return the tasks that ended, after at most `seconds`."""
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        ended = []
        for future in done:
            key, pool = self._running.pop(future)
            outcome = _outcome(future, self._timeout)
            broken = outcome.how in {"crashed", "hung"}
            if broken:
                # A fresh lane: nothing of what killed this one may linger.
                pool.stop()
                pool.join()
            self._idle.append(None if broken else pool)
            ended.append((key, outcome))
        return ended


def _outcome(future: Any, timeout: float) -> Ended:
    # Read, not raised: the SystemExit of a backend must not end the main process.
    error = future.exception()
    if error is None:
        return Ended("done", future.result())
    if isinstance(error, (ProcessExpired, BrokenProcessPool)):
        return Ended("crashed", _death(getattr(error, "exitcode", None)))
    if isinstance(error, (TimeoutError, FutureTimeoutError)):
        return Ended("hung", f"no answer within {timeout:g} s, see --timeout")
    return Ended("failed", f"{type(error).__name__}: {error}")


def _death(code: int | None) -> str:
    if code is None:
        return "the worker process died"
    if code == LEFT:
        return "the worker process left by os._exit(0)"
    if code >= 0:
        return f"the worker process ended with exit status {code}"
    try:
        return f"the worker process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"the worker process was ended by signal {-code}"


def memory_limit(jobs: int) -> int | None:
    """Return how many bytes each of `jobs` workers may hold: its share of 3/4 of all.

    None where the system does not say how much memory there is.
    """
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
    return total * 3 // (4 * jobs)


def _prepare(memory: int | None) -> None:
    # What a backend prints would otherwise end up inside the report.
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    os._exit = _leaving(os.getpid(), os._exit)  # type: ignore[assignment]
    if memory is not None:
        _limit(memory)


def _leaving(worker: int, leave: Callable[[int], NoReturn]) -> Callable[[int], Any]:
    # Exit status 0 is how a pool asks a worker to end: nobody would notice the loss.
    def left(code: int) -> None:
        leave(code or LEFT if os.getpid() == worker else code)

    return left


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # no such limits on this system
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    ceiling = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (ceiling, hard))


class _SigintHeldBack:
    """Let threads and processes started inside inherit a blocked SIGINT.

    Ctrl-C reaches the whole group; a worker still starting up would answer it with a
    traceback before it gets to ignore it.
    """

    def __enter__(self) -> None:
        self._mask: Any = None
        if hasattr(signal, "pthread_sigmask"):
            # The tracker unblocks SIGINT when it starts, so it has to be there already.
            resource_tracker.ensure_running()
            self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def __exit__(self, *_: object) -> None:
        if self._mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
