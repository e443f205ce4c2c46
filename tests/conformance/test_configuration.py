"""A configuration gives defaults, or is refused with its file and key named."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.commands.check import check
from conformance.configuration import KEYS, ConfigurationError, find, load

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA: Final = json.loads(
    (resources.files("conformance") / "schemas" / "config.schema.json").read_text(
        encoding="utf-8"
    )
)


def written(folder: Path, text: str) -> Path:
    """Return a pyproject.toml in `folder` whose table holds `text`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pyproject.toml"
    path.write_text(f"[tool.loss-conformance]\n{text}\n", encoding="utf-8")
    return path


def values(folder: Path, text: str, here: Path | None = None) -> Mapping[str, Any]:
    """Return what a table says, as seen from a folder."""
    return load(written(folder, text), here or folder).values


def test_the_keys_are_the_options_of_check() -> None:
    """No option of `check` is missing, none is invented; nor in the schema."""
    keys = set(check.keys()) - {"config", "no-config", "help", "shard"}
    assert set(KEYS) == keys
    assert set(SCHEMA["properties"]) == set(KEYS)
    assert all(entry["description"] for entry in SCHEMA["properties"].values())


def test_every_key_is_read(tmp_path: Path) -> None:
    """Values arrive as the options take them; one word may stand for a list."""
    text = """
    backends = "numpy"
    loss = "mae"
    dtype = ["float32", "float64"]
    profile = "ci"
    seed = 3
    jobs = 2.0
    timeout = 2.5
    memory = 0
    output = "run.json"
    known = "mine.toml"
    no-known = true
    [tool.loss-conformance.report]
    markdown = "a.md"
    """
    found = values(tmp_path, text)
    assert found == {
        "backends": ["numpy"],
        "loss": ["mae"],
        "dtype": ["float32", "float64"],
        "profile": "ci",
        "seed": 3,
        "jobs": 2,
        "timeout": 2.5,
        "memory": 0,
        "output": "run.json",
        "known": ["mine.toml"],
        "no-known": True,
        "report": ["markdown=a.md"],
    }
    assert set(found) == set(KEYS)


def test_files_lie_beside_the_configuration(tmp_path: Path) -> None:
    """From a folder below, names lead to where the configuration lies."""
    text = """
    backends = ["./k.py:f@mae", "numpy", "pkg.k:f", "process:./k --fast", "~/k.py:f"]
    output = "run.json"
    known = ["/etc/known.toml", "known.toml"]
    report = {markdown = "reports/a.md"}
    """
    below = tmp_path / "src" / "deep"
    below.mkdir(parents=True)
    found = values(tmp_path, text, below)
    up = Path("..", "..")
    assert found == {
        "backends": [
            f"{up / 'k.py'}:f@mae",
            "numpy",
            "pkg.k:f",
            f"process:{up / 'k'} --fast",
            "~/k.py:f",
        ],
        "output": str(up / "run.json"),
        "known": ["/etc/known.toml", str(up / "known.toml")],
        "report": [f"markdown={up / 'reports' / 'a.md'}"],
    }


