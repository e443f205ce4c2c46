"""One claim of a text, as read, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class ClaimError(ValueError):
    """A file with claims is malformed; the message says where and what was needed."""


class Verdict(StrEnum):
    """What becomes of a claim."""

    HOLDS = "holds"
    ROUNDED = "holds, rounded"
    FORMAT = "holds in this format"
    CUT_OFF = "cut off, not rounded"
    LAST_DIGIT = "last digit is off"
    DIFFERS = "text and comment differ"
    UNCLEAR = "unclear which number"
    ELSE = "means something else"
    UNSEEN = "not what the text says"
    FALSE = "false"
    FAILS = "fails as written"
    DEPENDS = "depends"
    NOT_CHECKABLE = "not checkable"
    NOT_RUN = "not run"


MARKS: Final = {
    Verdict.HOLDS: "✓",
    Verdict.ROUNDED: "✓",
    Verdict.FORMAT: "~",
    Verdict.CUT_OFF: "~",
    Verdict.LAST_DIGIT: "~",
    Verdict.DIFFERS: "~",
    Verdict.UNCLEAR: "~",
    Verdict.ELSE: "!",
    Verdict.UNSEEN: "✗",
    Verdict.FALSE: "✗",
    Verdict.FAILS: "✗",
    Verdict.DEPENDS: "?",
    Verdict.NOT_CHECKABLE: "–",
    Verdict.NOT_RUN: "–",
}

GOOD: Final = frozenset({Verdict.HOLDS, Verdict.ROUNDED, Verdict.FORMAT})
WRONG: Final = frozenset({Verdict.ELSE, Verdict.UNSEEN, Verdict.FALSE, Verdict.FAILS})
CARELESS: Final = frozenset(
    {
        Verdict.CUT_OFF,
        Verdict.LAST_DIGIT,
        Verdict.DIFFERS,
        Verdict.UNCLEAR,
        Verdict.DEPENDS,
    }
)
UNJUDGED: Final = frozenset({Verdict.NOT_CHECKABLE, Verdict.NOT_RUN})

Judgement = tuple[Verdict, str, Any]
"""Verdict, what is true, and what to write in place of what is said."""

KINDS: Final = (
    "value",
    "gradient",
    "works",
    "raises",
    "equals",
    "orders",
    "interprets-as",
    "dtype",
    "shape",
    "manual",
)
ABOUT_CODE: Final = frozenset({"works", "raises", "interprets-as"})
_NUMBERS_ONLY: Final = frozenset({"value", "gradient"})


@dataclass(frozen=True)
class Place:
    """Where a claim stands.

    Attributes:
        file: The file that holds it.
        line: Its line there, or in the cell.
        cell: The cell of a notebook, counted from 1.
        page: The line of the page that the claim is about, if the file says so.
    """

    file: str
    line: int
    cell: int | None = None
    page: int | None = None

    def __str__(self) -> str:
        """Return it for messages about the file."""
        cell = "" if self.cell is None else f"cell {self.cell}, "
        return f"{self.file}: {cell}line {self.line}"


@dataclass(frozen=True)
class Claim:
    """One claim; `conformance.claims.fields` says what each key may hold.

    Attributes:
        id: A short name.
        kind: One of `KINDS`.
        place: Where it stands.
        says: What is claimed: digits as text, nested like the result, or a word.
        text: The claim in words.
        where: The part of the page that it stands in.
        note: What a reader should know about the verdict.
        arguments: Loss, its arguments and options, or a formula.
        terms: Sets of arguments that are compared.
        settings: Sets of arguments under each of which the claim is judged.
        fix: Arguments that would make it right.
        code: Python code that the claim is about.
        corrected: Code that does what was meant.
        near: In Markdown, the words before the number in the text.
        seen: In Markdown, the numbers that a reader sees where the claim is made.
        visible: Is the claimed number to be one of them?
    """

    id: str
    kind: str
    place: Place
    says: Any = None
    text: str = ""
    where: str = ""
    note: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    terms: tuple[Mapping[str, Any], ...] = ()
    settings: tuple[Mapping[str, Any], ...] = ()
    fix: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    corrected: str = ""
    near: str = ""
    seen: tuple[str, ...] = ()
    visible: bool = True


@dataclass(frozen=True)
class Ruling:
    """A claim with its verdict.

    Attributes:
        claim: The claim.
        verdict: What becomes of it.
        because: What is true, with its number.
        correction: What to write in place of `says`; empty if there is nothing.
        read: The number of the text that was judged, where it is not what `says` is.
    """

    claim: Claim
    verdict: Verdict
    because: str
    correction: Any = None
    read: str = ""

    @property
    def severity(self) -> str:
        """`number` or `conclusion` of what is wrong, empty of what is not."""
        if self.verdict not in WRONG | CARELESS:
            return ""
        small = self.claim.kind in _NUMBERS_ONLY and self.verdict is not Verdict.ELSE
        return "number" if small else "conclusion"


@dataclass(frozen=True)
class Document:
    """What a file says.

    Attributes:
        path: The file, as named.
        text: Its text.
        claims: In the order of the file.
        head: What the file says about its source: title, url, language and so on.
    """

    path: str
    text: str
    claims: tuple[Claim, ...]
    head: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """A document with the rulings on its claims."""

    document: Document
    rulings: tuple[Ruling, ...]
