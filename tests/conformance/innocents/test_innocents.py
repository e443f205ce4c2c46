"""Correct arithmetic of every legal kind is never accused, nor suspected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from innocents import FLUSHING, INNOCENTS

from conformance.answer import ask
from conformance.backend import execute
from conformance.builders.corpus import corpus
from conformance.builders.pool import pool_case
from conformance.case import DTYPES, Array, Case
from conformance.loading import load
from conformance.measure import examine
from conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.backend import Backend

LOSSES = ("mae", "mse", "cross_entropy")
HARMLESS = {Status.CONFORMS, Status.VACUOUS}
FEW, MANY = 4, 1500
SEEDS = (101, 102)


def accusations(backends: Mapping[str, Backend], cases: Iterable[Case]) -> list[str]:
    """Return what is neither conforming nor vacuous."""
    return [line for case in cases for line in _accused(backends, case)]


def _accused(backends: Mapping[str, Backend], case: Case) -> Iterator[str]:
    answer = ask(case)
    for name, backend in backends.items():
        if backend.can_run(case) is None:
            for one in examine(case, answer, backend, execute(backend, case)):
                verdict = one.verdict
                if verdict.status not in HARMLESS:
                    yield f"{name}: {verdict.quantity} {verdict.status}, {case.origin}"


def named(loss: str, dtype: str, every: int = 1) -> list[Case]:
    """Return every so-manieth case of the corpus."""
    return [entry.case for entry in corpus(loss, dtype)[::every]]


def drawn(loss: str, dtype: str, count: int, seed: int) -> Iterator[Case]:
    """Return cases of the pool."""
    return (pool_case(loss, dtype, index, seed) for index in range(count))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_innocents_are_not_accused(loss: str, dtype: str) -> None:
    """No order of sums and factors, and no format inside, that is legal is accused."""
    cases = [*named(loss, dtype, 9), *drawn(loss, dtype, FEW, 7)]
    assert accusations(INNOCENTS, cases) == []


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_who_may_flush_is_not_accused(dtype: str) -> None:
    """A processor that flushes subnormal numbers is inside a contract that says so."""
    cases = [c for loss in LOSSES for c in drawn(loss, dtype, FEW, 7)]
    assert accusations(FLUSHING, cases) == []


@pytest.mark.parametrize("scheme", ["lse", "exp2-sep", "exp2-fma"])
def test_a_scheme_excuses_only_those_who_declare_it(scheme: str) -> None:
    """At a large offset these schemes are far outside the bound of `shift`."""
    rows = 1e5 + np.array([[0.0, 0.375, 1.25], [2.5, 1.0, 0.0], [0.5, 0.25, 3.0]])
    arrays = {
        "input": Array.of(rows, "float32"),
        "target": Array.of(np.array([0, 1, 2])),
    }
    case = Case("cross_entropy", "float32", arrays, {"reduction": "none"})
    honest = INNOCENTS[scheme]
    contract = replace(honest.capabilities.contract, scheme="shift")
    capabilities = replace(honest.capabilities, contract=contract)
    silent = replace(honest, capabilities=capabilities)
    assert accusations({scheme: honest}, [case]) == []
    assert f"{scheme}: value violates, " in accusations({scheme: silent}, [case])


@pytest.mark.parametrize("scheme", ["lse", "exp2-diff", "exp2-sep", "exp2-fma"])
@pytest.mark.parametrize("logit", [1e30, -3e38])
def test_huge_logits_may_overflow_in_a_scheme(scheme: str, logit: float) -> None:
    """Beside -inf the exact loss is inf; what overflows on the way there is vacuous."""
    arrays = {
        "input": Array.of(np.array([[logit, -np.inf], [logit, 0.0]]), "float32"),
        "target": Array.of(np.array([[0.5, 0.5], [0.25, 0.75]]), "float32"),
    }
    case = Case("cross_entropy", "float32", arrays, {"reduction": "none"})
    assert accusations({scheme: INNOCENTS[scheme]}, [case]) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_innocents_are_not_accused_on_many_cases(
    loss: str, dtype: str, seed: int
) -> None:
    """So it is on thousands of cases."""
    cases = [*named(loss, dtype), *drawn(loss, dtype, MANY, seed)]
    assert accusations(INNOCENTS, cases) == []


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_who_may_flush_is_not_accused_on_many_cases(loss: str, dtype: str) -> None:
    """So it is where subnormal numbers are flushed."""
    cases = [*named(loss, dtype), *drawn(loss, dtype, MANY, SEEDS[0])]
    assert accusations(FLUSHING, cases) == []


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", LOSSES)
def test_torch_is_not_accused_on_many_cases(loss: str, dtype: str) -> None:
    """Nor is eager torch, in the formats that it computes in."""
    cases = list(drawn(loss, dtype, MANY, SEEDS[1]))
    made = accusations({"torch": load("torch:cpu")}, cases)
    forms = ("call", "rejection", "dtype", "shape")
    assert [line for line in made if not line.split()[1].startswith(forms)] == []
