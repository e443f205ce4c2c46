"""Every mutant is caught, the correct backend never, and every check is needed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

from conformance import checks
from conformance.answer import ask
from conformance.backend import Backend, Output, execute
from conformance.backends.numpy import NumpyBackend, create
from conformance.builders.corpus import corpus
from conformance.builders.pool import pool_case
from conformance.case import DTYPES, Case
from conformance.experiment import conduct
from conformance.measure import examine
from conformance.mutants import MUTANTS
from conformance.relations.identity import Gap
from conformance.verdict import FAILURES, Status, Verdict
from conformance.workbench import THOROUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from conformance.answer import Answer
    from conformance.case import Case
    from conformance.judge import Question
    from conformance.measure import Judged

LOSSES: Final = ("mae", "mse", "cross_entropy")
POOL: Final = 40
MOST: Final = 20_000  # elements: larger cases of the corpus only take longer
LARGE: Final = (
    "everything-rows-65536",
    "everything-elements-65536",
    "classes-32000",
)
FAMILIES: Final = (
    "values",
    "gradients",
    "derivatives",
    "results",
    "purity",
    "errors",
    "repetition",
    "paths",
    "relations",
)

NAMED_ALONE: Final = frozenset({"accepts_bool_target"})
"""Wrong backends that only a named case shows: nothing is drawn of that kind."""

CAUGHT_BY: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "accepts_invalid_target": ("float32", ("CE-REJECTS-TARGET",)),
    "batch_wide_shift": ("float32", ("CE-NONE-VALUE",)),
    "caches_previous_result": ("float32", ("CE-MEAN-VALUE",)),
    "assumes_unit_mass": ("float32", ("CE-PROBABILITIES-GRADIENT",)),
    "changes_settings": ("float32", ("MAE-STATE", "MSE-STATE", "CE-STATE")),
    "clamped_denominator": ("float32", ("CE-WEIGHT-VALUE", "CE-WEIGHT-GRADIENT")),
    "clipped_probability": ("float32", ("CE-NONE-VALUE", "CE-TARGET")),
    "constant": ("float32", ("MAE-MEAN-VALUE", "CE-MEAN-VALUE", "MSE-MEAN-GRADIENT")),
    "denominator_counts_ignored": ("float32", ("CE-IGNORED-VALUE",)),
    "double_rounding": ("float32", ("CE-MEAN-VALUE", "MSE-TARGET")),
    "float64_through_float32": ("float64", ("MSE-MEAN-VALUE", "CE-MEAN-GRADIENT")),
    "half_accumulation": ("bfloat16", ("MAE-SUM-VALUE", "CE-MEAN-VALUE")),
    "hessian_diagonal_only": ("float32", ("CE-HVP", "CE-HVP-K-DIM")),
    "hessian_of_mae_is_one": ("float32", ("MAE-HVP",)),
    "hessian_zero": ("float32", ("MSE-HVP", "MSE-HVP-BROADCAST", "CE-HVP-WEIGHT")),
    "ignored_rows_counted": ("float32", ("CE-IGNORED-VALUE", "CE-IGNORED-GRADIENT")),
    "ignored_rows_gradient": ("float32", ("CE-IGNORED-GRADIENT",)),
    "ignored_rows_leak": ("float32", ("CE-IGNORED-VALUE",)),
    "in_place_modification": ("float32", ("MAE-PURE", "MSE-PURE", "CE-PURE")),
    "jvp_assumes_unit_mass": ("float32", ("CE-JVP-WEIGHT", "CE-JVP-PROBABILITIES")),
    "last_row_dropped": ("float32", ("CE-MEAN-VALUE", "CE-MEAN-GRADIENT")),
    "log_of_softmax": ("float32", ("CE-NONE-VALUE", "CE-TARGET")),
    "log_sum_minus_logit": ("float32", ("CE-NONE-VALUE", "CE-TARGET")),
    "minimum_shift": ("float32", ("CE-NONE-VALUE", "CE-NONE-GRADIENT")),
    "missing_factor_two": ("float32", ("MSE-MEAN-GRADIENT", "MSE-TARGET")),
    "nan_swallowed": ("float32", ("CE-SPECIAL-VALUE", "MSE-SPECIAL-VALUE")),
    "negative_target_wraps": ("float32", ("CE-REJECTS-TARGET",)),
    "negative_zero": ("float32", ("MAE-ZERO", "MSE-ZERO")),
    "nondeterministic": ("float32", ("CE-REPEATS",)),
    "path_differs": (
        "float32",
        ("CE-PATH-MODULE", "MSE-PATH-MODULE", "MAE-PATH-MODULE"),
    ),
    "no_gradient_narrow": (
        "float32",
        ("CE-PATH-NO-GRAD", "MSE-PATH-NO-GRAD", "MAE-PATH-NO-GRAD"),
    ),
    "mapped_items_averaged": (
        "float32",
        ("CE-PATH-VMAP", "MSE-PATH-VMAP", "MAE-PATH-VMAP"),
    ),
    "parts_disagree_on_ignored": ("float32", ("CE-PATH-COMPOSED",)),
    "forward_over_reverse_fails_for_mean": (
        "float32",
        (
            "CE-PATH-FORWARD-OVER-REVERSE",
            "MSE-PATH-FORWARD-OVER-REVERSE",
            "MAE-PATH-FORWARD-OVER-REVERSE",
        ),
    ),
    "accepts_bool_target": ("float32", ("CE-REJECTS-TARGET-BOOL",)),
    "returns_the_upstream": ("float32", ("MAE-DETACHED",)),
    "ties_rounded_down": ("float32", ("MAE-REL-ARGUMENTS-SWAPPED",)),
    "reuses_workspace": ("float32", ("MAE-DETACHED", "MSE-DETACHED", "CE-DETACHED")),
    "no_max_shift": ("float32", ("CE-NONE-VALUE", "CE-NONE-GRADIENT")),
    "reduction_sum_as_mean": ("float32", ("MAE-SUM-VALUE", "CE-SUM-GRADIENT")),
    "rounded_log_sum": ("bfloat16", ("CE-NONE-VALUE", "CE-TARGET")),
    "sign_at_zero": ("float32", ("MAE-MEAN-GRADIENT", "MAE-TARGET")),
    "smoothing_over_others": ("float32", ("CE-SMOOTHING-VALUE",)),
    "smoothing_unscaled": ("float32", ("CE-SMOOTHING-VALUE",)),
    "target_gradient_dropped": ("float32", ("MAE-TARGET", "MSE-TARGET", "CE-TARGET")),
    "target_term_lost": ("float32", ("CE-MEAN-GRADIENT",)),
    "upstream_first_only": ("float32", ("MSE-UPSTREAM-GRADIENT",)),
    "upstream_ignored": ("float32", ("MAE-UPSTREAM-GRADIENT", "CE-UPSTREAM-GRADIENT")),
    "weights_dropped": ("float32", ("CE-WEIGHT-VALUE", "CE-WEIGHT-GRADIENT")),
    "wrong_axis": ("float32", ("CE-K-DIM-VALUE", "CE-K-DIM-GRADIENT")),
    "wrong_denominator": ("float32", ("CE-WEIGHT-VALUE", "CE-WEIGHT-GRADIENT")),
    "wrong_device": ("float32", ("MAE-DEVICE", "MSE-DEVICE", "CE-DEVICE")),
    "wrong_dtype": ("bfloat16", ("MAE-DTYPE", "MSE-DTYPE", "CE-DTYPE")),
    "zeros": ("float32", ("MAE-MEAN-VALUE", "MSE-MEAN-VALUE", "CE-MEAN-GRADIENT")),
}
"""Mutant → the dtype where it shows, and requirements that must catch it there.

