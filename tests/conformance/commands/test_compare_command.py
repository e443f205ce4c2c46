"""`compare` on the command line: exit codes, options, forms, files that are none."""

from __future__ import annotations

import json
import math
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from conformance import runner
from conformance.cli import cli
from conformance.commands.compare import compare as command
from conformance.comparison.compare import compare
from conformance.comparison.drift import FACTOR, RARE
from conformance.comparison.model import Change
from conformance.comparison.outcome import USUAL
from conformance.findings import Excuses
from conformance.plan import Scope
from conformance.profiles import Profile
from conformance.request import Request, Stop
from conformance.run import load_run, save_run
from conformance.structure import shipped

if TYPE_CHECKING:
    from click.testing import Result

PROFILE = Profile("test", pool=6, search=2, unit=10)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return run files: a good backend, one that is wrong, both, and none complete."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1]))
        import_module("fake_parts")
        made = {
            "good": _check(folder / "good.json", "good"),
            "float32": _check(folder / "float32.json", "good", dtypes=("float32",)),
            "float64": _check(folder / "float64.json", "good", dtypes=("float64",)),
            "wrong": _check(folder / "wrong.json", "wrong@3"),
            "both": _check(folder / "both.json", "good", "wrong@3"),
        }
    killed = load_run(made["good"]) | {"stop": "killed", "complete": False}
    made["killed"] = folder / "killed.json"
    save_run(killed, made["killed"])
    other = load_run(made["good"]) | {"seed": 1}
    made["other"] = folder / "other.json"
    save_run(other, made["other"])
    return made


def _check(
    path: Path, *backends: str, dtypes: tuple[str, ...] = ("float32", "float64")
) -> Path:
    scope = Scope(("mae",), dtypes, PROFILE, 0)
    parts = "fake_parts:parts"
    runner.check(Request(backends, scope, Excuses(), path, 1, 30.0, parts), Stop())
    return path


def ask(*arguments: object) -> Result:
    """Return what the command says."""
    return CliRunner().invoke(cli, ["compare", *map(str, arguments)])


