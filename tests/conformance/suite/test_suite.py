"""Under pytest each requirement is a test, measured once; nothing passes unasked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
import subprocess
import sys
import textwrap
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from conformance.cli import cli
from conformance.suite import (
    ARGUMENTS,
    WHOLE,
    Demand,
    Item,
    items,
    parametrize_with_requirements,
    plugin,
)
from conformance.suite.evidence import Evidence
from conformance.suite.measuring import Measurement, attempted, configured, measured

if TYPE_CHECKING:
    from collections.abc import Mapping

BACKEND = """
import numpy as np

def mse(input, target, reduction="mean"):
    d = input.astype(np.float64) - target
    with np.errstate(all="ignore"):
        loss = (d * d).astype(input.dtype)
        if reduction == "none":
            return loss
        total = (d * d).sum() / (d.size if reduction == "mean" else 1)
        return np.asarray(total).astype(input.dtype)
mse.declined = {"invalid": "the caller looks", "empty": "there is always a batch"}

def wrong_mse(input, target, reduction="mean"):
    return mse(input, target, reduction) * np.float32(2)
wrong_mse.declined = mse.declined
"""
OWN_TESTS = """
import pytest
from conformance.suite import parametrize_with_requirements

DTYPES = ["float32"]

@parametrize_with_requirements("./kernel.py:mse", losses=["mse"], dtypes=DTYPES)
def test_right(loss_conformance_requirement): ...

@parametrize_with_requirements("./kernel.py:wrong_mse", losses=["mse"], dtypes=DTYPES)
def test_wrong(loss_conformance_requirement): ...
"""


def pytest_in(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Return what pytest does in a folder."""
    # Where the distribution is installed, its entry point loads the plug-in.
    found = [p.name for p in entry_points(group="pytest11")]
    plugin = [] if "loss_conformance" in found else ["-p", "conformance.suite.plugin"]
    fixed = ["-q", "-p", "no:cacheprovider", f"--basetemp={folder / 'temporary'}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *fixed, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a backend and tests of it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "kernel.py").write_text(BACKEND, encoding="utf-8")
    (folder / "test_kernel.py").write_text(OWN_TESTS, encoding="utf-8")
    return folder


def outcomes(path: Path) -> dict[str, ET.Element]:
    """Return the test cases of a JUnit file by name."""
    cases = ET.parse(path).iter("testcase")
    return {case.attrib["name"]: case for case in cases}


def kinds(case: ET.Element) -> set[str]:
    """Return what a JUnit case says beside its properties; nothing if it passed."""
    return {child.tag for child in case} - {"properties"}


def judged(project: Path, *words: str) -> Mapping[str, ET.Element]:
    """Return what a session says about both functions, after the common checks."""
    done = pytest_in(project, "--junitxml=junit.xml", *words)
    assert done.returncode == 1, done.stdout + done.stderr
    runs = list((project / "temporary").glob("loss-conformance-*.json"))
    assert len(runs) == 2
    found = outcomes(project / "junit.xml")
    right = {n: kinds(c) for n, c in found.items() if n.startswith("test_right")}
    assert right["test_right[MSE-MEAN-VALUE-float32]"] == set()
    assert right["test_right[MSE-EMPTY-VALUE-float32]"] == {"skipped"}
    assert right["test_right[RUN]"] == set()
    assert set().union(*right.values()) == {"skipped"}
    return found


def test_a_users_own_tests(project: Path) -> None:
    """A wrong function fails by what it violates, with story and replay line."""
    found = judged(project)
    case = found["test_wrong[MSE-MEAN-VALUE-float32]"]
    assert kinds(case) == {"failure"}
    told = case.find("failure")
    assert told is not None
    story = told.text or ""
    assert "the mean is within its bound of the exact one" in story
    assert re.search(r"exact +\S+", story)
    assert re.search(r"loss-conformance replay [0-9a-f]{12} --run \S+\.json", story)
    assert kinds(found["test_wrong[MSE-DTYPE-float32]"]) == set()
    assert kinds(found["test_wrong[RUN]"]) == set()
    values = {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}
    assert int(values["loss_conformance_cases"]) > 50
    assert float(values["loss_conformance_error_over_bound"]) > 1


@pytest.mark.slow
def test_workers_share_the_measurement(project: Path) -> None:
    """Under xdist the same tests end the same, and each backend is measured once."""
    found = judged(project, "-n", "2")
    assert kinds(found["test_wrong[MSE-MEAN-VALUE-float32]"]) == {"failure"}


@pytest.mark.slow
def test_the_suite_by_its_name(project: Path) -> None:
    """`pytest --pyargs conformance.suite` takes a backend as an option; `-k` works."""
    words = ["--pyargs", "conformance.suite", "--loss-backend", "./kernel.py:mse"]
    words += ["--loss-losses", "mse", "--loss-dtypes", "float32", "-k", "MEAN or RUN"]
    done = pytest_in(project, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"2 passed, \d+ skipped, \d+ deselected", done.stdout)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "conformance.suite needs --loss-backend NAME"),
        (["--loss-backend", "x", "--loss-dtypes", "float23"], "got 'float23'"),
        (["--loss-backend", "x", "--loss-profile", "slow"], "got 'slow'"),
    ],
)
def test_wrong_options(project: Path, words: list[str], hint: str) -> None:
    """They are errors of usage, not an empty suite."""
    done = pytest_in(project, "--pyargs", "conformance.suite", *words)
    assert done.returncode not in {0, 1, 5}
    assert hint in done.stdout + done.stderr


