"""The run file: everything a report, a comparison or a replay needs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from conformance.files import FileError, is_file, read, replace
from conformance.findings import Excuses, Known
from conformance.journal import (
    DamagedError,
    Record,
    is_journal,
    journal_of,
    read_journal,
)
from conformance.packing import dumps, pack, parse
from conformance.soundness import sound
from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from conformance.tally import Key, Tally

SCHEMA: Final = "loss-conformance run"
VERSION: Final = 2
FINISHED: Final = "finished"
INTERRUPTED: Final = "interrupted"
KILLED: Final = "killed"

ID_DIGITS: Final = 12


def build_run(record: Record, excuses: Excuses, stop: str) -> dict[str, Any]:
    """Return the run as plain data.

    Args:
        record: The header and everything counted.
        excuses: The known findings that were applied.
        stop: Why it ended: `finished`, `interrupted` or `killed`.
    """
    header, tally = record.header, record.tally
    planned = {tuple(entry) for entry in header["plan"]["planned"]}
    judged = {key for key, support in tally.support.items() if support.judged}
    # Of a shard nobody knows: the others may have it.
    missing = [] if header.get("shard") else sorted(planned - judged)
    return {
        **header,
        "schema": SCHEMA,
        "schema_version": VERSION,
        "stop": stop,
        "complete": stop == FINISHED and not missing and not tally.faults,
        "missing": [list(entry) for entry in missing],
        "cells": [_named(CELL, k, c.to_json()) for k, c in sorted(tally.cells.items())],
        "evidence": [
            _named(EVIDENCE, k, s.to_json()) for k, s in sorted(tally.support.items())
        ],
        "points": [
            _named(CELL, k, {"cases": sorted(lines.values())})
            for k, lines in sorted(tally.points.items())
        ],
        "findings": _findings(record),
        "known": _known(header, tally, excuses),
        "named": [_named(NAMED, k, dict(tally.named[k])) for k in sorted(tally.named)],
        "faults": dict(sorted(tally.faults.items())),
        "notes": dict(sorted(tally.notes.items())),
        "totals": _totals(tally),
        "time": {"seconds": None, "workers": dict(sorted(tally.spent.items()))},
    }


CELL: Final = ("backend", "loss", "dtype")
EVIDENCE: Final = ("requirement", "backend", "dtype")
NAMED: Final = ("name", "backend", "loss", "dtype")
FINDING: Final = ("backend", "loss", "dtype", "quantity", "kind", "status", "known")


def _named(names: Sequence[str], key: Key, entry: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(names, key, strict=True)) | entry


def finding_id(key: Key) -> str:
    """Return a short name of a finding, the same in every run that makes it."""
    return hashlib.sha256("|".join(key).encode()).hexdigest()[:ID_DIGITS]


def _findings(record: Record) -> list[dict[str, Any]]:
    found = []
    for key, finding in sorted(record.tally.findings.items()):
        entry = _named(FINDING, key, finding.to_json())
        del entry["size"]
        entry["id"] = finding_id(key)
        entry["shrunk"] = record.shrunk.get(key)
        found.append(entry)
    return found


def _known(
    header: Mapping[str, Any], tally: Tally, excuses: Excuses
) -> list[dict[str, Any]]:
    names = [b["name"] for b in header["backends"]]
    losses, dtypes = header["losses"], header["dtypes"]
    packages = header["environment"]["packages"]
    return [
        _known_entry(entry, tally, packages, expired=entry.expires <= excuses.today)
        for entry in sorted(excuses.entries, key=lambda e: e.id)
        if any(entry.about(n, x, d) for n in names for x in losses for d in dtypes)
    ]


def _known_entry(
    entry: Known, tally: Tally, installed: Mapping[str, str | None], *, expired: bool
) -> dict[str, Any]:
    mine = [f for key, f in tally.findings.items() if key[-1] == entry.id]
    strict = entry.measured_on(installed)
    pins = {key[1:]: ok for key, ok in tally.pinned.items() if key[0] == entry.id}
    fixed = [list(key) for key, failed in sorted(pins.items()) if not failed]
    return {
        **entry.to_json(),
        "expired": expired,
        "count": sum(f.count for f in mine),
        "ratio": list(max((f.ratio for f in mine), default=(0.0, ""))),
        "stale": fixed if strict else [],
        "elsewhere": [] if strict else fixed,
        "confirmed": [list(key) for key, failed in sorted(pins.items()) if failed],
    }


def _totals(tally: Tally) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for cell in tally.cells.values():
        for status, count in cell.counts.items():
            counts[status] = counts.get(status, 0) + count
    return {
        "cases": sum(c.cases for c in tally.cells.values()),
        "elements": sum(c.elements for c in tally.cells.values()),
        "verdicts": counts,
    }


def new_findings(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the failures that no known finding covers."""
    return [f for f in run["findings"] if f["status"] in FAILURES]


