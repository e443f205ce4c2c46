"""The trail says what was running when a process died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.crumb import Crumb, found, last_words, leave

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_crumb_is_found(tmp_path: Path) -> None:
    """A shorter crumb leaves nothing of a longer one before it."""
    path = tmp_path / "crumb"
    with Crumb(path) as crumb:
        crumb.drop({"case": "x" * 1000})
        crumb.drop({"index": 7})
        assert found(path) == {"index": 7}


def test_lifting_takes_the_blame_away(tmp_path: Path) -> None:
    """Between two cases nobody's code but ours runs."""
    path = tmp_path / "crumb"
    with Crumb(path) as crumb:
        crumb.drop({"index": 7})
        crumb.lift()
        assert found(path) is None


def test_a_torn_or_missing_trail_is_none(tmp_path: Path) -> None:
    """What cannot be read blames nobody."""
    path = tmp_path / "crumb"
    assert found(path) is None
    path.write_bytes(b'{"index": 7')
    assert found(path) is None


def test_last_words_stand_beside_the_trail(tmp_path: Path) -> None:
    """They are about what is running, and go with it."""
    path = tmp_path / "crumb"
    leave("nobody listens")
    with Crumb(path) as crumb:
        crumb.drop({"index": 7})
        assert last_words(path) == ""
        leave("the program ended\nwith exit status 7")
        assert last_words(path) == "the program ended\nwith exit status 7"
        assert found(path) == {"index": 7}
        crumb.drop({"index": 8})
        assert last_words(path) == ""
    assert last_words(tmp_path / "none") == ""
