"""Where a run took place, without importing what it names and without the host."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any, Final

DISTRIBUTION: Final = "loss-conformance"
UNVERSIONED: Final = "from a checkout"
_PACKAGES: Final = ("numpy", "mpmath", "ml_dtypes", "hypothesis", "torch")


def version_of(distribution: str) -> str | None:
    """Return the installed version of a distribution, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def own_version() -> str:
    """Return the version of this program, or that it is not installed."""
    return version_of(DISTRIBUTION) or UNVERSIONED


def describe() -> dict[str, Any]:
    """Return plain data: versions, platform, number of processors."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count() or 0,
        "packages": {name: version_of(name) for name in _PACKAGES},
        "loss_conformance": own_version(),
    }
