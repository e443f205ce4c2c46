"""Run files are what their schema says, and the schema lets nothing else through."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runs import RUNS

from conformance.findings import Excuses
from conformance.journal import Record
from conformance.packing import dumps, loads
from conformance.run import FINISHED, build_run, load_run
from conformance.structure import StructureError, check, shipped
from conformance.tally import Tally
from conformance.tools import PRODUCTION
from conformance.unit import CorpusUnit, PoolUnit, SearchUnit, Settings, perform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = shipped("run")
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

FREE = {
    *("skipped", "faults", "notes", "workers", "packages", "gradients", "derivatives"),
    *("options", "versions", "when", "declined", "terms", "counts", "wide", "verdicts"),
    *("compute", "accumulate"),
}
"""Objects whose keys are data."""

OPTIONAL = {"row_lanes", "shift_gradient", "contiguous_lanes"}
"""Members that came later: a file from before they did is read as well."""


def whole(run_files: dict[str, Path], kind: str = "failing") -> Any:
    """Return the document of one of them, packed."""
    return json.loads(run_files[kind].read_text(encoding="utf-8"))


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything inside `value`; of a list, to its first element."""
    inside = value.items() if isinstance(value, dict) else enumerate(value[:1])
    for key, item in inside:
        yield (*way, key)
        if isinstance(item, dict | list):
            yield from places(item, (*way, key))


def at(document: Any, way: tuple[Any, ...]) -> Any:
    """Return the part of `document` that `way` leads to."""
    for key in way:
        document = document[key]
    return document


@pytest.mark.parametrize("kind", RUNS)
def test_real_runs_are_valid(run_files: dict[str, Path], kind: str) -> None:
    """Clean, failing, interrupted, with known findings, of a program: all of them."""
    VALIDATOR.validate(whole(run_files, kind))
    run = load_run(run_files[kind])
    assert run["totals"]["cases"] > 0
    assert bool(run["findings"]) == bool(run["known"]) == (kind == "failing")
    assert (run["stop"] == "interrupted") == (kind == "interrupted")
    assert dumps(run, indent=1) + "\n" == run_files[kind].read_text(encoding="utf-8")


def test_what_the_real_parts_find_is_valid(
    run_files: dict[str, Path], tmp_path: Path
) -> None:
    """Verdicts with all their evidence, and named cases with their exact value."""
    tally, parts = Tally(), Settings(Excuses(), PRODUCTION)
    wrong = "mutant:clipped_probability"
    for unit in (
        CorpusUnit("cross_entropy", "float32", 0, 9, ("numpy", wrong)),
        PoolUnit("cross_entropy", "float32", 0, 30, (wrong,), 0),
        SearchUnit("cross_entropy", "float16", 3, wrong, 0),
    ):
        text = perform(unit, parts, tmp_path / "crumb")
        tally.merge(Tally.from_json(loads(text)["tally"]))
    header = {**load_run(run_files["clean"]), "losses": ["cross_entropy"]}
    header |= {"plan": {"planned": [], "unsupported": []}}
    run = build_run(Record(header, tally), Excuses((), dt.date.max), FINISHED)
    assert any(f["verdict"]["evidence"]["terms"] for f in run["findings"])
    assert run["named"]
    VALIDATOR.validate(json.loads(dumps(run)))


def allowed(document: Any) -> bool:
    """Does reading a run file let a document through?"""
    try:
        check(document, SCHEMA)
    except StructureError:
        return False
    return True


def test_every_place_refuses_what_does_not_belong(run_files: dict[str, Path]) -> None:
    """Something of another type, something that is gone, something added."""
    text = json.dumps(whole(run_files))
    for way in places(json.loads(text)):
        document = json.loads(text)
        *outer, last = way
        inside, name = at(document, tuple(outer)), outer[-1] if outer else ""
        kept, inside[last] = inside[last], {"x": [0.5]}
        assert not allowed(document), way
        if isinstance(inside, dict) and name not in FREE:
            del inside[last]
            assert allowed(document) == (last in OPTIONAL), way
            inside |= {last: kept, "x": 1}
            assert not allowed(document), way


@pytest.mark.parametrize(
    ("way", "wrong"),
    [
        (("seed",), -1),
        (("seed",), 2**53),
        (("seed",), 0.5),
        (("seed",), True),
        (("stop",), "done"),
        (("today",), "yesterday"),
        (("schema_version",), 1),
        (("shard",), {"index": 0, "count": 2}),
        (("cells", 0, "counts", "conformed"), 1),
        (("cells", 0, "counts", "conforms"), float("nan")),
        (("cells", 0, "ratio", 0), 0.5),
        (("cells", 0, "ratio", 0), {"$float": "0.5"}),
        (("cells", 0, "ratio", 1), "0123456789ab\n"),
        (("cells", 0, "ratio_bins", 0), -1),
        (("cells", 0, "ratio_bins"), [0] * 14),
        (("backends", 0, "name"), "a\x1b[2J"),
        (("backends", 0, "name"), "a\u202eb"),
        (("findings", 0, "id"), "../../x"),
        (("findings", 0, "case", "arguments", "input", "dtype"), "object"),
        (("findings", 0, "case", "arguments", "input", "base", 0), "0.1"),
        (("findings", 0, "verdict", "status"), "violated"),
        (("points", 0, "cases", 0), "0123456789ab 1 2 3 4"),
        (("points", 0, "cases", 0), "0123456789ab 1.2.3 2 3 4 5"),
        (("environment", "hostname"), "mine"),
    ],
)  # fmt: skip
def test_a_planted_deviation_is_found(
    run_files: dict[str, Path], way: tuple[Any, ...], wrong: Any
) -> None:
    """Ranges, closed lists, forms of texts and closed objects, by both validators."""
    document = whole(run_files)
    *outer, last = way
    at(document, tuple(outer))[last] = wrong
    assert not VALIDATOR.is_valid(document)
    assert not allowed(document)


WRONG = st.sampled_from(
    [None, True, -1, 0, 7, 2**60, "", "text", [], {}, {"$float": "nan"}, ["a"], 1.5]
)


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_gets_the_same_verdict_from_both(
    run_files: dict[str, Path], data: st.DataObject
) -> None:
    """What jsonschema refuses, reading a run file refuses, and nothing else."""
    document = whole(run_files)
    way = data.draw(st.sampled_from(list(places(document))))
    inside = at(document, way[:-1])
    how = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if how == "replace":
        inside[way[-1]] = data.draw(WRONG)
    elif how == "remove":
        del inside[way[-1]]
    elif isinstance(inside, dict):
        inside[data.draw(st.sampled_from(["x", "known", "conforms"]))] = data.draw(
            WRONG
        )
    else:
        inside.append(data.draw(WRONG))
    assert allowed(document) == VALIDATOR.is_valid(document)
