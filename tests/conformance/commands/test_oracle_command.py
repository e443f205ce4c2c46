"""`oracle` on the command line: what it prints, writes and refuses."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import ml_dtypes
import numpy as np
import pytest
from click.testing import CliRunner, Result

import reference
from conformance.builders.corpus import corpus
from conformance.commands.oracle import FORMATS, oracle
from conformance.commands.oracle_json import schema
from conformance.commands.oracle_text import SHOWN

SCHEMA = jsonschema.Draft202012Validator(json.loads(schema()))
CE = ("cross_entropy", "--input", "[[0, -6], [1, 2]]", "--target", "[0, 1]")


def call(*arguments: object) -> Result:
    """Return what the command does in this process."""
    return CliRunner().invoke(oracle, [str(word) for word in arguments])


def ask(*arguments: object) -> dict[str, Any]:
    """Return the JSON answer, once it is what its schema says."""
    done = call(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.output)
    SCHEMA.validate(document)
    return document


def contents(path: Path) -> dict[str, Any]:
    """Return the arrays of a file, and close it."""
    with np.load(path) as file:
        return dict(file)


def batch(folder: Path, rows: int, classes: int) -> Path:
    """Return a file with random logits and labels."""
    rng = np.random.default_rng(7)
    path = folder / "batch.npz"
    logits = rng.normal(size=(rows, classes)).astype(np.float32)
    np.savez(path, input=logits, target=rng.integers(0, classes, rows))
    return path


def test_text_shows_every_element_of_a_small_answer() -> None:
    """The exact value, and its rounding in all four formats, of value and gradients."""
    text = call("mae", "--input", "1,2,3", "--target", "1,2,5").output
    assert text.count("exact") == 1 + 3 + 3
    assert "  exact     2/3\n" in text
    assert "[2] exact     -1/3\n" in text
    for form in FORMATS:
        value = reference.mae([1, 2, 3], [1, 2, 5]).value.round_to(form).astype(float)
        assert f"{form:9} {value.item()!r:24} {value.item().hex()}" in text


def test_text_of_a_large_answer_is_short(tmp_path: Path) -> None:
    """The first elements and the extreme ones are shown, and how many are not."""
    path = batch(tmp_path, 5, 8)
    text = call("cross_entropy", "--arrays", path, "--formats", "binary32").output
    gradient = text.partition("gradient by input, shape (5, 8)")[2]
    assert gradient.count("exact") == SHOWN + 2
    assert f"… and {40 - SHOWN} more; --all prints them" in gradient
    arrays = contents(path)
    exact = reference.cross_entropy(**arrays).gradient["input"].round_to("binary64")
    for label, place in (("smallest", exact.argmin()), ("largest", exact.argmax())):
        index = ", ".join(map(str, np.unravel_index(place, exact.shape)))
        assert f"  {label}\n  [{index}] exact" in gradient
    everything = call("cross_entropy", "--arrays", path, "--all").output
    assert everything.count("exact") == 1 + 40


def test_special_elements_of_a_large_answer_are_counted(tmp_path: Path) -> None:
    """How many elements are nan or infinite is said, even if none of them is shown."""
    values = np.zeros(40)
    values[[20, 30]] = np.nan
    values[25] = -np.inf
    np.save(tmp_path / "x.npy", values)
    options = ("--input", f"@{tmp_path}/x.npy", "--target", 0.0, "--reduction", "none")
    text = call("mae", *options).output
    assert "among all 40: 2 nan, 1 inf" in text
    data = ask("mae", *options)
    assert "special" not in data["quantities"][0]


def test_what_else_is_admitted_is_said() -> None:
    """At nan, MAE's gradient may be 0 as well; the text and the JSON say so."""
    options = ("mae", "--input", "nan", "--target", "0")
    assert "exact     nan   (also admitted: zero)" in call(*options).output
    element = ask(*options)["quantities"][1]["elements"][0]
    assert element["special"] == "nan"
    assert element["admitted"] == ["zero"]