These are mechanisms that requirements speak of; `mutants/test_witnesses.py` has all.
"""


@dataclass(frozen=True)
class Wrong:
    """The NumPy backend, wrong in how it answers rather than in its numbers."""

    name: str
    answer: Callable[[Case, Mapping[str, NDArray[Any]]], Output]
    correct: NumpyBackend = field(default_factory=create)

    @property
    def capabilities(self) -> Any:
        """Those of the NumPy backend."""
        return self.correct.capabilities

    def can_run(self, case: Case) -> str | None:
        """Run everything."""
        return self.correct.can_run(case)

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the wrong answer."""
        return self.answer(case, buffers)


def _reshaped(case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
    output = create().run(case, buffers)
    assert output.value is not None
    return replace(output, value=output.value[None])


def _unchecked(case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
    try:
        return create().run(case, buffers)
    except (IndexError, TypeError, ValueError):
        return Output(np.zeros((), buffers["input"].dtype))


def _shifted(case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
    """Add one to every number, and give one where there is none."""
    output = create().run(case, buffers)
    assert output.value is not None
    return Output(
        _plus_one(output.value), {n: _plus_one(g) for n, g in output.gradients.items()}
    )


def _infinite(case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
    output = create().run(case, buffers)
    assert output.value is not None
    return Output(np.full_like(output.value, np.inf), output.gradients)


def _plus_one(values: NDArray[Any]) -> NDArray[Any]:
    wide = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return (wide + 1).astype(values.dtype)


def _refused(case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
    msg = f"{case.loss} of {len(buffers)} arguments must not be asked for"
    raise ValueError(msg)


def _wrong_elsewhere(case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
    """Be right on the cases of this test, and wrong on every variant of them."""
    output = create().run(case, buffers)
    if case.id in known_ids(case.loss, case.dtype):
        return output
    assert output.value is not None
    gradients = {n: _larger(g) for n, g in output.gradients.items()}
    return Output(_larger(output.value), gradients)


def _larger(values: NDArray[Any]) -> NDArray[Any]:
    return (values * 1.5 + 1).astype(values.dtype)


@cache
def known_ids(loss: str, dtype: str) -> frozenset[str]:
    """Return the ids of the cases of this test."""
    return frozenset(given.case.id for given in answers(loss, dtype))


CALLS: Final = count()


def _counting(case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
    output = create().run(case, buffers)
    assert output.value is not None
    moved = output.value + np.asarray(next(CALLS), output.value.dtype)
    return Output(np.asarray(moved, output.value.dtype), output.gradients)


RELATED: Final = tuple(
    r.id
    for r in checks.catalogue()
    if r.quantity.startswith("relation.") and r.id != "CE-REL-NO-NET-GRADIENT"
)

IN_MANNER: Final = {
    "counts_its_calls": (_counting, ("MAE-REPEATS", "MSE-REPEATS", "CE-REPEATS")),
    "right_on_known_cases": (_wrong_elsewhere, RELATED),
    "value_of_another_shape": (_reshaped, ("MAE-SHAPE", "MSE-SHAPE", "CE-SHAPE")),
    "nothing_is_invalid": (
        _unchecked,
        (
            "MAE-REJECTS-REDUCTION",
            "MAE-REJECTS-TARGET",
            "MSE-REJECTS-REDUCTION",
            "MSE-REJECTS-TARGET",
            "CE-REJECTS-REDUCTION",
            "CE-REJECTS-TARGET",
            "CE-REJECTS-WEIGHT",
            "CE-REJECTS-LABEL-SMOOTHING",
            "CE-REJECTS-INPUT",
        ),
    ),
    "everything_is_invalid": (_refused, ("MAE-ACCEPTS", "MSE-ACCEPTS", "CE-ACCEPTS")),
}
"""Backends wrong in manner, and what must catch them in every dtype."""


def elements(case: Case) -> int:
    """Return how many elements the input has."""
    return int(np.prod(case.arguments["input"].shape))


@cache
def answers(loss: str, dtype: str) -> tuple[Answer, ...]:
    """Return the answers to the corpus and to the first cases of the pool."""
    named = (n.case for n in corpus(loss, dtype) if elements(n.case) <= MOST)
    drawn = (pool_case(loss, dtype, index) for index in range(POOL))
    return tuple(ask(case) for case in (*named, *drawn))


def judged(backend: Backend, dtype: str) -> Iterator[tuple[Case, Judged]]:
    """Yield everything that is said about a backend in one format."""
    for loss in LOSSES:
        for given in answers(loss, dtype):
            if backend.can_run(given.case) is None:
                output = execute(backend, given.case)
                trial = None
                if given.result is not None and output.error is None:
                    asked = "*" if THOROUGH in given.case.origin else ""
                    trial = conduct(backend, given.case, asked)
                for one in examine(given.case, given, backend, output, trial):
                    yield given.case, one


def failed(backend: Backend, dtype: str, until: set[str]) -> set[str]:
    """Return requirements that fail, no further than until all of `until` did."""
    found: set[str] = set()
    for _, one in judged(backend, dtype):
        if one.verdict.status in FAILURES:
            found.update(one.requirements)
            if until <= found:
                break
    return found


def large_failures() -> set[str]:
    """Return requirements that fail on the large cases, when one is added to all."""
    backend, found = Wrong("shifted", _shifted), set()
    for loss in LOSSES:
        for named in corpus(loss, "float32"):
            if named.name in LARGE:
                output, given = execute(backend, named.case), ask(named.case)
                for one in examine(named.case, given, backend, output):
                    if one.verdict.status in FAILURES:
                        found.update(one.requirements)
    return found


def family(quantity: str) -> str:
    """Return the family of checks that judges a quantity."""
    if quantity.startswith("gradient"):
        return "gradients"
    if quantity.startswith("derivative"):
        return "derivatives"
    named = {
        "value": "values",
        "dtype": "results",
        "shape": "results",
        "inputs": "purity",
        "device": "results",
        "zero": "results",
    }
    kind = quantity.partition(".")[0]
    further = {
        "relation": "relations",
        "path": "paths",
        "repeat": "repetition",
        "detached": "repetition",
    }
    return named.get(quantity, further.get(kind, "errors"))


def test_the_table_names_what_exists() -> None:
    """No requirement and no mutant is named in vain."""
    assert set(CAUGHT_BY) <= set(MUTANTS)
    ids = {r.id for r in checks.catalogue()}
    assert all(set(wanted) <= ids for _, wanted in CAUGHT_BY.values())


@pytest.mark.parametrize("name", CAUGHT_BY)
def test_a_mutant_is_caught_where_it_is_wrong(name: str) -> None:
    """The requirements that speak of its mechanism fail for a mutant."""
    dtype, wanted = CAUGHT_BY[name]
    assert set(wanted) <= failed(MUTANTS[name](), dtype, set(wanted))


@pytest.mark.parametrize("name", IN_MANNER)
def test_a_wrong_manner_is_caught(name: str) -> None:
    """Shapes, missing rejections and needless ones are caught."""
    answer, wanted = IN_MANNER[name]
    assert set(wanted) <= failed(Wrong(name, answer), "float32", set(wanted))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_correct_backend_is_not_accused(dtype: str) -> None:
    """On the same cases the NumPy backend gets no failing or doubtful verdict."""
    harmless = {Status.CONFORMS, Status.VACUOUS}
    accused = [
        (case.origin, one.verdict)
        for case, one in judged(create(), dtype)
        if one.verdict.status not in harmless
    ]
    assert accused == []


def test_every_requirement_can_fail() -> None:
    """Each requirement of the catalogue is violated by some mutant."""
    missing = {r.id for r in checks.catalogue()}
    for names in (wanted for _, wanted in CAUGHT_BY.values()):
        missing -= set(names)  # each is shown to fail above
    for _, names in IN_MANNER.values():
        missing -= set(names)
    # Several threads share only cases that are too large for this test.
    missing -= {r.id for r in checks.catalogue() if r.quantity == "path.threads"}
    missing -= failed(MUTANTS["zeros"](), "float32", missing)
    missing -= failed(Wrong("unchecked", _unchecked), "float32", missing)
    missing -= failed(Wrong("shifted", _shifted), "float32", missing)
    missing -= failed(Wrong("infinite", _infinite), "float32", missing)
    missing -= large_failures()
    missing -= failed(MUTANTS["upstream_ignored"](), "float32", missing)
    missing -= failed(MUTANTS["nan_swallowed"](), "float32", missing)
    assert missing == set()


def test_every_family_of_checks_is_needed() -> None:
    """Without any one family some wrong backend would go unnoticed altogether."""
    alone = {
        "values": MUTANTS["ignored_rows_leak"](),
        "gradients": MUTANTS["target_gradient_dropped"](),
        "derivatives": MUTANTS["hessian_zero"](),
        "results": Wrong("shape", _reshaped),
        "purity": MUTANTS["in_place_modification"](),
        "errors": MUTANTS["accepts_invalid_target"](),
        "repetition": MUTANTS["nondeterministic"](),
        "paths": MUTANTS["path_differs"](),
        "relations": MUTANTS["ties_rounded_down"](),
    }
    assert tuple(alone) == FAMILIES
    for name, backend in alone.items():
        noticed = defaultdict(int)
        for _, one in judged(backend, "float32"):
            if one.verdict.status in FAILURES:
                noticed[family(one.verdict.quantity)] += 1
        # Relations hold between answers: they may notice what others do.
        assert name in noticed
        assert set(noticed) <= {name, "relations"}


def test_a_judge_that_always_agrees_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a judge that only says yes, the mutants with wrong numbers escape."""

    def agree(question: Question, got: NDArray[Any]) -> Verdict:
        return Verdict(question.quantity, Status.CONFORMS, elements=got.size)

    for module in ("values", "promised"):
        monkeypatch.setattr(f"conformance.checks.{module}.judge", agree)
    monkeypatch.setattr("conformance.checks.relations.gap", lambda *_: Gap(1))
    sample = ("zeros", "constant", "missing_factor_two", "wrong_axis", "no_max_shift")
    assert all(not failed(MUTANTS[name](), "float32", set()) for name in sample)
    assert failed(MUTANTS["in_place_modification"](), "float32", {"MAE-PURE"})


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CAUGHT_BY.keys() - NAMED_ALONE))
def test_the_pool_alone_catches_a_mutant(name: str) -> None:
    """Nobody had to think of the mechanism: drawn cases are enough."""
    mutant, dtype = MUTANTS[name](), CAUGHT_BY[name][0]
    for index in range(1200):
        for loss in LOSSES:
            case = pool_case(loss, dtype, index, 1)
            if mutant.can_run(case) is None and _fails(mutant, case):
                return
    pytest.fail("1200 cases of the pool were not enough")


def _fails(mutant: Backend, case: Case) -> bool:
    """Say whether a case, with the sample of questions that follows it, fails."""
    expected, output = ask(case), execute(mutant, case)
    trial = None
    if expected.result is not None and output.error is None:
        trial = conduct(mutant, case)
    made = examine(case, expected, mutant, output, trial)
    return any(one.verdict.status in FAILURES for one in made)
