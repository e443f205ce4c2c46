"""Known findings: what an entry may say, what it covers, and until when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest

from conformance.case import Array, Case
from conformance.findings import (
    Excuses,
    Known,
    KnownError,
    first_cover,
    parse_known,
    read_known,
    shipped,
    unique,
)
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = """
[[known]]
id = "T1"
backend = "torch:*"
loss = "cross_entropy"
quantity = "gradient.*"
kind = "value"
dtypes = ["bfloat16"]
reason = "log-softmax is stored in between"
link = "unreported"
expires = 2030-01-01
witness = "gap"
ceiling = 50.0
[known.when]
class_axis_last = true
"""


def case_of(shape: tuple[int, ...] = (1, 2)) -> Case:
    """Return a cross-entropy case in bfloat16."""
    logits = Array.of(np.zeros(shape), "bfloat16")
    target = Array.of(np.zeros(shape[:1] + shape[2:], dtype=np.int64))
    return Case("cross_entropy", "bfloat16", {"input": logits, "target": target})


def verdict(**changes: object) -> Verdict:
    """Return a failing verdict on a gradient."""
    fields = {"quantity": "gradient.input", "kind": "value", "ratio": 10.0}
    return Verdict(**{"status": Status.VIOLATES, **fields, **changes})  # type: ignore[arg-type]


def entry() -> Known:
    """Return the entry of the text above."""
    (found,) = parse_known(ENTRY, "known.toml")
    return found


def test_an_entry_covers_what_it_names() -> None:
    """Backend by glob, loss, format, quantity by glob, kind, condition and ceiling."""
    known = entry()
    assert known.about("torch:cpu", "cross_entropy", "bfloat16")
    assert not known.about("numpy", "cross_entropy", "bfloat16")
    assert not known.about("torch:cpu", "cross_entropy", "float32")
    assert known.covers(case_of(), verdict())


@pytest.mark.parametrize(
    "other",
    [
        {"quantity": "value"},
        {"kind": "nan", "status": Status.WRONG_CLASS},
        {"ratio": 50.5},
        {"status": Status.SUSPECT},
        {"status": Status.INCONCLUSIVE},
    ],
)
def test_an_entry_covers_nothing_else(other: dict[str, object]) -> None:
    """Another quantity, kind or status, or an error above the ceiling, stays new."""
    assert not entry().covers(case_of(), verdict(**other))


def test_a_condition_limits_an_entry() -> None:
    """With the class axis elsewhere, the condition does not hold."""
    assert not entry().covers(case_of((1, 2, 3)), verdict())


def test_an_expired_entry_excuses_nothing() -> None:
    """From the day named on, a failure counts again."""
    day = dt.date(2030, 1, 1)
    cell = ("torch:cpu", "cross_entropy", "bfloat16")
    before = Excuses((entry(),), day - dt.timedelta(days=1)).about(*cell)
    assert first_cover(before, case_of(), verdict()) == "T1"
    assert not Excuses((entry(),), day).about(*cell)


def test_an_entry_survives_plain_data() -> None:
    """A run file gives back the entry that was applied."""
    assert Known.from_json(entry().to_json()) == entry()


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("kind =", "knid =", "did you mean 'kind'"),
        ('kind = "value"', 'kind = "vlaue"', "did you mean 'value'"),
        ("class_axis_last", "class_axis", "did you mean 'class_axis_last'"),
        ("= true", "= 3", "must be bool"),
        ('witness = "gap"\n', "", "got no witness"),
        ('"unreported"', "3", "link must be str"),
        ("ceiling = 50.0\n", "", "`ceiling`"),
        ("= 2030-01-01", '= "soon"', "expires must be date"),
        ("[[known]]", "[[knwon]]", "did you mean 'known'"),
        ("[[known]]", "[[known]", "must be TOML"),
        ('kind = "value"', 'kind = "nan"', "`ceiling`"),
    ],
)
def test_a_damaged_entry_is_refused(old: str, new: str, part: str) -> None:
    """The message names the file, what was needed, and the closest word."""
    with pytest.raises(KnownError, match=r"known\.toml") as caught:
        parse_known(ENTRY.replace(old, new), "known.toml")
    assert part in str(caught.value)


def test_a_wrong_class_needs_a_condition() -> None:
    """A wrong class everywhere cannot be excused."""
    text = ENTRY.partition("[known.when]")[0]
    text = text.replace('"value"', '"nan"').replace("ceiling = 50.0\n", "")
    with pytest.raises(KnownError, match="needs a `when`"):
        parse_known(text, "known.toml")


def test_ids_must_differ() -> None:
    """Two entries of one id would be counted as one."""
    with pytest.raises(KnownError, match="twice"):
        unique((entry(), entry()))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The message names the file and why it cannot be read."""
    with pytest.raises(KnownError, match=r"none\.toml cannot be read"):
        read_known(tmp_path / "none.toml")


def test_shipped_entries_are_looked_up_by_family() -> None:
    """A backend without a file, or with a path for a name, has no known findings."""
    assert shipped(["numpy", "./file.py:function", "../../etc:passwd"]) == ()
    assert all(e.backend.startswith("torch") for e in shipped(["torch:cpu"]))


@pytest.mark.parametrize(
    ("installed", "strict"),
    [
        ({"torch": "2.13.0+cpu"}, True),
        ({"torch": "2.13"}, True),
        ({"torch": "2.130.0"}, False),
        ({"torch": "2.11.0"}, False),
        ({"torch": None}, False),
        ({}, False),
    ],
)
def test_a_witness_must_fail_only_where_it_was_measured(
    installed: dict[str, str | None], *, strict: bool
) -> None:
    """Versions are compared by their parts, and none given means all."""
    (found,) = parse_known(f'[versions]\ntorch = "2.13"\n{ENTRY}', "known.toml")
    assert found.measured_on(installed) is strict
    assert entry().measured_on(installed)
    assert Known.from_json(found.to_json()) == found


@pytest.mark.parametrize("text", ["versions = 3", "[versions]\ntorch = 2.13"])
def test_versions_are_strings(text: str) -> None:
    """A number would lose the zero of 2.10."""
    with pytest.raises(KnownError, match=r"must give versions as strings"):
        parse_known(text, "known.toml")
