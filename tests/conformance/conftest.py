"""Parts of the tests here are shared, and runs are made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="session")
def run_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a run file of each kind, not to be written to."""
    from runs import RUNS

    return {kind: make(tmp_path_factory.mktemp(kind)) for kind, make in RUNS.items()}
