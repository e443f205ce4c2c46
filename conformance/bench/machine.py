"""Where a benchmark ran: what decides its figures, and not whose machine it is."""

from __future__ import annotations

import os
import platform
from typing import Any

from conformance.environment import cpu_name, version_of

__all__ = ["cores", "cpu_name", "describe"]


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe() -> dict[str, Any]:
    """Return versions and machine as plain data; None where one is not installed."""
    from conformance.bench.mpmath import backend

    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_name(),
        "cores": cores(),
        "numpy": version_of("numpy"),
        "mpmath": version_of("mpmath"),
        "mpmath_backend": backend(),
        "gmpy2": version_of("gmpy2"),
        "flint": version_of("python-flint"),
        "torch": version_of("torch"),
    }
