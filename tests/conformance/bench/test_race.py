"""Timings are those of a clock that tests can set."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.bench.contender import Contender
from conformance.bench.race import MOST, PROBE, TURN, Timing, race, ratio
from conformance.bench.workload import Inputs

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = Inputs(np.zeros((64, 100)), np.zeros(64, dtype=np.int64))


@dataclass
class Machine:
    """A clock that only tasks move, and a diary of who ran."""

    now: float = 0.0
    slowness: float = 1.0
    diary: list[str] = field(default_factory=list)

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def contender(
        self, name: str, cost: float, *, sampled: bool = False, preparation: float = 0
    ) -> Contender:
        """Return a contender that takes so many seconds a logit."""

        def prepare(inputs: Inputs) -> Callable[[], object]:
            self.now += preparation

            def work() -> object:
                self.diary.append(name)
                self.now += cost * inputs.size * self.slowness
                return [0]

            return work

        return Contender(name, 1, prepare, sampled)


def test_every_round_has_everybody() -> None:
    """Contenders take turns, and who starts changes."""
    machine = Machine()
    field = [machine.contender(name, 1.0) for name in "abc"]
    race(field, INPUTS, 3, 1.0, machine.clock)
    turns = machine.diary[2 * len(field) :]  # each ran twice before
    assert "".join(turns) == "abcbcacab"


def test_preparation_is_not_timed() -> None:
    """What a rival takes to convert its inputs is not charged."""
    machine = Machine()
    slow = machine.contender("a", 1.0, preparation=1e9)
    (timing,) = race([slow], INPUTS, 2, 1.0, machine.clock)
    assert timing.seconds == (6400.0, 6400.0)
    assert timing.logits == 6400


def test_what_is_brief_runs_often_in_a_turn() -> None:
    """A turn lasts as long as it takes to time something brief, after a warm-up."""
    machine = Machine()
    brief = machine.contender("a", TURN / 6400 / 4)
    (timing,) = race([brief], INPUTS, 1, 1.0, machine.clock)
    assert timing.seconds == pytest.approx((TURN / 4,))
    assert len(machine.diary) == 2 + 1 + 4


def test_a_turn_has_an_end() -> None:
    """What takes no time at all runs so many times and no more."""
    machine = Machine()
    race([machine.contender("a", 0.0)], INPUTS, 1, 1.0, machine.clock)
    assert len(machine.diary) == 2 + 1 + MOST


@settings(max_examples=25)  # each collects garbage in earnest
@given(st.floats(1e-9, 10.0), st.floats(1e-3, 1e3))
def test_slow_contenders_get_what_fits(cost: float, seconds: float) -> None:
    """A part takes as long as asked, but for a row, and is never below the probe."""
    machine = Machine()
    sampled = machine.contender("a", cost, sampled=True)
    (timing,) = race([sampled], INPUTS, 1, seconds, machine.clock)
    wanted = min(max(seconds / cost, PROBE), INPUTS.size)
    assert wanted - 101 < timing.logits <= wanted * (1 + 2**-40)


@given(
    st.lists(st.floats(0.1, 1000), min_size=1, max_size=7),
    st.floats(0.01, 100),
)
def test_ratios_do_not_see_a_slow_machine(slowness: list[float], times: float) -> None:
    """What slows down all contenders in a round leaves their ratio as it was."""
    ours = Timing("a", 1, 100, tuple(slowness))
    theirs = Timing("b", 1, 50, tuple(times * s for s in slowness))
    assert ratio(ours, theirs) == pytest.approx(2 * times)


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    """One odd round does not decide."""
    ours = Timing("a", 1, 1, (1.0, 1.0, 100.0))
    theirs = Timing("b", 1, 1, (3.0, 4.0, 1.0))
    assert ratio(ours, theirs) == 3.0


def test_throughput_is_that_of_what_was_given() -> None:
    """Logits per second, round by round."""
    assert Timing("a", 1, 12, (2.0, 3.0)).throughputs == (6.0, 4.0)


@pytest.mark.parametrize("enabled", [True, False])
def test_nobody_is_timed_with_the_garbage_collector(*, enabled: bool) -> None:
    """It is off while tasks run, and then as it was before."""
    seen = []

    def prepare(_: Inputs) -> Callable[[], object]:
        return lambda: seen.append(gc.isenabled())

    before, frozen = gc.isenabled(), gc.get_freeze_count()
    (gc.enable if enabled else gc.disable)()
    try:
        race([Contender("a", 1, prepare)], INPUTS, 1, 1.0)
        assert gc.isenabled() is enabled
        assert gc.get_freeze_count() == frozen
    finally:
        (gc.enable if before else gc.disable)()
    assert set(seen) == {False}


def test_answers_are_given_back_after_the_clock_has_stopped() -> None:
    """Returning memory is not charged."""
    machine = Machine()

    class Answer:
        def __del__(self) -> None:
            machine.now += 1e9

    def work() -> object:
        machine.now += 1.0
        return Answer()

    (timing,) = race([Contender("a", 1, lambda _: work)], INPUTS, 2, 1.0, machine.clock)
    assert timing.seconds == (1.0, 1.0)


def test_the_clock_is_a_real_one_by_default() -> None:
    """Without a clock the timings are positive seconds."""
    adding = Contender("a", 1, lambda inputs: inputs.logits.sum)
    (timing,) = race([adding], INPUTS, 2, 1.0)
    assert len(timing.seconds) == 2
    assert all(s > 0 for s in timing.seconds)
