"""Shards merge to the run that was divided, or are refused with the reason."""

from __future__ import annotations

import copy
import json
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runs import check, excuses, request

from conformance.cli import cli
from conformance.findings import Excuses, Known
from conformance.journal import Record, journal_of
from conformance.merging import MixedError, merge, record_of
from conformance.packing import loads
from conformance.plan import make_units
from conformance.run import FINISHED, build_run, exit_code, load_run
from conformance.session import shrinkable
from conformance.sharding import Shard
from conformance.unit import Settings, ShrinkUnit, Unit, perform

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BACKENDS = ("wrong@3", "raise@2001", "wrong@1002")


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the run files of the two halves of the failing run."""
    folder = tmp_path_factory.mktemp("shards")
    return {
        f"{k}": check(
            folder,
            *BACKENDS,
            excuses=excuses(),
            shard=Shard(k, 2),
            output=folder / f"{k}.json",
        )
        for k in (1, 2)
    }


def timeless(run: dict[str, Any]) -> dict[str, Any]:
    """Return a run without its time and environment."""
    return {k: v for k, v in run.items() if k not in {"time", "environment"}}


def runs(shards: dict[str, Path]) -> dict[str, Any]:
    """Return them read, each anew."""
    return {name: load_run(path) for name, path in shards.items()}


def test_two_halves_are_the_whole(
    run_files: dict[str, Path], shards: dict[str, Path]
) -> None:
    """From real workers: everything but time and environment is the same."""
    whole = load_run(run_files["failing"])
    assert timeless(merge(runs(shards))) == timeless(whole)
    for half in runs(shards).values():
        assert 0 < half["totals"]["cases"] < whole["totals"]["cases"]
        assert half["complete"]
        assert not half["missing"]


@pytest.mark.parametrize("kind", ["clean", "failing", "interrupted"])
def test_a_run_holds_all_it_was_built_from(
    run_files: dict[str, Path], kind: str
) -> None:
    """Its record, read back from the file, builds it again."""
    run = load_run(run_files[kind])
    known = tuple(Known.from_json(e) for e in run["excuses"])
    again = build_run(record_of(run), Excuses.on(run["today"], known), run["stop"])
    again["time"]["seconds"] = run["time"]["seconds"]
    assert again == run


@cache
def found(unit: Unit) -> str:
    """Return what a unit of fake parts finds, as a worker sends it."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        parts = Settings(excuses(), "fake_parts:parts")
        return perform(unit, parts, Path(folder) / "crumb")


def run_of(header: dict[str, Any], units: Iterable[Unit]) -> dict[str, Any]:
    """Return the run of some units, done in this process."""
    record = Record(header)
    for unit in units:
        record.apply(loads(found(unit)))
    for key in shrinkable(record.tally):
        case = record.tally.findings[key].case
        shrink = ShrinkUnit(Hashable(case), key[0], key[3], key[4], 9, 9.0)
        record.apply(loads(found(shrink)) | {"key": list(key)})
    known = Excuses.on(header["today"], excuses().entries)
    return json.loads(json.dumps(build_run(record, known, FINISHED)))  # type: ignore[no-any-return]


class Hashable(dict):  # type: ignore[type-arg]
    """A case as JSON that a unit can be found by."""

    def __hash__(self) -> int:
        """Return the hash of its text."""
        return hash(json.dumps(self))


@pytest.fixture(scope="module")
def header(run_files: dict[str, Path]) -> dict[str, Any]:
    """Return the header of the failing run."""
    return load_run(run_files["failing"])


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_a_run_is_divided_its_shards_are_the_whole(
    header: dict[str, Any], tmp_path: Path, data: st.DataObject
) -> None:
    """Any number of shards, any units in them, also none, in any order."""
    asked = request(tmp_path, *BACKENDS)
    subjects = [_subject(b) for b in header["backends"]]
    units = make_units(asked.scope, subjects, import_module("fake_parts").parts())
    count = data.draw(st.integers(1, 4))
    homes = data.draw(
        st.lists(st.integers(1, count), min_size=len(units), max_size=len(units))
    )
    parts = {
        f"{k}": run_of(
            {**header, "shard": {"index": k, "count": count}},
            [unit for unit, home in zip(units, homes, strict=True) if home == k],
        )
        for k in range(1, count + 1)
    }
    order = data.draw(st.permutations(list(parts)))
    whole = timeless(run_of(header, units))
    assert timeless(merge({name: parts[name] for name in order})) == whole
    assert whole["findings"]


def _subject(data: Any) -> Any:
    from conformance.plan import Subject

    return Subject.from_json(data)


def test_what_no_shard_shows_is_missing_only_in_the_whole(
    shards: dict[str, Path],
) -> None:
    """A planned requirement without a verdict: each half passes, the run does not."""
    halves = runs(shards)
    for half in halves.values():
        half["plan"]["planned"].append(["MAE-NEVER", "wrong@3", "float32"])
        half["findings"], half["known"] = [], []
        assert exit_code(half) == 0
    merged = merge(halves)
    assert merged["missing"] == [["MAE-NEVER", "wrong@3", "float32"]]
    assert not merged["complete"]
    assert exit_code(merged) == 3


