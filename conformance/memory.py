"""How much memory a worker may take, so that a runaway call spares the machine."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

GIB: Final = 1 << 30

SHARE: Final = 0.75
"""Of the machine's memory, for all workers: the rest is for the user and the system."""

LEAST: Final = 4 * GIB
"""For one worker: with many processors an equal share would stop honest kernels."""

_GROUPS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where Linux tells what a container may take."""


def share(jobs: int) -> int:
    """Return the bytes that each of `jobs` workers may take; 0 if nobody knows."""
    most = int(SHARE * total())
    return min(most, max(most // jobs, LEAST))


def total() -> int:
    """Return the bytes of the machine, or of the container; 0 if nobody knows."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0
    for path in _GROUPS:
        with suppress(OSError, ValueError):
            total = min(total, int(path.read_text(encoding="ascii")))
    return total


def limit(size: int) -> None:
    """Let allocations of this process fail beyond `size` bytes; 0 means no limit.

    Only on Linux: there the limit counts private writable memory, and neither libraries
    nor address space that is merely reserved.
    """
    if not size or sys.platform != "linux":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        size = min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (size, hard))
