"""Where a run took place, without importing what it names and without the host."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from conformance import float_state

DISTRIBUTION: Final = "loss-conformance"
UNVERSIONED: Final = "from a checkout"
_PACKAGES: Final = ("numpy", "mpmath", "ml_dtypes", "hypothesis", "torch")
_CPU_INFO: Final = Path("/proc/cpuinfo")
_NVIDIA: Final = Path("/proc/driver/nvidia")

_FEATURES: Final = re.compile(
    r"sse4_2|avx|avx2|avx512\w*|avx_\w+|fma|f16c|amx_\w+"  # x86
    r"|asimd\w*|neon|fphp|bf16|i8mm|sve\w*|sme2?"  # Arm
)
"""Instruction sets by which numerical libraries choose their code."""


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
    """Return plain data: versions, platform, processor."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.machine()}",
        "libc": " ".join(platform.libc_ver()).strip(),
        "cpu": {"model": cpu_name(), "features": cpu_features()},
        "cpus": os.cpu_count() or 0,
        "packages": {name: version_of(name) for name in _PACKAGES},
        "loss_conformance": own_version(),
    }


def cpu_name(info: Path = _CPU_INFO) -> str:
    """Return the model of the processor, or its architecture where none is told."""
    return _told(info, "model name") or platform.processor() or platform.machine()


def cpu_features(info: Path = _CPU_INFO) -> list[str]:
    """Return the instruction sets that matter, sorted; none where none is told."""
    words = (_told(info, "flags") or _told(info, "Features")).split()
    return sorted({word for word in words if _FEATURES.fullmatch(word)})


def _told(info: Path, key: str) -> str:
    """Return the first text that a file of `key : text` lines gives, or empty."""
    try:
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    found = (text.strip() for name, _, text in pairs if name.strip() == key)
    return next(filter(None, found), "")


def of_worker(device: str, backend: object) -> dict[str, Any]:
    """Return what only the process in which a backend was loaded can tell.

    Args:
        device: Where the backend computes.
        backend: It, as it was loaded.
    """
    torch = sys.modules.get("torch")  # never imported for this
    return {
        "threads": None if torch is None else torch.get_num_threads(),
        "flush_to_zero": flushes_to_zero(backend),
        "gpu": None if device == "cpu" else gpu(torch),
    }


def flushes_to_zero(backend: object) -> bool:
    """Do subnormal numbers become zero, as result or as argument, for a backend?"""
    normal, subnormal = sys.float_info.min, sys.float_info.min * sys.float_info.epsilon
    with float_state.theirs(backend):
        return normal / 2 == 0 or subnormal * 2.0**60 == 0


def gpu(torch: Any, nvidia: Path = _NVIDIA) -> dict[str, str]:
    """Return model, compute capability, driver and runtime; empty where none is told.

    Args:
        torch: The module, or None where it is not loaded.
        nvidia: Where the kernel's driver tells of itself.
    """
    found = {"name": "", "capability": "", "driver": "", "runtime": ""}
    for information in sorted(nvidia.glob("gpus/*/information"))[:1]:
        found["name"] = _told(information, "Model")
    version = re.search(r"Kernel Module.*?\s(\d+\.[\d.]+)", _text(nvidia / "version"))
    found["driver"] = version[1] if version else ""
    if torch is not None and torch.cuda.is_available():
        major, minor = torch.cuda.get_device_capability()
        found["name"] = torch.cuda.get_device_name()
        found["capability"] = f"{major}.{minor}"
        found["runtime"] = torch.version.cuda or torch.version.hip or ""
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
