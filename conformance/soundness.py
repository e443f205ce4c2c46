"""Is a document a run file, to its last part?"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from conformance.case import Case
from conformance.packing import unpack
from conformance.structure import check, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ABOUT: Final = {
    "cells": ("backend", "loss", "dtype"),
    "points": ("backend", "loss", "dtype"),
    "evidence": ("requirement", "backend", "dtype"),
    "findings": ("id",),
    "named": ("name", "backend", "loss", "dtype"),
    "known": ("id",),
}
"""Part of a run → what each of its entries alone is about."""


def sound(document: Any) -> dict[str, Any]:
    """Return the run that a packed document holds.

    Raises:
        ValueError: If it departs from the schema, or contradicts itself.
    """
    check(document, shipped("run"))
    run: dict[str, Any] = unpack(document)
    _references(run)
    for where, case in _cases(run):
        try:
            written = Case.from_json(case).to_json()
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            msg = f"{where}: {error}"
            raise ValueError(msg) from error
        if written != case:
            msg = f"{where}: a number is not written as this program writes it"
            raise ValueError(msg)
    days = [entry["expires"] for part in ("excuses", "known") for entry in run[part]]
    for day in (run["today"], *days):
        dt.date.fromisoformat(day)
    return run


def _cases(run: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for i, entry in enumerate(run["named"]):
        yield f"named[{i}].case", entry["case"]
    for i, finding in enumerate(run["findings"]):
        yield f"findings[{i}].case", finding["case"]
        if finding["shrunk"]:
            yield f"findings[{i}].shrunk.case", finding["shrunk"]["case"]


def _references(run: Mapping[str, Any]) -> None:
    """Refuse what is said twice, or of a backend, loss or format that was not run."""
    names = [b["name"] for b in run["backends"]]
    if len(set(names)) < len(names):
        msg = f"backends must have different names, got {', '.join(names)}"
        raise ValueError(msg)
    there = {"backend": names, "loss": run["losses"], "dtype": run["dtypes"]}
    there["requirement"] = [requirement["id"] for requirement in run["requirements"]]
    for part, words in _ABOUT.items():
        told = set()
        for i, entry in enumerate(run[part]):
            # Of a known finding these are patterns.
            for word in there.keys() & entry.keys() if part != "known" else ():
                if entry[word] not in there[word]:
                    msg = f"{part}[{i}]: the run has no {word} {entry[word]!r}"
                    raise ValueError(msg)
            about = tuple(entry[word] for word in words)
            if about in told:
                msg = f"{part}[{i}]: there are two entries about {', '.join(about)}"
                raise ValueError(msg)
            told.add(about)
