"""The kill matrix: mutant × check, made of what the trials found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from conformance.self_test.trial import CONTROL, check_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.self_test.session import Session


def build(
    session: Session,
    names: Mapping[str, tuple[str, str]],
    catalogue: Iterable[Any],
    seconds: float,
) -> dict[str, Any]:
    """Return the matrix as plain data.

    Args:
        session: What was found.
        names: Spelling of each wrong backend → its name and its mechanism.
        catalogue: Every requirement.
        seconds: How long it took.
    """
    rows = [_row(spec, *names[spec], session.records) for spec in names]
    requirements = list(catalogue)
    checks = list(dict.fromkeys(check_of(r.quantity) for r in requirements))
    control = [r for r in session.records if r["spec"] == CONTROL]
    return {
        "profile": session.assignment.profile.name,
        "seed": session.assignment.seed,
        "cells": [list(cell) for cell in session.assignment.cells],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(sum(r["seconds"] for r in session.records), 1),
        "checks": {c: _check(c, rows) for c in checks},
        "mutants": rows,
        "survivors": [row["name"] for row in rows if not row["kills"]],
        "not_run": [],
        "unfailed": _unfailed(requirements, session),
        "accusations": [_where(r) for r in control if r["caught"]],
        "faults": _faults(session),
    }


def _row(
    spec: str, name: str, mechanism: str, records: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    own = [r for r in records if r["spec"] == spec]
    kills: Counter[str] = Counter()
    for record in own:
        kills.update(record["kills"])
    firsts = [r["first"] | _cell(r) for r in own if r["first"]]
    return {
        "name": name,
        "mechanism": mechanism,
        "kills": dict(sorted(kills.items())),
        "first": min(firsts, key=lambda f: f["cases"], default=None),
        "requirements": sorted({i for r in own for i in r["requirements"]}),
        "cells": [_cell(r) | {"caught": r["caught"], "cases": r["cases"]} for r in own],
        "cases": sum(r["cases"] for r in own),
        "seconds": round(sum(r["seconds"] for r in own), 3),
    }


def _cell(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"loss": record["loss"], "dtype": record["dtype"]}


def _check(check: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how many mutants a check kills, and which ones no other check does."""
    killed = [row for row in rows if check in row["kills"]]
    alone = [row["name"] for row in killed if len(row["kills"]) == 1]
    return {"kills": len(killed), "alone": alone}


def _unfailed(requirements: Sequence[Any], session: Session) -> list[str]:
    """Return the requirements of the losses tried that no mutant failed."""
    losses = {loss for loss, _ in session.assignment.cells}
    failed = {i for r in session.records for i in r["requirements"]}
    return sorted(r.id for r in requirements if r.loss in losses and r.id not in failed)


def _where(record: Mapping[str, Any]) -> str:
    first = record["first"]
    return (
        f"{record['loss']} in {record['dtype']}: {first['quantity']} of "
        f"{first['origin']} {first['status']}"
    )


def _faults(session: Session) -> list[str]:
    return sorted({*session.faults, *(f for r in session.records for f in r["faults"])})
