"""`bench` measures, prints and writes; what it cannot start it refuses at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from conformance.bench import benchmark, race
from conformance.bench.contender import ORACLE, absent
from conformance.bench.workload import Workload, workloads
from conformance.cli import main
from conformance.commands.bench import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[3]
TINY = (Workload(2, 3, "float32"), Workload(3, 4, "float64"))


def code_of(*arguments: str) -> int:
    """Return the exit code of the command."""
    with pytest.raises(SystemExit) as end:
        main(["bench", *arguments])
    return int(end.value.code or 0)


@pytest.fixture(name="asked")
def _asked(monkeypatch: pytest.MonkeyPatch) -> Sequence[int]:
    """Make workloads tiny and turns short; return the sizes that were asked for."""
    sizes: list[int] = []

    def few(largest: int) -> tuple[Workload, ...]:
        sizes.append(largest)
        return TINY

    monkeypatch.setattr(benchmark, "workloads", few)
    monkeypatch.setattr(race, "TURN", 1e-9)
    return sizes


def test_figures_are_printed_and_written(
    asked: Sequence[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file satisfies the schema and the page is the same run's."""
    data_file, page = tmp_path / "speed.json", tmp_path / "speed.md"
    data_file.write_text("old")
    given = ("--json", str(data_file), "--markdown", str(page), "--rounds", "3")
    assert code_of(*given, "--seconds", "0.001", "--seed", "5") == 0
    assert list(asked) == [1 << 20]
    data = json.loads(data_file.read_text("utf-8"))
    jsonschema.validate(data, schema())
    settings = data["settings"]
    assert (settings["rounds"], settings["seconds"], settings["seed"]) == (3, 0.001, 5)
    assert [(e["rows"], e["classes"], e["dtype"]) for e in data["workloads"]] == [
        (2, 3, "float32"),
        (3, 4, "float64"),
    ]
    printed = capsys.readouterr().out
    for text in (printed, page.read_text("utf-8")):
        assert "3 × 4" in text
        assert "cannot tell" in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["speed.json", "speed.md"]


def test_everybody_is_timed_in_every_round(asked: Sequence[int]) -> None:
    """Each contender has a time for each round, and a ratio with each of its peers."""
    data = benchmark.run(benchmark.Settings(100, 2, 0.001, 0), lambda _: None)
    assert list(asked) == [100]
    cores = data["environment"]["cores"]
    rivals = {"mpmath", "flint", "torch"} - absent().keys()
    for entry in data["workloads"]:
        by_threads: dict[int, set[str]] = {}
        for timing in entry["timings"]:
            by_threads.setdefault(timing["threads"], set()).add(timing["name"])
            assert len(timing["seconds"]) == 2
            best = timing["logits"] / min(timing["seconds"])
            assert timing["throughput"]["best"] == best
            assert timing["throughput"]["median"] <= best
        assert by_threads[1] == {*ORACLE, *rivals}
        assert by_threads[cores] >= set(ORACLE)
        pairs = {(r["oracle"], r["rival"], r["threads"]) for r in entry["ratios"]}
        assert pairs == {
            (ours, theirs, threads)
            for threads, names in by_threads.items()
            for ours in names & set(ORACLE)
            for theirs in names & rivals
        }
        assert set(entry["peak_extra_bytes"]) == set(ORACLE)
        for counts in entry["tiers"].values():
            assert sum(counts.values()) == entry["logits"] + 1


def test_progress_is_told(asked: Sequence[int]) -> None:
    """Each workload is announced before it is measured."""
    told: list[str] = []
    benchmark.run(benchmark.Settings(100, 1, 0.001, 0), told.append)
    assert told == [str(w) for w in TINY]
    assert asked


@pytest.mark.parametrize(
    ("arguments", "size"),
    [(("--full",), 1 << 24), (("--largest", "70000"), 70000), ((), 1 << 20)],
)
def test_sizes_are_those_asked_for(
    asked: Sequence[int], arguments: tuple[str, ...], size: int
) -> None:
    """--full, --largest and neither."""
    assert code_of(*arguments, "--rounds", "1", "--seconds", "0.001") == 0
    assert list(asked) == [size]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--full", "--largest", "70000"), "leave one of them out"),
        (("--largest", "65535"), "65535"),
        (("--rounds", "0"), "--rounds"),
        (("--seconds", "0"), "--seconds"),
        (("--seed", "-1"), "--seed"),
        (
            ("--json", "none/speed.json"),
            "speed.json cannot be written: its folder must exist",
        ),
        (
            ("--markdown", "none/speed.md"),
            "speed.md cannot be written: its folder must exist",
        ),
        (("--json", "x", "--markdown", "x"), "two files, got x for both"),
    ],
)
def test_misuse_ends_with_2_before_anything_is_measured(
    asked: Sequence[int],
    arguments: tuple[str, ...],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The message says what to do."""
    monkeypatch.chdir(tmp_path)
    assert code_of(*arguments) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert not asked
    assert not list(tmp_path.iterdir())


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """It is a JSON Schema."""
    assert code_of("--schema") == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed == schema()


def test_help_loads_nothing_heavy() -> None:
    """Neither NumPy nor a rival is needed to print the options."""
    code = (
        "import sys; from conformance.cli import cli;"
        "cli(['bench', '--help'], standalone_mode=False);"
        "print(sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "--largest" in done.stdout
    for name in ("flint", "gmpy2", "mpmath", "numpy", "rich", "torch"):
        assert f"'{name}'" not in done.stdout


@pytest.mark.slow
def test_the_smallest_real_run(tmp_path: Path) -> None:
    """A process of its own measures what a user would, and ends with 0."""
    path = tmp_path / "speed.json"
    options = ("--largest", "65536", "--rounds", "1", "--seconds", "0.01")
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "bench", *options, "--json", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = json.loads(path.read_text("utf-8"))
    jsonschema.validate(data, schema())
    shapes = [(e["rows"], e["classes"], e["dtype"]) for e in data["workloads"]]
    assert shapes == [(w.rows, w.classes, w.dtype) for w in workloads(1 << 16)]
