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
    """Return what `pack` was given; tuples come back as lists."""
    if isinstance(value, dict):
        if value.keys() == {TAG}:
            return float.fromhex(value[TAG])
        return {key: unpack(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unpack(item) for item in value]
    return value


def dumps(value: Any, *, indent: int | None = None) -> str:
    """Return packed JSON text with sorted keys; a stray NaN token is impossible."""
    return json.dumps(pack(value), sort_keys=True, allow_nan=False, indent=indent)


def loads(text: str) -> Any:
    """Return the data of `dumps`."""
    return unpack(json.loads(text))
