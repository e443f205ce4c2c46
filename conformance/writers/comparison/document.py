"""The regression report as JSON, described by `schemas/comparison.schema.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.comparison import outcome
from conformance.comparison.model import Change
from conformance.packing import dumps

if TYPE_CHECKING:
    from conformance.comparison.model import Comparison, Figures, Pair, Reason
    from conformance.writers.comparison.report import Report

SCHEMA: Final = "loss-conformance comparison"
VERSION: Final = 1


def write(report: Report) -> str:
    """Return the report as one JSON document."""
    return dumps(_plain(report), indent=1) + "\n"


def _plain(report: Report) -> dict[str, Any]:
    comparison = report.comparison
    return {
        "schema": SCHEMA,
        "schema_version": VERSION,
        "exit_code": report.code,
        "why": report.why,
        "summary": outcome.summary(comparison),
        "fail_on": [str(c) for c in Change if c in report.fail_on | outcome.ALWAYS],
        "factor": float(comparison.factor),
        "old": {"file": report.old, **comparison.old},
        "new": {"file": report.new, **comparison.new},
        "pairs": [_pair(pair) for pair in comparison.pairs],
        "grounds": list(comparison.grounds),
        "remarks": list(comparison.remarks),
        "unfinished": list(comparison.unfinished),
        "counts": {part: _counts(comparison, part) for part in outcome.PARTS},
        **_tables(comparison),
    }


def _counts(comparison: Comparison, part: str) -> dict[str, int]:
    found = outcome.counts(comparison, part)
    return {str(change): found[change] for change in Change}


def _tables(comparison: Comparison) -> dict[str, list[dict[str, Any]]]:
    return {
        "cells": [
            {
                **_row(cell),
                "reasons": [_reason(reason) for reason in cell.reasons],
                "figures": _figures(cell.figures),
            }
            for cell in comparison.cells
        ],
        "findings": [
            {
                **_row(finding),
                "reason": _reason(finding.reason),
                "old": _extent(finding.old),
                "new": _extent(finding.new),
            }
            for finding in comparison.findings
        ],
        "known": [_row(known) for known in comparison.known],
        "requirements": [
            _row(each)
            for each in comparison.requirements
            if each.change is not Change.SAME
        ],
    }


def _row(row: Any) -> dict[str, Any]:
    return {**vars(row), "pair": _pair(row.pair), "change": str(row.change)}


def _pair(pair: Pair) -> dict[str, str]:
    return pair._asdict()


def _reason(reason: Reason) -> dict[str, Any]:
    return {**vars(reason), "change": str(reason.change), "cases": list(reason.cases)}


def _extent(extent: tuple[int, float]) -> dict[str, Any]:
    count, ratio = extent
    return {"count": count, "ratio": float(ratio)}


def _figures(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    worst = {name: _worst(*getattr(figures, name)) for name in ("old", "new")}
    return {**vars(figures), **worst, "rest": [float(f) for f in figures.rest]}


def _worst(ratio: float, case: str) -> dict[str, Any]:
    return {"ratio": float(ratio), "case": case}
