"""The known findings of torch are real: each is proved twice, and found by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import reference
from conformance.answer import answer
from conformance.backend import Output, execute
from conformance.builders.corpus import corpus
from conformance.builders.pool import pool_case
from conformance.case import Array, Case, numpy_dtype
from conformance.conditions import CONDITIONS
from conformance.experiment import ALL, conduct
from conformance.findings import first_cover, shipped
from conformance.loading import load
from conformance.measure import examine
from conformance.verdict import FAILURES

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.experiment import Trial
    from conformance.findings import Known
    from conformance.verdict import Verdict

pytestmark = pytest.mark.torch

KNOWN = shipped(["torch:cpu"])
PAIRS = [(entry, dtype) for entry in KNOWN for dtype in entry.dtypes]
NAMES = [f"{entry.id}-{dtype}" for entry, dtype in PAIRS]


@pytest.fixture(scope="module")
def torch_cpu() -> Backend:
    """Return the backend the findings are about."""
    pytest.importorskip("torch")
    return load("torch:cpu")


def witness(entry: Known, dtype: str) -> Case:
    """Return the pinned witness of a known finding."""
    (case,) = (n.case for n in corpus(entry.loss, dtype) if n.name == entry.witness)
    return case


def beside(entry: Known) -> bool:
    """Say whether a finding is about a variant or another path, not the case itself."""
    return entry.quantity.startswith(("relation", "path"))


def failures(
    case: Case, backend: Backend, output: Output, trial: Trial | None = None
) -> list[Verdict]:
    """Return the failing verdicts on an output and what else was asked."""
    judged = examine(case, answer(case), backend, output, trial)
    return [j.verdict for j in judged if j.verdict.status in FAILURES]


def in_float32(case: Case) -> Case:
    """Return the same numbers as a float32 case."""

    def widen(array: Array) -> Array:
        if array.base.dtype.kind in "iu":
            return array
        base = array.base.astype(np.float32)
        return Array(base, array.shape, array.strides, array.offset)

    arguments = {name: widen(array) for name, array in case.arguments.items()}
    upstream = None if case.upstream is None else widen(case.upstream)
    return replace(case, dtype="float32", arguments=arguments, upstream=upstream)


def rounded_once(output: Output, dtype: str) -> Output:
    """Return a float32 output rounded once to a half format."""
    assert output.value is not None
    half = numpy_dtype(dtype)
    with np.errstate(all="ignore"):
        gradients = {name: g.astype(half) for name, g in output.gradients.items()}
        return Output(output.value.astype(half), gradients, None, output.device)


@pytest.mark.parametrize(("entry", "dtype"), PAIRS, ids=NAMES)
def test_witness_fails(entry: Known, dtype: str, torch_cpu: Backend) -> None:
    """What torch makes of the witness is refuted by the exact value, as listed."""
    case = witness(entry, dtype)
    trial = conduct(torch_cpu, case, ALL) if beside(entry) else None
    found = failures(case, torch_cpu, execute(torch_cpu, case), trial)
    assert any(entry.covers(case, verdict) for verdict in found)


@pytest.mark.parametrize(("entry", "dtype"), PAIRS, ids=NAMES)
def test_witness_is_refuted_by_torch_itself(
    entry: Known, dtype: str, torch_cpu: Backend
) -> None:
    """Its own float32, rounded once, is right where its half arithmetic is not."""
    case = witness(entry, dtype)
    if entry.kind == "accepted":
        with pytest.raises(ValueError, match="label_smoothing"):
            load("numpy").run(case, {k: a.copy() for k, a in case.arguments.items()})
        return
    if beside(entry):  # there the main path, in the same format, is right
        assert failures(case, torch_cpu, execute(torch_cpu, case)) == []
        return
    output = execute(torch_cpu, in_float32(case))
    assert failures(case, torch_cpu, rounded_once(output, dtype)) == []


def test_two_faults_in_torch_s_own_words() -> None:
    """bfloat16 [[0, −6]] is 0.00248 and the float16 mean of 60 000 rows is log 8."""
    exact = reference.cross_entropy([[0, -6]], [0]).value
    assert exact.describe(0).startswith("0.00247568513773")
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    logits = torch.tensor([[0.0, -6.0]], dtype=torch.bfloat16)
    target = torch.tensor([0])
    assert functional.cross_entropy(logits, target).item() == 0.0
    inner = functional.cross_entropy(logits[..., None], target[..., None])
    assert inner.item() == exact.round_to("bfloat16").astype(float).item()
    rows = torch.zeros(60000, 8, dtype=torch.float16)
    labels = torch.zeros(60000, dtype=torch.long)
    assert functional.cross_entropy(rows, labels).item() == np.inf


def test_the_generators_find_the_last_axis_fault(torch_cpu: Backend) -> None:
    """Pool cases alone show the bfloat16 fault, only where the class axis is last."""
    last, elsewhere = 0, []
    for index in range(250):
        case = pool_case("cross_entropy", "bfloat16", index)
        if torch_cpu.can_run(case) is not None:
            continue
        found = failures(case, torch_cpu, execute(torch_cpu, case))
        wrong = [v for v in found if v.quantity == "value" and v.kind == "value"]
        if CONDITIONS["class_axis_last"].holds(case, value=True):
            last += bool(wrong)
        elif case.reduction == "none":  # sums have a fault of their own
            elsewhere += wrong
    assert last >= 3
    assert elsewhere == []


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
def test_wide_formats_have_no_finding_but_the_validation(
    loss: str, dtype: str, torch_cpu: Backend
) -> None:
    """In float32 and float64 torch keeps every bound; only its validation is listed."""
    entries = [k for k in KNOWN if k.about("torch:cpu", loss, dtype)]
    for index in range(60):
        case = pool_case(loss, dtype, index, seed=1)
        if torch_cpu.can_run(case) is not None:
            continue
        for verdict in failures(case, torch_cpu, execute(torch_cpu, case)):
            assert verdict.quantity == "rejection"
            assert first_cover(entries, case, verdict)
