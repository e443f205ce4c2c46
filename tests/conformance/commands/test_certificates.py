"""Certificates are checked with Arb alone, by scripts that `help` leads to."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from click.testing import CliRunner

from conformance.answer import ask
from conformance.builders.corpus import corpus
from conformance.commands.certificates import certificates
from conformance.commands.oracle import oracle
from conformance.commands.oracle_json import schema

pytest.importorskip("flint")

ROOT: Final = Path(__file__).parents[3]
TOPIC: Final = (ROOT / "conformance/topics/certificates.txt").read_text("utf-8")
SCHEMA = jsonschema.Draft202012Validator(json.loads(schema()))


def script(name: str) -> str:
    """Return a script that the topic shows, or that it leads to."""
    if name == "arb_check.py":
        return (ROOT / "tests" / name).read_text("utf-8")
    (code,) = re.findall(rf"^ {{4}}# {name}\n((?: {{4}}.*\n|\n)*)", TOPIC, re.MULTILINE)
    code = textwrap.dedent(code)
    return str(code)


def check(paths: list[Path], name: str = "arb_check.py") -> tuple[int, str]:
    """Return the exit code of a script on certificates, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", script(name), *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        cwd=paths[0].parent,
    )
    return done.returncode, done.stdout + done.stderr


def counted(text: str) -> dict[str, int]:
    """Return how many elements were said to be what."""
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    return {what.partition(":")[0]: int(count) for count, what in lines}


def stated(paths: list[Path]) -> int:
    """Return how many elements some certificates state."""
    documents = [json.loads(path.read_text("utf-8")) for path in paths]
    quantities = [q for d in documents for q in d["quantities"]]
    return sum(len(q["elements"]) for q in quantities)


def write(folder: Path, *options: str) -> list[Path]:
    """Return the certificates that the command writes."""
    done = CliRunner().invoke(certificates, [str(folder), *options])
    assert done.exit_code == 0, done.output
    return sorted(folder.iterdir())


def written_by_oracle(folder: Path, *options: str) -> dict[str, Any]:
    """Return the certificate that `oracle` writes."""
    path = folder / "one.json"
    done = CliRunner().invoke(oracle, [*options, "--certificate", str(path)])
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def test_every_valid_case_has_a_certificate(tmp_path: Path) -> None:
    """The files are named as the cases are, valid, and complete up to what they say."""
    paths = write(
        tmp_path / "new", "--loss", "mse", "--dtype", "float16", "--most", "9"
    )
    valid = [n for n in corpus("mse", "float16") if ask(n.case).result is not None]
    assert {p.stem for p in paths} == {f"mse-float16-{n.name}" for n in valid}
    for path in paths:
        document = json.loads(path.read_text("utf-8"))
        SCHEMA.validate(document)
        for quantity in document["quantities"]:
            assert len(quantity["elements"]) == min(quantity["size"], 9)
            assert quantity["omitted"] == max(quantity["size"] - 9, 0)
        for argument in document["problem"]["arguments"].values():
            assert argument["values"] is not None


def test_arb_confirms_small_cases(tmp_path: Path) -> None:
    """Of all cases in bfloat16 but the longest, no claim is refuted or undecided."""
    paths = write(tmp_path, "--dtype", "bfloat16", "--most", "8")
    paths = [p for p in paths if p.stat().st_size < 12_000]
    code, text = check(paths)
    found = counted(text)
    assert code == 0, text
    assert set(found) <= {"proved", "proved, wide", "agrees", "special", "admitted"}
    assert sum(found.values()) == stated(paths) > 1000
    assert found["proved"] > 800


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_arb_confirms_the_whole_corpus(tmp_path: Path, dtype: str) -> None:
    """Of no case is a claim refuted or undecided."""
    paths = write(tmp_path, "--dtype", dtype)
    code, text = check(paths)
    found = counted(text)
    assert code == 0, text
    assert set(found) <= {"proved", "proved, wide", "agrees", "special", "admitted"}
    assert sum(found.values()) == stated(paths)


