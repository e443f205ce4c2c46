"""Where a benchmark ran: what decides its figures, and not whose machine it is."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any, Final

from conformance.environment import version_of

_CPU_INFO: Final = Path("/proc/cpuinfo")


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name(info: Path = _CPU_INFO) -> str:
    """Return the model of the processor, or its architecture where none is told."""
    try:
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name" and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()


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
