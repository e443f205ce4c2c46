"""The run itself, as the run file holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.packing import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping


def write(run: Mapping[str, Any], where: str) -> str:  # noqa: ARG001 - as every writer
    """Return the run as JSON, which `report` and `replay` read again."""
    return dumps(run, indent=1) + "\n"