@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
def test_the_answer_to_every_case_follows_the_schema(tmp_path: Path, loss: str) -> None:
    """Small corpus cases in binary32 give valid documents with the right values."""
    path = tmp_path / "case.json"
    for named in corpus(loss, "float32"):
        if (
            named.name.startswith("invalid")
            or named.case.arguments["input"].base.size > 9
        ):
            continue
        path.write_text(json.dumps(named.case.to_json()), "utf-8")
        done = call("--case", path, "--format", "json", "--formats", "binary32")
        if done.exit_code == 2 and "must be valid" in done.output:
            continue
        document = json.loads(done.output)
        SCHEMA.validate(document)
        assert document["case"] == {"id": named.case.id, "origin": named.case.origin}
        views = {name: a.view() for name, a in named.case.arguments.items()}
        if named.case.upstream is not None:
            views["upstream"] = named.case.upstream.view()
        if named.case.tangent is not None:
            views["tangent"] = named.case.tangent.view()
        result = getattr(reference, loss)(**views, **named.case.options)
        expected = result.value.round_to("binary32").astype(float).ravel()
        for element in document["quantities"][0]["elements"]:
            place = int(np.ravel_multi_index(element["index"], result.value.shape))
            got = float.fromhex(element["rounded"]["binary32"])
            assert np.array_equal(got, expected[place], equal_nan=True)


def test_json_is_lossless() -> None:
    """R, T and the roundings are those of the library, digit for digit."""
    document = ask(*CE, "--precision", 200)
    result = reference.cross_entropy([[0, -6], [1, 2]], [0, 1])
    item = result.gradient["input"].elements(200)[1]
    stated = document["quantities"][1]["elements"][1]
    assert stated["index"] == [0, 1]
    assert Fraction(stated["rational"]) == item.rational
    sign, man, exp, _ = item.remainder.lower
    assert stated["remainder"]["lower"] == f"{'-' if sign else ''}{man}*2^{exp}"
    low, high = result.gradient["input"].bounds()
    assert float.fromhex(stated["bounds"]["lower"]) == low[0, 1]
    assert float.fromhex(stated["bounds"]["upper"]) == high[0, 1]
    assert stated["rounded"].keys() == set(FORMATS)
    assert document["quantities"][1]["precision"] == 200


def test_json_of_a_large_answer_leaves_out_and_says_so(tmp_path: Path) -> None:
    """A thousand elements and the extreme ones; inputs only if they are few."""
    path = batch(tmp_path, 26, 40)
    document = ask("cross_entropy", "--arrays", path, "--formats", "binary32")
    value, gradient = document["quantities"]
    assert (value["omitted"], gradient["omitted"]) == (0, 40)
    assert len(gradient["elements"]) == 1000
    assert document["problem"]["arguments"]["input"]["values"] is None
    assert len(document["problem"]["arguments"]["target"]["values"]) == 26
    exact = reference.cross_entropy(**contents(path)).gradient["input"]
    least = np.unravel_index(exact.round_to("binary64").argmin(), (26, 40))
    assert gradient["smallest"]["index"] == [int(i) for i in least]
    full = ask("cross_entropy", "--arrays", path, "--formats", "binary32", "--all")
    assert full["quantities"][1]["omitted"] == 0
    assert len(full["problem"]["arguments"]["input"]["values"]) == 1040


def test_an_undecided_rounding_is_stated_as_such(tmp_path: Path) -> None:
    """Between two neighbours that no precision decides, both are given, never one."""
    # Sums of exponentials such as (1 + e^a)(1 + e^b): with weights of both signs all
    # logarithms cancel, and the loss is −(a + b), a midpoint of bfloat16.
    a, b, c, d = 1, 2.0**-8, -0.75, 2
    rows = [[0, a, b, a + b], [0, c, d, c + d], [0, a, c, a + c], [0, b, d, b + d]]
    options = (
        *("cross_entropy", "--input", rows, "--target", [3, 3, 2, 2]),
        *("--weight", [0, 0, -1, 1], "--reduction", "sum", "--formats", "bfloat16"),
    )
    (element,) = ask(*options)["quantities"][0]["elements"]
    rounded = {float.fromhex(v) for v in element["rounded"]["bfloat16"]}
    assert rounded == {-1.0, -1 - 2.0**-7}
    done = call(*options, "--output", tmp_path / "x.npz")
    assert "bfloat16  undecided between -1.0078125 and -1.0" in done.output
    assert "value.rounded_bfloat16 is left out" in done.output
    assert "value.rounded_bfloat16" not in contents(tmp_path / "x.npz")


