"""What else is asked of a backend, and what that shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.answer import ask
from conformance.backend import FORWARD, Memory, Output, execute
from conformance.backends.numpy import NumpyBackend, create
from conformance.builders.pool import pool_case
from conformance.case import Array, Case
from conformance.experiment import (
    ALL,
    DETACHED,
    ENVELOPE,
    REPEAT,
    Trial,
    conduct,
    same_bits,
)
from conformance.measure import examine
from conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.verdict import Verdict

    Buffers = Mapping[str, np.ndarray[Any, Any]]

CASE = Case(
    "mse",
    "float32",
    {
        "input": Array(np.float32([9, 1, 9, 3]), (2,), (2,), 1),
        "target": Array.of([0.5, 7.0], "float32"),
    },
)


@dataclass
class Odd:
    """The NumPy backend, with another way to answer."""

    answer: Callable[[Output, Case, Buffers], Output]
    name: str = "odd"
    changes: Mapping[str, Any] = field(default_factory=dict)
    correct: NumpyBackend = field(default_factory=create)
    calls: int = 0

    @property
    def capabilities(self) -> Any:
        """Those of NumPy, some of them changed."""
        return replace(self.correct.capabilities, **self.changes)

    def can_run(self, case: Case) -> str | None:
        """Run everything."""
        return self.correct.can_run(case)

    def run(self, case: Case, buffers: Buffers) -> Output:
        """Return the odd answer."""
        self.calls += 1
        return self.answer(self.correct.run(case, buffers), case, buffers)

    def run_path(self, path: str, case: Case, buffers: Buffers) -> Output | None:
        """Offer one path, for sums only; it gives the value twice as large."""
        output = self.correct.run(case, buffers)
        assert output.value is not None
        if path != "module" or case.reduction != "sum":
            return None
        return Output(output.value * 2)


def plain(output: Output, _case: Case, _buffers: Buffers) -> Output:
    """Return the output as it is."""
    return output


def said(backend: Odd, case: Case = CASE, asked: str = ALL) -> dict[str, Verdict]:
    """Return the verdicts on everything that was asked, by quantity."""
    output = execute(backend, case)
    trial = conduct(backend, case, asked)
    made = examine(case, ask(case), backend, output, trial)
    return {one.verdict.quantity: one.verdict for one in made}


def failing(backend: Odd, case: Case = CASE) -> dict[str, tuple[Status, str]]:
    """Return status and kind of what does not conform."""
    return {
        q: (v.status, v.kind)
        for q, v in said(backend, case).items()
        if v.status is not Status.CONFORMS
    }


def test_a_good_backend_conforms_in_all_that_is_asked() -> None:
    """Repetition, relations and results that stand by themselves conform."""
    verdicts = said(Odd(plain))
    assert {REPEAT, DETACHED, "relation.arguments-swapped"} <= set(verdicts)
    assert failing(Odd(plain)) == {}


def test_other_garbage_must_not_matter() -> None:
    """What lies outside the view is not read, however harmless it looks."""

    def peeks(output: Output, case: Case, buffers: Buffers) -> Output:
        if case.id != CASE.id:
            return output
        x = buffers["input"]
        outside = np.lib.stride_tricks.as_strided(x, (3,), (x.itemsize,))[1]
        assert output.value is not None
        return Output(output.value * (1 if outside == 9 else 3), output.gradients)

    found = failing(Odd(peeks))
    assert found[REPEAT] == (Status.WRONG_CLASS, "nondeterministic")
    assert "value" not in found


def test_a_result_must_not_be_the_argument() -> None:
    """A gradient that is a view of an argument changes with it."""

    def aliases(output: Output, _case: Case, buffers: Buffers) -> Output:
        same = same_bits(output.gradients["input"], buffers["target"])
        view = buffers["target"] if same else output.gradients["input"]
        return Output(output.value, {**output.gradients, "input": view})

    arrays = {
        "input": Array.of([2.0, 4.0], "float32"),
        "target": Array.of([1.0, 2.0], "float32"),
    }
    case = Case("mse", "float32", arrays, {"reduction": "mean"})
    found = failing(Odd(aliases), case)
    assert found[DETACHED] == (Status.WRONG_CLASS, "aliased")
    assert found.keys() == {DETACHED}


def test_an_error_of_a_repetition_is_a_failure() -> None:
    """A backend that works once only is told so."""
    backend = Odd(plain)

    def once(output: Output, _case: Case, _buffers: Buffers) -> Output:
        if backend.calls > 2:
            msg = "worn out"
            raise RuntimeError(msg)
        return output

    backend.answer = once
    assert failing(backend)[REPEAT] == (Status.ERROR, "raised")


def test_who_promises_no_equal_bits_is_judged_by_the_worst() -> None:
    """Of three answers the wrong one counts, and equal bits are not asked for."""
    backend = Odd(plain, changes={"deterministic": False})

    def sometimes(output: Output, _case: Case, _buffers: Buffers) -> Output:
        assert output.value is not None
        wrong = backend.calls == 3
        return Output(output.value * (2 if wrong else 1), output.gradients)

    backend.answer = sometimes
    output = execute(backend, CASE)
    trial = conduct(backend, CASE, "nothing")
    assert len(trial.envelope) == ENVELOPE
    made = examine(CASE, ask(CASE), backend, output, trial)
    verdicts = {one.verdict.quantity: one.verdict for one in made}
    assert verdicts["value"].status is Status.VIOLATES
    assert REPEAT not in verdicts


def test_a_path_is_judged_where_it_is_offered() -> None:
    """A wrong value by another path fails; where the path declines, nothing is said."""
    backend = Odd(plain, changes={"paths": frozenset({"module"})})
    total = replace(CASE, options={"reduction": "sum"})
    assert failing(backend, total) == {"path.module": (Status.VIOLATES, "value")}
    assert "path.module" not in said(backend)


def test_a_path_without_a_method_is_an_error() -> None:
    """Who names paths must offer `run_path`."""
    lone = replace(create().capabilities, paths=frozenset({"module"}))
    backend = replace(create(), capabilities=lone)
    trial = conduct(backend, CASE, ALL)
    assert str(trial.paths["module"].error).startswith("TypeError")


def test_one_question_alone_can_be_asked() -> None:
    """Shrinking asks only what failed."""
    trial = conduct(create(), CASE, "relation.rows-permuted")
    assert [f.relation.name for f in trial.followups] == ["rows-permuted"]
    assert trial.repetition is None
    assert conduct(create(), CASE, REPEAT).followups == ()


def directed() -> Case:
    """Return the case with a direction."""
    return replace(CASE, tangent=Array.of([1.0, -2.0], "float32"))


def test_further_answers_go_along_the_tangent_too() -> None:
    """Who does not promise equal bits is not accused of missing derivatives."""
    loose = Odd(
        lambda output, _case, _buffers: output, changes={"deterministic": False}
    )
    case = directed()
    trial = conduct(loose, case)
    assert len(trial.envelope) == ENVELOPE
    assert all(set(o.derivatives) == {"hvp", "jvp"} for o in trial.envelope)
    judged = examine(case, ask(case), loose, execute(loose, case), trial)
    assert {one.verdict.status for one in judged} == {Status.CONFORMS}


def test_one_path_goes_along_the_tangent() -> None:
    """Forward mode over the gradient is shown the tangent, no other path is."""
    shown: dict[str, bool] = {}

    @dataclass
    class Paths(Odd):
        def run_path(self, path: str, case: Case, buffers: Buffers) -> Output:
            shown[path] = "tangent" in buffers
            return self.correct.run(case, buffers)

    both = frozenset({FORWARD, "module"})
    backend = Paths(lambda output, _case, _buffers: output, changes={"paths": both})
    assert set(conduct(backend, directed(), ALL).paths) == both
    assert shown == {FORWARD: True, "module": False}
    assert set(conduct(backend, CASE, ALL).paths) == {"module"}


@pytest.mark.parametrize("loss", ["mae", "cross_entropy"])
def test_a_sample_is_small_and_the_same_every_time(loss: str) -> None:
    """Drawn cases are asked at most one relation, some of them a repetition."""
    trials = []
    for index in range(60):
        case = pool_case(loss, "float32", index)
        if ask(case).result is not None:
            trials.append((case, conduct(create(), case)))
    assert all(len(t.followups) <= 1 for _, t in trials)
    assert len({f.relation.name for _, t in trials for f in t.followups}) > 4
    assert 0 < sum(t.repetition is not None for _, t in trials) < len(trials) / 2
    for case, trial in trials[:10]:
        again = conduct(create(), case)
        assert [f.relation.name for f in again.followups] == [
            f.relation.name for f in trial.followups
        ]


def test_a_trial_of_nothing_says_nothing() -> None:
    """Without further answers there are no further verdicts."""
    output = execute(create(), CASE)
    quantities = {
        one.verdict.quantity
        for one in examine(CASE, ask(CASE), create(), output, Trial())
    }
    assert not any("." in q and not q.startswith("gradient") for q in quantities)


def test_memory_is_spoilt_and_refilled() -> None:
    """Spoiling changes everything; refilling only what no view reaches."""
    memory = Memory(CASE)
    seen: list[list[float]] = []

    def look(_case: Case, buffers: Buffers) -> Output:
        x = buffers["input"]
        whole = np.lib.stride_tricks.as_strided(x, (3,), (x.itemsize,))
        seen.append([*whole.tolist(), *buffers["target"].tolist()])
        return Output(np.float32(0) + x.sum())

    memory.call(look, look)
    memory.spoil()
    memory.call(look, look)
    memory.refill()
    last = memory.call(look, look)
    assert seen[0] == [1, 9, 3, 0.5, 7]
    assert all(a != b for a, b in zip(seen[0], seen[1], strict=True))
    assert seen[2] == [1, 77, 3, 0.5, 7]
    assert last.modified == ()


def test_bits_include_the_sign_of_zero_but_not_of_nan() -> None:
    """−0 is not +0; any nan is nan; another type or shape is another result."""
    zero = np.zeros(1)
    assert not same_bits(zero, -zero)
    assert same_bits(np.array([np.nan]), -np.array([np.nan]))
    assert not same_bits(zero, zero.astype(np.float32))
    assert not same_bits(zero, np.zeros(2))
