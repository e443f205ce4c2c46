"""A case in a file of its own, as a run file holds it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.case import Case
from conformance.files import FileError, read
from conformance.structure import check, shipped

if TYPE_CHECKING:
    from pathlib import Path


class CaseFileError(ValueError):
    """A file holds no case; the message says why."""


def load_case(path: Path) -> Case:
    """Return the case that a JSON file holds, by itself or under `case`.

    Raises:
        CaseFileError: If it holds none.
    """
    try:
        return _case(json.loads(read(path)))
    except FileError as error:
        raise CaseFileError(str(error)) from error
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        why = "one nested too deeply" if isinstance(error, RecursionError) else error
        msg = f"{path} must hold a case as JSON, got {why}"
        raise CaseFileError(msg) from error


def _case(document: Any) -> Case:
    if isinstance(document, dict):
        document = document.get("case", document)
    if isinstance(document, dict):
        document = {"origin": "", **document}
    schema = shipped("run")
    check(document, schema["$defs"]["case"], schema)
    return Case.from_json(document)
