"""Class indices and ignored indices that a narrower integer would confuse."""

from __future__ import annotations

from typing import Final

from conformance.builders.corpus.entry import Entry, Expanded

_ROWS: Final = [[0, -1.5, 2], [4, 0, -3], [-1, -0.5, 2]]
_LABELS: Final = [2, 0, 1]
_BITS: Final = (8, 16, 31, 32)


def _congruent(bits: int, sign: int) -> Entry:
    ignored = sign * (1 << bits) + 1
    word = "plus" if sign > 0 else "minus"
    return Entry(
        f"ignore-{word}-2-to-{bits}-and-1",
        f"{ignored} is ignored: class 1 is not, though it is the same modulo 2**{bits}",
        _ROWS,
        _LABELS,
        options={"ignore_index": ignored},
    )


def _lone(name: str, ignored: int) -> Entry:
    return Entry(
        f"ignore-{name}",
        f"{ignored} is ignored where it occurs, and nothing else is",
        _ROWS,
        [2, ignored, 1],
        [2, 0.5, 3],
        options={"ignore_index": ignored},
    )


ENTRIES: Final = (
    *(_congruent(bits, sign) for bits in _BITS for sign in (1, -1)),
    _lone("256", 256),
    _lone("2-to-31", 2**31),
    _lone("2-to-32", 2**32),
    _lone("minus-2-to-31", -(2**31)),
    _lone("minus-2-to-63", -(2**63)),
    Entry(
        "ignore-255-of-257-classes",
        "255 is a class here, and ignored; its neighbours are not",
        Expanded(0, (3, 257)),
        [254, 255, 256],
        options={"ignore_index": 255},
    ),
    Entry(
        "ignore-0-of-257-classes",
        "class 256 is 0 in a byte, and 0 is ignored",
        Expanded(0, (2, 257)),
        [256, 0],
        options={"ignore_index": 0},
    ),
    Entry(
        "label-above-half-integers",
        "class 2049 is no number of float16, class 257 none of bfloat16",
        Expanded(0, (4, 2051)),
        [2049, 257, 2050, 2047],
    ),
)
