"""Answers as a whole: their parts, their independence of mpmath's global state."""

from __future__ import annotations

import threading
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from plain_cases import Question, anything, positive, questions, tame

import reference
from reference.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGITS = [[0.1, 0.2, 0.3], [3.0, -1.0, 2.0]]


def everything(result: reference.Result) -> list[Any]:
    """Return all numbers of an answer, in every form."""
    found: list[Any] = []
    for part in (result.value, *result.gradient.values()):
        found += [part.lower.tolist(), part.upper.tolist(), part.describe(0)]
        found += [part.round_to(name).astype(float).tolist() for name in FORMATS]
        found += [b.tolist() for b in part.bounds()]
    return found


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"target": [0, 1]}, ["input"]),
        ({"target": [0, 1], "weight": [1, 2, 3]}, ["input", "weight"]),
        ({"target": LOGITS}, ["input", "target"]),
        ({"target": LOGITS, "weight": [1, 2, 3]}, ["input", "target", "weight"]),
    ],
)
def test_gradients_of_cross_entropy(options: dict[str, Any], names: list[str]) -> None:
    """They are by target only for probabilities, by weight only if given."""
    gradient = reference.cross_entropy(LOGITS, **options).gradient
    assert list(gradient) == names
    shapes = {"input": (2, 3), "target": (2, 3), "weight": (3,)}
    assert {name: gradient[name].shape for name in names} == {
        n: shapes[n] for n in names
    }


@pytest.mark.parametrize("loss", [reference.mae, reference.mse])
def test_gradients_of_regression(loss: Any) -> None:
    """They are by input and target, each in its own shape."""
    gradient = loss(np.zeros((2, 3)), np.zeros(3)).gradient
    assert {name: g.shape for name, g in gradient.items()} == {
        "input": (2, 3),
        "target": (3,),
    }


def test_an_answer_is_read_only() -> None:
    """Gradients cannot be replaced, and results cannot be assigned to."""
    result = reference.mae([1], [2])
    with pytest.raises(TypeError):
        result.gradient["input"] = result.value  # type: ignore[index]
    with pytest.raises(AttributeError):
        result.problem = None  # type: ignore[assignment,misc]
    head, *_ = result.value.expansion()
    assert not head.flags.writeable


@pytest.fixture
def _five_bits() -> Iterator[None]:
    before = mpmath.mp.prec, mpmath.iv.prec
    mpmath.mp.prec = mpmath.iv.prec = 5
    yield
    mpmath.mp.prec, mpmath.iv.prec = before


EXAMPLES: list[dict[str, Any]] = [
    {"input": LOGITS, "target": [1, 2], "weight": [1.0, 0.3, 2.0]},
    {"input": LOGITS, "target": LOGITS, "label_smoothing": 0.1},
    {"input": [[-16777216, 1]], "target": [0]},
    {"input": [[1e308, -1e308]], "target": [0]},
]
EXPECTED = [everything(reference.cross_entropy(**example)) for example in EXAMPLES]


@pytest.mark.usefixtures("_five_bits")
@pytest.mark.parametrize("i", range(len(EXAMPLES)))
def test_global_precision_is_neither_used_nor_changed(i: int) -> None:
    """With mpmath at 5 bits every number is the same, and it still has 5 bits."""
    assert everything(reference.cross_entropy(**EXAMPLES[i])) == EXPECTED[i]
    assert (mpmath.mp.prec, mpmath.iv.prec) == (5, 5)


def test_threads_do_not_disturb_one_another() -> None:
    """Answers asked for in parallel threads are the same as one after the other."""
    found: dict[int, Any] = {}

    def answer(i: int) -> None:
        found[i] = everything(reference.cross_entropy(**EXAMPLES[i]))

    threads = [threading.Thread(target=answer, args=(i,)) for i in range(len(EXAMPLES))]
    with mpmath.workprec(10):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [found[i] for i in range(len(EXAMPLES))] == EXPECTED


@settings(max_examples=40)
@given(question=questions(logits=(*tame, anything), factors=(positive,)))
def test_asking_twice_gives_the_same(question: Question) -> None:
    """An answer does not depend on what was asked before, nor on the order."""
    first, second = question.ask(), question.ask()
    for name in reversed(list(FORMATS)):
        second.value.round_to(name)
    assert everything(first) == everything(second)


def test_value_of_mean_squares_and_distances() -> None:
    """The tutorial's examples: 2/3, 4/3, and both readings of its cross-entropy."""
    assert reference.mae([1, 2, 3], [1, 2, 5]).value.lower.item() == Fraction(2, 3)
    assert reference.mse([1, 2, 3], [1, 2, 5]).value.lower.item() == Fraction(4, 3)
    row = [0.1, 0.2, 0.3]
    index = reference.cross_entropy([row], [1]).value
    mass = reference.cross_entropy(row, [1.0, 2.0, 5.0]).value
    numpy = np.log(np.exp(row).sum()) - np.array(row)
    assert float(index.round_to("binary64")) == pytest.approx(numpy[1], rel=1e-14)
    assert float(mass.round_to("binary64")) == pytest.approx(
        numpy @ [1, 2, 5], rel=1e-14
    )
