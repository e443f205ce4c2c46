"""The words and figures that every report of a kill matrix shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.writers.facts import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KILLED: Final = "×"


def summary(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sentences above the table."""
    rows, survivors = data["mutants"], data["survivors"]
    caught = len(rows) - len(survivors)
    yield f"{caught} of {len(rows)} mutants caught" if rows else "nothing was run"
    cells = counted(len(data["cells"]), "cell")
    yield f"profile {data['profile']}, seed {data['seed']}, {cells} of loss and dtype"
    for name in survivors:
        yield f"survives: {name if ':' in name else f'mutant:{name}'}"
    for text in data.get("not_run", ()):
        yield f"not run: {text}"
    for text in data["accusations"]:
        yield f"the correct backend is accused: {text}"
    for text in data["faults"]:
        yield f"fault of this program: {text}"


def head(data: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns of the matrix."""
    return ["mutant", *data["checks"], "first caught by", "case", "cases", "CPU s"]


def rows(data: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield a row of the matrix for each mutant."""
    for row in data["mutants"]:
        marks = [KILLED if check in row["kills"] else "" for check in data["checks"]]
        yield [row["name"], *marks, *_first(row["first"])]


def _first(first: Mapping[str, Any] | None) -> list[str]:
    if first is None:
        return ["nothing", "", "", ""]
    caught_by = first["requirement"] or f"{first['check']}: {first['status']}"
    where = f"{first['origin']} ({first['dtype']})"
    return [caught_by, where, str(first["cases"]), f"{first['seconds']:.2f}"]


def checks(data: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield, for each check, its name, how many it kills, and how many alone."""
    for name, found in data["checks"].items():
        alone = found["alone"]
        yield [name, str(found["kills"]), str(len(alone)), ", ".join(alone[:3])]


CHECKS_HEAD: Final = ("check", "mutants caught", "by it alone", "such as")
