"""What `oracle` is asked: options, files and cases made into a checked problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import reference
from conformance.answer import ask
from conformance.backend import LOSSES
from conformance.commands.arrays import ArrayError, load_all
from conformance.commands.case_files import CaseFileError, load_case
from conformance.commands.options import suggestion
from conformance.commands.storage import RawError, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from conformance.case import Case
    from reference import Result

NUMBERS: Final = ("input", "target", "weight", "upstream", "tangent")
OPTIONS: Final = ("reduction", "ignore_index", "label_smoothing")
"""What a case may say beside its arguments."""

FOREIGN: Final = ("weight", "ignore_index", "label_smoothing", "target_kind")
"""What only cross-entropy takes."""


class QuestionError(ValueError):
    """The oracle cannot be asked; the message says what was needed."""


@dataclass(frozen=True)
class Question:
    """A checked problem with its answer.

    Attributes:
        result: The answer.
        case: The case that it came from, if it came from one.
    """

    result: Result
    case: Case | None = None


def from_options(
    loss: str | None, given: Mapping[str, Any], arrays: Path | None, dtype: str | None
) -> Question:
    """Return the question that arguments and options ask.

    Args:
        loss: `mae`, `mse` or `cross_entropy`.
        given: Arguments and options as the loss takes them, those not given left out.
        arrays: A file of arrays named as the arguments.
        dtype: The format that arguments are rounded to first, if any.

    Raises:
        QuestionError: If something is missing, given twice, or not what a loss accepts.
    """
    if loss is None:
        msg = "LOSS must be given: mae, mse or cross_entropy; or --case FILE"
        raise QuestionError(msg)
    if arrays is not None:
        given = {**given, **_arrays(arrays, given)}
    if loss != "cross_entropy":
        _refuse(loss, [name for name in FOREIGN if name in given])
    for name in ("input", "target"):
        if name not in given:
            msg = f"--{name} must be given: numbers, @FILE, or in --arrays FILE"
            raise QuestionError(msg)
    try:
        result = getattr(reference, loss)(**_stored(loss, given, dtype))
    except reference.ProblemError as error:
        raise QuestionError(str(error)) from None
    return Question(result)


def from_case(path: Path) -> Question:
    """Return the question that a file with a case asks; see `Case.to_json`.

    Raises:
        QuestionError: If the file holds no case, or an invalid one.
    """
    try:
        case = load_case(path)
    except CaseFileError as error:
        raise QuestionError(str(error)) from None
    if case.loss not in LOSSES or not set(case.options) <= set(OPTIONS):
        msg = (
            f"{path} must hold a case of {', '.join(LOSSES)} with options among "
            f"{', '.join(OPTIONS)}, got {case.loss} with {list(case.options)}"
        )
        raise QuestionError(msg)
    return of_case(case)


def of_case(case: Case) -> Question:
    """Return the question that a case asks.

    Raises:
        QuestionError: If the case is an invalid one: it has no exact answer.
    """
    answer = ask(case)
    if answer.result is None:
        msg = f"a case must be valid to have an exact answer: {answer.rejection}"
        raise QuestionError(msg)
    return Question(answer.result, case)


def _arrays(path: Path, given: Iterable[str]) -> dict[str, Any]:
    try:
        arrays = load_all(path)
    except ArrayError as error:
        msg = f"--arrays: {error}"
        raise QuestionError(msg) from None
    for name in arrays:
        if name not in NUMBERS:
            msg = (
                f"{path} must name its arrays as the arguments, got {name!r}; "
                f"{suggestion(name, NUMBERS)}"
            )
            raise QuestionError(msg)
        if name in given:
            msg = f"{name} must be given once, got --{name} and one in {path}"
            raise QuestionError(msg)
    return arrays


def _refuse(loss: str, foreign: Iterable[str]) -> None:
    names = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(foreign))
    if names:
        msg = f"{names} must be left out for {loss}: only cross_entropy takes it"
        raise QuestionError(msg)


def _stored(loss: str, given: Mapping[str, Any], dtype: str | None) -> dict[str, Any]:
    """Return the arguments in their format; class indices and options as they are."""
    real = set(NUMBERS)
    if loss == "cross_entropy" and _indices(given):
        real.remove("target")
    result = dict(given)
    for name in real & given.keys():
        try:
            result[name] = stored(given[name], dtype)
        except RawError as error:
            msg = f"{name} {error}"
            raise QuestionError(msg) from None
    return result


def _indices(given: Mapping[str, Any]) -> bool:
    kind = given.get("target_kind")
    return kind == "index" if kind else _integral(given["target"])


def _integral(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu"
    if isinstance(value, list):
        return all(map(_integral, value))
    return isinstance(value, int)
