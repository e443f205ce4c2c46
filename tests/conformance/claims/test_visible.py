"""A claim in Markdown is about the number that its reader sees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.claims.claim import ClaimError, Ruling, Verdict
from conformance.claims.documents import SCHEMA, load, markdown, notebook
from conformance.claims.judging import judge
from conformance.claims.visible import numbers, paragraph

if TYPE_CHECKING:
    from pathlib import Path

MAE = 'loss = "mae", input = [1, 2, 3], target = [1, 2, 5]'


def comment(says: str, more: str = "") -> str:
    """Return a claim about the MAE 2/3."""
    return f'<!-- claim {MAE}, says = "{says}"{more} -->'


def ruling(text: str) -> Ruling:
    """Return the ruling on the first claim of a text."""
    return judge(markdown(text, "a.md").claims[0])


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (f"It is 0.6667.\n{comment('0.6667')}", Verdict.ROUNDED),
        (f"It is 0.6667. {comment('0.6667')}", Verdict.ROUNDED),
        (f"It is 0.6.\n{comment('0.6667')}", Verdict.CUT_OFF),
        (f"It is 0.5.\n\n{comment('0.6667')}", Verdict.FALSE),
        (f"It is 0.67.\n{comment('0.6667')}", Verdict.DIFFERS),
        (f"Of 1, 2, 3 and 1, 2, 5 it is 0.5.\n{comment('0.6667')}", Verdict.FALSE),
        (f"In section 4 it is 0.5.\n{comment('0.6667')}", Verdict.FALSE),
        (f"It is 0.5, or 0.7.\n{comment('0.6667')}", Verdict.UNSEEN),
        (f"| a | 0.5 |\n| b | 0.6667 |\n{comment('0.6667')}", Verdict.UNCLEAR),
        (f"It is 0.5 at a rate of 0.6667.\n{comment('0.6667')}", Verdict.UNCLEAR),
        (f"It is 0.6667 after 3.5 epochs.\n{comment('0.6667')}", Verdict.UNCLEAR),
        (f"It is 2/3 ≈ 0.6667, or 0.67.\n{comment('0.6667')}", Verdict.ROUNDED),
        (f"Of 1, 2, 3 and 1, 2, 5 it is 3.\n{comment('0.6667')}", Verdict.UNCLEAR),
        (
            f"[1, 2, 3], [1, 2, 5]: 5; rate 0.6667.\n{comment('0.6667')}",
            Verdict.UNCLEAR,
        ),
        (f"Of 1.0, 2 and 3 it is 0.6667.\n{comment('0.6667')}", Verdict.ROUNDED),
        (f"It is 1 in row 2 of 3, or 0.6667.\n{comment('0.6667')}", Verdict.UNCLEAR),
        (f"It is 1.\n{comment('0.6667')}", Verdict.UNCLEAR),
        (f"Of 1, 2, 3 as the figure shows.\n{comment('0.6667')}", Verdict.UNCLEAR),
        (f"As the figure shows.\n{comment('0.6667')}", Verdict.ROUNDED),
        (f"0.5 in another paragraph.\n\nNone.\n{comment('0.6667')}", Verdict.ROUNDED),
        (f"It is 0.5.\n{comment('0.6667', ', visible = false')}", Verdict.ROUNDED),
        (comment("0.6667"), Verdict.ROUNDED),
    ],
)
def test_the_visible_number_is_judged(text: str, verdict: Verdict) -> None:
    """A comment that is right does not excuse the text beside it."""
    assert ruling(text).verdict is verdict


def test_the_difference_is_told() -> None:
    """Both numbers are named, and what to do where it is not clear which is meant."""
    told = ruling(f"It is 0.5.\n{comment('0.6667')}").because
    assert told.startswith("says 0.5; it is 0.7")
    assert told.endswith("the text says 0.5, the comment 0.6667")
    unclear = ruling(f"It is 0.5, or 0.7.\n{comment('0.6667')}").because
    assert "says 0.5, 0.7, and not 0.6667" in unclear
    assert "visible = false" in unclear


def test_the_words_before_the_number_say_which_is_meant() -> None:
    """Another number that would fit no longer passes a wrong sentence."""
    text = "The MAE\nis 0.5 here, with a rate of 0.6667 and 3 epochs.\n"
    wrong = ruling(text + comment("0.6667", ', near = "MAE is"'))
    assert (wrong.verdict, wrong.read) == (Verdict.FALSE, "0.5")
    right = ruling(text + comment("0.6667", ', near = "rate of"'))
    assert (right.verdict, right.read) == (Verdict.ROUNDED, "")
    # A number of the arguments is as good as any where it is named.
    given = ruling("It is 3, not 0.6667.\n" + comment("0.6667", ', near = "is"'))
    assert (given.verdict, given.read) == (Verdict.FALSE, "3")


@pytest.mark.parametrize("near", ["MSE", "is", "end", " "])
def test_words_that_lead_to_no_number_are_refused(near: str, tmp_path: Path) -> None:
    """They stand once in the paragraph, and a number behind them."""
    path = tmp_path / "a.md"
    claim = comment("0.6667", f', near = "{near}"')
    path.write_text(f"It is is 0.6667 at the end.\n{claim}", encoding="utf-8")
    with pytest.raises(ClaimError, match=r"line 2: near must be words that stand once"):
        load(path)


def test_words_without_a_text_above_are_refused(tmp_path: Path) -> None:
    """A sidecar has no paragraph to look in."""
    path = tmp_path / "a.toml"
    claim = f'claim = [{{ {MAE}, says = "1", near = "x" }}]'
    path.write_text(f'schema = "{SCHEMA}"\n{claim}\n', encoding="utf-8")
    with pytest.raises(ClaimError, match="near must be words"):
        load(path)


def test_under_settings_the_text_is_read_too() -> None:
    """A claim that holds under all of them says what the text does, or not."""
    settings = ', settings = [{reduction = "mean"}]'
    one = f"It is 0.5.\n{comment('0.6667', settings)}"
    assert ruling(one).verdict is Verdict.FALSE
    assert ruling(one.replace("0.5", "0.6667")).verdict is Verdict.ROUNDED


def test_numbers_in_another_order_than_their_comments_are_unclear() -> None:
    """Two claims whose numbers the text has swapped do not excuse each other."""
    mse = comment("1.3333").replace("mae", "mse")
    text = f"The MAE is 1.3333, the MSE 0.6667.\n{comment('0.6667')}\n{mse}\n"
    found = {judge(c).verdict for c in markdown(text, "a.md").claims}
    assert found == {Verdict.UNCLEAR}
    right = text.replace("1.3333, the MSE 0.6667", "0.6667, the MSE 1.3333")
    assert {judge(c).verdict for c in markdown(right, "a.md").claims} == {
        Verdict.ROUNDED
    }


def test_a_single_argument_that_is_repeated_is_no_result() -> None:
    """But it is what a reader takes where nothing else stands."""
    keys = 'loss = "cross_entropy", input = [1, 2, 3], target = 1, says = "1.4076"'
    claim = f"<!-- claim {keys} -->"
    text = "The loss of class 1 of 1, 2, 3 is {}.\n"
    assert ruling(text.format("1.4076") + claim).verdict is Verdict.ROUNDED
    assert ruling(text.format("1.3") + claim).verdict is Verdict.FALSE
    assert ruling(f"The loss is 1.\n{claim}").verdict is Verdict.UNCLEAR
    assert ruling(f"It is 2, rate 1.4076.\n{claim}").verdict is Verdict.UNCLEAR


def test_each_comment_has_its_number() -> None:
    """Of two claims in a paragraph, neither takes the other's number."""
    mse = comment("1.25").replace("mae", "mse")
    text = f"The MAE is 0.6, the MSE 1.25.\n{comment('0.6667')}\n{mse}\n"
    first, second = map(judge, markdown(text, "a.md").claims)
    assert (first.read, first.verdict) == ("0.6", Verdict.CUT_OFF)
    assert (second.read, second.verdict) == ("", Verdict.FALSE)


