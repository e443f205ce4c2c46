"""The terminal and the page say what the data say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from conformance.bench import markdown, tables, terminal
from conformance.bench.workload import Workload
from conformance.commands.bench import schema

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., dict[str, Any]]
    Complete = Callable[[dict[str, Any]], dict[str, Any]]


def grid(data: dict[str, Any], title: str) -> dict[tuple[str, str], dict[str, str]]:
    """Return the cells of the table with that title, by shape and dtype, by column."""
    (table,) = (t for t in tables.tables(data) if title in t.title)
    return {
        (row[0], row[1]): dict(zip(table.head[2:], row[2:], strict=True))
        for row in table.rows
    }


def test_the_data_made_by_hand_are_like_real_ones(
    make: Make, complete: Complete
) -> None:
    """They satisfy the schema."""
    jsonschema.validate(complete(make()), schema())
    jsonschema.validate(complete(make(torch=False, cores=1)), schema())


def test_throughputs_are_in_millions(make: Make) -> None:
    """Median, and best in brackets, for each number of threads."""
    data = make()
    one = grid(data, "one thread: median")
    assert one["2 × 3", "float64"] == {
        "float64": "1.5 (2)",
        "double words": "0.75 (1)",
        "rounded": "0.375 (0.5)",
        "mpmath": "0.0075 (0.01)",
        "flint": "0.15 (0.2)",
        "torch": "15 (20)",
    }
    two = grid(data, "2 threads: median")
    assert two["64 × 16384", "float32"] == {
        "float64": "3 (4)",
        "double words": "1.5 (2)",
        "rounded": "0.75 (1)",
        "torch": "30 (40)",
    }


def test_one_core_has_one_table_of_throughputs(make: Make) -> None:
    """Nothing is shown twice."""
    titles = [t.title for t in tables.tables(make(cores=1))]
    assert sum("million" in title for title in titles) == 1


def test_ratios_are_those_of_one_thread(make: Make) -> None:
    """The oracle's three questions stand in each cell, in the order of the title."""
    data = make()
    for entry in data["workloads"]:
        for one in entry["ratios"]:
            one["median"] *= 1 if one["threads"] == 1 else 1000
    cells = grid(data, "times as fast")["8 × 128256", "float32"]
    assert cells == {
        "mpmath": "200 · 100 · 50",
        "flint": "10 · 5 · 2.5",
        "torch": "0.1 · 0.05 · 0.025",
    }


def test_memory_is_in_mebibytes(make: Make) -> None:
    """Of each question."""
    cells = grid(make(), "peak MiB")["2 × 3", "float64"]
    assert cells == {"float64": "1", "double words": "2", "rounded": "100"}


