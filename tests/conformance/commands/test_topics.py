"""`help` knows the topics that there are, and they say what the code does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections import Counter
from dataclasses import fields
from types import SimpleNamespace
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from conformance import loading as backends
from conformance.backend import DECLINABLE, LOSSES, OPTIONS, Capabilities
from conformance.backends._inference import ATTRIBUTES
from conformance.backends._protocol import VERSION, answer_of, array_of, greeting_of
from conformance.builders.corpus import named_cases
from conformance.case import DTYPES, Array, Case
from conformance.cli import cli
from conformance.commands.certificates import certificates
from conformance.commands.topics import topics
from conformance.conditions import CONDITIONS
from conformance.configuration import KEYS, load
from conformance.contract import CONTRACTS, SCHEMES, Contract
from conformance.findings import read_known
from conformance.profiles import PROFILES
from conformance.structure import shipped
from conformance.verdict import Status

if TYPE_CHECKING:
    from pathlib import Path


def shown(*words: str) -> str:
    """Return what `help` prints."""
    done = CliRunner().invoke(topics, words)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_list_of_topics() -> None:
    """Without a topic, each is listed with its title."""
    listed = dict(re.findall(r"^([\w-]+) +(.*)$", shown(), re.MULTILINE))
    assert listed["protocol"] == "Process backends, protocol 1"
    assert listed["exit-codes"] == "Exit codes"
    for name, title in listed.items():
        assert shown(name).startswith(f"{title}\n\n")
        assert max(map(len, shown(name).splitlines())) <= 95
    text = " ".join(shown(name) for name in listed)
    assert {*re.findall(r"`help ([\w-]+)`", text)} <= set(listed)


def test_the_commands_of_the_topics_exist() -> None:
    """Every command and option that a topic names is one of the program's."""
    for name in re.findall(r"^[\w-]+", shown(), re.MULTILINE):
        for command, rest in re.findall(
            r"loss-conformance ([\w-]+)([^\n`]*)", shown(name)
        ):
            made = cli.get_command(click.Context(cli), command)
            assert made is not None, (name, command)
            known = {o for p in made.get_params(click.Context(made)) for o in p.opts}
            assert {*re.findall(r"(?<=\s)--[\w-]+", rest)} <= known, (name, rest)


def blocks(topic: str) -> list[str]:
    """Return the indented blocks of a topic, without the indentation."""
    found = re.findall(r"(?:^(?: {4}.*)?\n)+", shown(topic), re.MULTILINE)
    return [textwrap.dedent(block).strip() for block in found if block.strip()]


def test_the_configuration_shown_is_valid(tmp_path: Path) -> None:
    """It names every key, and is read as it stands; so is the schema."""
    (text,) = (b for b in blocks("configuration") if b.startswith("[tool."))
    path = tmp_path / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    assert set(load(path, tmp_path).values) == set(KEYS)
    schema = json.loads(shown("configuration", "--schema"))
    assert set(schema["properties"]) == set(KEYS)
    refused = CliRunner().invoke(topics, ["profiles", "--schema"])
    assert refused.exit_code == 2


def test_functions_are_as_described(tmp_path: Path) -> None:
    """The example is loaded with what it says; every attribute is listed."""
    (text,) = (b for b in blocks("functions") if b.startswith("import numpy"))
    (tmp_path / "kernels.py").write_text(text, encoding="utf-8")
    backend = backends.load(f"{tmp_path / 'kernels.py'}:cross_entropy")
    assert backend.capabilities.options == {"ignore_index"}
    assert backend.capabilities.dtypes == {"float32"}
    assert set(backend.capabilities.declined) == {
        *("unbatched", "k-dim", "invalid:target", "reduction"),
    }
    for word in (*ATTRIBUTES, *DECLINABLE, *OPTIONS, *DTYPES, *LOSSES):
        assert re.search(rf"(?<![\w-]){word}(?![\w-])", shown("functions")), word


def test_contracts_are_as_described() -> None:
    """Every name, member and scheme is explained, and the example is one."""
    text = shown("contracts")
    for word in (*CONTRACTS, *SCHEMES, *(f.name for f in fields(Contract))):
        assert re.search(rf"(?<![\w-]){word}(?![\w-])", text), word
    (code,) = (b for b in blocks("contracts") if b.startswith("from conformance"))
    holder: dict[str, object] = {"cross_entropy": SimpleNamespace()}
    exec(code, holder)  # noqa: S102 - our own text
    assert vars(holder["cross_entropy"])["contract"].rescalings == 7


def test_statuses_are_as_described() -> None:
    """All are explained, in the order of their gravity."""
    text = shown("failures").partition("Statuses")[2]
    listed = re.findall(r"^  (\S+) ", text, re.MULTILINE)
    assert listed == [str(status) for status in Status]


