"""What two runs must have in common to be comparable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import provenance

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]


def test_the_oracle_is_told_by_version_and_source() -> None:
    """Twelve hexadecimal digits, the same each time."""
    told = provenance.oracle()
    assert told == provenance.oracle()
    assert re.fullmatch("[0-9a-f]{12}", told["source"])


def test_a_change_of_what_decides_changes_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file of the oracle, the bounds and the judge counts; line ends do not."""
    for package in ("reference", "conformance"):
        for file in (ROOT / package).rglob("*.py"):
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    before = provenance.oracle()
    monkeypatch.setattr(provenance.resources, "files", lambda name: tmp_path / name)
    assert provenance.oracle() == before
    for name in ("reference/losses/mae.py", "conformance/rules/__init__.py"):
        changed = tmp_path / name
        changed.write_bytes(changed.read_bytes() + b"# more\n")
        assert provenance.oracle() != before
        before = provenance.oracle()
    (tmp_path / "conformance/writers/facts.py").write_bytes(b"")
    assert provenance.oracle() == before