def test_a_gradient_is_seen_whole() -> None:
    """One entry that stands nowhere is enough to object."""
    says = 'kind = "gradient", says = ["0", "0", "-1.3333"] -->'
    claim = f"<!-- claim {MAE.replace('mae', 'mse')}, {says}"
    assert ruling(f"[0, 0, −1.3333]\n{claim}").verdict is Verdict.ROUNDED
    assert ruling(f"[0, 0, 1.25]\n{claim}").verdict is Verdict.UNSEEN
    assert ruling(f"[−1.3333, 0, 0]\n{claim}").verdict is Verdict.UNCLEAR
    at_a_rate = f"At a rate of 0.1 it is [0, 0, −1.3333].\n{claim}"
    assert ruling(at_a_rate).verdict is Verdict.ROUNDED
    named = at_a_rate.replace(" -->", ', near = "rate of" -->')
    assert ruling(named).verdict is Verdict.UNSEEN


def test_cells_of_a_notebook() -> None:
    """Text of a cell is seen with its comments; code is not."""
    cells = [
        {"cell_type": "markdown", "source": ["It is 0.5.\n", comment("0.6667")]},
        {"cell_type": "code", "source": f'x = 0.5\n# claim {MAE}, says = "0.6667"'},
    ]
    claims = notebook(json.dumps({"cells": cells}), "a.ipynb").claims
    assert [judge(c).verdict for c in claims] == [Verdict.FALSE, Verdict.ROUNDED]


