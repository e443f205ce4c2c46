"""The environment is told by what decides results, and names no host."""

from __future__ import annotations

import json
import platform
import sys
from typing import TYPE_CHECKING

import pytest

from conformance import environment

if TYPE_CHECKING:
    from pathlib import Path


def test_only_instruction_sets_that_matter_are_told(tmp_path: Path) -> None:
    """Of the flags of a processor those remain by which libraries choose code."""
    info = tmp_path / "cpuinfo"
    info.write_text("model name\t: A\nflags\t\t: fpu smep avx2 fma avx512f avx_vnni\n")
    assert environment.cpu_features(info) == ["avx2", "avx512f", "avx_vnni", "fma"]
    info.write_text("Features\t: fp asimd asimdhp sve2 sme bf16 crc32\n")
    found = environment.cpu_features(info)
    assert found == ["asimd", "asimdhp", "bf16", "sme", "sve2"]
    assert environment.cpu_features(tmp_path / "none") == []


def test_the_host_is_not_told() -> None:
    """A report may be published: no name of machine or user is in it."""
    told = json.dumps(environment.describe())
    assert platform.node() not in told.split('"')


def test_a_worker_tells_of_its_processor() -> None:
    """A backend on the processor has no device; torch tells its threads if loaded."""
    told = environment.of_worker("cpu", object())
    assert told["gpu"] is None
    assert told["flush_to_zero"] is False
    assert (told["threads"] is None) == ("torch" not in sys.modules)


def test_a_device_is_named_where_the_driver_tells(tmp_path: Path) -> None:
    """Without torch, the kernel's driver says model and version; or nobody does."""
    unknown = {"name": "", "capability": "", "driver": "", "runtime": ""}
    assert environment.gpu(None, tmp_path) == unknown
    (tmp_path / "gpus/0").mkdir(parents=True)
    (tmp_path / "gpus/0/information").write_text("Model: \t NVIDIA H100\nIRQ: 1\n")
    (tmp_path / "version").write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release\n"
    )
    told = environment.gpu(None, tmp_path)
    assert (told["name"], told["driver"]) == ("NVIDIA H100", "570.86.15")


@pytest.mark.torch
def test_flushing_to_zero_is_noticed() -> None:
    """What a backend sets for its calls is told, though our own state is another."""
    import torch

    from conformance import float_state

    flushing, other = object(), object()
    with float_state.theirs(flushing):
        torch.set_flush_denormal(True)
    assert environment.flushes_to_zero(flushing)
    assert not environment.flushes_to_zero(other)
    assert sys.float_info.min / 2 != 0
