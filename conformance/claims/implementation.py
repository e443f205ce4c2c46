"""Does a call work? By the documented rules, and by torch where it is installed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.backend import BackendUnavailableError, execute
from conformance.case import Array, Case, numpy_dtype
from conformance.claims.truth import RejectedError, answer, target_kind
from conformance.environment import version_of
from conformance.loading import LoadError, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.backend import Backend, Output

_OPTIONS: Final = ("reduction", "ignore_index", "label_smoothing")


def accepts(arguments: Mapping[str, Any]) -> tuple[bool, str]:
    """Return whether a call works, and who says so.

    torch decides where it is installed; otherwise the documented rules do.

    Raises:
        MissingError: If loss, input or target are missing.
    """
    try:
        answer(arguments)
        rules = None
    except RejectedError as error:
        rules = str(error)
    output = _output(arguments)
    if output is None:
        return rules is None, f"by the documented rules{f': {rules}' if rules else ''}"
    name = f"torch {_torch_version()}"
    if output.error is None:
        doubt = f", though the documented rules refuse it: {rules}" if rules else ""
        return True, f"{name} accepts it{doubt}"
    return False, f"{name}: {output.error}"


def exception(arguments: Mapping[str, Any]) -> str:
    """Return the type that torch raises; empty without torch, or if it raises none."""
    output = _output(arguments)
    return (output.error or "").partition(":")[0] if output is not None else ""


def _output(arguments: Mapping[str, Any]) -> Output | None:
    backend = _backend()
    if backend is None:
        return None
    case = _case(arguments)
    return None if case is None or backend.can_run(case) else execute(backend, case)


@cache
def _backend() -> Backend | None:
    try:
        return load("torch:cpu")
    except (BackendUnavailableError, LoadError):
        return None


def _torch_version() -> str:
    return (version_of("torch") or "").partition("+")[0]


def _case(arguments: Mapping[str, Any]) -> Case | None:
    """Return the call as a case in float32, unless it names another format."""
    dtype = arguments.get("dtype", "float32")
    foreign = {"weight", "ignore_index", "label_smoothing"} & arguments.keys()
    if arguments["loss"] != "cross_entropy" and foreign:
        return None  # what torch would say of a keyword it lacks is ours to say
    names = [n for n in ("input", "target", "weight") if n in arguments]
    options = {n: arguments[n] for n in _OPTIONS if n in arguments}
    try:
        arrays = {n: _array(arguments, n, dtype) for n in names}
        if "label_smoothing" in options:
            options["label_smoothing"] = float(options["label_smoothing"])
    except (ValueError, TypeError, OverflowError):
        return None  # ragged, or a number beyond int64 or float64
    return Case(arguments["loss"], dtype, arrays, options)


def _array(arguments: Mapping[str, Any], name: str, dtype: str) -> Array:
    indices = arguments["loss"] == "cross_entropy" and target_kind(arguments) == "index"
    if name == "target" and indices:
        return Array.of(np.array(arguments[name], dtype=np.int64))
    numbers = np.array(_floats(arguments[name]), dtype=np.float64)
    with np.errstate(all="ignore"):
        return Array.of(numbers.astype(numpy_dtype(dtype)))


def _floats(value: Any) -> Any:
    return [_floats(v) for v in value] if isinstance(value, list) else float(value)
