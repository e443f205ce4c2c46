"""Reading safetensors: a length, a header of JSON, then the raw numbers.

Eight bytes hold the header's length as a little-endian integer. The header maps each
tensor's name to its dtype, its shape, and where its bytes begin and end after the
header; `__metadata__` is not a tensor.

Source: the format description in the README of huggingface/safetensors.
"""

from __future__ import annotations

import json
import math
import struct
from typing import TYPE_CHECKING, Any, Final

import ml_dtypes
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

LENGTH: Final = struct.Struct("<Q")
LARGEST_HEADER: Final = 100_000_000
"""Bytes; the format's own limit, so that a wrong file is not taken for a long one."""

DTYPES: Final[Mapping[str, Any]] = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": ml_dtypes.bfloat16,
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
}


def header(path: Path) -> tuple[dict[str, Any], int]:
    """Return the tensors that a file describes, and where their bytes begin.

    Raises:
        ValueError: If the file does not begin as a safetensors file does.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(LENGTH.size)
        length = LENGTH.unpack(first)[0] if len(first) == LENGTH.size else size
        if length > min(LARGEST_HEADER, size - LENGTH.size):
            msg = f"needed a header within the file's {size} bytes, got {length} bytes"
            raise ValueError(msg)
        data = json.loads(file.read(length))
    if not isinstance(data, dict):
        msg = f"needed a header that names tensors, got a {type(data).__name__}"
        raise ValueError(msg)  # noqa: TRY004 - the file's fault, not the caller's
    data.pop("__metadata__", None)
    return data, LENGTH.size + length


def read(path: Path, name: str) -> NDArray[Any]:
    """Return one tensor of a file.

    Raises:
        ValueError: If its dtype is not read here, or its place is not in the file.
        LookupError: If there is no such tensor.
    """
    tensors, start = header(path)
    described = tensors[name]
    if described["dtype"] not in DTYPES:
        msg = f"needed a dtype among {', '.join(DTYPES)}, got {described['dtype']}"
        raise ValueError(msg)
    dtype = np.dtype(DTYPES[described["dtype"]])
    shape = tuple(described["shape"])
    begin, end = described["data_offsets"]
    needed, there = math.prod(shape) * dtype.itemsize, path.stat().st_size - start
    if not 0 <= begin <= end <= there or end - begin != needed:
        msg = (
            f"needed {needed} bytes for shape {shape} within {there} bytes of data, "
            f"got those from {begin} to {end}: the file is damaged or cut off"
        )
        raise ValueError(msg)
    count = math.prod(shape)
    flat = np.fromfile(path, dtype=dtype, count=count, offset=start + begin)
    return flat.reshape(shape)
