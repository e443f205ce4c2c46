"""Functions become backends in code as they do by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.adapters import numpy_like, torch_like
from conformance.backend import execute
from conformance.case import Array, Case
from conformance.contract import STAGED
from conformance.loading import LoadError, load

if TYPE_CHECKING:
    from pathlib import Path

PAIR = {"input": Array.of([1.0, 2.0]), "target": Array.of([1.0, 5.0])}


def halves(input: Any, target: Any) -> Any:
    """Return a mean absolute error, whatever the name says."""
    return np.abs(input - target).mean()


def test_a_numpy_function() -> None:
    """What is said in code is what the backend says; the function stays as it was."""
    backend = numpy_like(
        halves,
        loss="mae",
        name="mine",
        dtypes=["float64"],
        contract="staged",
        declined={"invalid": "nobody looks", "unbatched": "no"},
    )
    assert backend.name == "mine"
    capabilities = backend.capabilities
    assert capabilities.losses == {"mae"}
    assert capabilities.dtypes == {"float64"}
    assert capabilities.contract == STAGED
    said = {"invalid": "nobody looks", "unbatched": "no"}
    unable = {"reduction": "the function takes no reduction"}
    assert capabilities.declined == said | unable
    output = execute(backend, Case("mae", "float64", PAIR))
    assert output.value is not None
    assert output.value.tolist() == 1.5
    assert not hasattr(halves, "dtypes")
    assert numpy_like(halves, loss="mae").name == "halves"


@pytest.mark.torch
def test_a_torch_function() -> None:
    """Autograd gives the gradients."""
    backend = torch_like(
        lambda input, target: (input - target).square().mean(), loss="mse"
    )
    assert backend.capabilities.gradients == {"mse": {"input", "target"}}
    output = execute(backend, Case("mse", "float64", PAIR))
    assert output.gradients["input"].tolist() == [0.0, -3.0]


def test_a_slip_of_the_pen_is_an_error() -> None:
    """Unknown losses, formats and attributes are refused."""
    with pytest.raises(LoadError, match="loss must be one of"):
        numpy_like(halves, loss="huber")
    with pytest.raises(LoadError, match="float23"):
        numpy_like(halves, loss="mae", dtypes=["float23"])
    wrong: Any = {"dtype": ["float32"]}
    with pytest.raises(TypeError, match="must be one of dtypes"):
        numpy_like(halves, loss="mae", **wrong)


def test_it_loads_from_a_file(tmp_path: Path) -> None:
    """A file may hold the finished backend."""
    path = tmp_path / "mine.py"
    path.write_text(
        "from conformance.adapters import numpy_like\n"
        "backend = numpy_like(lambda input, target: abs(input - target).sum(), "
        "loss='mae', name='mine')\n",
        encoding="utf-8",
    )
    assert load(f"{path}:backend").name == "mine"


def test_a_bare_function_declines_by_attribute(tmp_path: Path) -> None:
    """`declined` says of a function what its signature cannot."""
    path = tmp_path / "mine.py"
    path.write_text(
        "def ce(input, target): return input.sum()\n"
        "ce.declined = {'unbatched': 'rows only'}\n",
        encoding="utf-8",
    )
    backend = load(f"{path}:ce")
    row = {"input": Array.of([1.0, 2.0]), "target": Array.of(1)}
    case = Case("cross_entropy", "float64", row)
    assert backend.can_run(case) == "rows only"
