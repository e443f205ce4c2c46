"""The tutorial's page says what is true, and is the one in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.builders.corpus import corpus
from conformance.claims import tutorial
from conformance.claims.claim import Ruling

PAGE = Path(__file__).parents[3] / "reports" / "tutorial.md"


def test_the_page_in_the_repository_is_current() -> None:
    """`reports/tutorial.md` is what the module writes."""
    assert PAGE.read_text(encoding="utf-8") == tutorial.page()


def test_writing_to_a_file(tmp_path: Path) -> None:
    """The command writes the page to the file it is given, and needs one."""
    assert tutorial.main([str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == tutorial.page()
    assert tutorial.main([]) == 2


def test_rulings() -> None:
    """The examples' rulings are those a reader can check by hand."""
    rulings = {c.id: c.ruling for c in tutorial.claims()}
    assert rulings["mae-example"] is Ruling.CUT_OFF
    assert rulings["mse-example"] is Ruling.ROUNDED
    assert rulings["cross-entropy-smallest"] is Ruling.FALSE
    assert rulings["cross-entropy-code"] is Ruling.ELSE


def test_the_examples_are_corpus_cases() -> None:
    """Predictions, targets and scores of the page are those of the named cases."""
    losses = ("mae", "mse", "cross_entropy")
    named = {n.name: n.case for loss in losses for n in corpus(loss, "float32")}
    for name in ("tutorial-mae", "tutorial-mse", "tutorial-cross-entropy-float-target"):
        arguments = named[name].arguments
        assert arguments["input"].view().tolist() == list(tutorial.PREDICTIONS)
        assert arguments["target"].view().tolist() == list(tutorial.TARGETS)
    scores = named["tutorial-cross-entropy"].arguments
    nearly = pytest.approx([float(s) for s in tutorial.SCORES])
    assert scores["input"].view().tolist() == nearly
    assert scores["target"].view().item() == tutorial.DOG


@pytest.mark.torch
def test_torch_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The page's code runs and prints its comment; torch's MAE reads 0.6667."""
    torch = pytest.importorskip("torch")
    (code,) = re.findall(r"```python\n(.*?)```", tutorial.page(), re.DOTALL)
    exec(compile(code, "page", "exec"), {})  # noqa: S102 - our own page
    comment = re.findall(r"# (tensor\(.*\))$", code, re.MULTILINE)
    assert capsys.readouterr().out.split() == comment
    x = torch.tensor(tutorial.PREDICTIONS, dtype=torch.float32)
    y = torch.tensor(tutorial.TARGETS, dtype=torch.float32)
    functional = torch.nn.functional
    assert str(functional.l1_loss(x, y)) == "tensor(0.6667)"
    assert str(functional.mse_loss(x, y)) == "tensor(1.3333)"
    assert str(functional.cross_entropy(x, y)) == "tensor(7.2608)"
