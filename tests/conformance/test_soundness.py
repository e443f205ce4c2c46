"""A document of the right structure is a run only if its parts agree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.packing import pack
from conformance.soundness import sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def document(run_files: dict[str, Path]) -> Any:
    """Return the document of a run with findings, packed."""
    return json.loads(run_files["failing"].read_text(encoding="utf-8"))


def test_a_real_run_is_sound(document: Any) -> None:
    """It comes back without its packing."""
    assert pack(sound(document)) == document


def witness(document: Any) -> Any:
    """Return the input of the first finding's case."""
    return document["findings"][0]["case"]["arguments"]["input"]


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (lambda d: d["cells"][0].update(backend="x"), r"cells\[0\]: .* no backend 'x'"),
        (lambda d: d["points"][1].update(loss="mse"), r"points\[1\]: .* no loss 'mse'"),
        (lambda d: d["evidence"][0].update(dtype="float16"), r"no dtype 'float16'"),
        (lambda d: d["backends"].append(d["backends"][0]), "different names"),
        (lambda d: d.update(today="2026-13-01"), "month must be"),
        (lambda d: d["known"][0].update(expires="2026-02-30"), "day is out of range"),
        (lambda d: witness(d).update(offset=7), r"findings\[0\].case: a view must"),
        (lambda d: witness(d).update(strides=[1, 1]), "case"),
        (lambda d: witness(d).update(dtype="int64"), "invalid literal"),
        (lambda d: witness(d).update(dtype="uint8", base=["-1"]), "out of bounds"),
        (lambda d: witness(d).update(base=["0x1.0p+9999"]), "too large"),
        (lambda d: witness(d).update(base=["0x1.0p+200"]), "numbers of that format"),
        (
            lambda d: d["cells"][0]["ratio"].__setitem__(0, {"$float": "0x1.0p+9999"}),
            "needed a float",
        ),
    ],
)
def test_a_contradiction_is_told(
    document: Any, damage: Callable[[Any], Any], part: str
) -> None:
    """Names without a backend, days that are none, views that leave their buffer."""
    damage(document)
    with pytest.raises(ValueError, match=part):
        sound(document)
