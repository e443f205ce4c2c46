"""`claims` on the command line: what it prints, writes and refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from conformance.claims import sandbox
from conformance.claims.claim import MARKS, Verdict
from conformance.commands.claims import claims

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'schema = "loss-conformance.claims/1"\n'
CLAIM = '[[claim]]\nloss = "mae"\ninput = [1, 2, 3]\ntarget = [1, 2, 5]\nsays = "{}"\n'
MANUAL = '[[claim]]\nid = "m"\nkind = "manual"\ntext = "<b> | `x`"\n'
NOT_RUN = '[[claim]]\nid = "n"\nkind = "works"\ncode = "open(\'written\', \'w\')"\n'


def call(*arguments: object) -> tuple[int, Result]:
    """Return exit code and result of the command in this process."""
    result = CliRunner().invoke(
        claims, [str(word) for word in arguments], standalone_mode=False
    )
    code = 2 if result.exception else result.return_value
    return code, result


def write(folder: Path, text: str, name: str = "page.toml") -> Path:
    """Return a new sidecar."""
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "code", "strict"),
    [
        (CLAIM.format("2/3"), 0, 0),
        (CLAIM.format("0.67"), 0, 0),
        (CLAIM.format("0.6"), 0, 1),
        (CLAIM.format("0.5"), 1, 1),
        (CLAIM.format("0.67") + MANUAL, 0, 0),
        (MANUAL, 5, 5),
        (NOT_RUN, 5, 5),
        ("", 5, 5),
        ("x = 1\n", 2, 2),
    ],
)
def test_exit_codes(text: str, code: int, strict: int, tmp_path: Path) -> None:
    """0 holds, 1 false, 2 malformed, 5 nothing judged; `~` fails on request."""
    path = write(tmp_path, text)
    assert call(path)[0] == code
    assert call(path, "--strict")[0] == strict
    assert list(tmp_path.iterdir()) == [path]


def test_all_files_are_read_before_one_is_judged(tmp_path: Path) -> None:
    """A malformed file among good ones ends the command before code could run."""
    run = write(
        tmp_path,
        f"""[[claim]]
kind = "works"
code = "open('{tmp_path}/written', 'w')"
""",
    )
    bad = write(tmp_path, "x = 1\n", "bad.toml")
    code, result = call(run, bad, "--allow-exec")
    assert code == 2
    assert "bad.toml" in str(result.exception)
    assert not (tmp_path / "written").exists()
    assert call(run, "--allow-exec")[0] == 0
    assert (tmp_path / "written").exists()


def test_code_is_announced_before_it_is_run(tmp_path: Path) -> None:
    """Where it stands and for how long it may run; what is only read is not."""
    path = write(tmp_path, CLAIM.format("0.7") + NOT_RUN)
    _, result = call(path, "--allow-exec")
    assert f"running the code of {path}: line 7, at most 60 s" in result.stderr
    assert result.stderr.count("running") == 1
    assert "running" not in call(path)[1].stderr
    text = CliRunner().invoke(claims, ["--help"]).output
    assert f"at most {sandbox.SECONDS} s" in text


@pytest.mark.parametrize("arguments", [(), ("--tutorial", "x.toml"), ("missing.toml",)])
def test_usage(arguments: tuple[str, ...]) -> None:
    """Files or the tutorial must be named, and exist."""
    assert call(*arguments)[0] == 2


def test_output_must_be_writable(tmp_path: Path) -> None:
    """A folder that does not exist is refused at the start."""
    path = write(tmp_path, CLAIM.format("1"))
    assert call(path, "--output", tmp_path / "no" / "page.md")[0] == 2


def test_text(tmp_path: Path) -> None:
    """Mark, place, verdict and the right value of each claim, then the headline."""
    path = write(tmp_path, CLAIM.format("0.5") + CLAIM.format("0.6667") + "line = 41\n")
    text = call(path)[1].output
    assert "✗ line 2  claim-1\n    false: says 0.5; it is 0.7, exactly 2/3" in text
    assert "✓ line 41  claim-2\n    holds, rounded: " in text
    assert text.endswith("1 of 2 claims holds, 1 wrong (1 number).\n")


def test_json(tmp_path: Path) -> None:
    """Programs get the same, with places, severities and corrections."""
    path = write(tmp_path, CLAIM.format("0.6") + MANUAL)
    data = json.loads(call(path, "--format", "json")[1].output)
    first, second = data["rulings"]
    assert (first["file"], first["line"], first["correction"]) == (str(path), 2, "0.7")
    assert (first["verdict"], first["severity"]) == ("cut off, not rounded", "number")
    assert second["verdict"] == "not checkable"
    assert sum(data["counts"].values()) == 2


def test_markdown_cannot_be_broken_by_a_claim(tmp_path: Path) -> None:
    """What a file says stays inside its cell."""
    page = tmp_path / "page.md"
    assert (
        call(write(tmp_path, MANUAL), "--format", "markdown", "--output", page)[0] == 5
    )
    assert "&lt;b&gt; \\| 'x'" in page.read_text("utf-8")


def test_code_cannot_leave_its_fence_nor_words_steer_a_terminal(tmp_path: Path) -> None:
    """Fences inside code are outdone, and control characters are replaced."""
    claim = CLAIM.format("5") + 'text = "\\u001b[2J"\ncorrected = "```\\n# x"\n'
    path = write(tmp_path, claim)
    assert "````python\n```\n# x\n````" in call(path, "--format", "markdown")[1].output
    assert "\x1b" not in call(path)[1].output


def test_fix_writes_beside_the_original(tmp_path: Path) -> None:
    """The original stays as it is; the diff goes to standard error."""
    path = write(tmp_path, CLAIM.format("0.6"))
    before = path.read_text("utf-8")
    _, result = call(path, "--fix")
    assert path.read_text("utf-8") == before
    fixed = tmp_path / "page.toml.corrected"
    assert fixed.read_text("utf-8") == before.replace("0.6", "0.7")
    assert '+says = "0.7"' in result.stderr
    fixed.unlink()
    good = write(tmp_path, CLAIM.format("0.7"))
    call(good, "--fix")
    assert not fixed.exists()


def test_every_verdict_has_a_mark_that_help_explains() -> None:
    """The help lists the marks, every key's module and the exit codes."""
    text = CliRunner().invoke(claims, ["--help"]).output
    assert set(MARKS) == set(Verdict)
    assert all(mark in text for mark in MARKS.values())
    assert "conformance.claims.fields" in text


def test_the_tutorial_comes_along() -> None:
    """It is found without a path, and some of its claims are false."""
    code, result = call("--tutorial")
    assert code == 1
    assert "means something else" in result.output
