"""Run a program that ends when the process which asked for it ends, however it ends.

Started by `conformance.backends._program` as a script, in a session of its own:
`_guard.py LIFELINE PROGRAM ARGUMENT…`. The other end of the pipe LIFELINE is open in
one process only; when that one is gone, killed even, the program and all it started are
killed too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading


def _end(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _end_with(lifeline: int, group: int) -> None:
    os.read(lifeline, 1)
    _end(group)


def main() -> None:
    """Run the program and exit with its status; 128 + n if signal n ended it."""
    lifeline, command = int(sys.argv[1]), sys.argv[2:]
    program = subprocess.Popen(command, process_group=0)  # noqa: S603 - the user's own
    watch = threading.Thread(
        target=_end_with, args=(lifeline, program.pid), daemon=True
    )
    watch.start()
    # Only the program may hold its pipes: their end is how its death is noticed.
    for stream in range(3):
        os.close(stream)
    code = program.wait()
    _end(program.pid)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
