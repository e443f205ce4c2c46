"""A program that answers lines with lines: started, asked, and never left behind."""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import weakref
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from conformance.backend import BackendUnavailableError
from conformance.backends import _guard
from conformance.backends._sources import LoadError
from conformance.crumb import leave

if TYPE_CHECKING:
    from collections.abc import Sequence

LAST_WORDS: Final = 5
"""Lines of standard error that are shown when a program dies."""

LONGEST_WORDS: Final = 1000
"""Characters of them."""

LONGEST: Final = 1 << 31
"""Bytes of an answer: enough for two arrays of 2**24 float64 numbers."""

GREETING: Final = 1 << 20
"""Bytes of the first line."""

_SIGNALLED: Final = 128


class DiedError(Exception):
    """The program ended instead of answering."""


def command_of(text: str) -> tuple[str, ...]:
    """Return the words of a command line, as a shell would divide it.

    Raises:
        LoadError: If there is none, or its program cannot be run.
        BackendUnavailableError: Where there are no POSIX processes.
    """
    if os.name != "posix":
        msg = f"process backends need a POSIX system, got {os.name}"
        raise BackendUnavailableError(msg)
    try:
        words = shlex.split(text)
    except ValueError as error:
        msg = f"process: must be followed by a command line, got {text!r}: {error}"
        raise LoadError(msg) from error
    if not words:
        msg = "process: must be followed by a command line, such as process:./program"
        raise LoadError(msg)
    if shutil.which(words[0]) is None:
        there = Path(words[0]).is_file()
        hint = "the file is not executable" if there else "there is no such program"
        msg = f"a process backend must be a program that can be run, got {words[0]!r}: "
        msg += f"{hint}; for a script write process:python ./script.py"
        raise LoadError(msg)
    return tuple(words)


class Program:
    """One running program: standard input and output are ours, standard error waits."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start `command`."""
        lifeline, self._hold = os.pipe()
        # Meant for our own workers; a script would not find its neighbours.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
        guard = [sys.executable, "-I", "-S", str(_guard.__file__), str(lifeline)]
        self._process = subprocess.Popen(  # noqa: S603 - the command the user named
            [*guard, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(lifeline,),
            start_new_session=True,
            env=environment,
        )
        os.close(lifeline)
        self._words: deque[bytes] = deque(maxlen=LAST_WORDS)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        _RUNNING.add(self)

    def _listen(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(ValueError, OSError):
            self._words.extend(self._process.stderr)

    def hear(self, most: int = LONGEST) -> bytes:
        """Return the next line.

        Args:
            most: Bytes it may have.

        Raises:
            DiedError: If the program ended before a whole line, or said too much.
        """
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        line = self._process.stdout.readline(most)
        if len(line) == most and not line.endswith(b"\n"):
            self.end()
            msg = f"the program must end a line within {most} bytes, and did not"
            raise DiedError(msg)
        if not line.endswith(b"\n"):
            raise DiedError(self._death())
        return line

    def tell(self, line: bytes) -> None:
        """Send a line.

        Raises:
            DiedError: If the program no longer reads.
        """
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise DiedError(self._death()) from error

    def end(self) -> None:
        """End the program and all it started."""
        if self._hold < 0:
            return
        os.close(self._hold)
        self._hold = -1
        process = self._process
        process.wait()
        # The listener may be the last that holds on to us, and so be who ends us.
        if threading.current_thread() is not self._listener:
            self._listener.join()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]

    def _death(self) -> str:
        # Whoever closes its output is as good as dead: no answer can come.
        try:
            how = _ending(self._process.wait(timeout=1))
        except subprocess.TimeoutExpired:
            how = "closed its standard output"
        self.end()
        return f"the program {how}{self._said()}"

    def _said(self) -> str:
        lines = b"".join(self._words).decode(errors="replace").split("\n")
        text = " / ".join(line.strip() for line in lines if line.strip())
        return f"; its last words: {text[-LONGEST_WORDS:]}" if text else ""

    def __del__(self) -> None:
        """End the program with whoever asked for it."""
        if hasattr(self, "_listener"):
            self.end()


_RUNNING: Final = weakref.WeakSet[Program]()


@atexit.register
def _end_all() -> None:
    # Later, when Python takes its modules apart, no `__del__` can.
    for program in tuple(_RUNNING):
        program.end()


def _ending(code: int) -> str:
    with contextlib.suppress(ValueError):
        if code > _SIGNALLED:
            return f"was ended by {signal.Signals(code - _SIGNALLED).name}"
    return f"ended with exit status {code}"


def die_too(error: DiedError) -> NoReturn:
    """End this worker as the program ended, so that the case at hand is blamed.

    An answer that is an error says that the arguments are refused. A program that died
    refused nothing, so it is treated like a library that kills the process it is in.

    Raises:
        DiedError: In the main process, which has to go on.
    """
    if multiprocessing.parent_process() is None:
        raise error
    leave(str(error))
    sys.stderr.write(f"{error}\n")
    sys.stderr.flush()
    os._exit(1)