def test_the_number_of_logits_is_told(make: Make) -> None:
    """Who got a part of them is not passed off as having done all."""
    cells = grid(make(), "really given")["8 × 128256", "float32"]
    assert cells == {"all logits": "1026048", "mpmath": "102604", "flint": "1026048"}


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((7, 0, 0), "100 % · 0 · 0"),
        ((0, 7, 0), "0 · 100 % · 0"),
        ((5, 2, 1), "62.5 % · 25 % · 12.5 %"),
        ((16777215, 0, 1), "99.9999 % · 0 · 5.96e-06 %"),
        ((999, 1, 0), "99.9 % · 0.1 % · 0"),
    ],
)
def test_shares_never_hide_an_element(
    make: Make, counts: tuple[int, int, int], text: str
) -> None:
    """100 % and 0 mean all and none."""
    data = make()
    for entry in data["workloads"]:
        entry["tiers"]["binary32"] = dict(
            zip(("40", "80", "more"), counts, strict=True)
        )
    assert grid(data, "share")["2 × 3", "float64"]["binary32"] == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00123456, "0.00123"),
        (0.0965, "0.0965"),
        (99.96, "100"),
        (12.345, "12.3"),
        (123.6, "124"),
        (123456.7, "123457"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    """And no exponent where they are large."""
    assert tables.number(value) == text


def test_what_is_not_installed_is_called_so(make: Make, complete: Complete) -> None:
    """In every table that it would be in, and above them."""
    data = make(torch=False)
    assert grid(data, "one thread: median")["2 × 3", "float64"]["torch"] == (
        "not installed"
    )
    assert grid(data, "2 threads")["2 × 3", "float64"]["torch"] == "not installed"
    assert grid(data, "times as fast")["2 × 3", "float64"]["torch"] == "not installed"
    for text in (terminal.write(complete(data)), markdown.write(complete(data))):
        assert "torch not installed" in text
        assert "torch: not installed" in text


def test_the_sample_of_an_absent_rival_is_not_a_number(make: Make) -> None:
    """What did not run got no logits."""
    data = make()
    data["absent"] = {"flint": "not installed"}
    for entry in data["workloads"]:
        entry["timings"] = [t for t in entry["timings"] if t["name"] != "flint"]
    assert grid(data, "really given")["2 × 3", "float64"]["flint"] == "not installed"


def test_promises_are_told_with_their_figures(make: Make, complete: Complete) -> None:
    """Kept, broken, not comparable and not measured differ."""
    data = make(shapes=(Workload(2, 3, "float32"), Workload(64, 16384, "float32")))
    data["environment"]["mpmath_backend"] = "python"
    data["workloads"][0]["peak_extra_bytes"]["oracle-40"] = 65 << 20
    rows = [row[1:] for row in tables.promises(complete(data)).rows]
    assert rows == [
        ("at least 100 times", "200 times", "cannot tell"),
        ("at least 8 times", "10 times", "holds"),
        ("at most 1 s", "not measured", "cannot tell"),
        ("at most 64 MiB", "65 MiB", "does not hold"),
        ("at most 0.1 %", "0 %", "holds"),
    ]


def test_every_cell_is_printed(make: Make, complete: Complete) -> None:
    """Without a terminal no line is folded, and none ends in blanks."""
    data = complete(make())
    text = terminal.write(data)
    lines = text.split("\n")
    assert not any(line != line.rstrip() for line in lines)
    for table in (*tables.tables(data), tables.promises(data)):
        at = lines.index(table.title)
        for place, row in enumerate((table.head, *table.rows), at + 1):
            pattern = r"\s*".join(re.escape(cell) for cell in row)
            assert re.fullmatch(pattern, lines[place]), lines[place]


def test_a_narrow_terminal_loses_nothing(make: Make, complete: Complete) -> None:
    """Cells are folded, not cut."""
    text = terminal.write(complete(make()), width=60)
    assert "…" not in text.replace("fast as …", "")


def test_colours_are_asked_for(make: Make, complete: Complete) -> None:
    """Escapes appear only where somebody wants them."""
    data = complete(make())
    assert "\x1b[" not in terminal.write(data)
    assert "\x1b[" in terminal.write(data, color=True)


def test_the_page_is_markdown(make: Make, complete: Complete) -> None:
    """Every table has all its rows, of one width, and nothing becomes markup."""
    data = complete(make())
    page = markdown.write(data)
    assert page.startswith("<!-- Generated by `loss-conformance bench`. Do not edit.")
    assert page.endswith("|\n")
    assert "A processor &lt;of | one kind&gt;" in page
    every = (tables.promises(data), *tables.tables(data))
    blocks = re.findall(r"(?:^\|.*\|\n)+", page, re.MULTILINE)
    assert len(blocks) == len(every)
    for block, table in zip(blocks, every, strict=True):
        lines = [line.split(" | ") for line in block.splitlines()]
        assert len(lines) == 2 + len(table.rows)
        assert {len(line) for line in lines} == {len(table.head)}
    assert "## Peak MiB beyond" in page
    assert page == markdown.write(complete(make()))