def test_the_nearest_table_counts(tmp_path: Path) -> None:
    """Files without our table, and such as are no TOML, are passed by."""
    top = written(tmp_path, "seed = 1")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find(deep) == top
    (deep / "pyproject.toml").write_text("[tool.other]\nname = 'loss-conformance'")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other")
    assert find(deep) == top
    assert find(tmp_path.parent) is None
    near = written(deep, "seed = 2")
    assert find(deep) == near


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sed = 1", "has no key 'sed'; did you mean 'seed'? known: backends, loss"),
        ("no_known = true", "did you mean 'no-known'?"),
        ("zzz = 1", "has no key 'zzz'; known: backends"),
        ("seed = -1", "seed in [tool.loss-conformance] must be a whole number of at"),
        ("seed = 1.5", "must be a whole number of at least 0, got 1.5"),
        ("seed = true", "must be a whole number of at least 0, got True"),
        ("jobs = 0", "must be a whole number of at least 1, got 0"),
        ("timeout = 0", "must be a number above 0, got 0"),
        ("timeout = nan", "must be a number above 0, got nan"),
        ("memory = inf", "must be a number of at least 0, got inf"),
        ("profile = 'fast'", "must be one of quick, ci, deep, got 'fast'"),
        ("loss = ['huber']", "mae, mse, cross_entropy, or a list of some, got 'huber'"),
        ("dtype = 'float33'", "got 'float33'; did you mean 'float32'?"),
        ("dtype = ['float64', 'fp32']", "got 'fp32'; did you mean 'float32'?"),
        ("profile = 'quik'", "got 'quik'; did you mean 'quick'?"),
        ("report = {markdwn = 'a.md'}", "got 'markdwn'; did you mean 'markdown'?"),
        ("loss = []", "or a list of some, got []"),
        ("dtype = 32", "or a list of some, got 32"),
        ("backends = []", "the name of a backend, or a list of names, got []"),
        ("backends = ['']", "the name of a backend, or a list of names, got ['']"),
        ("output = 3", "must be the name of a file, got 3"),
        ("report = ['markdown']", "must be a table such as {markdown = "),
        ("report = {pdf = 'a.pdf'}", "of terminal, markdown, "),
        ("report = {markdown = ''}", "must be a table such as {markdown = "),
        ("known = {}", "must be the name of a file, or a list of names, got {}"),
        ("no-known = 'yes'", "must be true or false, got 'yes'"),
        ("seed = ", "must be TOML, got: Invalid value (at line 2"),
        (f"a = {'[' * 5000}", "must be TOML, got"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The message names the file, the key and what is needed."""
    with pytest.raises(ConfigurationError) as caught:
        values(tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path / "pyproject.toml") in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "tool.loss_conformance",
        "tool.lossconformance",
        "tool.loss-conformence",
        "tool.Loss-Conformance",
        "tool.los-conformance",
        "tool.'loss conformance'",
        "loss-conformance",
        "loss_conformance",
    ],
)
def test_a_table_of_nearly_our_name_is_refused(tmp_path: Path, name: str) -> None:
    """Else what it asks for would be left out, and something else be found good."""
    (tmp_path / "pyproject.toml").write_text(f"[{name}]\nseed = 1\n", encoding="utf-8")
    deep = tmp_path / "src"
    deep.mkdir()
    for ask in (lambda: find(deep), lambda: load(tmp_path / "pyproject.toml", deep)):
        with pytest.raises(ConfigurationError, match="did you mean") as caught:
            ask()
        assert f"a table [{name.replace(chr(39), '')}]" in str(caught.value)
        assert str(tmp_path / "pyproject.toml") in str(caught.value)


def test_a_slip_beside_the_table_is_refused(tmp_path: Path) -> None:
    """Half of what is asked for would be left out."""
    written(tmp_path, "seed = 1\n[tool.loss_conformance]\nprofile = 'ci'")
    with pytest.raises(ConfigurationError, match="did you mean"):
        find(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "tool.loss",
        "tool.losses",
        "tool.conformance",
        "tool.loss-conformance-plots",
        "tool.loss_conformance_ci",
        "tool.torch-conformance",
        "tool.loss-functions",
        "tool.ruff.lint",
    ],
)
def test_the_tables_of_others_are_theirs(tmp_path: Path, name: str) -> None:
    """A name that only resembles ours is passed by."""
    (tmp_path / "pyproject.toml").write_text(f"[{name}]\nseed = 1\n", encoding="utf-8")
    assert find(tmp_path) is None
    path = written(tmp_path, f"seed = 1\n[{name}]\nx = 1")
    assert find(tmp_path) == path
    assert load(path, tmp_path).values == {"seed": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[tool.loss-conformance]\nseed = '\xff'", "readable text in UTF-8"),
        (b"[tool]\nloss-conformance = 3", "must be a table, got 3"),
        (b"tool = 3", "there must be a table [tool.loss-conformance], got none"),
        (b"", "there must be a table [tool.loss-conformance], got none"),
    ],
)
def test_a_named_file_must_have_the_table(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """What `--config` names is not passed by."""
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load(path, tmp_path)
    assert said in str(caught.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """Each on a line of its own, with the file."""
    with pytest.raises(ConfigurationError) as caught:
        values(tmp_path, "sed = 1\nseed = -1\njobs = 2\nprofile = 'quik'")
    lines = str(caught.value).splitlines()
    assert [line.startswith(f"{tmp_path / 'pyproject.toml'}: ") for line in lines] == [
        True
    ] * 3
    assert ["'sed'" in lines[0], "seed in" in lines[1], "profile in" in lines[2]] == [
        True
    ] * 3


WORDS = st.sampled_from(
    ["", " ", "mae", "float32", "quick", "ci", "fast", "numpy", "junit", "markdown"]
)
NUMBERS = st.sampled_from([-1, 0, 1, 2, 0.0, 0.5, 1.0, -0.5, 1e300])
PLAIN = st.one_of(WORDS, NUMBERS, st.booleans())
VALUES = st.one_of(
    PLAIN, st.lists(PLAIN, max_size=3), st.dictionaries(WORDS, PLAIN, max_size=2)
)


@given(st.dictionaries(st.sampled_from([*KEYS, "zzz"]), VALUES, max_size=2))
def test_the_schema_gives_the_same_verdict(table: dict[str, Any]) -> None:
    """An editor that knows the schema marks exactly what the program refuses."""
    from conformance.configuration import _problem

    valid = jsonschema.Draft202012Validator(SCHEMA).is_valid(table)
    problems = [_problem(key, value) for key, value in table.items()]
    assert any(problems) != valid
    if valid:
        assert all(
            KEYS[key].give(value, ".") is not None for key, value in table.items()
        )
