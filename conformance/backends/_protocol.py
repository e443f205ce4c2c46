"""The lines that a process backend and this program exchange, version 1.

`loss-conformance help protocol` prints their description, `topics/protocol.txt`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.backend import Capabilities, Output
from conformance.backends._sources import LoadError
from conformance.case import DTYPES, Array, numpy_dtype
from conformance.contract import CONTRACTS, WIDE, Contract

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from conformance.case import Case

VERSION: Final = 1
INTEGERS: Final = ("int64", "int32", "int16", "int8", "uint8", "bool")
ARGUMENTS: Final = ("input", "target", "weight")

_ABILITIES: Final = frozenset(f.name for f in fields(Capabilities)) - {"paths"}
_RESULTS: Final = frozenset(f.name for f in fields(Output)) & {
    "gradients",
    "derivatives",
}
_HELLO: Final = frozenset({"protocol", "name"}) | _ABILITIES
_ANSWER: Final = frozenset({"id", "value", "error", "unsupported", "device"}) | _RESULTS


class AnswerError(Exception):
    """A program's answer does not follow the protocol; the message says where."""


@dataclass(frozen=True)
class Answer:
    """What a program said to one case: an output, or why it does not take the case."""

    output: Output
    unsupported: str = ""


def bits_of(base: NDArray[Any]) -> str:
    """Return the bits of each element as an unsigned number of hexadecimal digits.

    >>> bits_of(np.array([1.0, -2.0], np.float32))
    '3f800000c0000000'
    """
    unsigned = base.view(np.dtype(f"u{base.dtype.itemsize}"))
    return unsigned.astype(unsigned.dtype.newbyteorder(">")).tobytes().hex()


def array_of(data: object, what: str) -> NDArray[Any]:
    """Return the array that a program described, row by row without gaps.

    Raises:
        AnswerError: If it describes none.
    """
    table = _object(data, what)
    _words(table, frozenset({"dtype", "shape", "bits"}), what)
    name, shape, bits = (table.get(key) for key in ("dtype", "shape", "bits"))
    if name not in (*DTYPES, *INTEGERS):
        known = ", ".join((*DTYPES, *INTEGERS))
        msg = f"the dtype of {what} must be one of {known}, got {name!r}"
        raise AnswerError(msg)
    if not isinstance(shape, list) or not all(_is_size(n) for n in shape):
        msg = f"the shape of {what} must be a list of sizes, got {shape!r}"
        raise AnswerError(msg)
    dtype = numpy_dtype(str(name))
    digits = 2 * dtype.itemsize * math.prod(shape)
    if not isinstance(bits, str) or len(bits) != digits:
        got = f"{len(bits)}" if isinstance(bits, str) else type(bits).__name__
        msg = f"the bits of {what} must have {digits} hexadecimal digits, got {got}"
        raise AnswerError(msg)
    return _unpacked(bits, dtype, tuple(shape), what)


def _unpacked(
    bits: str, dtype: np.dtype[Any], shape: tuple[int, ...], what: str
) -> NDArray[Any]:
    try:
        big = np.frombuffer(bytes.fromhex(bits), np.dtype(f">u{dtype.itemsize}"))
        return big.astype(big.dtype.newbyteorder("=")).view(dtype).reshape(shape)
    except ValueError as error:
        msg = f"{what} must be an array, got: {error}"
        raise AnswerError(msg) from error


def _is_size(n: object) -> bool:
    return isinstance(n, int) and not isinstance(n, bool) and n >= 0


def question_of(case: Case, number: int, *, along: bool) -> bytes:
    """Return a case as a line.

    Args:
        case: The case.
        number: What the answer must repeat.
        along: Is the case's tangent, if it has one, sent too?
    """
    tangent = getattr(case, "tangent", None) if along else None
    data = {
        "id": number,
        "loss": case.loss,
        "dtype": case.dtype,
        "options": {name: _option(value) for name, value in case.options.items()},
        "arguments": {name: _array(array) for name, array in case.arguments.items()},
        "upstream": None if case.upstream is None else _array(case.upstream),
    }
    if tangent is not None:
        data["tangent"] = _array(tangent)
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return f"{text}\n".encode("ascii")


def _array(array: Array) -> dict[str, Any]:
    return {
        "dtype": array.dtype,
        "shape": list(array.shape),
        "strides": list(array.strides),
        "offset": array.offset,
        "bits": bits_of(array.base),
    }


def _option(value: object) -> object:
    return value.hex() if isinstance(value, float) else value


def answer_of(line: bytes, number: int, case: Case) -> Answer:
    """Return what a program's answer to case `number` says.

    Raises:
        AnswerError: If it does not follow the protocol.
    """
    table = _parsed(line, "an answer")
    _words(table, _ANSWER, "an answer")
    if table.get("id") != number or isinstance(table.get("id"), bool):
        msg = f"the id of an answer must be that of its case, {number}, "
        msg += f"got {table.get('id')!r}"
        raise AnswerError(msg)
    said = [k for k in ("value", "error", "unsupported") if table.get(k) is not None]
    if len(said) != 1:
        got = " and ".join(said) or "none of them"
        msg = f"an answer must have one of value, error and unsupported, got {got}"
        raise AnswerError(msg)
    if said != ["value"]:
        return _refusal(said[0], _text(table, said[0]))
    return Answer(_output(table, case))