@pytest.mark.parametrize(
    ("old", "new", "options", "code", "said"),
    [
        ("good", "good", (), 0, "moved 0 of 2 cells; none violates"),
        ("both", "both", (), 1, "2 of them in OLD too: that excuses none"),
        ("good", "wrong", (), 1, "wrong@3 of NEW is held against good of OLD"),
        ("wrong", "good", (), 0, "2 better"),
        ("wrong", "good", ("--fail-on", "better"), 1, "2 cells better"),
        (
            "wrong",
            "good",
            ("--fail-on", "better"),
            1,
            "no regression, but a change",
        ),
        ("good", "wrong", ("--fail-on", "better"), 1, "exit 1: regression (2 findings"),
        ("both", "good", (), 1, "2 cells missing"),
        ("both", "good", ("--fail-on", "drift,new"), 0, "2 missing"),
        ("good", "both", ("--map", "good=wrong@3"), 1, "2 cells worse"),
        ("good", "killed", (), 3, "NEW is incomplete: stopped before the end"),
        ("killed", "good", (), 0, "moved 0 of 2 cells"),
        ("good", "other", (), 5, "seed: 0 in OLD, 1 in NEW"),
        ("float32", "float64", (), 1, "1 cell missing"),
        ("float32", "float64", ("--fail-on", "drift"), 5, "1 missing, 1 new"),
        ("float32", "float64", ("--fail-on", "new"), 1, "1 cell new"),
    ],
)
def test_exit_codes(
    runs: dict[str, Path],
    old: str,
    new: str,
    options: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    """Each with the words that say why."""
    done = ask(runs[old], runs[new], *options)
    assert done.exit_code == code, done.output
    assert said in done.output
    assert f"exit {code}: " in done.output


def test_the_right_cells(runs: dict[str, Path]) -> None:
    """A backend that is wrong on one case of each format is worse, and says so."""
    old, new = load_run(runs["good"]), load_run(runs["both"])
    cells = compare(old, new, pairs=[("good", "wrong@3")]).cells
    changed = {(c.pair.new, c.dtype): c.change for c in cells}
    assert changed == {
        (name, dtype): change
        for name, change in (("good", Change.SAME), ("wrong@3", Change.WORSE))
        for dtype in ("float32", "float64")
    }
    (worse, _) = (c for c in cells if c.change is Change.WORSE)
    (reason,) = worse.reasons
    assert (reason.text, reason.count) == ("value: conforms → violates", 1)
    replayed = [f["case"] for f in new["findings"] if f["dtype"] == worse.dtype]
    assert replayed[0]["arguments"]["input"]


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("terminal", "OLD "),
        ("markdown", "<!-- Generated"),
        ("html", "<!DOCTYPE html>"),
        ("json", "{"),
    ],
)
def test_forms(runs: dict[str, Path], tmp_path: Path, form: str, begins: str) -> None:
    """To standard output or to a file; the verdict is printed with the latter."""
    said = ask(runs["good"], runs["wrong"], "--format", form)
    path = tmp_path / "report"
    told = ask(runs["good"], runs["wrong"], "--format", form, "--output", path)
    assert said.exit_code == told.exit_code == 1
    assert said.output.startswith(begins)
    assert path.read_text(encoding="utf-8") == said.output
    assert told.output.startswith("exit 1: regression (2 findings of NEW fail")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fail-on", "drfit"), "did you mean 'drift'?"),
        (("--fail-on", ""), "no change named ''"),
        (("--map", "good"), "must be OLD=NEW"),
        (("--map", "god=good"), "OLD has no backend 'god'; it has good"),
        (("--drift", "0.5"), "must be a finite number of at least 1, got 0.5"),
        (("--drift", "nan"), "must be a finite number of at least 1, got nan"),
        (("--drift", "inf"), "must be a finite number of at least 1, got inf"),
        (("--format", "pdf"), "'pdf' is not one of"),
        (("--output", "/no/such/folder/x"), "cannot be written: its folder must exist"),
    ],
)
def test_wrong_options(
    runs: dict[str, Path], options: tuple[str, ...], message: str
) -> None:
    """They are refused with what would be right, before anything is written."""
    done = ask(runs["good"], runs["good"], *options)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_a_run_is_not_overwritten(runs: dict[str, Path]) -> None:
    """A report in the place of the run it is about would be the end of both."""
    before = runs["good"].read_bytes()
    done = ask(runs["wrong"], runs["good"], "--output", runs["good"])
    assert done.exit_code == 2
    assert "needs a file of its own" in done.output
    assert runs["good"].read_bytes() == before


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"schema": "other"}', '{"schema": "loss-conformance run"}', None],
)
def test_files_that_are_none(
    runs: dict[str, Path], tmp_path: Path, which: int, content: str | None
) -> None:
    """Missing, damaged and foreign files end with 2, and the message names the file."""
    path = tmp_path / "strange.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    files = [runs["good"], runs["good"]]
    files[which] = path
    done = ask(*files)
    assert done.exit_code == 2
    assert "strange.json" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("points", [{"backend": "good", "loss": "mae", "dtype": "float32"}]),
        ("points", [{"backend": "good", "loss": "mae", "dtype": "float32",
                     "cases": ["a b c"]}]),
        ("cells", [{"backend": "good"}]),
        ("backends", "good"),
        ("known", 7),
        ("evidence", None),
        ("environment", {}),
    ],
)  # fmt: skip
def test_content_of_another_kind(
    runs: dict[str, Path], tmp_path: Path, part: str, wrong: Any
) -> None:
    """A run file with a part of another form is refused, not half compared."""
    run = json.loads(runs["good"].read_text(encoding="utf-8"))
    path = tmp_path / "strange.json"
    path.write_text(json.dumps({**run, part: wrong}), encoding="utf-8")
    done = ask(path, runs["good"])
    assert done.exit_code == 2
    assert "strange.json" in done.output


@pytest.mark.slow
def test_a_wrong_backend_breaks_its_cells_and_no_others(tmp_path: Path) -> None:
    """Against NumPy, what lacks the factor two of MSE's gradient is worse in MSE."""
    scope = Scope(("mae", "mse"), ("float32",), PROFILE, 0)
    found = []
    for name in ("numpy", "mutant:missing_factor_two"):
        path = tmp_path / "run.json"
        runner.check(Request((name,), scope, Excuses(), path, 2, 120.0), Stop())
        found.append(load_run(path))
    comparison = compare(*found)
    assert {c.loss: c.change for c in comparison.cells} == {
        "mae": Change.SAME,
        "mse": Change.WORSE,
    }
    worse = [c for c in comparison.cells if c.change is Change.WORSE]
    quantities = {r.text.split(":")[0] for c in worse for r in c.reasons}
    assert {"gradient.input", "gradient.target"} <= quantities
    assert "value" not in quantities


def test_the_topic_says_what_the_code_does() -> None:
    """`help comparison` has every change, the factor, the chance and the defaults."""
    text = " ".join(CliRunner().invoke(cli, ["help", "comparison"]).output.split())
    for change in Change:
        assert str(change) in text
    assert f"--drift, {FACTOR:g}" in text
    assert math.isclose(RARE, 1e-6)
    assert "less than once in a million times" in text
    assert {"worse", "missing"} == {str(change) for change in USUAL}
    assert "What fails: worse and missing." in text
    options = {option.name: option for option in command.params}
    assert options["drift"].default == FACTOR


def test_the_schema_is_published() -> None:
    """`help comparison --schema` prints it as it is shipped."""
    done = CliRunner().invoke(cli, ["help", "comparison", "--schema"])
    assert json.loads(done.output) == shipped("comparison")
