"""The claims that come along: complete, right, and sensitive to every number."""

from __future__ import annotations

import copy
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import conformance.claims
from conformance.builders.corpus import corpus
from conformance.claims import fields
from conformance.claims.claim import Checked, Place, Ruling, Verdict
from conformance.claims.documents import load
from conformance.claims.judging import judge
from conformance.claims.showing import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDECAR = Path(conformance.claims.__file__).with_name("tutorial.toml")
PAGE = Path(__file__).parents[3] / "reports" / "tutorial.md"
TABLES = tomllib.loads(SIDECAR.read_text("utf-8"), parse_float=Decimal)["claim"]

EXPECTED = {
    "mae-example": Verdict.CUT_OFF,
    "mse-code": Verdict.ROUNDED,
    "entropy": Verdict.HOLDS,
    "example-probabilities": Verdict.FALSE,
    "example-formula": Verdict.DEPENDS,
    "example-smallest": Verdict.FALSE,
    "gradient-descent": Verdict.DEPENDS,
    "training": Verdict.NOT_CHECKABLE,
    "cross-entropy-code": Verdict.ELSE,
}


def ruling(table: dict[str, Any]) -> Ruling:
    """Return what becomes of one claim."""
    return judge(fields.read(table, Place("tutorial.toml", 1), 1))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where the numbers of a claim are; those of words about it do not count."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in {"text", "note", "label", "formula", "code", "corrected"}:
                yield from places(item, (*path, key))
    elif isinstance(value, list):
        for key, item in enumerate(value):
            yield from places(item, (*path, key))
    elif isinstance(value, int | Decimal) or str(value)[-1:].isdigit():
        yield path


def changed(table: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """Return the claim with the last digit of one number changed."""
    made = copy.deepcopy(table)
    inner: Any = made
    for key in path[:-1]:
        inner = inner[key]
    text = str(inner[path[-1]])
    other = text[:-1] + {"0": "7", "1": "0"}.get(text[-1], str(int(text[-1]) - 1))
    inner[path[-1]] = type(inner[path[-1]])(other)
    return made


NUMBERS = [
    (t["id"], t, p) for t in TABLES if t.get("kind") != "works" for p in places(t)
]


@pytest.mark.parametrize(
    ("table", "path"),
    [(table, path) for _, table, path in NUMBERS],
    ids=[f"{name}-{'.'.join(map(str, path))}" for name, _, path in NUMBERS],
)
def test_every_number_matters(table: dict[str, Any], path: tuple[Any, ...]) -> None:
    """A changed digit of what is said kills the claim, of an input what it shows."""
    before, after = ruling(table), ruling(changed(table, path))
    if path[0] == "says":
        assert after.verdict is Verdict.FALSE
    assert (after.verdict, after.because) != (before.verdict, before.because)


def test_there_are_numbers_to_change() -> None:
    """The test above looks at every claim with numbers."""
    assert len(NUMBERS) > 80
    assert {"mae-example", "gradient-descent", "backpropagation"} <= {
        name for name, _, _ in NUMBERS
    }


@pytest.mark.parametrize(("name", "verdict"), EXPECTED.items())
def test_verdicts(name: str, verdict: Verdict) -> None:
    """The verdicts are those a reader can check by hand."""
    (table,) = (t for t in TABLES if t["id"] == name)
    assert ruling(table).verdict is verdict


@pytest.mark.torch
def test_the_page_in_the_repository_is_current() -> None:
    """`reports/tutorial.md` is what the command writes beside torch."""
    document = load(SIDECAR)
    rulings = tuple(map(judge, document.claims))
    assert PAGE.read_text("utf-8") == markdown([Checked(document, rulings)])


def test_the_examples_are_corpus_cases() -> None:
    """Inputs and targets of the claims are those of the named cases."""
    losses = ("mae", "mse", "cross_entropy")
    named = {n.name: n.case for loss in losses for n in corpus(loss, "float32")}
    (mae,) = (t for t in TABLES if t["id"] == "mae-example")
    for name in ("tutorial-mae", "tutorial-mse", "tutorial-cross-entropy-float-target"):
        arguments = named[name].arguments
        assert arguments["input"].view().tolist() == mae["input"]
        assert arguments["target"].view().tolist() == mae["target"]
    (scores,) = (t for t in TABLES if t["id"] == "example-formula")
    arguments = named["tutorial-cross-entropy"].arguments
    assert arguments["input"].view().tolist() == pytest.approx(
        [float(x) for x in scores["input"]]
    )
    assert arguments["target"].view().item() == scores["target"]


@pytest.mark.torch
def test_torch_does_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The corrected code prints what its comment says, and the claims' codes run."""
    for table in TABLES:
        if "code" in table:
            exec(table["code"], {})  # noqa: S102 - our own file
    assert capsys.readouterr().out.split() == [
        "tensor(0.6667)",
        "tensor(1.3333)",
        "tensor(7.2608)",
        "tensor(7.2608)",
    ]
    (corrected,) = (t["corrected"] for t in TABLES if "corrected" in t)
    exec(corrected, {})  # noqa: S102 - our own file
    printed = capsys.readouterr().out.strip()
    assert corrected.strip().endswith(f"# {printed}")
