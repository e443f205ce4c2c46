"""Which backend is held against which."""

from __future__ import annotations

import pytest
from made_runs import Seen, make

from conformance.comparison.compare import compare
from conformance.comparison.model import Change, Pair
from conformance.comparison.pairing import PairError
from conformance.verdict import Status


def run(*names: str) -> dict[str, object]:
    """Return a run of backends that do the same."""
    return make([Seen(1, backend=name) for name in names])


def test_by_name() -> None:
    """Those of one name are a pair; the others stand alone."""
    comparison = compare(run("a", "b"), run("b", "c"))
    assert comparison.pairs == (Pair("", "c"), Pair("a", ""), Pair("b", "b"))
    changes = {cell.pair.name: cell.change for cell in comparison.cells}
    assert changes == {"a": Change.MISSING, "b": Change.SAME, "c": Change.NEW}
    absent = [c.reasons[0].text for c in comparison.cells if c.reasons]
    assert absent == ["OLD has no such backend", "NEW has no such backend"]


def test_the_only_one_of_each_run() -> None:
    """Two lone backends are a pair whatever they are called, and that is said."""
    comparison = compare(run("a"), run("b"))
    assert comparison.pairs == (Pair("a", "b"),)
    assert comparison.pairs[0].name == "a → b"
    assert comparison.remarks == (
        "each run has one backend: they are a pair, whatever they are called",
    )
    assert comparison.cells[0].change is Change.SAME


def test_as_asked() -> None:
    """One of the old run may stand against several; the rest goes by name."""
    asked = [("a", "b"), ("a", "c")]
    comparison = compare(run("a", "d"), run("b", "c", "d"), pairs=asked)
    assert comparison.pairs == (Pair("a", "b"), Pair("a", "c"), Pair("d", "d"))
    assert {cell.change for cell in comparison.cells} == {Change.SAME}


def test_asked_against_the_name() -> None:
    """What was asked goes before the name."""
    new = make([Seen(1, Status.SUSPECT, backend="a"), Seen(1, backend="b")])
    comparison = compare(run("a", "b"), new, pairs=[("b", "a"), ("a", "b")])
    assert comparison.pairs == (Pair("a", "b"), Pair("b", "a"))
    assert [c.change for c in comparison.cells] == [Change.SAME, Change.WORSE]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([("x", "b")], "OLD has no backend 'x'; it has a"),
        ([("a", "x")], "NEW has no backend 'x'; it has b"),
        ([("a", "b"), ("a", "b")], "got 'b' twice"),
    ],
)
def test_what_cannot_be_asked(asked: list[tuple[str, str]], message: str) -> None:
    """The message says what there is."""
    with pytest.raises(PairError, match=message):
        compare(run("a"), run("b"), pairs=asked)