def test_arb_confirms_what_oracle_writes(tmp_path: Path) -> None:
    """Options, axes, rational inputs and another precision included."""
    for options in (
        ("mse", "--input", "[[1/3, 2], [5, 1e300]]", "--target", "[1, 2/7]"),
        ("mae", "--input", "0.1,0.7,inf", "--target", "0.1,0.2,0.3"),
        (
            *("cross_entropy", "--input", "[[[0, 1], [2, 3]], [[4, 5], [1/3, 7]]]"),
            *("--target", "[[0, 1], [-1, 1]]", "--weight", "2/3,-1.5"),
            *("--ignore-index", "-1", "--label-smoothing", "0.1"),
            *("--upstream", "1/7", "--precision", "300"),
        ),
        (
            *("cross_entropy", "--input", "0.5,1,700", "--target", "0.25,0.5,0.3"),
            *("--label-smoothing", "1/3", "--weight", "1,2,3", "--upstream", "-2"),
        ),
    ):
        written_by_oracle(tmp_path, *options)
        code, text = check([tmp_path / "one.json"])
        assert code == 0, text
        assert sum(counted(text).values()) == stated([tmp_path / "one.json"])


WHOLE = (
    *("cross_entropy", "--input", "[[0, 1, 2.5], [2, 0, 3], [4, 5, 7]]"),
    *("--target", "[0, 1, -1]", "--weight", "2,1.5,3", "--ignore-index", "-1"),
    *("--label-smoothing", "0.1", "--upstream", "3"),
)


def moved(text: str) -> str:
    """Return an end moved by 2**−58 of itself; the interval is 2**−63 wide."""
    man, exp = text.split("*2^")
    return f"{int(man) * (2**58 + 1)}*2^{int(exp) - 58}"


def edits() -> dict[str, Any]:
    """Return edits, each of which makes a certificate wrong, by what they change."""

    def element(d: dict[str, Any], quantity: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = d["quantities"][quantity]["elements"][0]
        return found

    def shift(d: dict[str, Any], quantity: int) -> None:
        ends = element(d, quantity)["remainder"]
        ends |= {side: moved(end) for side, end in ends.items()}

    def special(d: dict[str, Any]) -> None:
        element(d).pop("rational")
        element(d).pop("remainder")
        element(d)["special"] = "nan"

    def number(d: dict[str, Any], name: str, text: str) -> None:
        d["problem"]["arguments"][name]["values"][0] = text

    return {
        "remainder of the value": lambda d: shift(d, 0),
        "remainder of the gradient by input": lambda d: shift(d, 1),
        "remainder of the gradient by weight": lambda d: shift(d, 2),
        "no remainder": lambda d: element(d).update(remainder=None),
        "rational part": lambda d: element(d).update(rational="1/1000000000"),
        "not a number": special,
        "index": lambda d: d["quantities"][1]["elements"][0].update(index=[0, 1]),
        "a logit": lambda d: number(d, "input", "0x1.0000000000000p-40"),
        "a weight": lambda d: number(d, "weight", "0x1.0000000000001p+1"),
        "a target": lambda d: number(d, "target", "2"),
        "upstream": lambda d: number(d, "upstream", "0x1.8000000000001p+1"),
        "smoothing": lambda d: d["problem"].update(label_smoothing="1/10"),
        "ignored": lambda d: d["problem"].update(ignore_index=1),
        "reduction": lambda d: d["problem"].update(reduction="sum"),
        "weights": lambda d: d["problem"]["arguments"].pop("weight"),
    }


def test_arb_refutes_every_wrong_certificate(tmp_path: Path) -> None:
    """Each edit of a claim or of the problem is found; unedited, all is well."""
    document = written_by_oracle(tmp_path, *WHOLE)
    assert check([tmp_path / "one.json"])[0] == 0
    paths = {name: tmp_path / f"{name}.json" for name in edits()}
    for name, edit in edits().items():
        wrong = copy.deepcopy(document)
        edit(wrong)
        paths[name].write_text(json.dumps(wrong), "utf-8")
    code, text = check(list(paths.values()))
    assert code == 1, text
    refuted = [line for line in text.splitlines() if line.endswith("] REFUTED")]
    missed = [
        n for n, p in paths.items() if not any(str(p) in line for line in refuted)
    ]
    assert not missed, text


def test_the_short_script_confirms_and_refutes(tmp_path: Path) -> None:
    """The few lines say yes to a certificate, and no to it after an edit."""
    options = ("--input", "[[0, -6], [1, 2.5]]", "--target", "[0, 1]")
    document = written_by_oracle(
        tmp_path, "cross_entropy", *options, "--dtype", "float32"
    )
    path = tmp_path / "one.json"
    assert check([path], "check_means.py") == (0, f"{path} is proved\n")
    ends = document["quantities"][0]["elements"][0]["remainder"]
    ends |= {side: moved(end) for side, end in ends.items()}
    path.write_text(json.dumps(document), "utf-8")
    assert check([path], "check_means.py") == (0, f"{path} WRONG\n")