def test_known_findings_are_as_described(tmp_path: Path) -> None:
    """The example is read as it stands; keys and conditions are all named."""
    (text,) = (b for b in blocks("known-findings") if b.startswith("[versions]"))
    path = tmp_path / "known.toml"
    path.write_text(text, encoding="utf-8")
    (entry,) = read_known(path)
    names = {n.name for n in named_cases(entry.loss, entry.dtypes[0])}
    assert entry.witness in names
    for word in (*CONDITIONS, *(f.name for f in fields(entry))):
        assert re.search(rf"\b{word}\b", shown("known-findings")), word


def test_profiles_are_as_described() -> None:
    """The numbers are those of the program."""
    rows = re.findall(
        r"^ +(\w+) +(\d[\d ]*?\d{3}|\d+)  +(\d[\d ]*) {2}",
        shown("profiles"),
        re.MULTILINE,
    )
    told = {n: (int(p.replace(" ", "")), int(s.replace(" ", ""))) for n, p, s in rows}
    assert told == {p.name: (p.pool, p.search) for p in PROFILES.values()}


def test_an_unknown_topic() -> None:
    """The closest one is named, and it is an error of usage."""
    done = CliRunner().invoke(topics, ["protocols"])
    assert done.exit_code == 2
    assert "did you mean 'protocol'?" in done.output


@pytest.mark.parametrize(
    "word",
    [*LOSSES, *DTYPES, *OPTIONS, *DECLINABLE]
    + [f.name for f in fields(Capabilities) if f.name in Capabilities.__annotations__],
)
def test_the_protocol_names_every_word(word: str) -> None:
    """No word that a program may use is missing from the description."""
    missing = {"derivatives", "paths", "negative_strides"}  # "further members"
    assert word in missing or re.search(rf"\b{word}\b", shown("protocol"))


def test_the_examples_of_the_protocol_are_valid() -> None:
    """Greeting, array and answers are read as they stand."""
    text = re.sub(r"\n {5}(?=\")", "", shown("protocol"))
    lines = [line.strip() for line in text.splitlines() if line.startswith("    {")]
    greeting = next(line for line in lines if "protocol" in line).partition("   ")[0]
    name, capabilities = greeting_of(greeting.encode(), "process:x")
    assert (name, capabilities.losses) == ("my-kernel", {"mse"})
    assert json.loads(greeting)["protocol"] == VERSION
    array = json.loads(next(line for line in lines if "strides" in line))
    del array["strides"], array["offset"]
    assert array_of(array, "it").tolist() == [1.0, -2.0]
    result = re.search(r"\{\"dtype\":\"float32\",\"shape\":\[\],[^}]*\}", text)
    assert result
    pair = {"input": Array.of([1.0], "float32"), "target": Array.of([2.0], "float32")}
    case = Case("mse", "float32", pair)
    answers = [
        line for line in lines if line.startswith('{"id":1,') and "loss" not in line
    ]
    assert len(answers) == 3
    for line in answers:
        answer_of(line.replace("RESULT", result[0]).encode(), 1, case)


def test_the_means_of_the_corpus_are_proved(tmp_path: Path) -> None:
    """The lines shown check what they cover, leave the rest out, and can fail."""
    pytest.importorskip("flint")
    (code,) = (b for b in blocks("certificates") if b.startswith("# check_means.py"))
    (tmp_path / "check_means.py").write_text(code, encoding="utf-8")
    folder = tmp_path / "corpus"
    words = [str(folder), "--loss", "cross_entropy", "--dtype", "float32"]
    assert CliRunner().invoke(certificates, words).exit_code == 0
    wrong = json.loads(next(folder.glob("*-plain.json")).read_text(encoding="utf-8"))
    wrong["quantities"][0]["elements"][0]["rational"] = "7/3"
    (folder / "wrong.json").write_text(json.dumps(wrong), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "check_means.py", *sorted(map(str, folder.glob("*.json")))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    ends = Counter(line.partition(".json ")[2] for line in done.stdout.splitlines())
    assert ends["WRONG"] == 1
    assert ends["is proved"] > 40
    assert ends.keys() <= {"is proved", "agrees", "is left out", "WRONG"}


def test_the_schema_of_the_run_file_is_published() -> None:
    """`--schema` prints it as it is shipped; a topic without one is an error."""
    assert json.loads(shown("run-file", "--schema")) == shipped("run")
    for words in (["--schema"], ["protocol", "--schema"]):
        done = CliRunner().invoke(topics, words)
        assert done.exit_code == 2
        assert "run-file" in done.output


def test_the_run_file_is_described_with_its_own_words() -> None:
    """Every member that the text names in quotes is in the schema."""
    names = set(re.findall(r'"(\w+)"', shown("run-file"))) - {"$float"}
    text = json.dumps(shipped("run"))
    assert {"oracle", "corpus", "points"} <= names
    assert all(f'"{name}"' in text for name in names)
