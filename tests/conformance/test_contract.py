"""A contract names every format, refuses what has no bounds, and can be written."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import pytest

from conformance.case import DTYPES
from conformance.contract import CONTRACTS, STAGED, STORAGE, STRICT, WIDE, Contract


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
def test_every_format_is_named(contract: Contract) -> None:
    """The formats of arithmetic and of sums are given for each storage format."""
    offered = set(DTYPES) - ({"float64"} if contract is STRICT else set())
    assert set(contract.compute) == offered
    assert set(contract.accumulate) == offered


def test_the_named_contracts_mean_what_their_names_say() -> None:
    """`wide` computes in at least float32, `strict` wider than it stores, and so on."""
    inside = {"float16": "float32", "bfloat16": "float32"}
    same = {name: name for name in DTYPES}
    assert dict(WIDE.compute) == {**same, **inside} == dict(STAGED.compute)
    assert dict(STORAGE.compute) == same == dict(STORAGE.accumulate)
    assert set(STRICT.compute.values()) == {"float64"}
    assert [c.name for c in CONTRACTS.values() if c.stages] == ["staged"]


@pytest.mark.parametrize("scheme", ["exp3", ""])
def test_a_scheme_without_bounds_is_refused(scheme: str) -> None:
    """The known schemes are named."""
    with pytest.raises(ValueError, match=f"one of shift, lse, .*, got '{scheme}'"):
        replace(WIDE, scheme=scheme)


@pytest.mark.parametrize("name", ["exp_ulps", "log_ulps", "log_absolute", "rescalings"])
@pytest.mark.parametrize("value", [-1, math.inf, math.nan])
def test_errors_and_counts_are_finite(name: str, value: float) -> None:
    """Neither a negative number nor an unlimited one has a bound."""
    with pytest.raises(ValueError, match=f"{name} must be finite and at least 0"):
        replace(WIDE, **{name: value})


def test_arithmetic_is_no_narrower_than_what_is_stored() -> None:
    """Arguments must be numbers of the compute format; sums may be narrower."""
    with pytest.raises(ValueError, match="must hold all of bfloat16, got float16"):
        replace(WIDE, compute={**WIDE.compute, "bfloat16": "float16"})
    half = {**WIDE.accumulate, "float32": "float16"}
    assert replace(WIDE, accumulate=half).accumulate["float32"] == "float16"


def test_the_same_formats_are_named_twice() -> None:
    """A format that has arithmetic has sums."""
    with pytest.raises(ValueError, match="must name the formats of compute"):
        replace(WIDE, accumulate=STRICT.accumulate)


@pytest.mark.parametrize("name", ["lanes", "row_lanes"])
@pytest.mark.parametrize("lanes", [0, -1])
def test_lanes_are_counted_from_one(lanes: int, name: str) -> None:
    """Less than one partial sum is refused."""
    with pytest.raises(ValueError, match=f"^{name} must .* at least 1, got {lanes}"):
        replace(WIDE, **{name: lanes})


def test_lanes_of_contiguous_arguments_need_lanes() -> None:
    """A promise about lanes that names none is refused."""
    with pytest.raises(ValueError, match=r"^contiguous_lanes must have lanes or"):
        replace(WIDE, contiguous_lanes=True)


@pytest.mark.parametrize(("lanes", "row_lanes"), [(64, None), (None, 64), (8, 64)])
def test_lanes_of_contiguous_arguments_are_none_of_others(
    lanes: int | None, row_lanes: int | None
) -> None:
    """Elsewhere what is promised is one lane, and what is not stays open."""
    one = replace(WIDE, lanes=lanes, row_lanes=row_lanes, contiguous_lanes=True)
    assert one.for_arguments(contiguous=True) == one
    other = one.for_arguments(contiguous=False)
    assert (other.lanes, other.row_lanes) == (lanes and 1, row_lanes and 1)
    everywhere = replace(one, contiguous_lanes=False)
    assert everywhere.for_arguments(contiguous=False) == everywhere


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
def test_a_contract_survives_the_way_through_text(contract: Contract) -> None:
    """JSON holds every field, and gives the contract back."""
    own = replace(contract, scheme="lse", flush_to_zero=True, lanes=8, row_lanes=1)
    for one in (contract, own):
        data = one.to_json()
        assert set(data) == {f.name for f in fields(Contract)}
        assert Contract.from_json(json.loads(json.dumps(data))) == one