def _refusal(kind: str, text: str) -> Answer:
    if kind == "error":
        return Answer(Output(error=f"ProgramError: {' '.join(text.split())}"))
    return Answer(Output(), text or "the program does not take this case")


def _output(table: Mapping[str, Any], case: Case) -> Output:
    arrays: dict[str, Any] = {}
    for key in _RESULTS & table.keys():
        found = _object(table[key], key)
        if key == "gradients":
            _words(found, frozenset(case.arguments), "gradients")
        arrays[key] = {n: array_of(a, f"{key} {n}") for n, a in found.items()}
    device = _text(table, "device") if "device" in table else "cpu"
    return Output(value=array_of(table["value"], "value"), device=device, **arrays)


def greeting_of(line: bytes, spec: str) -> tuple[str, Capabilities]:
    """Return the name and the capabilities that a program's first line states.

    Raises:
        LoadError: If it is no greeting, or one of another version of the protocol.
    """
    try:
        table = _parsed(line, "the first line")
        version = table.get("protocol")
        if version != VERSION or isinstance(version, bool):
            msg = f"protocol must be {VERSION}, got {version!r}: this loss-conformance "
            msg += f"speaks version {VERSION} alone"
            raise AnswerError(msg)  # noqa: TRY301 - told as all that is wrong with it
        _words(table, _HELLO, "the first line")
        name = _text(table, "name") if "name" in table else spec
        return name or spec, _capabilities(table)
    except (AnswerError, TypeError, ValueError) as error:
        msg = f"the program of {spec!r} must greet as `loss-conformance help protocol` "
        msg += f"says: {error}"
        raise LoadError(msg) from error


def _capabilities(table: Mapping[str, Any]) -> Capabilities:
    stated = {k: _ability(k, table[k]) for k in sorted(_ABILITIES & table.keys())}
    # Nothing is offered unless it is said: a program need not know what there is.
    empty: dict[str, Any] = {"losses": (), "dtypes": (), "options": ()}
    stated = {k: frozenset(v) for k, v in empty.items()} | stated
    made = Capabilities(**{**stated, "contract": _contract(table.get("contract"))})
    _words(made.gradients, frozenset(made.losses), "gradients")
    for loss, names in made.gradients.items():
        _words(dict.fromkeys(names), frozenset(ARGUMENTS), f"gradients of {loss}")
    return made


def _ability(name: str, value: object) -> Any:
    kind = {f.name: str(f.type) for f in fields(Capabilities)}[name]
    if kind.startswith("frozenset"):
        return frozenset(_strings(value, name))
    if kind == "Mapping[str, str]":
        return {k: _text({k: v}, k) for k, v in _object(value, name).items()}
    if kind.startswith("Mapping"):
        listed = _object(value, name).items()
        return {k: frozenset(_strings(v, f"{name} of {k}")) for k, v in listed}
    wanted = {"bool": bool, "str": str}.get(kind, object)
    if not isinstance(value, wanted):
        msg = f"{name} must be of type {kind}, got {value!r}"
        raise AnswerError(msg)
    return value


def _contract(value: object) -> Contract:
    if value is None:
        return WIDE
    if isinstance(value, str):
        if value in CONTRACTS:
            return CONTRACTS[value]
        known = ", ".join(CONTRACTS)
        msg = f"contract must be one of {known}, or an object, got {value!r}"
        raise AnswerError(msg)
    table = _object(value, "contract")
    _words(table, frozenset(f.name for f in fields(Contract)), "contract")
    return Contract(**{"name": "own", **table})


def _parsed(line: bytes, what: str) -> Mapping[str, Any]:
    try:
        return _object(json.loads(line), what)
    except (ValueError, RecursionError) as error:
        shown = line[:60].decode(errors="replace").rstrip()
        msg = f"{what} must be one line of JSON, got {shown!r}: {error}"
        raise AnswerError(msg) from error


def _object(data: object, what: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        msg = f"{what} must be a JSON object, got {type(data).__name__}"
        raise AnswerError(msg)
    return data


def _words(table: Iterable[str], known: frozenset[str], what: str) -> None:
    for word in table:
        if word not in known:
            near = get_close_matches(word, known, 1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            names = ", ".join(sorted(known))
            msg = f"{what} must have no member but {names}, got {word!r}{hint}"
            raise AnswerError(msg)


def _strings(value: object, what: str) -> list[str]:
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return value
    msg = f"{what} must be a list of words, got {value!r}"
    raise AnswerError(msg)


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table[key]
    if not isinstance(value, str):
        msg = f"{key} must be text, got {value!r}"
        raise AnswerError(msg)
    return value
