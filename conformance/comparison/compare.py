"""`compare`: two run files, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.comparison.cells import compare_cells
from conformance.comparison.drift import FACTOR
from conformance.comparison.findings import compare_findings, compare_known
from conformance.comparison.model import Comparison
from conformance.comparison.pairing import (
    contract_ground,
    gaps,
    grounds,
    pair,
    sizes,
)
from conformance.comparison.requirements import compare_requirements
from conformance.comparison.side import Side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.comparison.model import (
        CellChange,
        KnownChange,
        RequirementChange,
    )

HEAD: Final = (
    *("environment", "oracle", "profile", "seed", "shard", "losses", "dtypes", "stop"),
)
"""What of a run a comparison repeats."""


def compare(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    drift: float = FACTOR,
    pairs: Sequence[tuple[str, str]] = (),
) -> Comparison:
    """Return what became of each cell, finding and requirement of two runs.

    Cases are paired by id, backends by name, and where each run has one backend, those.
    The new run is judged by what it holds as well: see `outcome`.

    Args:
        old: A run file's data, as `load_run` returns it.
        new: The same, later.
        drift: Growth of error/bound from which on it is drift, at least 1.
        pairs: Backends of the old run and of the new one that are to be paired though
            their names differ.

    Raises:
        PairError: If `pairs` names a backend that is not there.
        ValueError: If a run file contradicts itself.
    """
    a, b = Side.of(old), Side.of(new)
    found, remarks = pair(a, b, pairs)
    general = grounds(a, b)
    cells: list[CellChange] = []
    known: list[KnownChange] = []
    requirements: list[RequirementChange] = []
    for each in found:
        why = general + contract_ground(a, b, each)
        cells += compare_cells(a, b, each, why, drift)
        known += compare_known(a, b, each, why)
        requirements += compare_requirements(a, b, each, why)
    return Comparison(
        _head(old),
        _head(new),
        drift,
        found,
        general,
        (*remarks, *sizes(a, b), *gaps(a, b)),
        b.unfinished,
        tuple(cells),
        tuple(compare_findings(a, b, cells)),
        tuple(known),
        tuple(requirements),
    )


def _head(run: Mapping[str, Any]) -> dict[str, Any]:
    return {name: run[name] for name in HEAD if name in run}
