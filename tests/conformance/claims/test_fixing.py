"""The corrected text is right where it was wrong, and the same elsewhere."""

from __future__ import annotations

import json

import pytest

from conformance.claims.claim import Checked, Document, Verdict
from conformance.claims.documents import SCHEMA, markdown, notebook, sidecar
from conformance.claims.fixing import corrected, difference
from conformance.claims.judging import judge

ARGUMENTS = 'loss = "mae", input = [1, 2, 3], target = [1, 2, 5]'
COMMENT = f'<!-- claim {ARGUMENTS}, says = "0.6" -->'


def checked(document: Document) -> Checked:
    """Return a document with its rulings."""
    return Checked(document, tuple(map(judge, document.claims)))


def test_a_sidecar() -> None:
    """Only the digits of the wrong claims change; then all hold."""
    claim = '[[claim]]\nloss = "mae"\ninput = [1, 2, 3]\ntarget = [1, 2, 5]\n'
    text = f'schema = "{SCHEMA}"\n{claim}says = "0.6"\n{claim}says = "0.67"\n'
    fixed, left = corrected(checked(sidecar(text, "a.toml")))
    assert fixed == text.replace('"0.6"', '"0.7"')
    assert not left
    rulings = checked(sidecar(fixed, "a.toml")).rulings
    assert {r.verdict for r in rulings} == {Verdict.ROUNDED}


def test_markdown() -> None:
    """The comment changes, and the number in the paragraph above, and nothing else."""
    text = (
        f"0.6 is another.\n\nThe MAE is 0.6, not 10.6 or 0.65.\n{COMMENT}\n\nAnd 0.6.\n"
    )
    fixed, left = corrected(checked(markdown(text, "a.md")))
    assert not left
    assert fixed == text.replace("is 0.6, not", "is 0.7, not").replace('"0.6"', '"0.7"')


def test_a_number_that_stands_twice_is_left() -> None:
    """Which of two numbers is meant is not guessed; the comment is corrected."""
    text = f"0.6 or 0.6?\n{COMMENT}\n"
    fixed, left = corrected(checked(markdown(text, "a.md")))
    assert fixed.startswith("0.6 or 0.6?\n")
    assert '"0.7"' in fixed
    assert left == ["a.md: line 2: claim-1 is left as it is"]


def test_the_text_is_corrected_where_the_comment_is_right() -> None:
    """The text gets as many digits as before, and the comment says the same."""
    text = f"From 1, 2, 3 the MAE is 0.6.\n{COMMENT.replace('0.6', '0.6667')}\n"
    fixed, left = corrected(checked(markdown(text, "a.md")))
    assert not left
    right = COMMENT.replace("0.6", "0.7")
    assert fixed == f"From 1, 2, 3 the MAE is 0.7.\n{right}\n"
    (ruling,) = checked(markdown(fixed, "a.md")).rulings
    assert (ruling.verdict, ruling.read) == (Verdict.ROUNDED, "")


def test_a_number_on_the_line_of_the_comment() -> None:
    """The text before a comment is as visible as the line above it."""
    text = f"The slope is −0.4, the MAE 0.6. {COMMENT} Or 0.6.\n"
    fixed, left = corrected(checked(markdown(text, "a.md")))
    assert not left
    right = COMMENT.replace("0.6", "0.7")
    assert fixed == f"The slope is −0.4, the MAE 0.7. {right} Or 0.6.\n"


def test_a_notebook() -> None:
    """Cells change, everything else of the notebook stays."""
    cells = [
        {
            "cell_type": "markdown",
            "metadata": {"a": 1},
            "source": ["It is 0.6.\n", COMMENT],
        },
        {
            "cell_type": "code",
            "outputs": [],
            "source": f'# claim {ARGUMENTS}, says = "1"',
        },
    ]
    text = json.dumps({"cells": cells, "nbformat": 4})
    fixed, left = corrected(checked(notebook(text, "a.ipynb")))
    assert not left
    data = json.loads(fixed)
    assert data["nbformat"] == 4
    assert data["cells"][0]["source"] == ["It is 0.7.\n", COMMENT.replace("0.6", "0.7")]
    assert data["cells"][0]["metadata"] == {"a": 1}


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_notebook_ends_as_before(end: str) -> None:
    """Its last newline is neither added nor dropped."""
    cells = [{"cell_type": "markdown", "source": ["It is 0.6.\n", COMMENT]}]
    text = json.dumps({"cells": cells}) + end
    fixed, _ = corrected(checked(notebook(text, "a.ipynb")))
    assert fixed == f"{fixed.rstrip()}{end}"
    assert fixed != text


def test_a_list_of_numbers() -> None:
    """Of a gradient, the wrong number changes; one that stands twice is left."""
    head = f'schema = "{SCHEMA}"\n[[claim]]\nkind = "gradient"\nloss = "mse"\n'
    text = head + 'input = [1, 2, 3]\ntarget = [1, 2, 5]\nsays = ["0", "0", "-1.4"]\n'
    fixed, left = corrected(checked(sidecar(text, "a.toml")))
    assert fixed == text.replace("-1.4", "-1.3")
    assert not left
    twice = text.replace('"0", "0"', '"1", "1"')
    fixed, left = corrected(checked(sidecar(twice, "a.toml")))
    assert fixed == twice
    assert left == ["a.toml: line 2: claim-1 is left as it is"]


def test_the_difference_is_a_unified_diff() -> None:
    """It names both files, and ends its last line."""
    text = difference("a.md", "x\n0.6", "x\n0.7")
    assert text.splitlines()[:2] == ["--- a.md", "+++ a.md.corrected"]
    assert text.endswith("+0.7\n")