@pytest.mark.parametrize("kind", ["npz", "safetensors", "npy"])
def test_files_answer_as_numbers_do(tmp_path: Path, kind: str) -> None:
    """An array in a file of any kind is its numbers."""
    array = np.array([1.5, -2, 0.25])
    place = f"{tmp_path}/x.{kind}"
    if kind == "npy":
        np.save(place, array)
    elif kind == "npz":
        np.savez(place, x=array)
    else:
        head = json.dumps(
            {"x": {"dtype": "F64", "shape": [3], "data_offsets": [0, 24]}}
        ).encode()
        size = len(head).to_bytes(8, "little")
        Path(place).write_bytes(size + head + array.tobytes())
    name = "" if kind == "npy" else ":x"
    got = call("mse", "--input", f"@{place}{name}", "--target", "0,0,0")
    assert got.exit_code == 0, got.output
    assert got.output == call("mse", "--input=1.5,-2.0,0.25", "--target=0,0,0").output


def test_bfloat16_arrays_are_read_with_the_dtype(tmp_path: Path) -> None:
    """Raw bytes in NumPy's files need the format's name."""
    np.save(tmp_path / "x.npy", np.array([1.5, -2], dtype=ml_dtypes.bfloat16))
    options = ("mae", "--input", f"@{tmp_path}/x.npy", "--target", "0.0")
    done = call(*options)
    assert done.exit_code == 2
    assert "add --dtype bfloat16" in done.output
    assert "  exact     7/4\n" in call(*options, "--dtype", "bfloat16").output


def test_arrays_are_written(tmp_path: Path) -> None:
    """The file holds what the library gives, by quantity, for the formats asked for."""
    path = tmp_path / "exact.npz"
    done = call(*CE, "--output", path, "--formats", "bfloat16,binary32")
    assert done.exit_code == 0, done.output
    result = reference.cross_entropy([[0, -6], [1, 2]], [0, 1])
    arrays = contents(path)
    parts = ("lower", "upper", "admitted", "rounded_bfloat16", "rounded_binary32")
    names = ("value", "gradient.input")
    assert set(arrays) == {f"{name}.{part}" for name in names for part in parts}
    for name, exact in zip(
        names, (result.value, result.gradient["input"]), strict=True
    ):
        low, high = exact.bounds()
        assert np.array_equal(arrays[f"{name}.lower"], low)
        assert np.array_equal(arrays[f"{name}.upper"], high)
        assert np.array_equal(arrays[f"{name}.admitted"], exact.also)
        single = arrays[f"{name}.rounded_binary32"]
        assert single.dtype == np.float32
        assert np.array_equal(single, exact.round_to("binary32"))
        half = arrays[f"{name}.rounded_bfloat16"].view(ml_dtypes.bfloat16)
        assert np.array_equal(half, exact.round_to("bfloat16"))


def test_a_certificate_is_whole_and_follows_the_schema(tmp_path: Path) -> None:
    """All inputs, the claims of a thousand elements or of all, and nothing rounded."""
    path, file = tmp_path / "batch.npz", tmp_path / "c.json"
    rng = np.random.default_rng(7)
    np.savez(path, input=rng.normal(size=(26, 40)), target=np.zeros((26, 40)))
    for more, omitted in (((), 40), (("--all",), 0)):
        options = ("--formats", "binary16", *more)
        call("mae", "--arrays", path, "--certificate", file, *options)
        document = json.loads(file.read_text("utf-8"))
        SCHEMA.validate(document)
        gradient = document["quantities"][1]
        assert gradient["omitted"] == omitted
        assert gradient["elements"][0]["index"] == [0, 0]
        assert gradient["elements"][-1]["index"] == [25, 39]
        assert "rounded" not in gradient["elements"][0]
        assert len(document["problem"]["arguments"]["input"]["values"]) == 1040


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((), "LOSS must be given"),
        (("mae", "--input", "1"), "--target must be given"),
        (("mae", "--input", "1,x", "--target", "1"), "'--input': needed a number"),
        (("mae", "--input", "@none.npy", "--target", "1"), "none.npy must exist"),
        (("mae", "--input", "@none", "--target", "1"), "needed FILE.npy"),
        (("mae", "--input", "1", "--target", "1", "--weight", "1"), "--weight must be"),
        (("mae", "--arrays", "none.npz"), "--arrays: none.npz must exist"),
        (("mae", "--case", "none.json"), "leave out LOSS"),
        (("--case", "none.json", "--input", "1"), "leave out --input"),
        (("--case", "none.json", "--dtype", "float32"), "leave out --dtype"),
        (("--case", "none.json"), "none.json cannot be read"),
        ((*CE, "--output", "x.json"), "--output must name an .npz file"),
        ((*CE, "--output", "none/x.npz"), "must exist"),
        ((*CE, "--certificate", "none/x.json"), "must exist"),
        ((*CE, "--formats", "binary8"), "did you mean 'binary64'"),
        ((*CE, "--precision", "1"), "16<=x<=65536"),
        ((*CE, "--reduction", "max"), "'max' is not one of"),
        ((*CE, "--label-smoothing", "2"), "label_smoothing must be a number in [0, 1]"),
    ],
)
def test_what_cannot_be_asked_ends_with_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    part: str,
) -> None:
    """One line says what was needed; nothing is printed or written beside it."""
    monkeypatch.chdir(tmp_path)
    done = call(*arguments)
    assert (done.exit_code, part in done.output) == (2, True), done.output
    assert done.output.count("\n") <= 4
    assert not list(tmp_path.iterdir())