def stale(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the known findings whose pinned witness no longer fails."""
    return [k for k in run["known"] if k["stale"]]


def reasons(run: Mapping[str, Any]) -> dict[int, list[str]]:
    """Return exit code → why the run asks for it."""
    inconclusive = run["totals"]["verdicts"].get(Status.INCONCLUSIVE, 0)
    incomplete = {
        "work lost or given up": len(run["faults"]),
        "planned requirements without a verdict": len(run["missing"]),
        "inconclusive verdicts": inconclusive,
        "stopped before the end": int(run["stop"] != FINISHED),
    }
    failing = {"new findings": len(new_findings(run)), "stale": len(stale(run))}
    nothing = {"nothing was checked": int(not run["totals"]["verdicts"])}
    interrupted = {"interrupted": int(run["stop"] == INTERRUPTED)}
    table = {130: interrupted, 3: incomplete, 1: failing, 5: nothing}
    return {
        code: [f"{text} ({n})" if n > 1 else text for text, n in why.items() if n]
        for code, why in table.items()
    }


def exit_code(run: Mapping[str, Any]) -> int:
    """Return 130 interrupted, 3 incomplete, 1 fails, 5 nothing checked, 0 conforms."""
    return next((code for code, why in reasons(run).items() if why), 0)


def save_run(run: Mapping[str, Any], path: Path) -> None:
    """Write the run file in one step: a reader sees the old one or the new one.

    Raises:
        FileError: If it cannot be written.
    """
    replace(path, dumps(run, indent=1) + "\n")


def load_run(path: Path) -> dict[str, Any]:
    """Return the run at `path`: a run file, or the journal that a kill left.

    A journal beside the run file is newer than it and is preferred.

    Raises:
        DamagedError: If there is none, or it is not a run file this version reads.
    """
    journal = journal_of(path)
    if not is_file(journal):
        return _loaded(path)
    try:
        return _loaded(journal)
    except DamagedError as error:
        if not is_file(path):
            raise
        msg = f"{error}; or delete it to read {path}, the run before it"
        raise DamagedError(msg) from error


def _loaded(path: Path) -> dict[str, Any]:
    try:
        text = read(path)
    except FileError as error:
        raise DamagedError(str(error)) from error
    if is_journal(text):
        document = pack(_from_journal(path, text))
    else:
        document = _parsed(path, text)
    try:
        return sound(document)
    except ValueError as error:
        msg = f"{path} is damaged: {error}; run `loss-conformance check` again"
        raise DamagedError(msg) from error


def _parsed(path: Path, text: str) -> Any:
    try:
        document = parse(text)
    except ValueError as error:
        msg = f"{path} is damaged: it must be JSON, got {error}"
        raise DamagedError(msg) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        msg = f"{path} is not a run file of loss-conformance"
        raise DamagedError(msg)
    version = document.get("schema_version")
    if version != VERSION:
        msg = (
            f"{path} has schema version {version}, this program reads {VERSION}: "
            "use the version of loss-conformance that wrote it"
        )
        raise DamagedError(msg)
    return document


def _from_journal(path: Path, text: str) -> dict[str, Any]:
    try:
        record = read_journal(path, text)
        entries = tuple(Known.from_json(e) for e in record.header["excuses"])
        excuses = Excuses.on(record.header["today"], entries)
        return build_run(record, excuses, KILLED)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        msg = f"{path} is damaged: its header lacks {error}"
        raise DamagedError(msg) from error
