"""Every mutant runs, and differs from the correct backend somewhere small."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conformance.backend import LOSSES, Backend, Output, execute
from conformance.backends.numpy import create
from conformance.case import DTYPES, Array, Case
from conformance.mutants import MUTANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSING = ("rejects_", "ignored_checked_for_range")
"""Mutants whose fault is an error."""

EVERYWHERE = {"in_place_modification", "result_shape_gradient"}
"""Mutants that are wrong about every case."""

REQUIRED = {
    "accepts_invalid_target",
    "clipped_probability",
    "constant",
    "denominator_counts_ignored",
    "float64_through_float32",
    "half_accumulation",
    "ignored_rows_counted",
    "in_place_modification",
    "log_of_softmax",
    "missing_factor_two",
    "nan_swallowed",
    "no_max_shift",
    "reduction_sum_as_mean",
    "rounded_log_sum",
    "sign_at_zero",
    "smoothing_over_others",
    "target_gradient_dropped",
    "upstream_ignored",
    "weights_dropped",
    "wrong_axis",
    "wrong_denominator",
    "wrong_dtype",
    "zeros",
}


BESIDES = {"path_differs", "reuses_workspace", "wrong_device"}
"""Mutants whose single answers are right; paths or later calls show them."""


def cases() -> Iterator[Case]:
    """Yield small cases that between them reach every option."""
    for dtype in DTYPES:
        yield from regression_cases(dtype)
        yield from index_cases(dtype)
        yield from probability_cases(dtype)
        yield from along_cases(dtype)


def of(values: Any, dtype: str) -> Array:
    """Return values of the dtype, or indices if they are integers."""
    array = np.asarray(values)
    return Array.of(array, None if array.dtype.kind == "i" else dtype)


def regression_cases(dtype: str) -> Iterator[Case]:
    """Yield cases of MAE and MSE, equal elements among them."""
    arrays = {
        "input": of([1.0, 2.0, 0.25], dtype),
        "target": of([1.0, 5.0, 3.0], dtype),
    }
    for loss in ("mae", "mse"):
        for reduction in ("none", "mean", "sum"):
            upstream = of([1.0, -3.0, 0.5] if reduction == "none" else 3.0, dtype)
            yield Case(loss, dtype, arrays, {"reduction": reduction}, upstream)


def index_cases(dtype: str) -> Iterator[Case]:
    """Yield cases of cross-entropy with class indices."""
    x = [[0.5, -1.0, 2.0], [0.0, -6.0, -7.0], [3.0, 1.0, 3.0]]
    arrays = {
        "input": of(x, dtype),
        "target": of([2, -1, 1], dtype),
        "weight": of([0.125, 0.5, 0.25], dtype),
    }
    options = {"ignore_index": -1, "label_smoothing": 0.25}
    yield Case("cross_entropy", dtype, arrays, options)
    yield Case("cross_entropy", dtype, {**arrays, "target": of([0, 0, 0], dtype)})
    infinite = {**arrays, "input": of([x[0], [np.inf] * 3, x[2]], dtype)}
    yield Case("cross_entropy", dtype, infinite, {**options, "reduction": "sum"})
    for reduction in ("none", "mean"):
        plain = {n: arrays[n] for n in ("input", "target")}
        given = {"ignore_index": -1, "reduction": reduction}
        upstream = of([1.0, 2.0, -3.0] if reduction == "none" else 2.0, dtype)
        yield Case("cross_entropy", dtype, plain, given, upstream)
    for row in ([0.0, -200.0], [-300.0, -301.0], [30000.0, 29999.0], [200.0, 0.0]):
        single = {"input": of([row], dtype), "target": of([1], dtype)}
        yield Case("cross_entropy", dtype, single)
    deep = {
        "input": of(np.arange(8.0).reshape(2, 2, 2) ** 1.5, dtype),
        "target": of([[0, 1], [1, 0]], dtype),
    }
    yield Case("cross_entropy", dtype, deep)
    for target in ([5, 0, 0], [-2, 0, 0]):
        yield Case("cross_entropy", dtype, {**arrays, "target": of(target, dtype)})
    yield Case("cross_entropy", dtype, {**arrays, "target": of([-100] * 3, dtype)})
    many = {"input": of(np.ones((300, 3)), dtype), "target": of([0] * 300, dtype)}
    yield Case("cross_entropy", dtype, many)


def probability_cases(dtype: str) -> Iterator[Case]:
    """Yield a case of cross-entropy whose probabilities do not add up to one."""
    arrays = {
        "input": of([[0.5, -1.0, 2.0]], dtype),
        "target": of([[0.25, 0.0, 0.5]], dtype),
    }
    yield Case("cross_entropy", dtype, arrays, {"label_smoothing": 0.1})


def along_cases(dtype: str) -> Iterator[Case]:
    """Yield cases with a direction, along which there are derivatives."""
    drawn = [*regression_cases(dtype), *probability_cases(dtype)]
    for case in drawn:
        given = case.arguments["input"].view().astype(np.float64)
        v = np.arange(float(given.size)).reshape(given.shape) - 1.0
        yield replace(case, tangent=of(v, dtype))


def fingerprint(output: Output) -> tuple[object, ...]:
    """Return everything that an output says, comparably."""
    numbers = tuple(
        (name, str(g.dtype), g.shape, g.astype(np.float64).tobytes())
        for kind in (output.gradients, output.derivatives)
        for name, g in sorted(kind.items())
    )
    value = None
    if output.value is not None:
        value = (str(output.value.dtype), output.value.astype(np.float64).tobytes())
    return value, numbers, output.error, output.modified


@pytest.fixture(scope="module")
def correct() -> list[tuple[Case, tuple[object, ...]]]:
    """Return the cases with what the correct backend makes of them."""
    return [(case, fingerprint(execute(create(), case))) for case in cases()]


def test_the_promised_mutants_exist() -> None:
    """Each named mechanism has a mutant of that name."""
    assert set(MUTANTS) >= REQUIRED


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_right_elsewhere(
    name: str, correct: list[tuple[Case, tuple[object, ...]]]
) -> None:
    """A mutant is a backend, and what it is not wrong about is the correct answer."""
    mutant = MUTANTS[name]()
    assert isinstance(mutant, Backend)
    assert mutant.name == f"mutant:{name}"
    agreed = [
        case
        for case, expected in correct
        if mutant.can_run(case) is None
        and fingerprint(execute(mutant, case)) == expected
    ]
    assert agreed or name in EVERYWHERE


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_raises_only_what_the_backend_does(
    name: str, correct: list[tuple[Case, tuple[object, ...]]]
) -> None:
    """Where it can show, a mutant is wrong by its numbers, not by errors of its own."""
    mutant = MUTANTS[name]
    backend = mutant()
    lived = [c for c in correct if c[0].loss in mutant.losses]
    for case, (_, _, error, _) in lived:
        if case.dtype in mutant.dtypes and not name.startswith(REFUSING):
            assert execute(backend, case).error in (error, None)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_documented(name: str) -> None:
    """It says in a sentence what is wrong, and then who has seen it, or that none has.

    The place where it can show is one that exists.
    """
    mutant = MUTANTS[name]
    assert mutant.mechanism.endswith(".")
    assert mutant.losses
    assert set(mutant.losses) <= set(LOSSES)
    assert mutant.dtypes
    assert set(mutant.dtypes) <= set(DTYPES)


def test_mechanisms_are_many() -> None:
    """More than a hundred mechanisms, not counting their variants."""
    assert len({mutant.mechanism for mutant in MUTANTS.values()}) > 100


def test_the_correct_backend_repeats_itself(
    correct: list[tuple[Case, tuple[object, ...]]],
) -> None:
    """The comparison itself finds no difference between two equal backends."""
    for case, expected in correct:
        assert fingerprint(execute(create(), case)) == expected
