"""The named cases that are made by a rule: what they hold, and what they would miss."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.answer import ask
from conformance.builders.corpus import (
    SYSTEMATIC,
    corpus,
    masks,
    named_cases,
    sequences,
    sizes,
    vocabulary,
)
from conformance.case import DTYPES
from conformance.contract import STAGED, WIDE
from conformance.profiles import LEVELS
from conformance.tolerance import Tolerance

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.case import Case

    Judge = Callable[[Case], bool]

LOSSES = ("mae", "mse", "cross_entropy")
EVERY = pytest.mark.parametrize(
    ("loss", "dtype"), [(loss, dtype) for loss in LOSSES for dtype in DTYPES]
)


def _case(loss: str, dtype: str, name: str) -> Case:
    (case,) = (n.case for n in named_cases(loss, dtype) if n.name == name)
    return case


@EVERY
def test_names_and_cases_are_unique(loss: str, dtype: str) -> None:
    """No name, and no case of `quick`, is there twice; small profiles come first."""
    named = named_cases(loss, dtype)
    assert len({n.name for n in named}) == len(named)
    small = [n.case.id for n in named if n.least == "quick"]
    assert len(set(small)) == len(small)
    levels = [LEVELS.index(n.least) for n in named]
    assert levels == sorted(levels)
    assert named[: len(corpus(loss, dtype))] == corpus(loss, dtype)


@EVERY
def test_systematic_cases_are_valid_and_small_to_store(
    loss: str, dtype: str, refused: Judge
) -> None:
    """The reference accepts them; however large they are, their buffers are not."""
    for named in named_cases(loss, dtype)[len(corpus(loss, dtype)) :]:
        case = named.case
        elements = case.arguments["input"].view().size
        assert elements > 2**17 or not refused(case), named.name
        stored = sum(array.base.size for array in case.arguments.values())
        room = 140_000 if named.least == "quick" else 200_000
        assert stored <= room, named.name


def test_every_entry_is_used() -> None:
    """No systematic entry is written for a loss or dtype that does not exist."""
    for entry in SYSTEMATIC:
        assert any(entry.applies(loss, dtype) for loss in LOSSES for dtype in DTYPES)


def test_sizes_have_every_residue() -> None:
    """Every residue modulo 32 occurs, and each power of two with both neighbours."""
    assert {n % 32 for n in sizes.LINES if n > 32} == set(range(32))
    for k in range(6, 13):
        assert {2**k - 1, 2**k, 2**k + 1} <= {*sizes.LINES}
    more = {*sizes.LINES, *sizes.MORE_LINES}
    assert {n for k in range(7, 13) for n in range(2**k - 16, 2**k + 17)} <= more


@pytest.mark.parametrize(
    ("least", "most"), [("quick", 2**16), ("ci", 2**20), ("deep", 2**24)]
)
def test_sizes_of_the_profiles(least: str, most: int) -> None:
    """Tables reach 2**20 elements in `ci` and 2**24 in `deep`."""
    largest = max(math.prod(shape) for shape in sizes.TABLES[least])
    assert largest >= most


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("terms", [1, 33, 4097, 2**17, 2**20, 2**22, 2**23])
def test_differences_sum_exactly(power: int, terms: int) -> None:
    """None is zero, bfloat16 holds their powers, float32 all sums of so many."""
    values = sequences.differences(min(terms, 5000), power, terms)
    powers = np.abs(values) ** power
    assert powers.min() > 0
    assert powers.max() <= 256
    assert powers.mean() * terms < 2**24


@pytest.mark.parametrize("terms", [1, 33, 4097, 2**17, 2**20])
def test_gaps_sum_exactly(terms: int) -> None:
    """Gaps are numbers of bfloat16, too wide for exp, and sum exactly in float32."""
    gaps = sequences.gaps(min(terms, 5000), terms)
    lowest = np.min(gaps & -gaps)
    assert gaps.min() >= 104
    assert (gaps % 128 == 0).all() or gaps.max() + 4 < 256
    assert float(gaps.mean()) * terms < 2**24 * float(lowest)


def test_a_dropped_or_moved_block_shows() -> None:
    """Blocks of equal length have different sums nearly everywhere."""
    values = sequences.differences(4096, 1)
    for length in (1, 8, 32, 64):
        sums = np.abs(values).reshape(-1, length).sum(axis=1)
        assert (sums[1:] != sums[:-1]).mean() > 0.85
    assert all(
        (values[:-lag] == values[lag:]).mean() < 0.2 for lag in (1, 2, 8, 16, 32)
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["mae", "mse"])
@pytest.mark.parametrize("contract", [WIDE, STAGED])
def test_exact_sums_have_no_bound_for_order(
    loss: str, dtype: str, contract: Any
) -> None:
    """Of a mean over 2**k terms only roundings after the sum are allowed: three."""
    unit = float(np.finfo("float32").eps)
    storage = {"float16": 2.0**-11, "bfloat16": 2.0**-8}.get(dtype, unit)
    for n in (32, 256, 2048, 4096):
        case = _case(loss, dtype, f"exact-{n}")
        bound = Tolerance(case, contract).bound("value")
        exact = float(ask(case).exact("value").bounds()[0])
        assert float(bound.error) <= 1.1 * (storage + 2 * unit) * abs(exact)
        assert "summation" not in bound.terms or not bound.terms["summation"].any()


@pytest.mark.parametrize("loss", ["mae", "mse"])
def test_a_denominator_off_by_one_is_outside(loss: str) -> None:
    """At 2**17 elements n − 1 still changes the float32 mean by many bounds."""
    case = _case(loss, "float32", "exact-512-by-256")
    exact = float(ask(case).exact("value").bounds()[0])
    bound = float(Tolerance(case, STAGED).bound("value").error)
    assert abs(exact * (1 / (1 - 1 / 2**17) - 1)) > 20 * bound


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_have_integer_losses(dtype: str) -> None:
    """The loss of each row is its gap, to less than 1e-40."""
    case = _case("cross_entropy", dtype, "exact-rows-257")
    gaps = sequences.gaps(257)
    low, high = ask(case).exact("value").bounds()
    wanted = float(Fraction(int(gaps.sum()), 257))
    assert float(low) <= np.nextafter(wanted, np.inf)
    assert float(high) >= np.nextafter(wanted, 0)
    assert float(Tolerance(case, WIDE).bound("value").error) < 2.0**-7 * wanted


@pytest.mark.parametrize("classes", [9, 257, 4097])
def test_targets_are_at_the_ends(classes: int) -> None:
    """The first class, the last and those at the largest power of two are targets."""
    case = _case("cross_entropy", "float32", f"classes-{classes}")
    targets = set(case.arguments["target"].view().tolist())
    power = 1 << (classes.bit_length() - 1)
    assert {0, classes - 1, power, power - 1} <= targets <= set(range(classes))
    assert vocabulary.places(classes)[-1] == classes - 1


@pytest.mark.parametrize("name", masks.MASKS)
def test_masks_are_run_at_many_sizes(name: str) -> None:
    """Each mask is run by `quick`, and marks what its name says."""
    start = f"mask-{name}-of-"
    named = [
        n for n in named_cases("cross_entropy", "float32") if n.name.startswith(start)
    ]
    assert any(n.least == "quick" for n in named)
    for one in named:
        target = one.case.arguments["target"].view()
        ignored = target == one.case.options.get("ignore_index", -100)
        assert np.array_equal(ignored, masks.MASKS[name](len(target)))
