"""What a run shows about one requirement, and what pytest is to make of it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.case import Case
from conformance.explain import number
from conformance.run import exit_code, new_findings, stale
from conformance.suite import WHOLE
from conformance.verdict import FAILURES, Status
from conformance.writers import facts, findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.suite import Item
    from conformance.suite.measuring import Measurement

_TOLD: Final = 3
"""Findings of one requirement that are told in full."""


@dataclass(frozen=True)
class Evidence:
    """One requirement on one storage format, as a run found it.

    Attributes:
        item: The requirement and the format.
        measurement: The run.
        asked: What has a test in this session; None for all.
    """

    item: Item
    measurement: Measurement
    asked: frozenset[Item] | None = None

    @property
    def run(self) -> Mapping[str, Any]:
        """The content of the run file."""
        return self.measurement.run

    @property
    def holds(self) -> bool:
        """Is there evidence, and does none of it speak against the requirement?"""
        if self.item.requirement == WHOLE:
            return not self._whole()
        return bool(self.counts) and not self._failing()

    @property
    def counts(self) -> Mapping[str, int]:
        """Verdicts by status."""
        return dict(self._entry().get("counts", {}))

    def _entry(self) -> Mapping[str, Any]:
        key = (self.item.requirement, self.item.dtype)
        found = (e for e in self.run["evidence"] if _place(e) == key)
        return next(found, {})

    def properties(self) -> dict[str, Any]:
        """Return what goes into JUnit's properties."""
        entry = self._entry()
        if not entry:
            return {}
        cases = sum(entry["counts"].values())
        return {"cases": cases, "error_over_bound": entry["ratio"][0]}

    def judge(self) -> None:
        """Fail, skip or xfail the test that asks; return if the requirement holds."""
        if self.item.requirement == WHOLE:
            problems = self._whole()
            if problems:
                pytest.fail("\n".join(problems), pytrace=False)
            return
        reason = self._unsupported()
        if reason and not self.counts:
            pytest.skip(reason)
        if not self.counts:
            text = f"{self._statement()}\nno case was evidence for it: incomplete"
            pytest.fail(text, pytrace=False)
        if self._failing():
            pytest.fail("\n".join(self._told()), pytrace=False)
        if self.counts.get(Status.KNOWN):
            pytest.xfail("; ".join(self._known()))

    def _failing(self) -> list[str]:
        bad = {*FAILURES, Status.INCONCLUSIVE}
        return [status for status in self.counts if status in bad]

    def _unsupported(self) -> str:
        key = (self.item.requirement, self.item.dtype)
        found = (u for u in self.run["plan"]["unsupported"] if (u[0], u[2]) == key)
        return next((why for *_, why in found), "")

    def _about(self) -> Mapping[str, Any]:
        wanted = (
            r for r in self.run["requirements"] if r["id"] == self.item.requirement
        )
        return next(wanted)

    def _statement(self) -> str:
        return f"{self.item.id}: {self._about()['statement']}"

    def findings(self) -> list[Mapping[str, Any]]:
        """Return the new findings that can be the reason why it does not hold."""
        failing = self._failing()
        return [f for f in new_findings(self.run) if self._concerns(f, failing)]

    def _concerns(self, finding: Mapping[str, Any], statuses: list[str]) -> bool:
        about = self._about()
        # A call that ended in an error speaks against all that it was to return.
        return (
            (finding["loss"], finding["dtype"]) == (about["loss"], self.item.dtype)
            and finding["quantity"] in {about["quantity"], "call"}
            and finding["status"] in statuses
        )

    def _told(self) -> Iterator[str]:
        yield self._statement()
        listed = ", ".join(f"{n} {status}" for status, n in self.counts.items())
        yield f"verdicts: {listed}"
        yield from self._worst()
        # Those that are about this very requirement come first.
        found = sorted(self.findings(), key=lambda f: not self._shows(f))
        for finding in found[:_TOLD]:
            yield ""
            if not self._shows(finding):
                yield "not of this requirement alone; the smallest witness found is:"
            yield from findings.story(finding, str(self.measurement.path))
        if len(found) > _TOLD:
            yield f"and {len(found) - _TOLD} more findings"

    def _worst(self) -> Iterator[str]:
        """Yield the named case that is furthest off among those of this requirement."""
        from conformance.builders.corpus import named_cases

        figure, worst = self._entry()["ratio"]
        loss = self._about()["loss"]
        for named in named_cases(loss, self.item.dtype) if figure > 1 else ():
            if named.case.id == worst:
                yield (
                    f"furthest off: named case {named.name}, {named.reason}; "
                    f"error/bound {number(figure)}"
                )

    def _shows(self, finding: Mapping[str, Any]) -> bool:
        """Has the witness of a finding what this requirement is about?"""
        from conformance.answer import answer
        from conformance.checks import catalogue, details, features

        wanted = {r.id: r.features for r in catalogue()}.get(self.item.requirement)
        case = Case.from_json((finding["shrunk"] or finding)["case"])
        given = answer(case)
        return wanted is None or wanted <= features(case, given) | details(case, given)

    def _known(self) -> list[str]:
        about = self._about()
        return [
            f"{known['id']}: {known['reason']} [{known['link']}]"
            for known in self.run["known"]
            if known["count"]
            and known["loss"] == about["loss"]
            and self.item.dtype in known["dtypes"]
            and fnmatchcase(about["quantity"], known["quantity"])
        ] or ["a known finding"]

    def _whole(self) -> list[str]:
        """Return what makes `check` fail and no requirement's test tells."""
        told = {f["id"] for e in self._others() for f in e.findings()}
        problems = [*facts.trouble(self.run)] if exit_code(self.run) > 1 else []
        for finding in new_findings(self.run):
            if finding["id"] not in told:
                problems += findings.story(finding, str(self.measurement.path))
        if stale(self.run):
            problems += [t for t in findings.known_lines(self.run) if "STALE" in t]
        if exit_code(self.run) > 1:
            problems.append(facts.headline(self.run))
        return problems

    def _others(self) -> Iterator[Evidence]:
        for entry in self.run["evidence"]:
            requirement, dtype = _place(entry)
            item = type(self.item)(self.item.demand, requirement, dtype)
            other = Evidence(item, self.measurement)
            # What -k left out tells nobody.
            if other._failing() and (self.asked is None or item in self.asked):
                yield other


def _place(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["requirement"], entry["dtype"]
