"""Each promise is kept, broken or left open by the figure that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.bench.promises import LEAST, MOST, Promise, promises
from conformance.bench.workload import HEADLINE, VOCABULARY, Workload

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., dict[str, Any]]

MPMATH, FLINT, SECONDS, MEMORY, BITS = range(5)


def found(data: dict[str, Any], which: int) -> tuple[float | None, bool | None]:
    """Return the figure of one promise, and whether it holds."""
    every = list(promises(data))
    assert len(every) == 5
    return every[which].measured, every[which].holds


def headline(data: dict[str, Any]) -> dict[str, Any]:
    """Return the workload of the ratios."""
    (entry,) = (e for e in data["workloads"] if e["classes"] == HEADLINE.classes)
    return entry


@pytest.mark.parametrize(
    ("bound", "measured", "holds"),
    [
        (LEAST, 2.0, True),
        (LEAST, 2.5, True),
        (LEAST, 1.9, False),
        (MOST, 2.0, True),
        (MOST, 1.5, True),
        (MOST, 2.1, False),
        (MOST, None, None),
    ],
)
def test_a_promise_holds_at_its_limit(
    bound: str, measured: float | None, *, holds: bool | None
) -> None:
    """The limit itself keeps it; without a figure there is no verdict."""
    promise = Promise("said", bound, 2.0, "s", measured)
    assert promise.holds is holds
    assert promise.as_json() == {
        "statement": "said",
        "bound": bound,
        "limit": 2.0,
        "unit": "s",
        "measured": measured,
        "comparable": True,
        "holds": holds,
    }
    other = Promise("said", bound, 2.0, "s", measured, comparable=False)
    assert other.holds is None


@pytest.mark.parametrize(("which", "rival"), [(MPMATH, "mpmath"), (FLINT, "flint")])
def test_ratios_are_those_of_plain_enclosures_and_one_thread(
    make: Make, which: int, rival: str
) -> None:
    """Only that ratio decides, and it can do either way."""
    data = make()
    assert found(data, which) == ({"mpmath": 200.0, "flint": 10.0}[rival], True)
    for one in headline(data)["ratios"]:
        if one["rival"] == rival and one["oracle"] == "oracle-40":
            one["median"] = 7.0
        else:
            one["median"] *= 1000
    assert found(data, which) == (7.0, False)


def test_mpmath_without_gmpy_proves_nothing(make: Make) -> None:
    """The promise is about the faster backend."""
    assert found(make(mpmath_backend="python"), MPMATH) == (200.0, None)


def test_without_the_rival_nothing_is_promised(make: Make) -> None:
    """What took no part leaves its promise open."""
    data = make()
    entry = headline(data)
    entry["ratios"] = [r for r in entry["ratios"] if r["rival"] != "flint"]
    assert found(data, FLINT) == (None, None)


def test_the_seconds_are_those_of_all_cores(make: Make) -> None:
    """1 026 048 logits, 3 million a second with two threads."""
    seconds, holds = found(make(), SECONDS)
    assert seconds == pytest.approx(VOCABULARY.logits / 3e6)
    assert holds is True
    slow = make()
    for entry in slow["workloads"]:
        for timing in entry["timings"]:
            timing["throughput"]["median"] /= 10
    assert found(slow, SECONDS)[1] is False


@pytest.mark.parametrize(("cores", "holds"), [(1, True), (2, True), (3, None)])
def test_more_cores_than_promised_prove_nothing(
    make: Make, cores: int, *, holds: bool | None
) -> None:
    """Fewer are harder."""
    data = make(cores=cores)
    for entry in data["workloads"]:
        for timing in entry["timings"]:
            timing["throughput"]["median"] *= 10
    seconds, held = found(data, SECONDS)
    assert seconds is not None
    assert seconds < 1
    assert held is holds


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("name", ["oracle-40", "oracle-80"])
def test_memory_is_the_most_of_all_enclosures(
    make: Make, name: str, place: int
) -> None:
    """Any workload and tier can break it; what rounding keeps is no part of it."""
    data = make()
    assert found(data, MEMORY) == (2.0, True)
    data["workloads"][place]["peak_extra_bytes"][name] = 65 << 20
    assert found(data, MEMORY) == (65.0, False)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("name", ["binary16", "binary32", "binary64"])
def test_the_share_is_the_largest(make: Make, name: str, place: int) -> None:
    """Any workload and format can break it."""
    data = make()
    assert found(data, BITS) == (0.0, True)
    data["workloads"][place]["tiers"][name] = {"40": 990, "80": 8, "more": 2}
    assert found(data, BITS) == (pytest.approx(0.2), False)


def test_what_was_left_out_is_not_measured(make: Make) -> None:
    """Without its workload a promise has no figure."""
    data = make(shapes=(Workload(2, 3, "float64"),))
    for which in (MPMATH, FLINT, SECONDS):
        assert found(data, which) == (None, None)
    assert found(data, MEMORY)[1] is True
