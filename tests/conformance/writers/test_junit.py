"""The JUnit file is what its readers expect, and agrees with the exit code."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from sample_runs import large_run, make_run, rude_run, sound_run

from conformance.run import exit_code
from conformance.verdict import Status
from conformance.writers.registry import render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Of Jenkins' junit-10.xsd: the elements inside, the attributes allowed, those required.
# Properties of a test case are what pytest writes beyond it, and so do we.
SCHEMA: Final = {
    "testsuites": ("testsuite", "name time tests failures errors", ""),
    "testsuite": (
        "testsuite properties testcase system-out system-err",
        "name tests failures errors group time skipped timestamp hostname id package",
        "name tests failures errors",
    ),
    "testcase": (
        "properties skipped error failure system-out system-err",
        "name time classname group",
        "name",
    ),
    "properties": ("property", "", ""),
    "property": ("", "name value", "name value"),
    "failure": ("", "type message", ""),
    "error": ("", "type message", ""),
    "skipped": ("", "type message", ""),
}


def written(run: dict[str, Any]) -> str:
    """Return the file."""
    return render("junit", run, "file.json")


def flaws(element: ET.Element) -> Iterator[str]:
    """Yield what the schema does not allow, in an element and inside it."""
    inside, allowed, required = (set(words.split()) for words in SCHEMA[element.tag])
    names = set(element.attrib)
    if names - allowed or required - names:
        yield f"{element.tag} has the attributes {sorted(names)}"
    for child in element:
        if child.tag not in inside:
            yield f"{child.tag} stands in {element.tag}"
        yield from flaws(child)


def cases(text: str) -> dict[tuple[str, str], Any]:
    """Return (class, name) → test case, as an independent parser reads them."""
    suites = JUnitXml.fromstring(text.encode())
    found = [(c.classname, c.name, c) for suite in suites for c in suite]
    made = {(classname, name): case for classname, name, case in found}
    assert len(made) == len(found)
    return made


@pytest.mark.parametrize("make", [make_run, rude_run, sound_run])
def test_the_file_is_of_the_schema(make: Any) -> None:
    """Elements and attributes are those that readers know."""
    root = ET.fromstring(written(make()).encode())
    assert root.tag == "testsuites"
    assert not list(flaws(root))


PYTEST: Final = """
import pytest
def test_passes(record_property): record_property("a", "b")
def test_fails(): assert False
def test_skips(): pytest.skip("why")
@pytest.fixture
def broken(): raise ValueError
def test_errs(broken): ...
"""


def test_the_file_is_like_one_of_pytest(tmp_path: Path) -> None:
    """Elements stand where pytest has them, and have no other attributes.

    The totals of all suites are ours; Jenkins' schema and other readers know them.
    """
    (tmp_path / "test_it.py").write_text(PYTEST, encoding="utf-8")
    words = ("-p", "no:cacheprovider", "-c", "/dev/null", "--junit-xml=it.xml")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *words, "test_it.py"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    theirs = shape(ET.parse(tmp_path / "it.xml").getroot())
    theirs["testsuites"] |= {"tests", "failures", "errors"}
    theirs["testsuite/properties"] = theirs["testcase/properties"]
    ours = shape(ET.fromstring(written(make_run()).encode()))
    assert {"testcase/failure", "testcase/error", "testcase/skipped"} <= ours.keys()
    for place, attributes in ours.items():
        # pytest tells of a kind where it is about to skip, but not of a failure.
        assert attributes <= theirs[place] | {"type"}, place


def shape(root: ET.Element) -> dict[str, set[str]]:
    """Return the attributes of each kind of element, by its parent and itself."""
    found = {root.tag: set(root.attrib)}
    for parent in root.iter():
        for child in parent:
            place = f"{parent.tag}/{child.tag}"
            found[place] = found.get(place, set()) | set(child.attrib)
    return found


def test_a_flaw_would_be_noticed() -> None:
    """The schema refuses what is not in it."""
    bad = ET.fromstring('<testsuite name="x" hue="1"><skipped/></testsuite>')
    assert len(list(flaws(bad))) == 2


@pytest.mark.parametrize("make", [make_run, rude_run, sound_run])
def test_the_totals_are_those_of_the_cases(make: Any) -> None:
    """A reader that counts for itself finds the numbers that are written."""
    suites = JUnitXml.fromstring(written(make()).encode())
    before = [(s.tests, s.failures, s.errors, s.skipped) for s in suites]
    whole = suites.tests, suites.failures, suites.errors
    suites.update_statistics()
    assert before == [(s.tests, s.failures, s.errors, s.skipped) for s in suites]
    assert whole == (suites.tests, suites.failures, suites.errors)


def test_each_outcome_has_its_element() -> None:
    """Fails, is known, is declined, is missing, conforms; each says why."""
    found = cases(written(make_run()))
    (failure,) = found["bad.float32", "MAE-VALUE"].result
    assert isinstance(failure, Failure)
    assert failure.type == "violates"
    assert "bad: mae in float32: value is outside its bound" in failure.text
    assert "--run file.json" in failure.text
    (known,) = found["bk.float32", "MAE-VALUE"].result
    assert isinstance(known, Skipped)
    assert known.message == "K-1: a mechanism [unreported]"
    (declined,) = found["good.float32", "MSE-VALUE"].result
    assert isinstance(declined, Skipped)
    assert declined.message == "not offered"
    (missing,) = found["good.float32", "MAE-NONE"].result
    assert isinstance(missing, Error)
    assert not found["good.float32", "MAE-VALUE"].result
    assert not found["sus.float32", "MAE-VALUE"].result


def test_a_case_has_its_evidence() -> None:
    """Rule, source, verdicts and the largest error/bound are properties."""
    root = ET.fromstring(written(make_run()).encode())
    (case,) = root.findall("*/testcase[@classname='bad.float32'][@name='MAE-VALUE']")
    found = case.findall("properties/property")
    properties = {p.get("name"): p.get("value") for p in found}
    assert properties == {
        "rule": "R",
        "source": "torch",
        "verdicts": "1 violates",
        "error_over_bound": "7",
    }


def test_a_wrong_class_has_no_error_over_bound() -> None:
    """That of other verdicts would read as if the failing one were inside."""
    run = make_run()
    entry = next(e for e in run["evidence"] if e["backend"] == "bad")
    entry["counts"] = {"wrong-class": 1, "conforms": 3}
    root = ET.fromstring(written(run).encode())
    (case,) = root.findall("*/testcase[@classname='bad.float32'][@name='MAE-VALUE']")
    names = {p.get("name") for p in case.findall("properties/property")}
    assert names == {"rule", "source", "verdicts"}


@pytest.mark.parametrize(
    ("statuses", "element"),
    [
        ({"vacuous": 3}, Skipped),
        ({"vacuous": 3, "conforms": 1}, None),
        ({"inconclusive": 1, "conforms": 9}, Error),
        ({"error: not run": 4}, Error),
        ({"known": 1, "suspect": 2}, Skipped),
        ({"error": 1, "known": 1}, Failure),
        ({"accepted-invalid": 1, "inconclusive": 1}, Failure),
    ],
)
def test_the_worst_verdict_decides(statuses: dict[str, int], element: Any) -> None:
    """What is vacuous alone is no pass, and a failure outweighs what is known."""
    run = sound_run()
    run["evidence"][0]["counts"] = statuses
    result = cases(written(run))["good.float32", "MAE-VALUE"].result
    assert [type(each) for each in result] == ([element] if element else [])


def damages() -> Iterator[dict[str, Any]]:
    """Yield runs that end with each exit code, for each of its reasons."""
    for fault, lost, stopped, bad, old in product((0, 1), repeat=5):
        run, full = sound_run(), make_run()
        if fault:
            run["faults"] = {"work lost": 1}
        if lost:
            run["missing"] = [["MAE-NONE", "good", "float32"]]
        if stopped:
            run["stop"] = "interrupted"
        if bad:
            run["findings"] = [f for f in full["findings"] if f["status"] == "violates"]
        if old:
            run["known"] = full["known"]
        yield run
    yield {**sound_run(), "totals": {"cases": 0, "elements": 0, "verdicts": {}}}
    undecided = sound_run()
    undecided["totals"]["verdicts"] = {Status.INCONCLUSIVE: 1}
    yield undecided


def test_without_a_failure_the_exit_code_is_0_and_the_other_way_round() -> None:
    """Also where no requirement tells what is wrong, the case `run` does."""
    codes = set()
    for run in damages():
        root = ET.fromstring(written(run).encode())
        bad = int(root.get("failures", "")) + int(root.get("errors", ""))
        assert bool(bad) == bool(exit_code(run)), exit_code(run)
        codes.add(exit_code(run))
    assert codes == {0, 1, 3, 5, 130}


def test_a_finding_of_no_requirement_is_told_by_the_run() -> None:
    """It is not lost with the requirement it would speak against."""
    run = make_run()
    told = cases(written(run))["loss-conformance", "run"].result[0].text
    assert "value is outside its bound" not in told
    run["evidence"] = []
    text = cases(written(run))["loss-conformance", "run"].result[0].text
    assert "bad: mae in float32: value is outside its bound" in text


def test_a_large_run_stays_readable() -> None:
    """Of one requirement a few findings are told, and the rest counted."""
    run = large_run(1, 500)
    (failure,) = cases(written(run))["backend-0.float32", "MAE-VALUE"].result
    assert failure.text.count("loss-conformance replay") == 3
    assert "497 more findings" in failure.text