def test_the_schema_is_printed_and_valid() -> None:
    """The schema can be had from the program, and is one."""
    done = call("--schema")
    assert done.exit_code == 0
    assert done.output == schema()
    jsonschema.Draft202012Validator.check_schema(json.loads(done.output))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), 2),
        (("problem", "reduction"), "max"),
        (("problem", "arguments", "input", "values", 0), 1.5),
        (("quantities", 0, "elements", 0, "rational"), "1/2/3"),
        (("quantities", 0, "elements", 0, "special"), "nan"),
        (("quantities", 0, "elements", 0, "remainder", "lower"), "0.5"),
        (("quantities", 0, "elements", 0, "rounded", "binary32"), 0.5),
        (("quantities", 0, "elements", 0, "admitted"), ["anything"]),
    ],
)
def test_the_schema_refuses_what_is_not_lossless(
    path: tuple[str | int, ...], value: object
) -> None:
    """A JSON number, an unknown word or two answers in one make a document invalid."""
    document: Any = ask(*CE)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not SCHEMA.is_valid(document)


@pytest.mark.slow
def test_a_million_logits_are_answered_briefly(tmp_path: Path) -> None:
    """Text, arrays and a certificate of 10⁶ logits stay small; the arrays are whole."""
    path = batch(tmp_path, 1000, 1000)
    options = ("--output", tmp_path / "o.npz", "--certificate", tmp_path / "c.json")
    done = call("cross_entropy", "--arrays", path, "--formats", "binary32", *options)
    assert done.exit_code == 0, done.output
    assert done.output.count("\n") < 60
    assert contents(tmp_path / "o.npz")["gradient.input.lower"].shape == (1000, 1000)
    document = json.loads((tmp_path / "c.json").read_text("utf-8"))
    assert document["quantities"][1]["omitted"] == 10**6 - 1000


ALONG = (
    "cross_entropy",
    "--input",
    "[[0, 0]]",
    "--target",
    "[0]",
    "--tangent",
    "[[1, -1]]",
)


def test_a_tangent_asks_for_both_derivatives(tmp_path: Path) -> None:
    """Text, JSON and arrays have them beside value and gradient."""
    text = call(*ALONG).output
    hvp = text.partition("(hvp), shape (1, 2)\n")[2]
    assert hvp.startswith("  [0, 0] exact     1/2\n")
    assert "(jvp)\n  exact     -1\n" in text
    document = ask(*ALONG)
    assert document["problem"]["arguments"]["tangent"]["shape"] == [1, 2]
    named = {q["name"]: q["elements"] for q in document["quantities"]}
    assert [e["rational"] for e in named["derivative.hvp"]] == ["1/2", "-1/2"]
    assert [e["rational"] for e in named["derivative.jvp"]] == ["-1"]
    path = tmp_path / "exact.npz"
    assert call(*ALONG, "--output", path).exit_code == 0
    assert contents(path)["derivative.hvp.rounded_binary32"].tolist() == [[0.5, -0.5]]
    assert "derivative" not in call(*ALONG[:-2]).output


def test_a_tangent_of_another_shape_is_refused() -> None:
    """The message is that of the oracle."""
    done = call(*ALONG[:-1], "[1, 2]")
    assert done.exit_code == 2
    assert "tangent must have the shape of input, (1, 2)" in done.output


def test_a_certificate_speaks_of_value_and_gradients(tmp_path: Path) -> None:
    """Nothing along a tangent is certified, and none is stated."""
    path = tmp_path / "one.json"
    assert call(*ALONG, "--certificate", path).exit_code == 0
    document = json.loads(path.read_text("utf-8"))
    SCHEMA.validate(document)
    assert [q["name"] for q in document["quantities"]] == ["value", "gradient.input"]
    assert "tangent" not in document["problem"]["arguments"]
