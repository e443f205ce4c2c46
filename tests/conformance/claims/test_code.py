"""Code is read from its syntax, never run; what is not understood is said to be so."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from conformance.claims.code import RandomError, UnreadableError, read
from conformance.claims.truth import answer

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
TENSORS = "x = torch.tensor([[1., 2.], [3., 4.]])\ny = torch.tensor([0, 1])\n"


@pytest.mark.parametrize(
    ("code", "loss", "options"),
    [
        ("nn.CrossEntropyLoss()(x, y)", "cross_entropy", {}),
        (
            "loss = nn.CrossEntropyLoss(reduction='sum')\nprint(loss(x, y).item())",
            "cross_entropy",
            {"reduction": "sum"},
        ),
        (
            "F.cross_entropy(x, y, label_smoothing=0.1)",
            "cross_entropy",
            {"label_smoothing": Fraction(1, 10)},
        ),
        ("nn.L1Loss()(x, x)", "mae", {}),
        ("r = F.mse_loss(x, x, reduction='none')", "mse", {"reduction": "none"}),
    ],
)
def test_what_is_read(code: str, loss: str, options: dict[str, Any]) -> None:
    """Tensors of literals, a loss with options and its call are understood."""
    found = read(HEAD + TENSORS + code)
    assert found["loss"] == loss
    assert found["dtype"] == "float32"
    assert found["input"] == [[1, 2], [3, 4]]
    assert options.items() <= found.items()
    assert answer(found).value.shape == (
        (2, 2) if options.get("reduction") == "none" else ()
    )


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("torch.tensor([0, 1])", "index"),
        ("torch.LongTensor([0, 1])", "index"),
        ("torch.tensor([0, 1], dtype=torch.int64)", "index"),
        ("torch.tensor([0, 1], dtype=torch.float32)", "probability"),
        ("torch.tensor([0., 1.])", "probability"),
        ("torch.FloatTensor([0, 1])", "probability"),
    ],
)
def test_the_type_of_the_target_decides(target: str, kind: str) -> None:
    """As in torch, integers are class indices and floats are probabilities."""
    code = f"nn.CrossEntropyLoss()(torch.tensor([1., 2.]), {target})"
    assert read(code)["target_kind"] == kind


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x = 1",
        "import os\nos.system('id')",
        "__import__('os').system('id')",
        "open('x', 'w')",
        "for i in range(3): pass",
        "def f(): pass",
        "x = [i for i in range(9)]",
        "nn.CrossEntropyLoss()(x, y)",
        "nn.L1Loss()(torch.tensor([1]), torch.tensor([1]))",
        "nn.L1Loss()(torch.tensor([1.]), torch.tensor([1]))",
        "nn.L1Loss()(torch.tensor([1.]))",
        "nn.L1Loss(size_average=True)(torch.tensor([1.]), torch.tensor([1.]))",
        "nn.L1Loss(reduction='men')(torch.tensor([1.]), torch.tensor([1.]))",
        "nn.L1Loss()(torch.tensor([1.], device='cuda'), torch.tensor([1.]))",
        "nn.L1Loss()(torch.tensor([1.], dtype=torch.complex64), torch.tensor([1.]))",
        "nn.L1Loss()(torch.tensor([[1.], 'a']), torch.tensor([1.]))",
        "nn.L1Loss()(torch.tensor([1.]) * 2, torch.tensor([1.]))",
        "x = " + "(" * 300 + ")" * 300,
        "x = " + "-" * 5000 + "1",
        "'\\d' is 1\n\x00",
        "1\n" * 20_000,
    ],
)
def test_what_is_not_read(code: str) -> None:
    """Anything else is refused, and nothing of it happens."""
    with pytest.raises(UnreadableError):
        read(code)


def test_random_numbers_need_a_seed() -> None:
    """Without a seed there is no one result to judge."""
    with pytest.raises(RandomError):
        read("loss(torch.randn(3), torch.randn(3))")
