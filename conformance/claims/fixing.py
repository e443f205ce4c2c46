"""The corrected text beside the original, and what differs."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

from conformance.claims.claim import Verdict
from conformance.claims.visible import numbers, paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.claims.claim import Checked, Ruling

_WORTH = frozenset({Verdict.FALSE, Verdict.CUT_OFF, Verdict.LAST_DIGIT})


def corrected(checked: Checked) -> tuple[str, list[str]]:
    """Return the text of a document with its numbers corrected, and what was not.

    In a sidecar `says` is corrected. In Markdown and notebooks the number is corrected
    too where it stands once in the paragraph before the claim.

    Returns:
        The text, and a sentence for each wrong claim that this leaves as it is.
    """
    wanted = [r for r in checked.rulings if r.verdict in _WORTH]
    text, path = checked.document.text, checked.document.path
    if path.lower().endswith(".ipynb"):
        return _notebook(text, wanted)
    lines = text.splitlines(keepends=True)
    left = _correct(lines, wanted, prose=not path.lower().endswith(".toml"))
    return "".join(lines), left


def _notebook(text: str, wanted: Sequence[Ruling]) -> tuple[str, list[str]]:
    data = json.loads(text)
    before = json.dumps(data)
    left: list[str] = []
    for number, cell in enumerate(data["cells"], 1):
        here = [r for r in wanted if r.claim.place.cell == number]
        if here:
            source = cell["source"]
            lines = "".join(source).splitlines(keepends=True)
            left += _correct(lines, here, prose=True)
            cell["source"] = "".join(lines) if isinstance(source, str) else lines
    if json.dumps(data) == before:
        return text, left  # not written anew for the sake of its form
    end = text[len(text.rstrip()) :]
    return json.dumps(data, indent=1, ensure_ascii=False) + end, left


def _correct(lines: list[str], wanted: Iterable[Ruling], *, prose: bool) -> list[str]:
    left = []
    for ruling in wanted:
        place = ruling.claim.place.line - 1
        end = _end(lines, place, prose=prose)
        pairs = _pairs(ruling.claim.says, ruling.correction)
        done = bool(pairs) and all(_swap(lines, place, end, *p) for p in pairs)
        if ruling.read:
            # The text is what was judged; the comment may be right already.
            pairs = _pairs(ruling.read, ruling.correction)
            done = done or ruling.claim.says == ruling.correction
        if done and prose:
            mended = [_in_prose(lines, place, old, new) for old, new in pairs]
            done = all(mended)
        if not done:
            left.append(f"{ruling.claim.place}: {ruling.claim.id} is left as it is")
    return left


def _pairs(says: Any, right: Any) -> list[tuple[str, str]]:
    """Return the numbers that differ, old and new; none if one would be ambiguous."""
    if isinstance(says, str) and isinstance(right, str):
        return [(says, right)] if says != right and "…" not in right else []
    if not isinstance(says, list) or not isinstance(right, list):
        return []
    pairs = [p for a, b in zip(says, right, strict=False) for p in _pairs(a, b)]
    olds = [old for old, _ in pairs]
    return pairs if len(set(olds)) == len(olds) else []


def _end(lines: Sequence[str], place: int, *, prose: bool) -> int:
    """Return the line behind a claim."""
    for number in range(place, len(lines)):
        if prose and ("-->" in lines[number] or lines[number].startswith("# claim")):
            return number + 1
        if not prose and number > place and lines[number].lstrip().startswith("[["):
            return number
    return len(lines)


def _swap(lines: list[str], start: int, end: int, old: str, new: str) -> bool:
    """Replace a quoted number of a claim; say whether it was there once."""
    quoted = re.compile(rf"""(?<=["']){re.escape(old)}(?=["'])""")
    found = [
        number for number in range(start, end) for _ in quoted.finditer(lines[number])
    ]
    if len(found) != 1:
        return False
    lines[found[0]] = quoted.sub(new, lines[found[0]])
    return True


def _in_prose(lines: list[str], place: int, old: str, new: str) -> bool:
    """Correct the number that a reader sees; say whether it stands there once.

    A comment without a number beside it has nothing to be corrected.
    """
    either = re.escape(old).replace(r"\-", "[-−]")
    number = re.compile(rf"(?<![\w.+\-]){either}(?![\w]|\.\d)")
    first, last = paragraph(lines, place)
    shown = [lines[i].partition("<!--")[0] for i in range(first, last)]
    if not any(numbers(line) for line in shown):
        return True
    found = [i for i, line in enumerate(shown) for _ in number.finditer(line)]
    if len(found) != 1:
        return False
    at = first + found[0]
    lines[at] = number.sub(new, shown[found[0]]) + lines[at][len(shown[found[0]]) :]
    return True


def difference(path: str, old: str, new: str) -> str:
    """Return the unified diff of a text and its correction."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        path,
        f"{path}.corrected",
    )
    return "".join(ln if ln.endswith("\n") else f"{ln}\n" for ln in lines)
