"""A process backend in plain Python: MAE, MSE and cross-entropy, nothing imported.

    loss-conformance check "process:python process_backend.py"

It knows the protocol that `loss-conformance help protocol` describes, and nothing of
loss-conformance. Put your own computation in place of `pair` and `rows`.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from typing import Any

HELLO = {
    "protocol": 1,
    "name": "python-example",
    "losses": ["mae", "mse", "cross_entropy"],
    "dtypes": ["float32", "float64"],
    "gradients": {
        "mae": ["input", "target"],
        "mse": ["input", "target"],
        "cross_entropy": ["input"],
    },
    "declined": {
        "broadcast": "input and target must have one shape",
        "k-dim": "logits must be (N, C)",
        "layout": "arrays must be contiguous",
        "unbatched": "logits must be (N, C)",
    },
}
FORMATS = {"float32": ">f", "float64": ">d", "int64": ">q", "uint8": ">B"}
IGNORED = -100


def decoded(array: dict[str, Any]) -> list[Any]:
    """Return the elements of an array, row by row; all are contiguous here."""
    data = bytes.fromhex(array["bits"])
    return [value for (value,) in struct.iter_unpack(FORMATS[array["dtype"]], data)]


def encoded(values: list[float], dtype: str, shape: list[int]) -> dict[str, Any]:
    """Return `values`, rounded once, as the protocol wants arrays."""
    bits = "".join(packed(value, dtype).hex() for value in values)
    return {"dtype": dtype, "shape": shape, "bits": bits}


def packed(value: float, dtype: str) -> bytes:
    """Return the bytes of a number; what is too large becomes an infinity."""
    try:
        return struct.pack(FORMATS[dtype], value)
    except OverflowError:
        return struct.pack(FORMATS[dtype], math.copysign(math.inf, value))


def sign(d: float) -> int:
    """Return 1, 0 or -1; 0 for nan too."""
    return (d > 0) - (d < 0)


def divided(total: float, count: float) -> float:
    """Return a quotient; the mean of nothing is nan."""
    return total / count if count else math.nan


def pair(
    loss: str, x: list[float], y: list[float], reduction: str
) -> tuple[list[float], dict[str, list[float]]]:
    """Return MAE or MSE, and its gradients by `input` and `target`."""
    differences = [a - b for a, b in zip(x, y, strict=True)]
    count = len(x) if reduction == "mean" else 1
    if loss == "mae":
        terms = [abs(d) for d in differences]
        slopes = [sign(d) / count for d in differences]
    else:
        terms = [d * d for d in differences]
        slopes = [d * (2 / count) for d in differences]
    if reduction != "none":
        terms = [divided(sum(terms), count)]
    return terms, {"input": slopes, "target": [-s for s in slopes]}


def rows(
    x: list[float], target: list[int], classes: int, reduction: str
) -> tuple[list[float], dict[str, list[float]]]:
    """Return cross-entropy of the rows of `x`, and its gradient by `input`."""
    kept = sum(t != IGNORED for t in target)
    count = kept if reduction == "mean" else 1
    losses, gradient = [], []
    for n, t in enumerate(target):
        row = x[n * classes : (n + 1) * classes]
        if t == IGNORED:
            losses.append(0.0)
            gradient += [0.0] * classes
            continue
        top = math.nan if any(map(math.isnan, row)) else max(row)
        powers = [math.exp(v - top) for v in row]
        total = sum(powers)
        losses.append(math.log(total) - (row[t] - top))
        gradient += [(p / total - (c == t)) * (1 / count) for c, p in enumerate(powers)]
    if reduction != "none":
        losses = [divided(sum(losses), count)]
    return losses, {"input": gradient}


def answered(case: dict[str, Any]) -> dict[str, Any]:
    """Return value and gradients of one case; raise if its arguments are invalid."""
    arrays, dtype = case["arguments"], case["dtype"]
    reduction = case["options"].get("reduction", "mean")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"no reduction {reduction!r}")
    given, wanted = arrays["input"], arrays["target"]
    if given["dtype"] != dtype:
        raise TypeError(f"input must be {dtype}, got {given['dtype']}")
    x, y = decoded(given), decoded(wanted)
    shape = given["shape"]
    if case["loss"] == "cross_entropy":
        if wanted["dtype"] not in ("int64", "uint8") or wanted["shape"] != shape[:1]:
            raise TypeError("target must be one class index for each row")
        if any(t != IGNORED and not 0 <= t < shape[1] for t in y):
            raise IndexError("a target is no class")
        value, gradients = rows(x, y, shape[1], reduction)
        outer = shape[:1]
    else:
        if wanted["dtype"] != dtype or wanted["shape"] != shape:
            raise TypeError("input and target must have one dtype and one shape")
        value, gradients = pair(case["loss"], x, y, reduction)
        outer = shape
    found = {name: encoded(g, dtype, shape) for name, g in gradients.items()}
    return {
        "value": encoded(value, dtype, outer if reduction == "none" else []),
        "gradients": found,
    }


def main() -> None:
    """Greet, then answer each line with a line."""
    print(json.dumps(HELLO), flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        try:
            answer = answered(case)
        except (TypeError, ValueError, IndexError, KeyError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": case["id"], **answer}), flush=True)


if __name__ == "__main__":
    main()
