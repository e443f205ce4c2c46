"""What the backends of a run are, and by which contract each is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.contract import Contract
from conformance.explain import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Described:
    """One backend.

    Attributes:
        name: How the run calls it.
        spec: How it was asked for.
        device: Where it computes.
        contract: The name of its contract.
        terms: What the contract permits, one thing each.
    """

    name: str
    spec: str
    device: str
    contract: str
    terms: tuple[str, ...]


def described(run: Mapping[str, Any]) -> list[Described]:
    """Return the backends in the order they were asked for."""
    return [
        Described(
            b["name"],
            b["spec"],
            b.get("device", ""),
            b["contract"]["name"],
            tuple(_terms(contract_of(b))),
        )
        for b in run["backends"]
    ]


def contract_of(backend: Mapping[str, Any]) -> Contract:
    """Return the contract of a backend as the run describes it."""
    return Contract.from_json(backend["contract"])


def formats(contract: Contract, dtype: str) -> str:
    """Return in which formats results of `dtype` are computed and summed."""
    compute, total = contract.compute.get(dtype), contract.accumulate.get(dtype)
    between = f", rounded to {dtype} between operations" if contract.stages else ""
    return f"computed in {compute}, summed in {total}{between}"


def _terms(contract: Contract) -> Iterator[str]:
    yield f"exp within {number(contract.exp_ulps)} ulp"
    besides = contract.log_absolute
    absolute = f" and {number(besides)} besides" if besides else ""
    yield f"log within {number(contract.log_ulps)} ulp{absolute}"
    yield f"log-softmax by {contract.scheme}"
    lanes = contract.lanes
    yield "sums in any order" if lanes is None else f"sums in {lanes} lanes"
    if contract.row_lanes is not None:
        yield f"sums over rows in {contract.row_lanes} lanes"
    if contract.contiguous_lanes:
        yield "lanes for contiguous arguments alone"
    if contract.shift_gradient:
        yield "the shift by the largest logit differentiated too"
    if contract.stages:
        yield "storage format between operations"
    if contract.rescalings:
        yield f"online softmax with up to {contract.rescalings} rescalings"
    if contract.flush_to_zero:
        yield "subnormal numbers may be flushed to zero"