def test_a_backend_that_cannot_be_loaded(tmp_path: Path) -> None:
    """The first test fails and says what `check` said, the others refer to it."""
    demand = Demand("./missing.py:f", losses=("mse",), dtypes=("float32",))
    for _ in range(2):
        with pytest.raises(pytest.fail.Exception, match="a backend's file must exist"):
            measured(demand, tmp_path, tmp_path, "first")
    with pytest.raises(pytest.skip.Exception, match="see the failure of first"):
        measured(demand, tmp_path, tmp_path, "second")
    (said,) = tmp_path.glob("*.txt")
    before = said.stat().st_mtime_ns
    attempted.cache_clear()
    with pytest.raises(pytest.fail.Exception, match="could not start"):
        measured(demand, tmp_path, tmp_path, "first")
    assert said.stat().st_mtime_ns == before


def test_one_error_in_a_users_suite(project: Path) -> None:
    """However many tests ask for it, a backend that cannot be loaded is one error."""
    (project / "kernel.py").write_text("raise ValueError('half done')")
    done = pytest_in(project, "-k", "test_right and MEAN")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ValueError: half done" in done.stdout
    assert re.search(r"\b1 error\b", done.stdout)
    assert re.search(r"\b\d+ skipped\b", done.stdout)
    assert "passed" not in done.stdout


