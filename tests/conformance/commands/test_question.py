"""Options, arrays in files and cases all lead to the same question."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest

import reference
from conformance.builders.corpus import corpus
from conformance.case import DTYPES
from conformance.commands.question import QuestionError, from_case, from_options
from reference.certificate import statement

if TYPE_CHECKING:
    from pathlib import Path

LOGITS = [[0.1, 2.0, -3.0], [1.0, 1.0, 1.0]]


def test_arrays_may_come_from_a_file(tmp_path: Path) -> None:
    """Arguments in a file are those given one by one."""
    path = tmp_path / "x.npz"
    given: dict[str, Any] = {
        "input": np.array(LOGITS),
        "target": np.array([2, 0]),
        "weight": np.array([1, 0.5, 2]),
        "upstream": np.array(2.0),
    }
    np.savez(path, **given)
    got = from_options("cross_entropy", {"label_smoothing": 0.1}, path, None)
    expected = reference.cross_entropy(**given, label_smoothing=0.1)
    assert statement(got.result.problem) == statement(expected.problem)


@pytest.mark.parametrize("name", DTYPES)
def test_every_real_argument_is_rounded(name: str) -> None:
    """Logits, weights and cotangents are stored; class indices are not."""
    fmt = reference.format_named(name)
    given: dict[str, Any] = {
        "input": np.array(LOGITS),
        "target": np.array([2, 0]),
        "weight": [0.1, 0.2, 0.3],
        "upstream": 0.7,
    }
    got = from_options("cross_entropy", given, None, name).result.problem
    for argument in (got.input, got.weight, got.upstream):
        assert argument is not None
        assert all(v == fmt.round(v) for v in argument.values.ravel())
    assert got.target_kind == "index"
    assert got.input.values.ravel()[0] != LOGITS[0][0] or name == "float64"


def test_class_probabilities_are_rounded_too() -> None:
    """A target of real numbers is stored like the logits."""
    given: dict[str, Any] = {"input": [[0.0, 1.0]], "target": [[0.1, 0.9]]}
    got = from_options("cross_entropy", given, None, "bfloat16").result.problem
    assert got.target.values.ravel()[0] == float(ml_dtypes.bfloat16(0.1))


def test_whole_numbers_can_be_class_indices_if_asked() -> None:
    """An array of floats holds class indices where that is said."""
    given: dict[str, Any] = {
        "input": np.array(LOGITS),
        "target": np.array([2.0, 0.0]),
        "target_kind": "index",
    }
    got = from_options("cross_entropy", given, None, "float16").result.problem
    assert got.target_kind == "index"


@pytest.mark.parametrize("loss", ["mae", "cross_entropy"])
@pytest.mark.parametrize("nested", [False, True])
def test_a_case_is_asked_as_the_judge_asks_it(
    tmp_path: Path, loss: str, *, nested: bool
) -> None:
    """A case file, bare or inside a finding, asks for what the case says."""
    path = tmp_path / "case.json"
    for named in corpus(loss, "bfloat16")[:12]:
        data: dict[str, Any] = named.case.to_json()
        path.write_text(json.dumps({"case": data} if nested else data), "utf-8")
        got = from_case(path)
        assert got.case is not None
        assert got.case.id == named.case.id
        views = {name: a.view() for name, a in named.case.arguments.items()}
        expected = getattr(reference, loss)(**views, **named.case.options)
        assert statement(got.result.problem) == statement(expected.problem)


def refused(
    loss: str | None,
    given: dict[str, Any],
    arrays: Path | None = None,
    dtype: str | None = None,
) -> str:
    """Return why a question cannot be asked."""
    with pytest.raises(QuestionError) as error:
        from_options(loss, given, arrays, dtype)
    text = str(error.value)
    assert "\n" not in text
    return text


def test_what_is_missing_is_named() -> None:
    """A loss, an input and a target are needed."""
    assert "LOSS must be given" in refused(None, {})
    assert "--input must be given" in refused("mae", {"target": 1})
    assert "--target must be given" in refused("mae", {"input": 1})


def test_what_a_loss_does_not_take_is_named() -> None:
    """MAE has no weights, whether given as an option or in a file."""
    given = {"input": 1, "target": 1, "weight": [1], "ignore_index": 3}
    assert "--ignore-index, --weight must be left out" in refused("mae", given)


def test_arrays_must_be_named_as_arguments(tmp_path: Path) -> None:
    """An array of another name is refused, not ignored; so is one given twice."""
    path = tmp_path / "x.npz"
    np.savez(path, inptu=np.ones(1), target=np.ones(1))
    text = refused("mae", {}, path)
    assert "got 'inptu'; did you mean 'input'?" in text
    np.savez(path, input=np.ones(1), target=np.ones(1))
    assert "input must be given once" in refused("mae", {"input": [2]}, path)
    assert "must exist" in refused("mae", {}, tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"input": np.ones(2), "target": np.ones(3)}, "target must broadcast"),
        ({"input": np.ones(2, int), "target": np.ones(2)}, "input must be of a float"),
        ({"input": np.ones(2, bool), "target": np.ones(2)}, "got bool"),
        ({"input": np.ones(2, complex), "target": np.ones(2)}, "got complex128"),
        ({"input": np.zeros(1, "V2"), "target": np.ones(1)}, "--dtype bfloat16"),
    ],
)
def test_wrong_arrays_are_refused(given: dict[str, Any], part: str) -> None:
    """Shape and dtype are judged by the oracle, in one line."""
    assert part in refused("mae", given)


def test_an_integer_array_is_converted_only_if_asked() -> None:
    """With a format named, integers are rounded into it."""
    given: dict[str, Any] = {"input": np.array([3, 1]), "target": np.array([1.0, 1.0])}
    got = from_options("mae", given, None, "float32")
    assert got.result.value.lower.item() == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "got Expecting property name"),
        ("[]", "needed object, got a list of 0"),
        ("{}", "it lacks loss, dtype, arguments, options, upstream"),
    ],
)
def test_what_is_no_case_is_refused(tmp_path: Path, text: str, part: str) -> None:
    """A file that holds something else is named, and what was found in it."""
    path = tmp_path / "case.json"
    path.write_text(text, "utf-8")
    with pytest.raises(QuestionError, match="must hold a case as JSON") as error:
        from_case(path)
    assert part in str(error.value)
    with pytest.raises(QuestionError, match=r"none\.json cannot be read: No such file"):
        from_case(tmp_path / "none.json")


@pytest.mark.parametrize("key", ["loss", "options"])
def test_a_case_of_something_else_is_refused(tmp_path: Path, key: str) -> None:
    """Another loss or option, of a newer version perhaps, is not half understood."""
    path = tmp_path / "case.json"
    data = corpus("mae", "float32")[0].case.to_json()
    data[key] = {"loss": "evaluate", "options": {"beta": {"int": "1"}}}[key]
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(QuestionError, match=r"must hold a case .*mae'?, '?mse"):
        from_case(path)


def test_an_invalid_case_has_no_answer(tmp_path: Path) -> None:
    """The reason is the oracle's."""
    entries = corpus("cross_entropy", "float32")
    (named,) = (e for e in entries if e.name == "invalid-target-3")
    path = tmp_path / "case.json"
    path.write_text(json.dumps(named.case.to_json()), "utf-8")
    with pytest.raises(QuestionError, match=r"valid .*target must hold indices"):
        from_case(path)