@pytest.mark.parametrize("number", ["1e999999999", "1/0", "9" * 5000])
def test_what_nobody_computes_with_is_passed_by(number: str) -> None:
    """It neither stops the command nor takes for ever."""
    text = f"It is 0.6667, {number}.\n{comment('0.6667')}"
    assert ruling(text).verdict is Verdict.ROUNDED


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("−0.5 and -0.25, +1", ["-0.5", "-0.25", "+1"]),
        ("1. first\n2) second 3", ["3"]),
        ("2/3, 1e-5; .5", ["2/3", "1e-5", ".5"]),
        ("float32 x_1 v1.2.3 L1", []),
        ("0.6 <!-- 0.7 -->", ["0.6"]),
        (f"1/0, 1e999999999, {'9' * 5000}, 1/{'9' * 5000}", []),
    ],
)
def test_what_is_a_number(text: str, found: list[str]) -> None:
    """Names, versions, marks of lists and comments hold none."""
    assert numbers(text) == found


def test_the_paragraph() -> None:
    """It ends above the comment, empty lines and other comments between."""
    lines = ["a", "", "b", "c", "", "<!-- x", "y -->", "<!-- claim -->"]
    assert paragraph(lines, 7) == (2, 4)
    assert paragraph(["<!-- claim -->"], 0) == (0, 0)


@pytest.mark.parametrize(
    "text",
    [
        f"<!-- clam {MAE} -->",
        f"<!-- Claim {MAE} -->",
        f"<!-- claims {MAE} -->",
        f"Text. <!--cliam {MAE} -->",
        '<!-- clam\nid = "a"\nloss = "mae"\n-->',
        '<!--\nclaim loss = "mae"\n-->',
    ],
)
def test_a_slip_in_a_comment_is_refused(text: str, tmp_path: Path) -> None:
    """A claim that is spelt otherwise is not passed by."""
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ClaimError, match=r"line 1: a comment .* begin with <!-- claim"):
        load(path)
    path = tmp_path / "a.ipynb"
    cells = [{"cell_type": "code", "source": f"# clam {MAE}"}]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    with pytest.raises(ClaimError, match="got 'clam'"):
        load(path)


@pytest.mark.parametrize(
    "text", ["<!-- a claim that says = nothing -->", "<!-- toc id = 1 -->", "<!-- x"]
)
def test_other_comments_are_left_alone(text: str) -> None:
    """Only what begins nearly like a claim is taken for one."""
    assert markdown(text, "a.md").claims == ()