def test_what_the_configuration_says_to_tests(tmp_path: Path) -> None:
    """Limits and known findings, but not what is checked or where it is written."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.loss-conformance]\njobs = 1\nseed = 7\nloss = 'mse'\noutput = 'x'\n"
        "known = ['a.toml', 'b.toml']\nno-known = true\nreport = {markdown = 'y'}\n"
    )
    assert configured(tmp_path) == [
        *("--no-config", "--no-known", "--jobs", "1"),
        *("--known", "a.toml", "--known", "b.toml"),
    ]
    (tmp_path / "pyproject.toml").write_text("[tool.loss-conformance]\njob = 1\n")
    assert configured(tmp_path) == []


def test_a_slip_of_the_pen_in_a_test() -> None:
    """Unknown words are refused where they are written."""
    for words in ({"losses": ["huber"]}, {"dtypes": ["half"]}, {"profile": "slow"}):
        arguments: dict[str, Any] = words
        with pytest.raises(ValueError, match="must be of"):
            parametrize_with_requirements("numpy", **arguments)


@pytest.mark.parametrize("losses", ["mse,mae", "mae, mse", ["mae", "mse"]])
@pytest.mark.parametrize("dtypes", ["float32", ("float32",), {"float32"}])
def test_one_word_stands_for_a_list(losses: Any, dtypes: Any) -> None:
    """As on the command line and in a configuration; commas too."""
    expected = items(Demand("numpy", losses=("mae", "mse"), dtypes=("float32",)))
    mark = parametrize_with_requirements("numpy", losses=losses, dtypes=dtypes).mark
    assert [item.id for item in mark.args[1]] == [item.id for item in expected]


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ({"dtype": "float32"}, TypeError, "did you mean 'dtypes'?"),
        ({"loss": "mae"}, TypeError, "did you mean 'losses'?"),
        ({"loss_dtypes": "float32"}, TypeError, "did you mean 'dtypes'?"),
        ({"profil": "ci"}, TypeError, "did you mean 'profile'?"),
        ({"zzz": 1}, TypeError, "backend, profile, losses, dtypes, seed, got 'zzz'"),
        ({"dtypes": "fp32"}, ValueError, "did you mean 'float32'?"),
        ({"losses": "cross-entropy"}, ValueError, "did you mean 'cross_entropy'?"),
        ({"losses": ""}, ValueError, "losses must name something"),
        ({"dtypes": [32]}, ValueError, "got 32"),
    ],
)
def test_what_was_meant_is_said(words: Any, kind: type, said: str) -> None:
    """An argument or a name that does not exist is told with the nearest one."""
    with pytest.raises(kind, match=re.escape(said)):
        parametrize_with_requirements("numpy", **words)


def test_the_topic_says_what_the_code_does() -> None:
    """Every argument and option is in `help pytest`, and the example is accepted."""
    done = CliRunner().invoke(cli, ["help", "pytest"])
    assert done.exit_code == 0
    for name in ARGUMENTS:
        assert re.search(rf"^    {name} +[a-z]", done.output, re.MULTILINE), name
    source = Path(str(plugin.__file__)).read_text(encoding="utf-8")
    for option in re.findall(r"\"(--[^\"]*)\"", source):
        assert option in done.output
    code = done.output.partition("\n\n")[2].partition("\n\nEach")[0]
    holder: dict[str, Any] = {}
    exec(textwrap.dedent(code), holder)  # noqa: S102 - our own text
    (mark,) = holder["test_losses"].pytestmark
    assert {i.dtype for i in mark.args[1]} == {"float32", "float64", ""}


def test_nothing_heavy_is_loaded_unused() -> None:
    """The plug-in that every pytest loads imports no NumPy, and none of our engine."""
    code = (
        "import pytest, sys; before = set(sys.modules); "
        "import conformance.suite.plugin; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    ours = {"conformance", "conformance.suite", "conformance.suite.plugin"}
    assert set(done.stdout.split()) == ours


def test_no_name_can_collide() -> None:
    """Options and fixtures carry our prefix; there is no hook that changes others."""
    from conformance.suite import plugin

    source = Path(str(plugin.__file__)).read_text(encoding="utf-8")
    options = re.findall(r"\"(-[^\"]*)\"", source)
    assert options
    assert all(option.startswith("--loss-") for option in options)
    public = {n for n in vars(plugin) if n.startswith(("pytest_", "loss_"))}
    assert public == {
        "pytest_addoption",
        "pytest_pyfunc_call",
        "loss_conformance_requirement",
    }


CASE = {
    "loss": "mse",
    "dtype": "float32",
    "arguments": {
        name: {
            "dtype": "float32",
            "shape": [],
            "strides": [],
            "offset": 0,
            "base": ["0x1.0p+0"],
        }
        for name in ("input", "target")
    },
    "options": {},
    "upstream": None,
}


def finding(quantity: str, status: str, kind: str = "value") -> dict[str, Any]:
    """Return a finding as a run file has it."""
    from conformance.verdict import Status, Verdict

    verdict = Verdict(quantity, Status(status), kind).to_json()
    return {
        "id": f"{quantity}{status}",
        "backend": "b",
        "loss": "mse",
        "dtype": "float32",
        "quantity": quantity,
        "kind": kind,
        "status": status,
        "known": "",
        "count": 1,
        "ratio": [2.0, ""],
        "shrunk": None,
        "case": CASE,
        "verdict": verdict,
    }


def evidence(requirement: str = "MSE-MEAN-VALUE", **changes: Any) -> Evidence:
    """Return what a made-up run shows about a requirement."""
    dtype = "" if requirement == WHOLE else "float32"
    known = {
        "id": "k",
        "loss": "mse",
        "dtypes": ["float32"],
        "quantity": "val*",
        "reason": "a fault upstream",
        "link": "unreported",
        "count": changes.pop("known", 0),
        "stale": changes.pop("stale", []),
        "elsewhere": [],
        "expired": False,
        "expires": dt.date.max.isoformat(),
        "ceiling": None,
        "ratio": [0.0, ""],
        "witness": "w",
    }
    counts = changes.pop("counts", {"conforms": 3})
    place = {"requirement": "MSE-MEAN-VALUE", "backend": "b", "dtype": "float32"}
    entry = {**place, "counts": counts, "ratio": [0.5, ""]}
    run = {
        "plan": {"planned": [], "unsupported": []},
        "requirements": [
            {"id": "MSE-MEAN-VALUE", "statement": "so", "loss": "mse"}
            | {"quantity": "value"}
        ],
        "evidence": [entry] if counts else [],
        "findings": [],
        "known": [known],
        "faults": {},
        "notes": {},
        "missing": [],
        "stop": "finished",
        "totals": {"verdicts": counts},
    }
    item = Item(Demand("b"), requirement, dtype)
    return Evidence(item, Measurement({**run, **changes}, Path("run.json")))


def outcome(of: Evidence) -> str:
    """Return how a test that asks for it ends, and with which words."""
    try:
        of.judge()
    except (pytest.fail.Exception, pytest.skip.Exception, pytest.xfail.Exception) as e:
        return f"{type(e).__name__}: {e.msg}"
    return "passed"


def test_what_becomes_of_a_requirement() -> None:
    """It passes, fails, is skipped or is known; without evidence it fails."""
    assert outcome(evidence()) == "passed"
    assert evidence().holds
    assert "incomplete" in outcome(evidence(counts={}))
    assert not evidence(counts={}).holds
    unsupported = [["MSE-MEAN-VALUE", "b", "float32", "not offered"]]
    plan = {"planned": [], "unsupported": unsupported}
    assert outcome(evidence(counts={}, plan=plan)) == "Skipped: not offered"
    known = {"conforms": 2, "known": 1}
    text = "XFailed: k: a fault upstream [unreported]"
    assert outcome(evidence(counts=known, known=1)) == text
    assert outcome(evidence(counts={"inconclusive": 1})).startswith("Failed: ")
    bad = {"conforms": 2, "violates": 1}
    told = outcome(evidence(counts=bad, findings=[finding("value", "violates")]))
    assert told.startswith("Failed: MSE-MEAN-VALUE-float32: so\n")
    assert "loss-conformance replay valueviolates --run run.json" in told
    assert not evidence(counts=bad).holds


def test_a_fine_requirement_shows_its_own_evidence() -> None:
    """A witness that is about something else says so; the worst named case is told."""
    from conformance.builders.corpus import named_cases

    (broadcast,) = [
        n for n in named_cases("mse", "float32") if n.name == "broadcast-target"
    ]
    about = {"id": "MSE-BROADCAST-VALUE", "statement": "so", "loss": "mse"}
    place = {"requirement": "MSE-BROADCAST-VALUE", "backend": "b", "dtype": "float32"}
    entry = {"counts": {"violates": 1}, "ratio": [9.0, broadcast.case.id]}
    plain = finding("value", "violates")
    wide = {**plain, "id": "wide", "case": broadcast.case.to_json()}
    told = outcome(
        evidence(
            "MSE-BROADCAST-VALUE",
            requirements=[about | {"quantity": "value"}],
            evidence=[{**place, **entry}],
            findings=[plain, wide],
        )
    )
    assert "furthest off: named case broadcast-target, " in told
    mark = told.index("not of this requirement alone")
    assert told.index("replay wide") < mark < told.index("replay valueviolates")


def test_the_run_tells_what_no_requirement_tells() -> None:
    """A crash, a fault, a stale known finding: `RUN` fails where `check` does."""
    assert outcome(evidence(WHOLE)) == "passed"
    bad, shown = {"violates": 1}, [finding("value", "violates")]
    assert outcome(evidence(WHOLE, counts=bad, findings=shown)) == "passed"
    crash = [*shown, finding("call", "error", "crashed")]
    told = outcome(evidence(WHOLE, counts=bad, findings=crash))
    assert "replay callerror" in told
    assert "replay valueviolates" not in told
    assert "a fault" in outcome(evidence(WHOLE, faults={"a fault": 1}))
    assert "incomplete" in outcome(evidence(WHOLE, stop="killed"))
    assert "nothing was checked" in outcome(evidence(WHOLE, counts={}))
    assert "STALE" in outcome(evidence(WHOLE, stale=[["b", "float32"]]))


def test_what_is_left_out_tells_nothing() -> None:
    """`-k RUN` alone fails where `check` does: no other test of the session tells."""
    bad, shown = {"violates": 1}, [finding("value", "violates")]
    whole = evidence(WHOLE, counts=bad, findings=shown)
    value = evidence(counts=bad, findings=shown).item
    assert value.demand == whole.item.demand
    both = frozenset({whole.item, value})
    assert outcome(dataclasses.replace(whole, asked=both)) == "passed"
    alone = dataclasses.replace(whole, asked=frozenset({whole.item}))
    assert "replay valueviolates" in outcome(alone)
    assert not alone.holds


@pytest.mark.slow
def test_the_run_alone_fails_too(project: Path) -> None:
    """The plug-in knows which tests of the session were selected."""
    done = pytest_in(project, "-k", "test_wrong and RUN")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert "value is outside its bound" in done.stdout


def test_ids_are_unique_and_plain() -> None:
    """`-k` can name each test."""
    ids = [item.id for item in items(Demand("numpy"))]
    assert len(set(ids)) == len(ids) > 100
    assert all(re.fullmatch(r"[\w-]+", one) for one in ids)
