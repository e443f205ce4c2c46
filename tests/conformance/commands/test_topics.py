"""`help` knows the topics that there are, and they say what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest
from click.testing import CliRunner

from conformance.backend import DECLINABLE, LOSSES, OPTIONS, Capabilities
from conformance.backends._protocol import VERSION, answer_of, array_of, greeting_of
from conformance.case import DTYPES, Array, Case
from conformance.commands.topics import topics
from conformance.structure import shipped


def shown(*words: str) -> str:
    """Return what `help` prints."""
    done = CliRunner().invoke(topics, words)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_list_of_topics() -> None:
    """Without a topic, each is listed with its title."""
    assert "protocol    Process backends, protocol 1\n" in shown()
    assert "exit-codes  Exit codes\n" in shown()


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
