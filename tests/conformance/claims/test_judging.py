"""Every kind of claim, and every verdict, on examples checked by hand."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.claims import fields, implementation
from conformance.claims.claim import Place, Ruling, Verdict
from conformance.claims.judging import judge

if TYPE_CHECKING:
    from pathlib import Path

MAE = 'loss = "mae"\ninput = [1, 2, 3]\ntarget = [1, 2, 5]\n'
CE = 'loss = "cross_entropy"\ninput = [1, 2, 3]\n'
ROWS = 'loss = "cross_entropy"\ninput = [[2.0, 1.0], [0.5, 2.5]]\n'


def rule(text: str, *, run_code: bool = False) -> Ruling:
    """Return the ruling on the claim that TOML describes."""
    table = tomllib.loads(text, parse_float=Decimal)
    return judge(fields.read(table, Place("x", 1), 1), run_code=run_code)


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        (MAE + 'says = "2/3"', Verdict.HOLDS, "exactly 2/3"),
        (MAE + 'says = "0.6667"', Verdict.ROUNDED, "2/3"),
        (MAE + 'says = "0.6"', Verdict.CUT_OFF, "write 0.7"),
        (MAE + 'says = "0.6666"', Verdict.CUT_OFF, "write 0.6667"),
        (MAE + 'says = "0.6660"', Verdict.FALSE, "it is 0.6667"),
        (MAE + 'says = ["0.6667"]', Verdict.FALSE, "shape ()"),
        (MAE + 'reduction = "sum"\nsays = "3"', Verdict.FALSE, "difference is 1"),
        (
            MAE + 'reduction = "none"\nsays = ["0", "0", "2"]',
            Verdict.HOLDS,
            "[0, 0, 2]",
        ),
        (MAE + 'says = "nan"', Verdict.FALSE, "2/3"),
        (
            MAE.replace("5", "inf") + 'says = "inf"',
            Verdict.HOLDS,
            "inf",
        ),
        (
            MAE + 'dtype = "float32"\nsays = "0.66666668653488159"',
            Verdict.FORMAT,
            "correctly rounded float32",
        ),
        (MAE + 'dtype = "float32"\nsays = "0.67666"', Verdict.FALSE, "0.66667"),
        (CE + 'target = 1\nsays = "1.4076"', Verdict.ROUNDED, "1.40760"),
        (CE + 'target = 1\nsays = "1.4077"', Verdict.LAST_DIGIT, "write 1.4076"),
        (CE + 'target = 1\nsays = "1.41"', Verdict.ROUNDED, ""),
        (CE + 'target = 1\nsays = "1.40"', Verdict.CUT_OFF, "write 1.41"),
        (CE + 'target = 3\nsays = "1.4076"', Verdict.FAILS, "hold indices in [0, 3)"),
        ('loss = "mae"\ntarget = [1]\nsays = "1"', Verdict.NOT_CHECKABLE, "input"),
        (MAE + 'weight = [1]\nsays = "1"', Verdict.FAILS, "takes no weight"),
        (
            MAE + 'kind = "gradient"\nsays = ["0", "0", "-0.33"]',
            Verdict.ROUNDED,
            "-1/3",
        ),
        (
            MAE + 'kind = "gradient"\nby = "target"\nsays = ["0", "0", "-0.33"]',
            Verdict.FALSE,
            "[0, 0, 0.33]",
        ),
        (
            MAE + 'kind = "gradient"\nby = "weight"\nsays = "1"',
            Verdict.FAILS,
            "no gradient by weight",
        ),
        (
            CE + 'target = 1\nkind = "interprets-as"\nsays = "index"',
            Verdict.HOLDS,
            "class indices",
        ),
        (
            CE + 'target = 1\nkind = "interprets-as"\nsays = "probability"',
            Verdict.ELSE,
            "class indices",
        ),
        (
            CE + 'target = [1.0, 2.0, 5.0]\nkind = "interprets-as"\nsays = "index"\n'
            "fix = {target = 1}",
            Verdict.ELSE,
            "7.26084771556… is not the loss of a class. With target = 1 it is 1.4076",
        ),
        (MAE + 'kind = "shape"\nsays = []', Verdict.HOLDS, "()"),
        (MAE + 'kind = "shape"\nsays = [3]', Verdict.FALSE, "()"),
        (
            MAE + 'kind = "shape"\nreduction = "none"\nsays = [3]',
            Verdict.HOLDS,
            "(3,)",
        ),
        (
            MAE + 'dtype = "float16"\nkind = "dtype"\nsays = "float16"',
            Verdict.HOLDS,
            "",
        ),
        (
            MAE + 'dtype = "float16"\nkind = "dtype"\nsays = "float32"',
            Verdict.FALSE,
            "",
        ),
        (MAE + 'kind = "dtype"\nsays = "float32"', Verdict.NOT_CHECKABLE, "dtype"),
        ('kind = "manual"\ntext = "new in 2.11"', Verdict.NOT_CHECKABLE, "person"),
        (
            MAE + 'kind = "equals"\nterms = [{loss = "mae"}, {formula = "2 / 3"}]',
            Verdict.HOLDS,
            "they are equal",
        ),
        (
            MAE + 'kind = "equals"\nterms = [{loss = "mae"}, {loss = "mse"}]',
            Verdict.FALSE,
            "4/3",
        ),
        (
            CE + 'kind = "equals"\nterms = [{target = 1}, {target = [0.0, 1.0, 0.0]}]',
            Verdict.HOLDS,
            "agree to 1000 digits",
        ),
        (
            CE + 'kind = "orders"\nterms = [{target = 2}, {target = 1}, {target = 0}]',
            Verdict.HOLDS,
            "in this order",
        ),
        (
            CE + 'kind = "orders"\nterms = [{target = 2}, {target = 2}]',
            Verdict.NOT_CHECKABLE,
            "do not tell",
        ),
        (
            MAE + 'kind = "orders"\nterms = [{loss = "mae"}, {loss = "mae"}]',
            Verdict.FALSE,
            "not in this order",
        ),
        (
            MAE + 'says = "2"\nsettings = [{reduction = "sum"}, {reduction = "mean"}]',
            Verdict.DEPENDS,
            "reduction = mean: false",
        ),
        (
            MAE + 'says = "2"\nsettings = [{reduction = "sum"}]',
            Verdict.HOLDS,
            "reduction = sum: holds",
        ),
        (
            'formula = "log(input[0])"\ninput = [2]\nsays = "0.6931471806"',
            Verdict.ROUNDED,
            "0.69314718056…",
        ),
        ('formula = "1 / 0"\nsays = "1"', Verdict.FAILS, "must not be 0"),
        ('formula = "sum(input)"\nsays = "1"', Verdict.FAILS, "input is not given"),
    ],
)
def test_verdicts(text: str, verdict: Verdict, words: str) -> None:
    """Each claim has the verdict, and says the number that decides."""
    ruling = rule(text)
    assert ruling.verdict is verdict, ruling.because
    assert words in ruling.because


def test_the_last_digit() -> None:
    """One third rounded up is off by one in its last digit."""
    ruling = rule('loss = "mae"\ninput = [1, 0, 0]\ntarget = [0, 0, 0]\nsays = "0.34"')
    assert ruling.verdict is Verdict.LAST_DIGIT
    assert (ruling.correction, ruling.severity) == ("0.33", "number")


def test_severities() -> None:
    """A wrong number is one thing, a wrong conclusion another."""
    assert rule(MAE + 'says = "5"').severity == "number"
    assert rule(MAE + 'says = "2/3"').severity == ""
    assert rule(MAE + 'kind = "shape"\nsays = [3]').severity == "conclusion"


def test_decimals_are_exact_unless_a_format_is_named() -> None:
    """0.1 is one tenth; in bfloat16 it is 0.10009765625."""
    text = 'loss = "mae"\ninput = [0.1]\ntarget = [0.0]\n'
    assert rule(text + 'says = "0.1"').because == "exactly 1/10"
    ruling = rule(text + 'dtype = "bfloat16"\nsays = "0.10009765625"')
    assert ruling.verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("arguments", "works"),
    [
        (MAE, True),
        (MAE + "weight = [1]", False),
        (CE + "target = 1", True),
        (CE + "target = 3", False),
        (ROWS + "target = [0, 1]", True),
        (ROWS + "target = [0.0, 1.0]", False),
        (ROWS + "target = [0, 1, 1]", False),
    ],
)
@pytest.mark.parametrize("with_torch", [True, False])
def test_what_works(
    arguments: str,
    works: bool,  # noqa: FBT001 - a parameter
    with_torch: bool,  # noqa: FBT001 - a parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What torch accepts and the documented rules accept is the same."""
    if with_torch:
        pytest.importorskip("torch")
    else:
        monkeypatch.setattr(implementation, "_backend", lambda: None)
    yes, no = (
        rule(arguments + '\nkind = "works"'),
        rule(arguments + '\nkind = "raises"'),
    )
    assert yes.verdict is (Verdict.HOLDS if works else Verdict.FAILS)
    assert no.verdict is (Verdict.FALSE if works else Verdict.HOLDS)
    if "weight" not in arguments:
        assert ("torch 2" if with_torch else "documented rules") in yes.because


