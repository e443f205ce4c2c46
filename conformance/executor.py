"""Worker processes that may crash or hang without taking the run with them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
import warnings
from concurrent.futures import FIRST_COMPLETED, wait
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, Final, Self

from pebble import ProcessPool

from conformance import memory
from conformance.ended import Ended, death, outcome, silence

if TYPE_CHECKING:
    from collections.abc import Callable

TICK: Final = 0.1
"""Seconds to wait at a time, so that a request to stop is soon noticed."""

GRACE: Final = 1.0
"""Seconds in which pebble tells of a dead worker, unless it ended with status 0."""

OVERDUE: Final = 120.0
"""Seconds beyond its time after which a task counts as hung, whatever pebble says.

They include the start of the worker, which pebble does not count. Its thread that ends
late tasks dies where a process outlives its own end, as on a machine under great load.
"""

_ENVIRONMENT: Final = {
    # A file `random.py` in the working folder must not be what a worker imports.
    "PYTHONSAFEPATH": "1",
    # One intra-op thread in each worker, also in libraries we do not know.
    "OMP_NUM_THREADS": "1",
}


class Workers:
    """A fixed number of lanes, each one worker process that is replaced when it dies.

    A lane is a pool of a single process: pebble then always knows whose death it sees.
    """

    def __init__(self, jobs: int, timeout: float, most: int = 0) -> None:
        """Prepare `jobs` lanes.

        Args:
            jobs: How many tasks run at a time.
            timeout: Seconds that a task may take.
            most: Bytes of memory that a worker may take; 0 for no limit.
        """
        self.lanes = jobs
        self._timeout = timeout
        self._most = most
        self._idle: list[ProcessPool | None] = [None] * jobs
        self._running: dict[Any, tuple[Any, ProcessPool]] = {}
        self._pids: dict[ProcessPool, Any] = {}
        self._begun: dict[Any, float] = {}
        self._gone: dict[Any, float] = {}
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
            _join(pool)
        self._idle, self._running, self._pids = [], {}, {}
        self._begun, self._gone = {}, {}
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
            self._end(pool)
            pool = None
        with _SigintHeldBack():
            pool = pool or self._new()
            future = pool.schedule(function, args=args, timeout=self._timeout)
        self._running[future] = (key, pool)
        self._begun[future] = time.monotonic()

    def wait(self, seconds: float) -> list[tuple[Any, Ended]]:
        """Return the tasks that ended, after at most `seconds`."""
        done, _ = wait(
            self._running, timeout=min(seconds, GRACE), return_when=FIRST_COMPLETED
        )
        ended = [self._ended(f, outcome(f, self._timeout)) for f in done]
        # Pebble takes exit status 0 for a worker that was no longer needed.
        left = Ended("crashed", death(0))
        ended += [self._ended(future, left) for future in self._left()]
        late = Ended("hung", silence(self._timeout))
        return ended + [self._ended(future, late) for future in self._overdue()]

    def _new(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=1,
            initializer=_begin,
            initargs=(self._most,),
            context=multiprocessing.get_context("spawn"),
        )
        self._pids[pool] = pool.schedule(os.getpid)
        return pool

    def _end(self, pool: ProcessPool) -> None:
        pid = self._pid(pool)
        del self._pids[pool]
        pool.stop()
        # Pebble forgets a process before it has ended it.
        for process in multiprocessing.active_children():
            if process.pid == pid:
                process.kill()
        _join(pool)

    def _pid(self, pool: ProcessPool) -> int | None:
        pid = self._pids[pool]
        return pid.result() if pid.done() and not pid.exception() else None

    def _ended(self, future: Any, outcome: Ended) -> tuple[Any, Ended]:
        key, pool = self._running.pop(future)
        self._begun.pop(future)
        self._gone.pop(future, None)
        broken = outcome.how in {"crashed", "hung"}
        if broken:
            # A fresh lane: nothing of what killed this one may linger.
            self._end(pool)
        self._idle.append(None if broken else pool)
        return key, outcome

    def _left(self) -> list[Any]:
        """Return the tasks whose process is gone, with nothing told for a while."""
        alive = {process.pid for process in multiprocessing.active_children()}
        now = time.monotonic()
        for future, (_, pool) in self._running.items():
            if future.done() or self._pid(pool) in alive | {None}:
                continue
            self._gone.setdefault(future, now)
        return [f for f, since in self._gone.items() if now - since > GRACE]

    def _overdue(self) -> list[Any]:
        latest = time.monotonic() - self._timeout - OVERDUE
        return [f for f, at in self._begun.items() if at < latest and not f.done()]


def _join(pool: ProcessPool) -> None:
    # Pebble's word for a process that it could not end; nobody waits for it any more.
    with contextlib.suppress(RuntimeError):
        pool.join()


def _begin(most: int) -> None:
    memory.limit(most)
    # What a backend prints would otherwise end up inside the report.
    os.dup2(2, 1)
    warnings.simplefilter("ignore")


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
