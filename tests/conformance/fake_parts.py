"""Small parts for runs in real worker processes; imported by name in the workers.

A backend is spelt by how it behaves, such as `good`, `crash@3` (dies at pool case 3)
or `hang@3`. Cases hold their own index as the only element of `input`.
"""

# ruff: noqa: ARG001 - each function has the arguments of the part it stands for

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.backend import Capabilities, Output
from conformance.case import Array, Case
from conformance.tools import Tools
from conformance.verdict import Evidence, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.backend import Backend


@dataclass(frozen=True)
class Named:
    """A corpus case."""

    name: str
    reason: str
    case: Case
    least: str = "quick"


@dataclass(frozen=True)
class Judged:
    """What the seam of `measure` gives."""

    requirements: tuple[str, ...]
    verdict: Verdict
    wide: Status


@dataclass(frozen=True)
class Requirement:
    """What the seam of `checks` gives."""

    id: str
    statement: str
    source: str
    loss: str
    quantity: str
    rule: str
    features: frozenset[str] = frozenset()


class LoadError(Exception):
    """As `loading` raises it."""


@dataclass(frozen=True)
class FakeBackend:
    """Answers twice the input, unless its behaviour says otherwise."""

    name: str

    @property
    def capabilities(self) -> Capabilities:
        """Everything in two formats of one loss."""
        return Capabilities(
            frozenset({"mae"}),
            frozenset({"float32", "float64"}),
            gradients={"mae": frozenset({"input"})},
        )

    def can_run(self, case: Case) -> str | None:
        """Refuse case 13 if told to."""
        refused = self.name == "refuse@13" and index_of(case) == 13
        return "unlucky" if refused else None

    def run(self, case: Case, buffers: Mapping[str, Any]) -> Output:
        """Misbehave at the index in the name, else answer."""
        behaviour, _, at = self.name.partition("@")
        value = buffers["input"].copy()
        if behaviour == "always-crash":
            _crash()
        if at and index_of(case) == int(at):
            _BEHAVIOURS[behaviour]()
            value = value + 1
        return Output(value=value)


def _raise() -> None:
    msg = "no number"
    raise ValueError(msg)


def _crash() -> None:
    os._exit(7)


def _segfault() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _hang() -> None:
    time.sleep(600)


def _leave() -> None:
    raise SystemExit(0)


def _once() -> None:
    flag = os.environ["FAKE_PARTS_FLAG"]
    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os._exit(9)


def _interrupt() -> None:
    raise KeyboardInterrupt


def _hoard() -> None:
    held = []
    while True:
        held.append(np.empty(1 << 28, np.uint8))


def _fork() -> None:
    os.fork()


def _close() -> None:
    os.closerange(0, 256)


def _print() -> None:
    os.write(1, b"NOISE FROM A BACKEND\n")


_BEHAVIOURS: Mapping[str, Callable[[], None]] = {
    "crash": _crash,
    "segfault": _segfault,
    "hang": _hang,
    "leave": _leave,
    "once": _once,
    "print": _print,
    "interrupt": _interrupt,
    "hoard": _hoard,
    "fork": _fork,
    "close": _close,
    "exit": lambda: os._exit(0),
    "wrong": lambda: None,
    "raise": _raise,
}


def index_of(case: Case) -> int:
    """Return the index that a fake case holds."""
    return int(case.arguments["input"].base[0])


def make_case(dtype: str, index: int, origin: str) -> Case:
    """Return the fake case of an index."""
    arguments = {
        "input": Array.of([float(index)], dtype),
        "target": Array.of([0.0], dtype),
    }
    return Case("mae", dtype, arguments, origin=origin)


def pool_case(loss: str, dtype: str, index: int, seed: int = 0) -> Case:
    """Return pool case `index`."""
    if os.environ.get("FAKE_PARTS_BUILDER") == str(index):
        msg = "builder is broken"
        raise RuntimeError(msg)
    time.sleep(float(os.environ.get("FAKE_PARTS_SLEEP", "0")))
    return make_case(dtype, index, f"pool:{seed}:{index}")


def corpus(loss: str, dtype: str) -> tuple[Named, ...]:
    """Return two named cases."""
    if loss != "mae":
        return ()
    return (
        Named("tutorial-mae", "the first example", make_case(dtype, 1001, "corpus")),
        Named("pin", "shows a fault", make_case(dtype, 1002, "corpus")),
    )


def search(
    loss: str, dtype: str, *, budget: int, seed: int, score: Callable[[Case], float]
) -> None:
    """Drive `score` through `budget` cases."""
    for index in range(budget):
        score(make_case(dtype, 2000 + index, "search"))


def shrink(case: Case, still_fails: Callable[[Case], bool], *, budget: int) -> Case:
    """Return the case itself after having run it once more."""
    still_fails(case)
    return case


def answer(case: Case) -> Any:
    """Return the exact value."""
    return case.arguments["input"].view()


def examine(case: Case, given: Any, backend: Backend, output: Output) -> Any:
    """Return one verdict on the value."""
    if os.environ.get("FAKE_PARTS_CHECK") == str(index_of(case)):
        msg = "check is broken"
        raise RuntimeError(msg)
    requirements = ("MAE-VALUE",)
    if output.error is not None or output.value is None:
        verdict = Verdict("call", Status.ERROR, "raised", detail=str(output.error))
        return (Judged(requirements, verdict, Status.ERROR),)
    error = float(abs(output.value - given).max())
    status = Status.VIOLATES if error else Status.CONFORMS
    unsendable: Any = object()
    told = os.environ.get("FAKE_PARTS_UNSENDABLE") == str(index_of(case))
    verdict = Verdict(
        "value",
        Status.VIOLATES if told else status,
        kind="value" if error else "",
        elements=1,
        ratio=error,
        measured=1,
        rounded=0 if error else 1,
        detail=unsendable if told else "",
        evidence=Evidence(exact="1", got="1", bound="0.5", rule="RULE"),
    )
    return (Judged(requirements, verdict, status),)


def catalogue() -> tuple[Requirement, ...]:
    """Return one requirement of a loss that is offered, one of a loss that is not."""
    return (
        Requirement("MAE-VALUE", "is right", "arithmetic", "mae", "value", "RULE"),
        Requirement("MSE-VALUE", "is right", "arithmetic", "mse", "value", "RULE"),
    )


def unsupported(requirement: Requirement, capabilities: Capabilities) -> str | None:
    """Plan everything that the backend offers."""
    return None


def load(spec: str) -> Backend:
    """Return the fake backend of that behaviour, or the real program it names."""
    if spec.startswith("process:"):
        from conformance.loading import load

        return load(spec)
    if spec == "absent":
        msg = "no backend named 'absent'; known: good"
        raise LoadError(msg)
    if spec == "fatal":
        os._exit(5)
    if spec.startswith("late@") and not (met := Path(spec[5:])).exists():
        met.touch()
        os._exit(5)
    return FakeBackend(spec)


def parts() -> Tools:
    """Return them all."""
    return Tools(
        load=load,
        answer=answer,
        examine=examine,
        pool_case=pool_case,
        corpus=corpus,
        search=search,
        shrink=shrink,
        catalogue=catalogue,
        unsupported=unsupported,
        describe=str,
    )