@pytest.mark.torch
def test_the_exception_is_torchs() -> None:
    """The type that is claimed is held against the one that torch raises."""
    text = ROWS + 'target = [0.0, 1.0]\nkind = "raises"\n'
    assert rule(text + 'says = "RuntimeError"').verdict is Verdict.HOLDS
    ruling = rule(text + 'says = "ValueError"')
    assert ruling.verdict is Verdict.FALSE
    assert "raises RuntimeError, not ValueError" in ruling.because


def test_without_torch_the_exception_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That it fails is known by the rules; how it does is said to be open."""
    monkeypatch.setattr(implementation, "_backend", lambda: None)
    ruling = rule(ROWS + 'target = [0.0, 1.0]\nkind = "raises"\nsays = "RuntimeError"')
    assert ruling.verdict is Verdict.HOLDS
    assert "needs torch" in ruling.because


CODE = "kind = \"works\"\ncode = '''{}'''"


def test_code_is_not_run_unless_asked(tmp_path: Path) -> None:
    """Code that is not read is not run, and has no verdict."""
    path = tmp_path / "written"
    ruling = rule(CODE.format(f'open("{path}", "w").write("x")'))
    assert ruling.verdict is Verdict.NOT_RUN
    assert "--allow-exec" in ruling.because
    assert not path.exists()


def test_code_runs_when_asked() -> None:
    """Then it works, raises what is claimed, or fails."""
    fails = "raise KeyError('x')"
    assert rule(CODE.format("x = 1"), run_code=True).verdict is Verdict.HOLDS
    assert rule(CODE.format(fails), run_code=True).verdict is Verdict.FAILS
    raises = CODE.replace("works", "raises").format(fails)
    assert rule(raises + '\nsays = "KeyError"', run_code=True).verdict is Verdict.HOLDS
    assert (
        rule(raises + '\nsays = "ValueError"', run_code=True).verdict is Verdict.FALSE
    )
    quiet = CODE.replace("works", "raises").format("x = 1")
    assert rule(quiet, run_code=True).verdict is Verdict.FALSE
    absent = CODE.format("import no_such_module")
    assert rule(absent, run_code=True).verdict is Verdict.NOT_RUN


def test_random_inputs_are_not_checkable() -> None:
    """What has no one result is not called false."""
    ruling = rule(CODE.format("loss(torch.rand(3), torch.rand(3))"))
    assert ruling.verdict is Verdict.NOT_CHECKABLE


def test_huge_numbers_are_shown_by_their_first_digits() -> None:
    """What Python refuses to print in full is cut, and leads to no error."""
    text = f'formula = "sum(input) ** 64"\ninput = [{10**399 + 7}]\nsays = "1"'
    ruling = rule(text)
    assert ruling.verdict is Verdict.FALSE
    assert len(ruling.because) < 300
    sevenths = ", ".join(f'"1/{10**40 + n}"' for n in range(300))
    ruling = rule(
        'kind = "interprets-as"\nloss = "cross_entropy"\nsays = "index"\n'
        f"input = [{'0, ' * 300}]\ntarget = [{sevenths}]"
    )
    assert ruling.verdict is Verdict.ELSE
    assert "and are no distribution" in ruling.because
