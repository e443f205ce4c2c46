"""A tally has no order, and keeps the smallest witness."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conformance.case import Array, Case
from conformance.cells import Scored
from conformance.packing import dumps, loads
from conformance.tally import Tally, size_of
from conformance.verdict import Status, Verdict


def case_of(size: int, first: int) -> Case:
    """Return a case of `size` elements."""
    values = [float(first + i) for i in range(size)]
    arrays = {
        "input": Array.of(values, "float32"),
        "target": Array.of(values, "float32"),
    }
    return Case("mae", "float32", arrays)


def scored(case: Case, status: Status) -> Scored:
    """Return a verdict that follows from the case, as in a real run."""
    ratio = float(case.arguments["input"].base[0])
    verdict = Verdict("value", status, ratio=ratio, measured=1, elements=1)
    return Scored(verdict, status, "", status, ("REQ",))


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(("a", "b")),
        st.integers(1, 3),
        st.integers(0, 3),
        st.sampled_from((Status.CONFORMS, Status.VIOLATES, Status.SUSPECT)),
    ),
    max_size=6,
)


def tally_of(entries: list[tuple[str, int, int, Status]]) -> Tally:
    """Return the tally of some verdicts."""
    tally = Tally()
    for backend, size, first, status in entries:
        case = case_of(size, first)
        tally.add(backend, case, [scored(case, status)])
        tally.faults[f"fault {first}"] += 1
        tally.pinned[backend, str(size)] = tally.pinned.get(
            (backend, str(size)), False
        ) or bool(first)
    return tally


def merged(*tallies: Tally) -> Any:
    """Return the sum of fresh copies of `tallies`, as plain data."""
    total = Tally()
    for tally in tallies:
        total.merge(Tally.from_json(loads(dumps(tally.to_json()))))
    return total.to_json()


@given(ENTRIES, ENTRIES, ENTRIES)
def test_merging_has_no_order(a: Any, b: Any, c: Any) -> None:
    """Merging commutes, associates, and equals counting everything in one tally."""
    x, y, z = tally_of(a), tally_of(b), tally_of(c)
    whole = tally_of(a + b + c).to_json()
    assert merged(x, y, z) == merged(z, x, y) == merged(y, z, x) == whole


def test_the_smallest_witness_is_kept() -> None:
    """Of many failures of one kind, the one with the fewest elements is the witness."""
    tally = tally_of([("a", n, 1, Status.VIOLATES) for n in (3, 1, 2)])
    ((_, finding),) = tally.findings.items()
    assert finding.count == 3
    assert Case.from_json(finding.case).id == case_of(1, 1).id


def test_an_expanded_array_is_as_large_as_its_shape() -> None:
    """A case that is small only in memory is not a small witness."""
    base = np.zeros(1, dtype=np.float32)
    arrays = dict.fromkeys(("input", "target"), Array(base, (1000,), (0,)))
    assert size_of(Case("mae", "float32", arrays)) > size_of(case_of(3, 0))


def test_conforming_verdicts_keep_no_witness() -> None:
    """Only what departs is kept as a case."""
    assert not tally_of([("a", 1, 1, Status.CONFORMS)]).findings