@pytest.mark.parametrize(
    ("stops", "expected"),
    [
        (("finished", "finished"), "finished"),
        (("finished", "killed"), "killed"),
        (("killed", "interrupted"), "interrupted"),
    ],
)
def test_a_shard_that_did_not_finish_leaves_the_whole_unfinished(
    shards: dict[str, Path], stops: tuple[str, str], expected: str
) -> None:
    """The gravest reason stands, and the run is not complete."""
    halves = runs(shards)
    for half, stop in zip(halves.values(), stops, strict=True):
        half["stop"] = stop
    merged = merge(halves)
    assert merged["stop"] == expected
    assert merged["complete"] == (expected == "finished")


def test_other_processors_are_remembered(shards: dict[str, Path]) -> None:
    """The environments of all shards are kept, whatever the order."""
    halves = runs(shards)
    halves["2"]["environment"]["cpu"]["model"] = "Z80"
    one, other = (merge(dict(p)) for p in (halves.items(), reversed(halves.items())))
    assert timeless(one) == timeless(other)
    models = {
        e["cpu"]["model"] for e in (one["environment"], *one["other_environments"])
    }
    assert "Z80" in models
    assert len(models) == 2


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda r: r.update(seed=1), "seed is 0 in one and 1 in the other"),
        (lambda r: r.update(pool_version=9), "pool_version is"),
        (lambda r: r["oracle"].update(source="f" * 12), "oracle.source is"),
        (lambda r: r["corpus"][0].update(hash="f" * 12), r"corpus\[0\].hash is"),
        (lambda r: r["profile"].update(pool=9), "profile.pool is 20 in one and 9"),
        (lambda r: r["losses"].append("mse"), r'losses is \["mae"\] in one'),
        (lambda r: r.update(dtypes=["float32"]), "dtypes is"),
        (lambda r: r["backends"][1].update(spec="x"), r'backends\[1\].spec is "raise'),
        (lambda r: r["backends"][0]["contract"].update(lanes=2), "contract.lanes is"),
        (lambda r: r.update(excuses=[]), "excuses is"),
        (lambda r: r["environment"]["packages"].update(numpy="1"), "packages.numpy"),
        (lambda r: r["environment"].update(platform="CP/M"), "environment.platform"),
        (
            lambda r: r["environment"]["workers"]["wrong@3"].update(flush_to_zero=True),
            "flush_to_zero is false in one and true in the other",
        ),
    ],
)
def test_shards_of_another_run_are_refused(
    shards: dict[str, Path], change: Any, part: str
) -> None:
    """The message names both files, what differs, and how."""
    halves = runs(shards)
    change(halves["2"])
    with pytest.raises(MixedError, match=f"^1 and 2 are shards of different.*{part}"):
        merge(halves)


@pytest.mark.parametrize(
    ("made", "part"),
    [
        ({"a": (1, 2)}, "got 1 of 2: missing 2/2; run .* --shard 2/2"),
        ({"a": (1, 2), "b": (1, 2)}, "a and b are both shard 1/2"),
        ({"a": (1, 2), "b": (2, 3)}, "shard 1/2 is a, shard 2/3 is b"),
        ({"a": (1, 2), "b": None}, "b is a whole run"),
        ({"a": (7, 900)}, "got 1 of 900: missing 1/900, 2/900"),
    ],
)
def test_gaps_and_doubles_are_refused_by_name(
    shards: dict[str, Path], made: dict[str, Any], part: str
) -> None:
    """A missing shard, one that is there twice, another division, a whole run."""
    half = load_run(shards["1"])
    parts = {}
    for name, place in made.items():
        shard = place and dict(zip(("index", "count"), place, strict=True))
        parts[name] = {**copy.deepcopy(half), "shard": shard}
    with pytest.raises(MixedError, match=part):
        merge(parts)


def test_a_finding_that_expired_between_two_shards_is_refused(
    shards: dict[str, Path],
) -> None:
    """It excused in one and not in the other; any other two days go together."""
    halves = runs(shards)
    halves["2"]["today"] = "2099-12-31"
    assert merge(halves)["today"] == "2099-12-31"
    halves["2"]["today"] = "2100-01-01"
    with pytest.raises(MixedError, match="'K' expired on 2100-01-01"):
        merge(halves)


def test_the_command_writes_the_whole_and_ends_as_it(
    shards: dict[str, Path], tmp_path: Path
) -> None:
    """The report is printed; the exit code is that of the merged run."""
    output = tmp_path / "whole.json"
    files = [str(path) for path in shards.values()]
    done = CliRunner().invoke(cli, ["merge", *files, "--output", str(output)])
    assert done.exit_code == 1, done.output
    assert "exit 1: does not conform" in done.output
    assert load_run(output)["shard"] is None
    assert list(tmp_path.iterdir()) == [output]


def test_the_command_overwrites_no_shard_and_no_journal(
    shards: dict[str, Path], tmp_path: Path
) -> None:
    """Before anything is written, with exit code 2."""
    files = [str(path) for path in shards.values()]
    output = tmp_path / "whole.json"
    journal_of(output).touch()
    for arguments, part in (
        ([*files, "--output", files[1]], "another file than the shards"),
        ([*files, "--output", str(output)], "is the journal of a run"),
        ([files[0], files[0]], "named once"),
        ([files[0]], "missing 2/2"),
    ):
        done = CliRunner().invoke(cli, ["merge", *arguments])
        assert (done.exit_code, part in done.output) == (2, True), done.output
    assert not output.exists()
