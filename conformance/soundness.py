"""Is a document a run file, to its last part?"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from conformance.case import Case
from conformance.packing import unpack
from conformance.structure import check, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ABOUT_BACKENDS: Final = ("cells", "points", "findings", "named")


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
    """Refuse what is said of a backend, loss or storage format that was not run."""
    names = [b["name"] for b in run["backends"]]
    if len(set(names)) < len(names):
        msg = f"backends must have different names, got {', '.join(names)}"
        raise ValueError(msg)
    known = {"backend": names, "loss": run["losses"], "dtype": run["dtypes"]}
    known["requirement"] = [requirement["id"] for requirement in run["requirements"]]
    for part in (*_ABOUT_BACKENDS, "evidence"):
        for i, entry in enumerate(run[part]):
            for word in known.keys() & entry.keys():
                if entry[word] not in known[word]:
                    msg = f"{part}[{i}]: the run has no {word} {entry[word]!r}"
                    raise ValueError(msg)
