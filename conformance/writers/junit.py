"""JUnit XML, as test runners write it and continuous integration reads it.

A test case is one requirement on one backend in one storage format. It fails where a
new finding speaks against it, is an error where its verdicts are missing or undecided,
and is skipped, with the reason, where the backend declines it, where the contract
promises nothing in any case, and where a known finding is in the way, as pytest does
with expected failures. What concerns the run as a whole is the case `run`: without
failures and errors the exit code is 0.

Attributes and elements are those of Jenkins' junit-10.xsd, but that test cases have
properties, as in pytest's files.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from conformance.run import exit_code
from conformance.verdict import Status
from conformance.writers import evidence, facts, findings
from conformance.writers.evidence import Proof, accusations, excuses, proofs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAME: Final = "loss-conformance"

TOLD: Final = 3
"""Findings told in full of one requirement; more of them are counted."""


def write(run: Mapping[str, Any], where: str) -> str:
    """Return the file; `where` is the run file that the replay lines name."""
    stories = {f["id"]: findings.story(f, where) for f in findings.ordered(run)}
    root = ET.Element("testsuites", name=NAME)
    told: set[str] = set()
    suites = [
        _suite(run, backend, list(group), stories, told)
        for backend, group in groupby(proofs(run), key=lambda proof: proof.backend)
    ]
    untold = {name: story for name, story in stories.items() if name not in told}
    root.extend([_whole(run, where, untold), *suites])
    for suite in root:
        _count(suite, suite.findall("testcase"), ("failures", "errors", "skipped"))
    _count(root, root.findall("*/testcase"), ("failures", "errors"))
    ET.indent(root, " ")
    return f"{_DECLARATION}\n{ET.tostring(root, encoding='unicode')}\n"


_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>'
_ELEMENTS: Final = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _count(suite: ET.Element, cases: list[ET.Element], names: Iterable[str]) -> None:
    suite.set("tests", f"{len(cases)}")
    for name in names:
        found = sum(case.find(_ELEMENTS[name]) is not None for case in cases)
        suite.set(name, f"{found}")


def _suite(
    run: Mapping[str, Any],
    backend: str,
    group: Iterable[Proof],
    stories: Mapping[str, Sequence[str]],
    told: set[str],
) -> ET.Element:
    suite = ET.Element("testsuite", name=backend)
    for proof in group:
        about = {"classname": f"{backend}.{proof.dtype}", "name": proof.id}
        case = ET.SubElement(suite, "testcase", about)
        _properties(case, _facts(proof))
        found = [f["id"] for f in accusations(run, proof)] if proof.fails else []
        told.update(found)
        if proof.fails:
            _failure(case, proof, [stories[name] for name in found])
        else:
            _absence(case, proof, run)
    return suite


_UNMEASURED: Final = (Status.WRONG_CLASS, Status.ERROR, Status.ACCEPTED_INVALID)
"""What a requirement may fail by that is no error larger than its bound."""


def _facts(proof: Proof) -> dict[str, str]:
    about = {"rule": proof.requirement["rule"], "source": proof.requirement["source"]}
    if proof.counts:
        about["verdicts"] = _listed(proof)
        # That of the elements it could be measured of says nothing about the failure.
        if proof.outcome not in _UNMEASURED:
            about["error_over_bound"] = f"{proof.ratio:.6g}"
    return about


def _listed(proof: Proof) -> str:
    listed = ", ".join(f"{n} {status}" for status, n in sorted(proof.counts.items()))
    return listed + (f" ({proof.coarse} of them coarse)" if proof.coarse else "")


def _failure(case: ET.Element, proof: Proof, stories: Sequence[Sequence[str]]) -> None:
    lines = [f"verdicts: {_listed(proof)}"]
    for story in stories[:TOLD]:
        lines += ["", *story]
    if len(stories) > TOLD:
        lines += ["", facts.counted(len(stories) - TOLD, "more finding")]
    head = f"{proof.outcome}: {proof.requirement['statement']}"
    _child(case, "failure", proof.outcome, head, lines)


def _absence(case: ET.Element, proof: Proof, run: Mapping[str, Any]) -> None:
    """Say why a requirement neither holds nor fails, if that is so."""
    statement = proof.requirement["statement"]
    match proof.outcome:
        case evidence.MISSING:
            _child(case, "error", proof.outcome, f"no verdict on: {statement}")
        case Status.INCONCLUSIVE:
            _child(case, "error", proof.outcome, f"could not be decided: {statement}")
        case Status.KNOWN:
            why = "; ".join(excuses(run, proof)) or "a known finding"
            _child(case, "skipped", proof.outcome, why)
        case Status.VACUOUS:
            why = "the contract promises nothing in any of its cases"
            _child(case, "skipped", proof.outcome, why)
        case Status.UNSUPPORTED:
            _child(case, "skipped", proof.outcome, proof.reason)


def _child(
    case: ET.Element, name: str, kind: str, message: str, lines: Iterable[str] = ()
) -> None:
    child = ET.SubElement(case, name, type=kind, message=message)
    child.text = "\n".join(lines) or None


def _whole(
    run: Mapping[str, Any], where: str, untold: Mapping[str, Sequence[str]]
) -> ET.Element:
    suite = ET.Element("testsuite", name=NAME)
    _properties(suite, _environment(run, where))
    case = ET.SubElement(suite, "testcase", classname=NAME, name="run")
    lines = [
        *findings.stale_lines(run),
        *(x for story in untold.values() for x in story),
    ]
    if exit_code(run) > 1:
        lines = [*facts.trouble(run), *lines]
        _child(case, "error", "run", facts.headline(run), lines)
    elif lines:
        _child(case, "failure", "run", facts.headline(run), lines)
    return suite


def _environment(run: Mapping[str, Any], where: str) -> dict[str, str]:
    about = {"run": facts.title(run), "versions": facts.versions(run), "file": where}
    about |= {f"backend {n}": line for n, line in enumerate(facts.contracts(run), 1)}
    seconds = run["time"]["seconds"]
    return about | ({} if seconds is None else {"seconds": f"{seconds:.0f}"})


def _properties(parent: ET.Element, pairs: Mapping[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in pairs.items():
        ET.SubElement(properties, "property", name=name, value=value)
