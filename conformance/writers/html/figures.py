"""Counts as a page shows them."""

from __future__ import annotations


def grouped(count: int) -> str:
    """Return a count with its thousands apart, by a space that does not break.

    >>> grouped(1234567).replace(chr(0xA0), "_")
    '1_234_567'
    """
    return f"{count:,}".replace(",", "\u00a0")


def counted(text: str, count: int) -> str:
    r"""Return a count and what is counted; `one|many` stands where the two differ.

    >>> counted("case|cases", 1), counted("case|cases", 2)
    ('1\xa0case', '2\xa0cases')
    """
    form = 0 if count == 1 else 1
    words = (w.split("|")[form] if "|" in w else w for w in text.split(" "))
    return f"{grouped(count)}\u00a0{' '.join(words)}"
