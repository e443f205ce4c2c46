"""Running a backend gives an outcome, whatever the backend does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.backend import Backend, Capabilities, Output, execute
from conformance.case import Array, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

BASE = np.arange(8, dtype=np.float32)
CASE = Case(
    "mae",
    "float32",
    {"input": Array(BASE, (2,), (3,), 1), "target": Array.of([0, 0], "float32")},
    {"reduction": "none"},
    Array.of([1, 2], "float32"),
)


@dataclass(frozen=True)
class Doing:
    """A backend that does something to its buffers."""

    act: Callable[[Mapping[str, NDArray[Any]]], Output]
    name: str = "doing"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(frozenset(), frozenset())
    )

    def can_run(self, case: Case) -> str | None:
        """Run everything."""
        del case

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Do it."""
        del case
        return self.act(buffers)


def test_a_backend_needs_no_base_class() -> None:
    """Whatever has the four names is a backend."""
    assert isinstance(Doing(lambda _: Output()), Backend)
    assert not isinstance(object(), Backend)


def test_buffers_hold_the_case() -> None:
    """Each argument and the upstream gradient arrive with values and strides."""
    seen: dict[str, Any] = {}

    def act(buffers: Mapping[str, NDArray[Any]]) -> Output:
        seen.update(buffers)
        return Output(buffers["input"].copy())

    assert execute(Doing(act), CASE).modified == ()
    assert set(seen) == {"input", "target", "upstream"}
    assert seen["input"].tolist() == [1, 4]
    assert seen["input"].strides == (12,)
    assert seen["upstream"].tolist() == [1, 2]


def _write(name: str) -> Callable[[Mapping[str, NDArray[Any]]], Output]:
    def act(buffers: Mapping[str, NDArray[Any]]) -> Output:
        buffers[name][...] = 7
        return Output()

    return act


@pytest.mark.parametrize("name", ["input", "target", "upstream"])
def test_a_change_is_noticed_and_does_not_reach_the_case(name: str) -> None:
    """What a backend writes is reported, and the next backend sees the old values."""
    before = CASE.id
    assert execute(Doing(_write(name)), CASE).modified == (name,)
    assert Case.from_json(CASE.to_json()).id == before


def test_a_change_outside_the_view_is_noticed() -> None:
    """Elements between those of a view belong to the case too."""

    def act(buffers: Mapping[str, NDArray[Any]]) -> Output:
        wide = np.lib.stride_tricks.as_strided(buffers["input"], (4,), (4,))
        wide[1] = -1
        return Output()

    assert execute(Doing(act), CASE).modified == ("input",)


def test_a_nan_that_stays_is_no_change() -> None:
    """Memory is compared by bytes: NaN equals itself, and −0 differs from 0."""
    array = Array.of([np.nan, 0.0], "float32")
    case = Case("mae", "float32", {"input": array, "target": array})
    assert execute(Doing(lambda _: Output()), case).modified == ()

    def act(buffers: Mapping[str, NDArray[Any]]) -> Output:
        buffers["input"][1] = -0.0
        return Output()

    assert execute(Doing(act), case).modified == ("input",)


def test_an_exception_is_an_outcome() -> None:
    """Type and message are kept on one line, and changes are noticed all the same."""

    def act(buffers: Mapping[str, NDArray[Any]]) -> Output:
        buffers["target"][0] = 1
        msg = "one\n  two"
        raise ValueError(msg)

    output = execute(Doing(act), CASE)
    assert output.error == "ValueError: one two"
    assert (output.value, output.modified) == (None, ("target",))


def test_an_exit_is_an_outcome() -> None:
    """A backend that exits with success has not passed."""

    def act(_: Mapping[str, NDArray[Any]]) -> Output:
        raise SystemExit(0)

    assert execute(Doing(act), CASE).error == "SystemExit: 0"


def test_an_interruption_is_none() -> None:
    """Ctrl-C is not the backend's outcome."""

    def act(_: Mapping[str, NDArray[Any]]) -> Output:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(Doing(act), CASE)


ALONG = replace(CASE, tangent=Array.of([5, 6], "float32"))


def test_a_tangent_is_shown_to_who_promised_to_use_it() -> None:
    """Others, who may pass all buffers on as keywords, do not see it."""
    seen: list[set[str]] = []

    def act(buffers: Mapping[str, NDArray[Any]]) -> Output:
        seen.append(set(buffers))
        return Output()

    capable = Capabilities(
        frozenset(), frozenset(), derivatives={"mae": frozenset({"hvp"})}
    )
    execute(Doing(act), ALONG)
    execute(Doing(act, capabilities=capable), ALONG)
    execute(Doing(act, capabilities=capable), CASE)
    execute(Doing(act, capabilities=capable), replace(ALONG, loss="mse"))
    common = {"input", "target", "upstream"}
    assert seen == [common, common | {"tangent"}, common, common]
    assert execute(Doing(_write("tangent"), capabilities=capable), ALONG).modified == (
        "tangent",
    )


def test_derivatives_are_checked_as_gradients_are() -> None:
    """What is no array of numbers is a fault; what is comes through, with failures."""
    output = execute(Doing(lambda _: Output(derivatives={"hvp": [1]})), CASE)  # type: ignore[dict-item]
    assert output.error is not None
    assert "derivative hvp must be a NumPy array" in output.error
    given = Output(derivatives={"jvp": np.float32(1)}, failures={"hvp": "E: no"})
    output = execute(Doing(lambda _: given), CASE)
    assert output.error is None
    assert output.derivatives["jvp"].shape == ()
    assert output.failures == {"hvp": "E: no"}
