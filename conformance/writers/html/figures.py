"""Counts as a page shows them."""

from __future__ import annotations


def grouped(count: int) -> str:
    """Return a count with its thousands apart, by a space that does not break.

    >>> grouped(1234567).replace(chr(0xA0), "_")
    '1_234_567'
    """
    return f"{count:,}".replace(",", "\u00a0")
