"""A contract names every format, refuses what has no bounds, and can be written."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from conformance.case import DTYPES
from conformance.contract import STAGED, STORAGE, WIDE, Contract


@pytest.mark.parametrize("contract", [WIDE, STAGED, STORAGE], ids=lambda c: c.name)
def test_every_format_is_named(contract: Contract) -> None:
    """The formats of arithmetic and of sums are given for each storage format."""
    assert set(contract.compute) == set(DTYPES)
    assert set(contract.accumulate) == set(DTYPES)


def test_the_named_contracts_mean_what_their_names_say() -> None:
    """`wide` computes in at least float32, `staged` too, `storage` never leaves it."""
    inside = {"float16": "float32", "bfloat16": "float32"}
    same = {name: name for name in DTYPES}
    assert dict(WIDE.compute) == {**same, **inside} == dict(STAGED.compute)
    assert dict(STORAGE.compute) == same == dict(STORAGE.accumulate)
    assert (WIDE.stages, STAGED.stages, STORAGE.stages) == (False, True, True)


@pytest.mark.parametrize("scheme", ["lse", "exp2-diff", ""])
def test_a_scheme_without_bounds_is_refused(scheme: str) -> None:
    """Only log-softmax by shift has derived bounds so far."""
    with pytest.raises(ValueError, match=f"must be 'shift', got '{scheme}'"):
        replace(WIDE, scheme=scheme)


@pytest.mark.parametrize("lanes", [0, -1])
def test_lanes_are_counted_from_one(lanes: int) -> None:
    """Less than one partial sum is refused."""
    with pytest.raises(ValueError, match=f"at least 1, got {lanes}"):
        replace(WIDE, lanes=lanes)


def test_a_contract_is_written_in_full() -> None:
    """JSON holds every field."""
    data = WIDE.to_json()
    assert set(data) == {f.name for f in fields(Contract)}
    assert json.loads(json.dumps(data)) == data


def test_flushing_is_refused_until_it_has_bounds() -> None:
    """A contract that flushes subnormal numbers would be judged by unproved bounds."""
    with pytest.raises(ValueError, match="flush_to_zero must be False, got True"):
        Contract("flushing", flush_to_zero=True)
