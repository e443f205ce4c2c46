"""The catalogue shows each requirement with the evidence that there is."""

from __future__ import annotations

from typing import Any

from conformance.tally import NOT_RUN
from conformance.writers.html.requirements import chapters


def by_loss(run: Any) -> dict[str, Any]:
    """Return the chapters by loss."""
    return {chapter.loss: chapter for chapter in chapters(run)}


def field_of(run: Any, requirement: str, place: int) -> Any:
    """Return the evidence on the backend at `place`, in the last format."""
    (found,) = (
        r for r in by_loss(run)["cross_entropy"].requirements if r.id == requirement
    )
    return found.rows[place][1][-1]


def test_all_requirements_are_there(measured: Any) -> None:
    """Each one of each loss, with a field for every backend and format."""
    found = [r for c in by_loss(measured).values() for r in c.requirements]
    assert {r.id for r in found} == {r["id"] for r in measured["requirements"]}
    assert all(len(r.rows) == 2 for r in found)
    assert all(len(fields) == 2 for r in found for _, fields in r.rows)


def test_evidence_is_counted_and_led_to_its_findings(measured: Any) -> None:
    """A failing requirement names the findings on its quantity."""
    field = field_of(measured, "CE-NONE-VALUE", 1)
    assert field.look.tone == "bad"
    ids = {
        f["id"]
        for f in measured["findings"]
        if (f["dtype"], f["quantity"]) == ("float32", "value")
    }
    assert field.links
    assert {place for _, place in field.links} <= {f"finding-{i}" for i in ids}
    good = field_of(measured, "CE-NONE-VALUE", 0)
    assert good.look.tone == "good"
    assert not good.links
    assert "conforms" in good.counts


def test_what_was_given_up_is_no_evidence(run: Any) -> None:
    """Cases that were not run do not look conforming, nor do missing verdicts."""
    (entry,) = (
        e
        for e in run["evidence"]
        if (e["requirement"], e["backend"], e["dtype"])
        == ("CE-NONE-VALUE", "numpy", "float32")
    )
    entry["counts"], entry["ratio"], entry["coarse"] = {NOT_RUN: 7}, [0.0, ""], 0
    assert field_of(run, "CE-NONE-VALUE", 0).word == "incomplete"
    run["missing"].append(["CE-NONE-VALUE", "numpy", "float32"])
    assert field_of(run, "CE-NONE-VALUE", 0).word == "incomplete"
    run["missing"].pop()
    run["evidence"].remove(entry)
    assert field_of(run, "CE-NONE-VALUE", 0).word == "not asked"


def test_a_chapter_is_summed_up(measured: Any) -> None:
    """The counts of a chapter are of all its fields, the worst first."""
    chapter = by_loss(measured)["cross_entropy"]
    assert sum(n for _, _, n in chapter.tally) == 4 * len(chapter.requirements)
    assert chapter.tally[0][0].tone == "bad"
