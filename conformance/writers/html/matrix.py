"""The table of backend, loss and storage format: what a reader looks at first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.cells import standing
from conformance.explain import number
from conformance.run import finding_id
from conformance.writers.html.theme import Look, look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Key = tuple[str, str, str]
"""Backend, loss and storage format."""


@dataclass(frozen=True)
class Field:
    """One field of the table.

    Attributes:
        status: The worst that was found, in a word.
        look: Its colour and symbol.
        ratio: Largest error/bound, or empty.
        place: The id of the part of the page about the cell, or empty.
    """

    status: str
    look: Look
    ratio: str = ""
    place: str = ""


@dataclass(frozen=True)
class Row:
    """The fields of one loss on one backend, in the order of the formats."""

    loss: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Group:
    """The rows of one backend."""

    backend: str
    contract: str
    rows: tuple[Row, ...]


def place_of(key: Key) -> str:
    """Return the id of the part of the page about a cell, the same in every run."""
    return f"cell-{finding_id(key)}"


def status_of(run: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    """Return the word for a cell: the worst that was found, or that it is incomplete.

    A failure is told even where verdicts are missing besides.
    """
    loss_of = {r["id"]: r["loss"] for r in run["requirements"]}
    key = (cell["backend"], cell["loss"], cell["dtype"])
    word = standing(cell)
    lost = any((b, loss_of.get(r), d) == key for r, b, d in run["missing"])
    return "incomplete" if lost and look(word).tone != "bad" else word


def matrix(run: Mapping[str, Any]) -> list[Group]:
    """Return the table: every backend, loss and format asked for has a field."""
    cells = {(c["backend"], c["loss"], c["dtype"]): c for c in run["cells"]}
    return [
        Group(
            b["name"],
            b["contract"]["name"],
            tuple(_row(run, cells, b["name"], loss) for loss in run["losses"]),
        )
        for b in run["backends"]
    ]


def _row(
    run: Mapping[str, Any], cells: Mapping[Key, Any], backend: str, loss: str
) -> Row:
    keys: Sequence[Key] = [(backend, loss, dtype) for dtype in run["dtypes"]]
    return Row(loss, tuple(_field(run, cells.get(key), key) for key in keys))


def _field(run: Mapping[str, Any], cell: Mapping[str, Any] | None, key: Key) -> Field:
    if cell is None:
        word = "not run" if _offered(run, key) else "not offered"
        return Field(word, look(word))
    word = status_of(run, cell)
    ratio = number(cell["ratio"][0]) if cell["measured"] else ""
    return Field(word, look(word), ratio, place_of(key))


def _offered(run: Mapping[str, Any], key: Key) -> bool:
    backend, loss, dtype = key
    mine = {r["id"] for r in run["requirements"] if r["loss"] == loss}
    planned = run["plan"]["planned"]
    return any(r in mine and (b, d) == (backend, dtype) for r, b, d in planned)
