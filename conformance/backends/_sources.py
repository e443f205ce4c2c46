"""From `file.py:object` or `module:object` to the object."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import sys
from difflib import get_close_matches
from inspect import getattr_static
from pathlib import Path
from types import ModuleType
from typing import Any


class LoadError(Exception):
    """A name leads to no backend; the message says what to write instead."""


def load_object(reference: str) -> Any:
    """Return the object that `file.py:object` or `module:object` names.

    Raises:
        LoadError: If the reference is malformed, or there is no such thing, or the code
            raises when it is imported.
    """
    place, separator, attribute = reference.rpartition(":")
    if not separator or not place or not attribute or _is_no_module(place):
        msg = (
            "a backend must be a known name, file.py:object or module:object, "
            f"got {reference!r}{_meant(place, attribute)}"
        )
        raise LoadError(msg)
    module = _from_file(place) if place.endswith(".py") else _from_module(place)
    found: Any = module
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError as error:
            near = get_close_matches(name, _offered(found), 1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            msg = f"{attribute!r} must be an attribute of {place}, got none{hint}"
            raise LoadError(msg) from error
    return found


def _is_no_module(place: str) -> bool:
    """Is it neither a file nor a name of a module, but rather a path?"""
    # The import system has an error of its own for these, which speaks of packages.
    path = place.startswith(".") or any(mark in place for mark in ":/\\")
    return path and not place.endswith(".py")


def _meant(place: str, attribute: str) -> str:
    file = f"{place.rstrip(':').removesuffix('.py')}.py"
    there = attribute and Path(file).expanduser().is_file()
    return f", did you mean {f'{file}:{attribute}'!r}?" if there else ""


def _offered(owner: Any) -> list[str]:
    """Return the names that could be meant; a module such as `np` is no backend."""
    named = ((name, getattr_static(owner, name, None)) for name in dir(owner))
    return [name for name, one in named if not isinstance(one, ModuleType)]


def defined(place: str) -> list[str] | None:
    """Return functions, classes and what is made by calls in a Python file, unrun.

    None if there is no such file, or it is not Python.
    """
    path = Path(place).expanduser()
    try:
        tree = ast.parse(path.read_bytes()) if path.is_file() else None
    except (OSError, SyntaxError, ValueError):
        return None
    if tree is None:
        return None
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            names += [t.id for t in node.targets if isinstance(t, ast.Name)]
    return [name for name in names if not name.startswith("_")]


def _append_to_path(folder: Path) -> None:
    # At the end: what lies in the folder must not stand in for an installed package.
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _from_file(place: str) -> ModuleType:
    path = Path(place).expanduser().resolve()
    if not path.is_file():
        msg = f"a backend's file must exist, got {place!r}, looked for at {path}"
        raise LoadError(msg)
    _append_to_path(Path.cwd())
    _append_to_path(path.parent)
    # A name of its own, so that a file called like a package hides nothing.
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    name = f"_loss_conformance_{path.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        msg = f"a backend's file must be Python source, got {place!r}"
        raise LoadError(msg)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _failed(place, error) from error
    return module


def _from_module(place: str) -> ModuleType:
    _append_to_path(Path.cwd())
    try:
        return importlib.import_module(place)
    except (Exception, SystemExit) as error:
        raise _failed(place, error) from error


def _failed(place: str, error: BaseException) -> LoadError:
    return LoadError(
        f"{place!r} must be importable, got {type(error).__name__}: {error}"
    )
