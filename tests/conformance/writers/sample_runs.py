"""Runs for tests of reports: a small one with everything, and larger, ruder ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

from conformance.case import Array, Case
from conformance.cells import Scored
from conformance.findings import Excuses, Known
from conformance.journal import Record
from conformance.run import build_run
from conformance.tally import Tally
from conformance.verdict import Evidence, Status, Verdict


def known() -> Known:
    """Return a known finding of the run."""
    day = dt.date(2030, 1, 1)
    return Known("K-1", "b*", "mae", "value", "value", ("float32",), "a mechanism",
                 "unreported", day, "pin", ceiling=9.0)  # fmt: skip


def requirement(name: str) -> dict[str, str]:
    """Return an entry of a run's catalogue."""
    loss = name.partition("-")[0].lower()
    return {"id": name, "statement": "The value is right.", "source": "torch",
            "loss": loss, "quantity": "value", "rule": "R"}  # fmt: skip


def make_run() -> dict[str, Any]:
    """Return a run with everything a report can show."""
    arrays = {"input": Array.of([1.0, 2.0, 3.0], "float32")}
    arrays["target"] = Array.of([1.0, 2.0, 5.0], "float32")
    case = Case("mae", "float32", arrays, origin="pool:0:1")
    evidence = Evidence((0,), "2/3", "0x1.5p-1", "0.6", "0x1.3p-1", "0.07", "0.01", "R")
    bad = Verdict("value", Status.VIOLATES, "value", 1, ratio=7.0, measured=1,
                  evidence=evidence)  # fmt: skip
    tally = Tally()
    for backend, status, name in (
        ("bad", Status.VIOLATES, ""),
        ("bk", Status.KNOWN, "K-1"),
        ("good", Status.CONFORMS, ""),
        ("sus", Status.SUSPECT, ""),
    ):
        scored = Scored(bad, status, name, Status.VIOLATES, ("MAE-VALUE",))
        tally.add(backend, case, [scored])
    tally.named["tutorial-mae", "good", "mae", "float32"] = {
        "reason": "the first <example>",
        "case": case.to_json(),
        "exact": "2/3",
        "got": "0.6666667",
        "status": "conforms",
    }
    tally.pinned["K-1", "bk", "float32"] = False
    tally.faults["a check | broke"] += 2
    tally.notes["search lost 3"] += 1
    contract = {"name": "staged", "exp_ulps": 2.0, "log_ulps": 1.0, "lanes": None}
    names = ("bad", "bk", "good", "sus")
    header = {
        "seed": 7,
        "profile": {"name": "quick", "pool": 10, "search": 3},
        "losses": ["mae"],
        "dtypes": ["float32"],
        "environment": {
            "python": "3.11",
            "packages": {"numpy": "2"},
            "platform": "Linux",
            "loss_conformance": "0.1.0",
        },
        "backends": [
            {"name": n, "spec": n, "contract": contract, "losses": ["mae"],
             "dtypes": ["float32"], "gradients": {"mae": ["input"]}} for n in names
        ],
        "plan": {
            "planned": [["MAE-NONE", "good", "float32"]],
            "unsupported": [["MSE-VALUE", "good", "float32", "not offered"]],
        },
        "requirements": [
            requirement("MAE-NONE"), requirement("MAE-VALUE"), requirement("MSE-VALUE")
        ],
    }  # fmt: skip
    excuses = Excuses((known(),), dt.date(2026, 1, 1))
    return build_run(Record(header, tally), excuses, "finished")


RUDE = "</details>|`@user` #1 ](x) *b*\n\n# h\x1b[31m\ud800\u202e<script>x</script>&\"'"
"""A name as nobody should have one; a damaged or a hostile run file may."""


def renamed(value: Any, old: str, new: str) -> Any:
    """Return plain data in which a text stands in place of another, keys too."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        pairs = value.items()
        return {renamed(k, old, new): renamed(v, old, new) for k, v in pairs}
    if isinstance(value, list):
        return [renamed(item, old, new) for item in value]
    return value


def rude_run() -> dict[str, Any]:
    """Return a run with everything, in which all that others wrote is hostile."""
    run = make_run()
    for text in ("search lost 3", "a mechanism", "not offered", "the first <example>"):
        run = renamed(run, text, RUDE)
    run["backends"][0]["name"] = RUDE
    for name in ("cells", "evidence", "findings", "points"):
        for entry in run[name]:
            entry["backend"] = {"bad": RUDE}.get(entry["backend"], entry["backend"])
    run["findings"][0]["verdict"]["detail"] = RUDE
    run["faults"][RUDE] = 1
    return run


def large_run(backends: int, findings: int, name: str = "backend") -> dict[str, Any]:
    """Return a run of many backends, with that many findings each."""
    run = make_run()
    bad = next(f for f in run["findings"] if f["backend"] == "bad")
    cell, evidence = (
        next(e for e in run[table] if e["backend"] == "bad")
        for table in ("cells", "evidence")
    )
    names = [f"{name}-{number}" for number in range(backends)]
    run["backends"] = [{**run["backends"][0], "name": each} for each in names]
    run["cells"] = [{**cell, "backend": each} for each in names]
    run["evidence"] = [{**evidence, "backend": each} for each in names]
    run["findings"] = [
        {**bad, "backend": each, "id": f"{number:012x}"}
        for each in names
        for number in range(findings)
    ]
    run["missing"] = [["MAE-NONE", each, "float32"] for each in names]
    return run


def sound_run() -> dict[str, Any]:
    """Return a complete run in which everything conforms."""
    run = make_run()
    keep = {"good"}
    for name in ("cells", "evidence", "findings", "points", "named"):
        run[name] = [entry for entry in run[name] if entry["backend"] in keep]
    run["backends"] = [b for b in run["backends"] if b["name"] in keep]
    run["evidence"][0]["counts"] = {"conforms": 1}
    run["cells"][0]["counts"] = {"conforms": 1}
    run["totals"]["verdicts"] = {"conforms": 1}
    run["evidence"][0]["ratio"] = run["cells"][0]["ratio"] = [0.5, ""]
    run |= {"missing": [], "faults": {}, "notes": {}, "known": []}
    run["plan"]["planned"] = [["MAE-VALUE", "good", "float32"]]
    return run
