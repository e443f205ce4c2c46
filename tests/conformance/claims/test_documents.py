"""Files with claims are read as written; malformed and hostile ones are refused."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from conformance.claims.claim import ClaimError, Verdict
from conformance.claims.documents import LARGEST, SCHEMA, load
from conformance.claims.judging import judge

if TYPE_CHECKING:
    from pathlib import Path

HEAD = f'schema = "{SCHEMA}"\n'
GOOD = '[[claim]]\nloss = "mae"\ninput = [1, 2]\ntarget = [1, 3]\nsays = "0.5"\n'
COMMENT = '<!-- claim loss = "mae", input = [1, 2], target = [1, 3], says = "0.5" -->'


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """Return a new file."""
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return path


def test_a_sidecar(tmp_path: Path) -> None:
    """Numbers are exact, and lines are those of the headers."""
    text = HEAD + GOOD + GOOD.replace("[1, 2]", '[0.1, "1/3"]') + "line = 41\n"
    first, second = load(write(tmp_path, "a.toml", text)).claims
    assert (first.id, first.place.line, first.place.page) == ("claim-1", 2, None)
    assert (second.place.line, second.place.page) == (7, 41)
    assert second.arguments["input"] == [Fraction(1, 10), Fraction(1, 3)]


def test_markdown(tmp_path: Path) -> None:
    """Comments on one line and on many are read, those in fenced code are not."""
    text = (
        f"The MAE is 0.5.\n{COMMENT}\n\n```html\n{COMMENT}\n```\n\n"
        '<!-- claim\nid = "b"\nkind = "works"\n-->\n\n```python\nloss(1)\n```\n'
    )
    first, second = load(write(tmp_path, "a.md", text)).claims
    assert (first.place.line, first.says, first.code) == (2, "0.5", "")
    assert (second.id, second.place.line, second.code) == ("b", 8, "loss(1)")


def test_the_code_below_a_comment_is_what_it_is_about(tmp_path: Path) -> None:
    """A float target in the block that follows is found to mean something else."""
    text = (
        '<!-- claim kind = "interprets-as", says = "index" -->\n\n```python\n'
        "loss = nn.CrossEntropyLoss()\n"
        "print(loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.0])))\n```\n"
    )
    (claim,) = load(write(tmp_path, "a.md", text)).claims
    assert judge(claim).verdict is Verdict.ELSE


BLOCK = "```python\n1 / 0\n```\n"
WORKS = '<!-- claim kind = "works" -->\n'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BLOCK + WORKS, "1 / 0"),
        (f"{BLOCK}\n\n{WORKS}", "1 / 0"),
        (f"{BLOCK}<!-- another -->\n{WORKS}", "1 / 0"),
        (f"~~~~py\na\n~~~\nb\n~~~~~\n{WORKS}", "a\n~~~\nb"),
        (f"{BLOCK}Text.\n{WORKS}", ""),
        (f"{BLOCK}Text. {WORKS}", ""),
        (f"{BLOCK}Text.\n{WORKS}\n{BLOCK.replace('1', '2')}", "2 / 0"),
        (f"```text\n1\n```\n{WORKS}", ""),
        (BLOCK + WORKS.replace(" -->", ', code = "3" -->'), "3"),
        (BLOCK + WORKS.replace(" -->", ', loss = "mae" -->'), ""),
    ],
)
def test_the_code_above_a_comment(text: str, code: str, tmp_path: Path) -> None:
    """The block directly above is what a claim on code is about, as for numbers."""
    (claim,) = load(write(tmp_path, "a.md", text)).claims
    assert claim.code == code


def test_code_above_and_below_is_refused(tmp_path: Path) -> None:
    """Which of two blocks is meant is not guessed."""
    with pytest.raises(ClaimError, match="line 4: the code of a claim must be"):
        load(write(tmp_path, "a.md", BLOCK + WORKS + BLOCK))


def test_a_claim_on_code_without_any_says_what_it_needs(tmp_path: Path) -> None:
    """A loss is not the first thing to think of."""
    meant = WORKS.replace('works"', 'interprets-as", says = "index"')
    for claim in load(write(tmp_path, "a.md", f"{WORKS}a\n\n{meant}")).claims:
        ruling = judge(claim)
        assert ruling.verdict is Verdict.NOT_CHECKABLE
        assert "put the comment under a ```python fence" in ruling.because


def test_a_notebook(tmp_path: Path) -> None:
    """Markdown cells hold comments, code cells lines; claims about code get theirs."""
    works = '<!-- claim kind = "works" -->'
    line = COMMENT.replace("<!--", "#").replace("-->", "")
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", COMMENT]},
        {"cell_type": "markdown", "source": works},
        {"cell_type": "code", "source": ["x = 1\n", line]},
        {"cell_type": "code", "source": "# claim that this is no claim"},
        {"cell_type": "raw", "source": COMMENT},
    ]
    claims = load(write(tmp_path, "a.ipynb", json.dumps({"cells": cells}))).claims
    assert [(c.place.cell, c.place.line) for c in claims] == [(1, 2), (2, 1), (3, 2)]
    assert claims[1].code.startswith("x = 1\n")


def with_key(line: str) -> str:
    """Return a sidecar whose claim has another line."""
    return HEAD + GOOD + line + "\n"


HOSTILE = {
    "no schema": (".toml", GOOD, "needed schema"),
    "other schema": (".toml", 'schema = "x"\n' + GOOD, "needed schema"),
    "not toml": (".toml", HEAD + "[[claim]\n", "must be TOML"),
    "truncated": (".toml", HEAD + GOOD[:-3], "must be TOML"),
    "not utf-8": (".toml", HEAD.encode() + b"# \xff\n", "line 2: must be UTF-8"),
    "nul": (".toml", HEAD + "\x00", "must be TOML"),
    "deep": (".toml", HEAD + "x = " + "[" * 100_000, "must be TOML"),
    "large": (".toml", HEAD + "#" * LARGEST, "at most"),
    "unknown head": (".toml", HEAD + 'tittle = ""\n', "did you mean 'title'"),
    "source": (".toml", HEAD + 'source = "x"\n', "source must be a table"),
    "unknown source": (".toml", HEAD + "[source]\nurll = 1\n", "did you mean 'url'"),
    "title": (".toml", HEAD + "title = 1\n", "title must be text"),
    "claim is no table": (".toml", HEAD + "claim = [1]\n", "must be tables"),
    "unknown key": (".toml", with_key('tagret = "x"'), "did you mean 'target'"),
    "import": (".toml", with_key('import = "os"'), "'import' must not be a key"),
    "exec": (".toml", with_key('exec = "rm"'), "'exec' must not be a key"),
    "kind": (".toml", with_key('kind = "valeu"'), "did you mean 'value'"),
    "loss": (".toml", HEAD + GOOD.replace('"mae"', '"mea"'), "did you mean"),
    "bool": (".toml", HEAD + GOOD.replace("[1, 2]", "[true]"), "must hold numbers"),
    "date": (".toml", HEAD + GOOD.replace("[1, 2]", "2020-01-01"), "must hold numbers"),
    "table": (".toml", HEAD + GOOD.replace("[1, 2]", "{a = 1}"), "must hold numbers"),
    "code as number": (
        ".toml",
        HEAD + GOOD.replace("[1, 2]", "[\"__import__('os')\"]"),
        "must be a fraction",
    ),
    "huge": (".toml", HEAD + GOOD.replace("[1, 2]", "1e999999"), "at most"),
    "huger": (".toml", HEAD + GOOD.replace("[1, 2]", "1e99999999999999999999"), "must"),
    "tiny": (".toml", HEAD + GOOD.replace("[1, 2]", "1e-999999"), "at most"),
    "long integer": (".toml", HEAD + GOOD.replace("[1, 2]", "9" * 2000), "at most 800"),
    "longer integer": (".toml", HEAD + GOOD.replace("[1, 2]", "9" * 9000), "must be"),
    "long decimal": (".toml", HEAD + GOOD.replace("[1, 2]", "0." + "1" * 900), "most"),
    "nested": (".toml", HEAD + GOOD.replace("[1, 2]", "[" * 9 + "]" * 9), "nested"),
    "many": (
        ".toml",
        HEAD + GOOD.replace("[1, 2]", f"[{'1,' * 10_001}]"),
        "at most 10000",
    ),
    "float says": (".toml", HEAD + GOOD.replace('"0.5"', "0.5"), "digits as text"),
    "word says": (".toml", HEAD + GOOD.replace('"0.5"', '"half"'), "a number as text"),
    "no says": (".toml", HEAD + GOOD.replace('says = "0.5"', ""), "says must be given"),
    "id": (".toml", with_key("id = 3"), "id must be text"),
    "twice": (".toml", HEAD + 2 * (GOOD + 'id = "a"\n'), "must be unique"),
    "line": (".toml", with_key("line = -1"), "line must be a positive integer"),
    "terms": (".toml", with_key("terms = 3"), "terms must be a list"),
    "terms of a value": (".toml", with_key("terms = [{}, {}]"), "must be left out"),
    "nested terms": (".toml", with_key("terms = [{terms = []}]"), "must not be a key"),
    "settings": (".toml", with_key("settings = [1]"), "must be tables"),
    "settings, no list": (".toml", with_key("settings = 1"), "must be a list"),
    "fix": (".toml", with_key("fix = [1]"), "must be tables"),
    "formula runs": (".toml", with_key("formula = \"open('x')\""), "made of abs, exp"),
    "formula": (".toml", with_key("formula = 1"), "formula must be text"),
    "ignore_index": (".toml", with_key("ignore_index = true"), "must be an integer"),
    "dtype": (".toml", with_key('dtype = "float23"'), "did you mean"),
    "one term": (
        ".toml",
        HEAD + '[[claim]]\nkind = "equals"\nterms = [{}]\n',
        "two tables",
    ),
    "works says": (
        ".toml",
        HEAD + '[[claim]]\nkind = "works"\nsays = "yes"\n',
        "left out",
    ),
    "shape": (
        ".toml",
        HEAD + '[[claim]]\nkind = "shape"\nsays = "2"\n',
        "list of sizes",
    ),
    "raises": (
        ".toml",
        HEAD + '[[claim]]\nkind = "raises"\nsays = 2\n',
        "must be text",
    ),
    "open comment": (".md", "<!-- claim\nloss", "must end with -->"),
    "two tables": (".md", "<!-- claim a = 1 }\n -->", "must be TOML"),
    "escape": (".md", "<!-- claim id = 'a' } -->", "must be TOML"),
    "unknown in comment": (".md", "\n<!-- claim lss = 'mae' -->", "line 2: 'lss'"),
    "no notebook": (".ipynb", "[]", "must be a notebook"),
    "no cells": (".ipynb", '{"cells": 1}', "must be a notebook"),
    "odd source": (".ipynb", '{"cells": [{"cell_type": "code", "source": 1}]}', "must"),
    "deep notebook": (".ipynb", "[" * 100_000, "must be a notebook"),
    "pickle": (".ipynb", b"\x80\x04.", "must be UTF-8"),
    "ending": (".py", "import os", "must end in one of"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_malformed_files_are_refused(name: str, tmp_path: Path) -> None:
    """The message names the file and says what was needed."""
    suffix, content, words = HOSTILE[name]
    path = write(tmp_path, f"claims{suffix}", content)
    with pytest.raises(ClaimError) as refused:
        load(path)
    assert str(path) in str(refused.value)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 1000
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a\n\n<!-- claim loss = 'mae', input = [1,, 2] -->", "line 3, column 37"),
        ("a <!-- claim id = 'a' --> <!-- claim id = -->", "line 1, column 43"),
        ("a\n<!-- claim\nid = 'a'\n loss = ?\n-->", "line 4, column 9"),
        ("<!-- claim\nid = 'a'\nloss = [1 -->", "the end of the comment"),
    ],
)
def test_an_error_in_a_comment_is_placed_on_the_page(
    text: str, place: str, tmp_path: Path
) -> None:
    """Line and column are those of the file, not those of the comment."""
    with pytest.raises(ClaimError, match=re.escape(f"(at {place})")):
        load(write(tmp_path, "a.md", text))


def test_a_comment_whose_last_value_has_many_lines(tmp_path: Path) -> None:
    """Commas between keys and code on several lines are no contradiction."""
    text = "<!-- claim kind = \"works\", code = '''\nx = 1\ny = 2\n''' -->"
    (claim,) = load(write(tmp_path, "a.md", text)).claims
    assert (claim.kind, claim.code) == ("works", "x = 1\ny = 2\n")


def test_all_errors_of_a_file_are_told(tmp_path: Path) -> None:
    """A line for each claim that is malformed, up to a screenful."""
    bad = COMMENT.replace("loss", "los")
    path = write(tmp_path, "a.md", f"{bad}\n{COMMENT}\n<!-- clam id = 1 -->\n{bad}")
    with pytest.raises(ClaimError) as refused:
        load(path)
    told = str(refused.value).splitlines()
    assert [line.split(": ")[1] for line in told] == ["line 1", "line 3", "line 4"]
    path = write(tmp_path, "b.toml", HEAD + 30 * GOOD.replace("loss", "los"))
    with pytest.raises(ClaimError) as refused:
        load(path)
    told = str(refused.value).splitlines()
    assert len(told) == 21
    assert told[-1] == "and 10 more"


@pytest.mark.parametrize(
    "name", [".", "missing.toml", "x\x00.toml", "a" * 300 + ".toml"]
)
def test_what_is_no_file_is_refused(name: str, tmp_path: Path) -> None:
    """Folders, missing files and impossible names are an error of the user."""
    (tmp_path / "folder.toml").mkdir()
    for path in (tmp_path / name, tmp_path / "folder.toml"):
        with pytest.raises(ClaimError):
            load(path)


@pytest.mark.parametrize("stop", range(0, len(HEAD + GOOD), 7))
def test_truncated_files(stop: int, tmp_path: Path) -> None:
    """A file that ends anywhere is refused, or holds fewer claims."""
    path = write(tmp_path, "a.toml", (HEAD + GOOD)[:stop])
    refused = ""
    try:
        claims = load(path).claims
    except ClaimError as error:
        refused, claims = str(error), ()
    assert not claims
    assert not refused or str(path) in refused
