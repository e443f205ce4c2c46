"""What `init` writes conforms, and each fault put into it is caught."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from conformance.backend import execute
from conformance.backends._process import ProcessBackend
from conformance.builders.corpus import corpus
from conformance.builders.pool import pool_case
from conformance.loading import load
from conformance.tools import production
from conformance.verdict import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.case import Case

LOSSES = ("mae", "mse", "cross_entropy")
POOL = 60
CC = shutil.which("cc")
COMPILER = pytest.mark.skipif(CC is None, reason="needs a C compiler named cc")


def source(name: str) -> str:
    """Return the text of an example."""
    text = resources.files("conformance") / "examples" / name
    return text.read_text(encoding="utf-8")


def prepared(name: str, text: str, folder: Path) -> str:
    """Write an example, compile it if need be, and return its name as a backend."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    if name == "adapter.py":
        return f"{path}:backend"
    if name.endswith(".py"):
        return f"process:{sys.executable} {path}"
    flags = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2"]
    program = path.with_suffix("")
    subprocess.run([str(CC), *flags, "-o", program, path, "-lm"], check=True)
    return f"process:{program}"


def cases() -> Iterator[Case]:
    """Yield named and drawn cases of every loss in float32."""
    for loss in LOSSES:
        yield from (item.case for item in corpus(loss, "float32"))
        yield from (pool_case(loss, "float32", i, 0) for i in range(POOL))


def failures(spec: str) -> tuple[Counter[str], set[str]]:
    """Return how many cases of each loss were run, and what failed on them."""
    backend, tools = load(spec), production()
    run: Counter[str] = Counter()
    found: set[str] = set()
    for case in cases():
        if backend.can_run(case) is not None:
            continue
        run[case.loss] += 1
        output = execute(backend, case)
        judged = tools.examine(case, tools.answer(case), backend, output)
        verdicts = [j.verdict for j in judged if j.verdict.status in FAILURES]
        found |= {f"{case.loss} {v.quantity} {v.kind}" for v in verdicts}
    if isinstance(backend, ProcessBackend):
        backend.close()
    return run, found


EXAMPLES = [
    "adapter.py",
    "process_backend.py",
    pytest.param("process_backend.c", marks=COMPILER),
]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_conforms(name: str, tmp_path: Path) -> None:
    """It fails nowhere, and runs enough cases of each loss for that to mean much."""
    if os.name != "posix" and name != "adapter.py":
        pytest.skip("needs POSIX processes")
    run, found = failures(prepared(name, source(name), tmp_path))
    assert not found
    assert all(run[loss] >= 15 for loss in LOSSES), run


FAULTS = [
    ("adapter.py", "d * (2 / count)", "d * (1 / count)", "mse gradient.input value"),
    ("process_backend.py", "divided(sum(losses), count)", "sum(losses)", "value"),
    ("process_backend.py", "d * d for", "abs(d) for", "mse value"),
    pytest.param(
        "process_backend.c", "fabs(d)", "d", "mae value", marks=COMPILER, id="c-abs"
    ),
    pytest.param(
        "process_backend.c",
        "(int64_t)c == t",
        "(int64_t)c != t",
        "cross_entropy gradient.input",
        marks=COMPILER,
        id="c-gradient",
    ),
    pytest.param(
        "process_backend.c",
        'wrong = "no such reduction"',
        "none = 1",
        "mse rejection accepted",
        marks=COMPILER,
        id="c-reduction",
    ),
]


@pytest.mark.parametrize(("name", "right", "wrong", "caught"), FAULTS)
def test_a_fault_in_an_example_is_caught(
    name: str, right: str, wrong: str, caught: str, tmp_path: Path
) -> None:
    """One wrong edit is found where it is."""
    text = source(name)
    assert text.count(right) == 1
    _, found = failures(prepared(name, text.replace(right, wrong), tmp_path))
    assert any(caught in one for one in found), found
