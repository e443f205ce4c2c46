"""How far results are off an identity, and when that is too far."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.relations.identity import ITSELF, Gap, Identity, Reading, Term, gap

LARGEST = 65504.0
PAIR = (Term(ITSELF, "value"), Term("variant", "value", -2.0))


def read(result: Any, bound: Any, *, doubtful: bool = False) -> Reading:
    """Return a reading of plain numbers."""
    got = np.asarray(result, dtype=np.float64)
    limits = np.broadcast_to(np.asarray(bound, dtype=np.float64), got.shape)
    return Reading(got, limits, np.full(got.shape, doubtful))


def found(one: Any, other: Any, bound: Any = 0.125, **options: Any) -> Gap:
    """Return the gap of `one = 2 · other`, each within `bound`."""
    doubtful = options.pop("doubtful", False)
    pair = (read(one, bound, doubtful=doubtful), read(other, bound))
    return gap(Identity(PAIR, **options), pair, LARGEST)


def test_bounds_are_added_with_their_factors() -> None:
    """One bound of 1/8 and twice another make 3/8."""
    assert found([1.0], [0.5]) == Gap(1, 1, 0.0)
    assert found([1.375], [0.5]).ratio == pytest.approx(1)
    assert found([1.374], [0.5]).kind == ""
    wrong = found([1.0, 1.38], [0.5, 0.5])
    assert (wrong.kind, wrong.elements) == ("value", 2)
    assert wrong.evidence.index == (1,)


def test_a_gap_says_what_was_got_and_what_was_due() -> None:
    """One sentence for each kind of identity: a variant, parts, a sum of zero."""
    wrong = found([1.0, 1.5], [0.5, 0.5])
    text = "value is 1.5 here and 1.0 by the variant, times 2"
    assert wrong.detail == f"{text}; they may differ by 0.375"
    shown = wrong.evidence
    assert (shown.got, shown.error, shown.bound) == ("1.5", "0.5", "0.375")
    assert found([np.nan], [1.0]).evidence.error == ""
    parts = (
        Term(ITSELF, "value"),
        Term("head", "value", -1),
        Term("tail", "value", -1),
    )
    summed = gap(Identity(parts), (read([5], 0), read([1], 0), read([2], 0)), LARGEST)
    assert summed.detail.startswith(
        "value is 5.0 here and 3.0 by the head and the tail"
    )
    lone = gap(Identity((Term(ITSELF, "gradient.input"),)), (read([2], 1),), LARGEST)
    assert lone.detail.startswith("gradient.input adds up to 2.0, where 0 is due; it")


def test_an_exact_identity_has_no_bound() -> None:
    """One bit is too much where every arithmetic is exact."""
    assert found([1.0], [0.5], exact=True).kind == ""
    assert found([np.nextafter(1.0, 2)], [0.5], exact=True).kind == "value"


def test_classes_must_agree() -> None:
    """Nan belongs to nan, infinity to infinity; unless more than one is admitted."""
    assert found([np.nan], [np.nan]).kind == ""
    assert found([np.inf], [np.inf]).kind == ""
    assert found([np.nan], [1.0]).kind == "nan"
    assert found([np.inf], [1.0]).kind == "infinity"
    assert found([np.inf], [-np.inf]).kind == "infinity"
    assert found([np.nan], [1.0], doubtful=True).kind == ""


def test_a_number_near_the_end_of_the_format_may_overflow() -> None:
    """Infinity stands for what one side could not store."""
    assert found([np.inf], [LARGEST / 2]).kind == ""
    assert found([np.inf], [LARGEST / 2 - 1]).kind == "infinity"
    assert found([-np.inf], [LARGEST / 2]).kind == "infinity"
    assert found([2 * LARGEST], [np.inf]).kind == ""


def test_nothing_is_said_where_nothing_is_promised() -> None:
    """An infinite bound excuses any result."""
    assert found([np.nan], [1.0], bound=np.inf).kind == ""
    assert found([7.0], [1.0], bound=np.inf) == Gap(1)


def test_sums_may_lose_what_float64_loses() -> None:
    """Σ of ten tenths is 1 within the roundings of the sum itself."""
    whole = Identity(
        (Term(ITSELF, "value"), Term("parts", "value", -1.0, lambda v: v.sum()))
    )
    parts = read([0.1] * 10, 0.0)
    assert gap(whole, (read(1.0, 0.0), parts), LARGEST).kind == ""
    assert gap(whole, (read(1 + 1e-13, 0.0), parts), LARGEST).kind == "value"
    assert gap(whole, (read(np.nan, 0.0), parts), LARGEST).kind == ""
