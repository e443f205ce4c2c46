"""Known findings are shown with their limits, those to be mended first."""

from __future__ import annotations

import math
from typing import Any

import pytest

from conformance.writers.html.excused import excused


def entry(**changes: Any) -> dict[str, Any]:
    """Return a known finding as a run tells of it."""
    plain = {
        "id": "K",
        "backend": "torch:*",
        "loss": "mae",
        "quantity": "value",
        "kind": "value",
        "dtypes": ["float16", "float32"],
        "when": {"reduction": "mean"},
        "reason": "why",
        "link": "unreported",
        "expires": "2030-01-01",
        "ceiling": 9.0,
        "witness": "pin",
        "versions": {"torch": "2.13"},
        "count": 3,
        "ratio": [7.0, "x"],
        "expired": False,
        "stale": [],
        "elsewhere": [],
        "confirmed": [],
    }
    return plain | changes


def told(**changes: Any) -> Any:
    """Return the only known finding of a run."""
    (found,) = excused({"known": [entry(**changes)]})
    return found


def test_limits_and_scope_are_told() -> None:
    """What it covers, how far it was used, and how far it may be."""
    found = told()
    assert found.scope == (
        "torch:*: mae in float16, float32: value (value) when reduction = mean"
    )
    assert (found.ratio, found.ceiling, found.expires) == ("7", "9", "2030-01-01")
    assert told(count=0, ratio=[0.0, ""]).ratio == ""
    assert told(ceiling=None).ceiling == ""
    assert told(ceiling=math.inf).ceiling == "inf"
    assert not told(when={}).scope.endswith("mean")


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("https://example.org/1", True),
        ("http://example.org/1", True),
        ("unreported", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        (" https://example.org", False),
        ("//example.org", False),
    ],
)
def test_only_addresses_of_the_web_are_followed(link: str, followed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Whatever else stands there is text."""
    found = told(link=link)
    assert found.link == link
    assert found.address == (link if followed else "")


def test_what_became_of_it_is_told() -> None:
    """Expired, stale, met elsewhere, confirmed: each is said."""
    found = told(
        expired=True,
        stale=[["a", "float16"]],
        elsewhere=[["b", "float32"]],
        confirmed=[["c", "float16"], ["d", "float32"]],
    )
    texts = [text for _, text in found.states]
    assert texts == [
        "expired: it excuses nothing any more",
        "stale: its witness conforms on a in float16; remove the entry",
        "its witness conforms on b in float32; it was measured on torch 2.13",
        "its witness fails on c in float16, d in float32",
    ]
    assert [shown.tone for shown, _ in found.states] == ["bad", "bad", "warn", "known"]


def test_what_is_to_be_mended_comes_first() -> None:
    """Then those that excused most."""
    entries = [
        entry(id="few", count=1),
        entry(id="many", count=9),
        entry(id="stale", count=0, stale=[["a", "float16"]]),
    ]
    found = excused({"known": entries})
    assert [e.id for e in found] == ["stale", "many", "few"]
    assert [e.urgent for e in found] == [True, False, False]
    assert len({e.place for e in found}) == 3
