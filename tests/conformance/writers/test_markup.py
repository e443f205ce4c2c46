"""Whatever was written by others, a renderer shows it as text and nothing else."""

from __future__ import annotations

import html as entities
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance.writers import markup
from conformance.writers.characters import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.token import Token

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

# As rude as they come, and whatever else there is; reports are given it on one line.
RUDE = (
    "<script>alert(1)</script>",
    "</details></summary>",
    "<!-- ",
    "a | b || c \\| d \\\\| e",
    "`` ` ```` `",
    "*x* **x** _x_ __x__ ~x~ ~~x~~",
    "[link](https://a.b) ![image](x) <https://a.b>",
    "# heading",
    "- - item",
    "1. first",
    "---",
    "===",
    "> quote",
    "&lt;b&gt; &amp; &#60;",
    "```",
    "    code",
    "\\",
    "$x$",
    "| --- |",
)
TEXTS = st.one_of(st.sampled_from(RUDE), st.text()).map(shown)
PLACES: dict[str, Callable[[str], str]] = {
    "list": markup.bullet,
    "heading": lambda text: f"### {markup.plain(text)}",
    "table": lambda text: markup.table_head(["a", "b"]) + markup.row([text, "z"]),
}


def words(tokens: list[Token]) -> list[str]:
    """Return the texts of each piece of running text; any other piece is a failure."""
    found = []
    for token in tokens:
        if token.type == "inline":
            pieces = token.children or []
            assert {piece.type for piece in pieces} <= {"text", "text_special"}, pieces
            found.append("".join(piece.content for piece in pieces))
    return found


def read(text: str) -> str:
    """Return a text without the marks of no width and with single spaces."""
    return " ".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize("place", PLACES)
@given(text=TEXTS)
@example("a\u200b_@_#1")
def test_a_text_is_shown_as_it_is(place: str, text: str) -> None:
    """In a list, a heading and a cell: the same words, no markup, in their place."""
    tokens, model = (RENDERER.parse(PLACES[place](each)) for each in (text, "x"))
    if place == "list" and not read(text):
        assert tokens[0].type == "bullet_list_open"
        return
    assert [token.type for token in tokens] == [token.type for token in model]
    shown_text = words(tokens)[2 if place == "table" else 0]
    assert read(shown_text) == read(text)


@given(TEXTS)
def test_a_line_of_html_stays_one(text: str) -> None:
    """A summary holds its text and no element."""
    page = f"<details><summary>{markup.html(text)}</summary>\n\nx\n\n</details>"
    block, *_ = RENDERER.parse(page)
    assert block.type == "html_block"
    inside = re.fullmatch(r"<details><summary>([^<>]*)</summary>\n*", block.content)
    assert inside
    assert read(entities.unescape(inside[1])) == read(text)


@given(st.lists(TEXTS))
@example(["```", "````"])
@example(["~~~", "</details>"])
def test_a_fence_is_closed_by_itself_alone(lines: list[str]) -> None:
    """All lines are in one block of code, as they are."""
    tokens = RENDERER.parse(markup.code(lines))
    assert [token.type for token in tokens] == ["fence"]
    body = [line.removeprefix("  ") for line in lines]
    # CommonMark has no NUL, and says what to show instead.
    assert tokens[0].content == "\n".join(body) + "\n"


@pytest.mark.parametrize(
    "text",
    ["@user", "a@b.c", "org/repo#12", "#12", "GH-12", "gh-1", "https://x.y", "www.x.y"],
)
@pytest.mark.parametrize("made", [markup.plain, markup.html])
def test_nobody_is_called_and_nothing_is_linked(
    made: Callable[[str], str], text: str
) -> None:
    """What a page would link by itself is broken by an entity."""
    assert text not in made(text)
    assert read(entities.unescape(made(text))) == text


@given(st.text(), st.integers(1, 50))
def test_what_is_too_long_keeps_its_ends(text: str, longest: int) -> None:
    """No text is longer than allowed, and a short one is left alone."""
    made = markup.clipped(text, longest)
    assert len(made) <= longest
    assert made == text or (len(text) > longest and "…" in made)


@given(
    lengths=st.lists(st.integers(0, 200), max_size=60),
    most=st.integers(1_600, 4_000),
    data=st.data(),
)
def test_a_part_is_cut_to_its_share(
    lengths: list[int], most: int, data: st.DataObject
) -> None:
    """It fits, keeps what ranks first, in its order, and counts what is left out."""
    ranks = data.draw(
        st.lists(st.integers(0, 3), min_size=len(lengths), max_size=len(lengths))
    )
    marked = [f"{place:03}{'é' * length}" for place, length in enumerate(lengths)]
    gone: list[int] = []

    def rest(left: object) -> str:
        gone.extend(left)  # type: ignore[call-overload]
        return f"{len(gone)} more{'!' * 1_400}"

    part = markup.Part("head\n", marked, rest, ranks)
    text = part.cut(most)
    assert markup.size(text) <= most
    kept = [place for place in range(len(lengths)) if place not in gone]
    assert "\n".join(marked[place] for place in kept) in text
    if gone:
        assert f"{len(gone)} more" in text
        worst = max((ranks[place], place) for place in kept) if kept else (-1, -1)
        assert worst < min((ranks[place], place) for place in gone)
