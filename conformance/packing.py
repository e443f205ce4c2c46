"""Plain JSON without floats: a run file must survive every parser bit for bit."""

from __future__ import annotations

import json
import math
from typing import Any, Final

TAG: Final = "$float"
"""Key of an encoded float. A case uses `float` for its options; the two never mix."""


def pack(value: Any) -> Any:
    """Return `value` with every float as `{"$float": hexadecimal}`.

    >>> pack({"ratio": float("inf"), "cases": 2})
    {'ratio': {'$float': 'inf'}, 'cases': 2}
    """
    if isinstance(value, float):
        return {TAG: "nan" if math.isnan(value) else value.hex()}
    if isinstance(value, dict):
        return {str(key): pack(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [pack(item) for item in value]
    return value


def unpack(value: Any) -> Any:
    """Return what `pack` was given; tuples come back as lists.

    Raises:
        ValueError: If the text of a float is not one.
    """
    if isinstance(value, dict):
        if value.keys() == {TAG}:
            return _float(value[TAG])
        return {key: unpack(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unpack(item) for item in value]
    return value


def _float(text: object) -> float:
    try:
        return float.fromhex(text)  # type: ignore[arg-type]  # anything may be there
    except (OverflowError, TypeError, ValueError) as error:
        msg = f"needed a float in hexadecimal, got {text!r}"
        raise ValueError(msg) from error


def dumps(value: Any, *, indent: int | None = None) -> str:
    """Return packed JSON text with sorted keys; a stray NaN token is impossible."""
    return json.dumps(pack(value), sort_keys=True, allow_nan=False, indent=indent)


def parse(text: str) -> Any:
    """Return JSON that `dumps` may have written, still packed.

    Raises:
        ValueError: If it is no JSON, holds a float that is not packed or a key twice,
            or is nested more deeply than this program writes.
    """
    try:
        return json.loads(
            text,
            parse_float=_unpacked,
            parse_constant=_unpacked,
            object_pairs_hook=_once,
        )
    except RecursionError as error:
        raise ValueError(_DEEP) from error


def _unpacked(token: str) -> Any:
    msg = f"needed whole numbers and packed floats, got {token[:20]}"
    raise ValueError(msg)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(k for i, (k, _) in enumerate(pairs) if k in dict(pairs[:i]))
        msg = f"needed different keys in an object, got {twice!r} twice"
        raise ValueError(msg)
    return found


def loads(text: str) -> Any:
    """Return the data of `dumps`.

    Raises:
        ValueError: If `dumps` never wrote such a text.
    """
    try:
        return unpack(parse(text))
    except RecursionError as error:
        raise ValueError(_DEEP) from error


_DEEP: Final = "it is nested too deeply"
