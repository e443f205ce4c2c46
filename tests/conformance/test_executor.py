"""Worker processes die, hang and print without harm to the run."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pebble.pool.process
import pytest

from conformance import executor
from conformance.executor import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.ended import Ended

PATIENCE = 60
SAFE = "str(__import__('sys').flags.safe_path)"


# Tasks are functions of the standard library: a worker cannot import a test module.
def one(workers: Workers, function: Callable[..., Any], *args: Any) -> Ended:
    """Return how a single task ended."""
    workers.start("key", function, *args)
    for _ in range(PATIENCE):
        for key, ended in workers.wait(1.0):
            assert key == "key"
            return ended
    pytest.fail("the task never ended")


@pytest.fixture(scope="module")
def workers() -> Any:
    """One lane, shared: it has to survive what every test does to it."""
    with Workers(1, 30.0) as made:
        yield made


def test_a_task_answers(workers: Workers) -> None:
    """The text comes back from another process."""
    ended = one(workers, str.upper, "hello")
    assert (ended.how, ended.text) == ("done", "HELLO")
    pid = one(workers, os.getpid).text
    assert int(pid) != os.getpid()


def test_a_dead_worker_is_replaced(workers: Workers) -> None:
    """Its task is told to have crashed, with the exit status; the next one runs."""
    ended = one(workers, os._exit, 7)
    assert ended.how == "crashed"
    assert "exit status 7" in ended.text
    assert one(workers, str.upper, "next").how == "done"


def test_a_worker_that_leaves_with_success_has_crashed(workers: Workers) -> None:
    """Exit status 0 is no answer: it is noticed long before the time-out."""
    start = time.monotonic()
    ended = one(workers, os._exit, 0)
    assert ended.how == "crashed"
    assert "exit status 0" in ended.text
    assert time.monotonic() - start < 15
    assert one(workers, str.upper, "next").how == "done"


def test_a_killed_worker_is_replaced(workers: Workers) -> None:
    """The signal is named."""
    ended = one(workers, signal.raise_signal, signal.SIGKILL)
    assert ended.how == "crashed"
    assert "SIGKILL" in ended.text
    assert one(workers, str.upper, "next").how == "done"


def test_an_exception_nobody_caught_is_told(workers: Workers) -> None:
    """It is neither a crash nor a result."""
    ended = one(workers, int, "x")
    assert ended.how == "failed"
    assert "ValueError" in ended.text


@pytest.mark.parametrize("error", ["SystemExit(0)", "KeyboardInterrupt()"])
def test_an_exit_stays_in_the_worker(workers: Workers, error: str) -> None:
    """A backend that exits does not end the main process, and never with success."""
    ended = one(workers, exec, f"raise {error}")
    assert ended.how in {"crashed", "failed"}
    assert one(workers, str.upper, "next").how == "done"


def test_what_cannot_be_sent_is_told(workers: Workers) -> None:
    """A result that pickle refuses never counts as done."""
    assert one(workers, open, os.devnull).how != "done"
    assert one(workers, str.upper, "next").how == "done"


def test_workers_ignore_interrupts_and_the_working_folder(workers: Workers) -> None:
    """Ctrl-C is for the main process; `random.py` beside the user is not imported."""
    assert one(workers, signal.raise_signal, signal.SIGINT).how == "done"
    assert one(workers, eval, SAFE).text == "True"


def test_a_hung_worker_is_ended() -> None:
    """After the time-out the task counts as hung and the lane is free again."""
    with Workers(1, 0.5) as workers:
        assert one(workers, time.sleep, 600).how == "hung"
        assert (workers.free, workers.busy) == (1, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_task_ends_even_where_pebble_gave_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread that ends late tasks died of a process it could not end."""
    stop, failed = pebble.pool.process.stop_process, []

    def fail_once(process: Any) -> None:
        failed.append(process)
        if len(failed) == 1:
            msg = "Unable to terminate"
            raise RuntimeError(msg)
        stop(process)

    monkeypatch.setattr(pebble.pool.process, "stop_process", fail_once)
    monkeypatch.setattr(executor, "OVERDUE", 1.0)
    with Workers(1, 0.5) as workers:
        assert one(workers, time.sleep, 600).how == "hung"
        failed[0].join(PATIENCE)
        assert not failed[0].is_alive()
        assert one(workers, str.upper, "next").how == "done"


def test_the_environment_is_given_back() -> None:
    """Only workers see the settings made for them."""
    before = dict(os.environ)
    with Workers(1, 1.0):
        assert os.environ["PYTHONSAFEPATH"] == "1"
    assert dict(os.environ) == before
