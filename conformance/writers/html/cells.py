"""All about one backend, loss and storage format: figures, contract, plots."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.cells import resolution
from conformance.explain import number
from conformance.points import Point
from conformance.verdict import Status
from conformance.writers.facts import under_wide
from conformance.writers.html import histograms, scatters
from conformance.writers.html.backends import contract_of, formats
from conformance.writers.html.figures import grouped
from conformance.writers.html.matrix import Key, place_of, status_of
from conformance.writers.html.svg import draw
from conformance.writers.html.theme import Look, look

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.contract import Contract
    from conformance.writers.html.charts import Chart


@dataclass(frozen=True)
class Plot:
    """One plot: its heading, what to know about it, and the picture."""

    title: str
    note: str
    svg: str


@dataclass(frozen=True)
class Told:
    """One cell.

    Attributes:
        place: The id of its part of the page.
        backend: Its backend.
        loss: Its loss.
        dtype: Its storage format.
        status: The worst that was found.
        look: Colour and symbol of that.
        ratio: Largest error/bound, or empty.
        contract: What it was judged by.
        wide: What it would be under contract `wide`; empty if that is its own.
        figures: `(label, text)`.
        statuses: `(look, status, verdicts, verdicts under wide)`.
        skipped: `(reason, cases)` that the backend does not take.
        findings: `(id, what it is about, look)` of each finding in the cell.
        plots: Its plots.
    """

    place: str
    backend: str
    loss: str
    dtype: str
    status: str
    look: Look
    ratio: str
    contract: str
    wide: str
    figures: tuple[tuple[str, str], ...]
    statuses: tuple[tuple[Look, str, int, int], ...]
    skipped: tuple[tuple[str, int], ...]
    findings: tuple[tuple[str, str, Look], ...]
    plots: tuple[Plot, ...]


def told(run: Mapping[str, Any]) -> Iterator[Told]:
    """Yield the cells in the order of the matrix."""
    contracts = {b["name"]: contract_of(b) for b in run["backends"]}
    cells = {(c["backend"], c["loss"], c["dtype"]): c for c in run["cells"]}
    points = {(p["backend"], p["loss"], p["dtype"]): p["cases"] for p in run["points"]}
    for key in itertools.product(contracts, run["losses"], run["dtypes"]):
        if key in cells:
            contract, lines = contracts[key[0]], points.get(key, ())
            yield _told(run, cells[key], contract, lines)


def _told(
    run: Mapping[str, Any],
    cell: Mapping[str, Any],
    contract: Contract,
    lines: Iterable[str],
) -> Told:
    key = (cell["backend"], cell["loss"], cell["dtype"])
    status = status_of(run, cell)
    return Told(
        place_of(key),
        *key,
        status,
        look(status),
        number(cell["ratio"][0]) if cell["measured"] else "",
        f"{contract.name}: {formats(contract, key[2])}",
        under_wide(cell, contract.name),
        tuple(_figures(cell)),
        tuple(_statuses(cell)),
        tuple(sorted(cell["skipped"].items())),
        tuple(_findings(run, key)),
        tuple(_plots(cell, lines)),
    )


def _findings(run: Mapping[str, Any], key: Key) -> Iterator[tuple[str, str, Look]]:
    for f in run["findings"]:
        if (f["backend"], f["loss"], f["dtype"]) == key:
            kind = f" ({f['kind']})" if f["kind"] != "value" else ""
            yield f["id"], f"{f['quantity']}{kind}", look(f["status"])


def _figures(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "cases", grouped(cell["cases"])
    yield "elements judged", grouped(cell["elements"])
    measured = cell["measured"]
    if measured:
        for label, name in (("error/bound", "ratio"), ("error in ulp", "ulps")):
            figure, case = cell[name]
            at = f" in case {case}" if case else ""
            yield f"largest {label} found", f"{number(figure)}{at}"
        rounded = f"{_share(cell['rounded'], measured)} of {grouped(measured)} elements"
        yield "correctly rounded", rounded
        yield "resolution, median bound/|exact|", number(resolution(cell))
    weak = f"{grouped(cell['weak'])} of {grouped(cell['judged'])}"
    yield "cases that zeros would have passed", weak


def _share(some: int, all_: int) -> str:
    """Return a share in per cent; one that is not all never reads as all.

    >>> _share(3, 3), _share(99999, 100000), _share(1, 3)
    ('100 %', 'more than 99.9 %', '33.3 %')
    """
    if some == all_:
        return "100 %"
    shown = f"{100 * some / all_:.1f}"
    return "more than 99.9 %" if shown == "100.0" else f"{shown} %"


def _statuses(cell: Mapping[str, Any]) -> Iterator[tuple[Look, str, int, int]]:
    own, wide = cell["counts"], cell["wide"]
    for status in map(str, Status):
        if own.get(status) or wide.get(status):
            yield look(status), status, own.get(status, 0), wide.get(status, 0)


def _plots(cell: Mapping[str, Any], lines: Iterable[str]) -> Iterator[Plot]:
    points = [Point.parse(line) for line in lines]
    for chart in _charts(cell, points):
        if chart is not None:
            yield Plot(chart.title, chart.note, draw(chart))


def _charts(cell: Mapping[str, Any], points: Sequence[Point]) -> Iterator[Chart | None]:
    yield histograms.ratios(cell)
    yield histograms.ulps(cell)
    yield scatters.against_bound(points)
    yield scatters.against_size(points)
    # Only cross-entropy has logits; without classes every gap is 0.
    if any(p.gap for p in points):
        yield scatters.against_gap(points)
