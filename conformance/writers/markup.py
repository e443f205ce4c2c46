"""Pieces of GitHub's Markdown in which nothing that others wrote acts as markup."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LONGEST: Final = 600
"""Characters of one text; what is longer loses its middle."""

WITNESS: Final = 2_000
"""The same for a line of a witness; it may have 32 numbers of float64."""


def _entity(mark: str) -> str:
    # Hexadecimal: a number sign before a digit would link to an issue.
    return f"&#x{ord(mark):X};"


_APART: Final = "&#x200B;"
"""A space of no width, between a mark and the word it would make a link of."""

# An entity is never structure, wherever it stands: simpler to trust than backslashes.
_ENTITIES: Final = {ord(mark): _entity(mark) for mark in "\\`*[]|~$"} | {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord("\n"): " ",
}
_HTML: Final = {ord(mark): _ENTITIES[ord(mark)] for mark in "&<>\n"}

# What links by itself: @user, #1, GH-1, addresses. What acts at the ends of a word, or
# at the start of a line.
_LINKS: Final = (
    (re.compile(r"@(?=\w)"), f"@{_APART}"),
    (re.compile(r"#(?=\d)"), f"#{_APART}"),
    (re.compile(r"\b(GH)-(?=\d)", re.IGNORECASE), rf"\1-{_APART}"),
    (re.compile(r":(?=//)"), _entity(":")),
    (re.compile(r"\b(www)\.", re.IGNORECASE), r"\1" + _entity(".")),
)
_UNDERSCORE: Final = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_START: Final = re.compile(r"^(\d{0,9})([-+#=.)])(?=[-+#=.)]*(\s|$))")


def clipped(text: str, longest: int = LONGEST) -> str:
    """Return a text without its middle if it is too long.

    >>> clipped("a very long name", 9)
    'a ve…name'
    """
    if len(text) <= longest:
        return text
    end = (longest - 1) // 2
    return f"{text[: longest - 1 - end]}…{text[len(text) - end :]}"


def plain(text: str) -> str:
    """Return a text that reads as it was written, in a line, a cell or a heading.

    >>> plain("<b>*bold*</b> for @you | me")
    '&lt;b&gt;&#x2A;bold&#x2A;&lt;/b&gt; for @&#x200B;you &#x7C; me'
    """
    text = clipped(text).strip().translate(_ENTITIES)
    for pattern, harmless in _LINKS:
        text = pattern.sub(harmless, text)
    return _UNDERSCORE.sub(_entity("_"), text)


def html(text: str) -> str:
    """Return the same for a line of HTML, in which Markdown does not act."""
    text = clipped(text).translate(_HTML)
    for pattern, harmless in _LINKS:
        text = pattern.sub(harmless, text)
    return text


def bullet(text: str) -> str:
    """Return an entry of a list.

    >>> bullet("1. first")
    '- 1&#x2E; first'
    """
    return "- " + _START.sub(lambda m: m[1] + _entity(m[2]), plain(text))


def row(cells: Iterable[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(map(plain, cells))} |"


def table_head(names: Sequence[str]) -> str:
    """Return how a table begins."""
    return f"{row(names)}\n|{' --- |' * len(names)}\n"


def code(lines: Iterable[str]) -> str:
    """Return lines of text as they are, in a fence that none of them closes."""
    body = "\n".join(clipped(each.removeprefix("  "), WITNESS) for each in lines)
    runs = re.findall(r"`{3,}", body)
    fence = "`" * (1 + max(map(len, runs), default=2))
    return f"{fence}text\n{body}\n{fence}"


class Part(NamedTuple):
    """A part of a page that may have to be cut.

    Attributes:
        head: What it begins with.
        items: What it lists, each a text that stands or falls as a whole.
        rest: Says what the items at these places were, which are left out.
        ranks: Which items to keep first: those of small rank.
        glue: What stands between two items.
    """

    head: str
    items: Sequence[str]
    rest: Callable[[Sequence[int]], str]
    ranks: Sequence[int]
    glue: str = "\n"

    def cut(self, most: int) -> str:
        """Return the part in at most `most` bytes; what is left out is told."""
        sizes = [size(item) + len(self.glue) for item in self.items]
        if not self.items or size(self.head) + sum(sizes) <= most:
            return f"{self.head}{self.glue.join(self.items)}" if self.items else ""
        room = most - size(self.head) - _FOR_THE_REST
        order = sorted(range(len(sizes)), key=lambda place: (self.ranks[place], place))
        ends = accumulate(sizes[place] for place in order)
        fitting = sum(end <= room for end in ends)
        rest = self.rest(sorted(order[fitting:]))
        kept = self.glue.join(self.items[place] for place in sorted(order[:fitting]))
        # Without an item the head, of a table perhaps, would say nothing.
        return f"{self.head}{kept}\n\n{rest}" if fitting else rest


_FOR_THE_REST: Final = 1_500
"""Bytes kept free to say what is left out."""


def size(text: str) -> int:
    """Return the bytes of a text in UTF-8."""
    return len(text.encode())
