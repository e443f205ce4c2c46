"""Defaults for `check`: the table [tool.loss-conformance] of a pyproject.toml.

The keys are those of the command's options. `schemas/config.schema.json` describes the
same for editors; a test holds the two to one verdict.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.backend import LOSSES
from conformance.case import DTYPES
from conformance.misnamed import misnamed
from conformance.profiles import PROFILES
from conformance.spelling import nearest
from conformance.toml import loads
from conformance.writers.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

FILE: Final = "pyproject.toml"
TABLE: Final = "loss-conformance"
SPOKEN: Final = f"[tool.{TABLE}]"


class ConfigurationError(ValueError):
    """A configuration cannot be used; the message names the file and the key."""


@dataclass(frozen=True)
class Configuration:
    """What a file says.

    Attributes:
        path: The file.
        values: Key → what the option of that name would be given, a list where it can
            be repeated. Names of files start in the working folder, as on the command
            line.
    """

    path: Path
    values: Mapping[str, Any]


def find(start: Path) -> Path | None:
    """Return the pyproject.toml with our table in `start`, or nearest above it."""
    for folder in (start, *start.parents):
        path = folder / FILE
        if path.is_file() and _table(path) is not None:
            return path
    return None


def load(path: Path, here: Path) -> Configuration:
    """Return what `path` says, with names of files as seen from the folder `here`.

    Raises:
        ConfigurationError: If it cannot be read, has no table of ours, a key that is
            not known, or a value that is none.
    """
    table = _table(path, wanted=True)
    if table is None:
        msg = f"{path}: there must be a table {SPOKEN}, got none"
        raise ConfigurationError(msg)
    folder = os.path.relpath(path.resolve().parent, here.resolve())
    wrong = [each for key in table if (each := _problem(key, table[key]))]
    if wrong:
        raise ConfigurationError("\n".join(f"{path}: {each}" for each in wrong))
    values = {key: KEYS[key].give(value, folder) for key, value in table.items()}
    return Configuration(path, values)


def _table(path: Path, *, wanted: bool = False) -> dict[str, Any] | None:
    """Return our table of a file; None if it has none, or is not about us at all."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        # Another's file on the way up is none of our business.
        if not wanted:
            return None
        msg = f"{path} must be a readable text in UTF-8, got {error}"
        raise ConfigurationError(msg) from error
    try:
        data = loads(text)
    except ValueError as error:
        if TABLE not in text and not wanted:
            return None
        msg = f"{path} must be TOML, got: {error}"
        raise ConfigurationError(msg) from None
    if slip := misnamed(data, TABLE):
        msg = f"{path}: there is a table [{slip}]; did you mean {SPOKEN}?"
        raise ConfigurationError(msg)
    tool = data.get("tool")
    table = tool.get(TABLE) if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        msg = f"{path}: {SPOKEN} must be a table, got {table!r}"
        raise ConfigurationError(msg)
    return table


def _problem(key: str, value: Any) -> str:
    """Return what is wrong with an entry, or nothing."""
    if key not in KEYS:
        near = nearest(key, KEYS)
        hint = f"did you mean {near!r}? " if near else ""
        return f"{SPOKEN} has no key {key!r}; {hint}known: {', '.join(KEYS)}"
    kind = KEYS[key]
    if kind.takes(value):
        return ""
    known = kind.words
    strange = [word for word in _strings(value) if known and word not in known]
    got = repr(strange[0] if strange else value)
    near = nearest(strange[0], known) if strange else None
    hint = f"; did you mean {near!r}?" if near else ""
    return f"{key} in {SPOKEN} must be {kind.needed}, got {got}{hint}"


def _strings(value: Any) -> list[str]:
    """Return the words of a value: itself, those of a list, or the keys of a table."""
    words = [value] if isinstance(value, str) else value
    found = words if isinstance(words, list | dict) else ()
    return [word for word in found if isinstance(word, str)]


@dataclass(frozen=True)
class _Kind:
    """What a key takes.

    Attributes:
        needed: In words.
        takes: Does it take a value?
        give: Value, folder of the file → what the option is given.
        words: The words that it is made of, if they are known.
    """

    needed: str
    takes: Callable[[Any], bool]
    give: Callable[[Any, str], Any] = lambda value, _: value
    words: Sequence[str] = ()


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _texts(value: Any) -> bool:
    return _text(value) or (
        isinstance(value, list) and bool(value) and all(map(_text, value))
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value


def _some_of(known: Sequence[str]) -> _Kind:
    def takes(value: Any) -> bool:
        return _texts(value) and all(word in known for word in _listed(value))

    needed = f"one of {', '.join(known)}, or a list of some"
    return _Kind(needed, takes, lambda value, _: _listed(value), known)


def _number(least: float, *, above: bool = False, whole: bool = False) -> _Kind:
    def takes(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        fits = math.isfinite(value) and (value > least if above else value >= least)
        return fits and (not whole or value == int(value))

    what = "a whole number" if whole else "a number"
    needed = f"{what} {'above' if above else 'of at least'} {least:g}"
    return _Kind(needed, takes, lambda value, _: int(value) if whole else value)


def _beside(name: str, folder: str) -> str:
    """Return the name of a file, given from another folder, as seen from here."""
    if folder == os.curdir or name.startswith("~"):
        return name
    return os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - `..` stays


def _backend(spec: str, folder: str) -> str:
    """Return the name of a backend as seen from here."""
    place, colon, attribute = spec.rpartition(":")
    if place.endswith(".py"):
        return _beside(place, folder) + colon + attribute
    kind, colon, command = spec.partition(":")
    if kind == "process" and command.startswith("."):
        program, space, rest = command.partition(" ")
        return kind + colon + _beside(program, folder) + space + rest
    return spec


def _reports(value: Any) -> bool:
    return isinstance(value, dict) and all(
        name in FORMATS and _text(path) for name, path in value.items()
    )


KEYS: Final[Mapping[str, _Kind]] = {
    "backends": _Kind(
        "the name of a backend, or a list of names",
        _texts,
        lambda value, folder: [_backend(spec, folder) for spec in _listed(value)],
    ),
    "loss": _some_of(LOSSES),
    "dtype": _some_of(DTYPES),
    "profile": _Kind(
        f"one of {', '.join(PROFILES)}",
        lambda value: value in [*PROFILES],
        words=tuple(PROFILES),
    ),
    "seed": _number(0, whole=True),
    "jobs": _number(1, whole=True),
    "timeout": _number(0, above=True),
    "memory": _number(0),
    "output": _Kind("the name of a file", _text, _beside),
    "report": _Kind(
        f'a table such as {{markdown = "losses.md"}}, of {", ".join(FORMATS)}',
        _reports,
        lambda value, folder: [f"{f}={_beside(p, folder)}" for f, p in value.items()],
        tuple(FORMATS),
    ),
    "known": _Kind(
        "the name of a file, or a list of names",
        _texts,
        lambda value, folder: [_beside(name, folder) for name in _listed(value)],
    ),
    "no-known": _Kind("true or false", lambda value: isinstance(value, bool)),
}
"""Key → what it takes; the keys are the options of `check`, without the hyphens."""
