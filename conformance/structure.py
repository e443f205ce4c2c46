"""Is a JSON document of the structure that a JSON Schema describes?

The part of JSON Schema, draft 2020-12, that our own schemas use. Reading a file needs
no more, and a run file may hold a line for each of some hundred thousand cases.
"""

from __future__ import annotations

import json
import operator
import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Schema = Mapping[str, Any]

_LONGEST: Final = 60
_NOTES: Final = frozenset(("$schema", "$id", "$defs", "title", "description"))


class StructureError(ValueError):
    """A document departs from its schema; the message says where and how."""

    way = ""

    def __str__(self) -> str:
        """Return the place, what was needed and what was got."""
        return f"{self.way.lstrip('.') or 'the document'}: {self.args[0]}"


def shipped(name: str) -> dict[str, Any]:
    """Return the JSON Schema called `name` that comes along."""
    file = resources.files("conformance") / "schemas" / f"{name}.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def check(value: Any, schema: Schema, root: Schema | None = None) -> None:
    """Refuse a document, as `json.loads` gives it, that `schema` does not allow.

    Args:
        value: The document, or a part of it.
        schema: The schema of that part.
        root: The whole schema, for references; `schema` itself if it is left out.

    Raises:
        StructureError: If it departs from the schema.
        KeyError: If the schema uses a keyword that is not known here.

    >>> check([1, "2"], {"type": "array", "items": {"type": "integer"}})
    Traceback (most recent call last):
    ...
    conformance.structure.StructureError: [1]: needed integer, got '2'
    """
    root = schema if root is None else root
    for word, rule in schema.items():
        if word not in _NOTES:
            _RULES[word](value, rule, schema, root)


def _inside(value: Any, schema: Schema, root: Schema, place: str) -> None:
    try:
        check(value, schema, root)
    except StructureError as error:
        error.way = place + error.way
        raise


def _require(holds: object, needed: str, value: Any) -> None:
    if not holds:
        msg = f"needed {needed}, got {_short(value)}"
        raise StructureError(msg)


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: _number(v) and v == v // 1,
    "number": _number,
    "string": lambda v: isinstance(v, str),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


def _type(value: Any, names: str | Sequence[str], *_: Schema) -> None:
    names = [names] if isinstance(names, str) else names
    _require(any(_TYPES[n](value) for n in names), " or ".join(names), value)


def _enum(value: Any, words: Sequence[Any], *_: Schema) -> None:
    # True is 1 to Python, but not to JSON.
    same = ((type(w) is bool) is (type(value) is bool) and w == value for w in words)
    _require(any(same), f"one of {', '.join(map(_short, words))}", value)


def _pattern(value: Any, text: str, *_: Schema) -> None:
    if isinstance(value, str):
        _require(re.search(text, value), f"text of the form {text}", value)


def _reference(value: Any, name: str, _: Schema, root: Schema) -> None:
    check(value, root["$defs"][name.removeprefix("#/$defs/")], root)


def _required(value: Any, names: Sequence[str], *_: Schema) -> None:
    if isinstance(value, dict):
        lacking = [name for name in names if name not in value]
        if lacking:
            msg = f"it lacks {', '.join(lacking)}"
            raise StructureError(msg)


def _properties(value: Any, parts: Schema, _: Schema, root: Schema) -> None:
    if isinstance(value, dict):
        for name in parts.keys() & value.keys():
            _inside(value[name], parts[name], root, f".{name}")


def _additional(value: Any, part: Any, schema: Schema, root: Schema) -> None:
    known = schema.get("properties", {})
    for name in value.keys() - known.keys() if isinstance(value, dict) else ():
        _require(part is not False, f"one of {', '.join(known)}", name)
        _inside(value[name], part, root, f"[{_short(name)}]")


def _items(value: Any, part: Schema, schema: Schema, root: Schema) -> None:
    if isinstance(value, list):
        for i in range(len(schema.get("prefixItems", ())), len(value)):
            _inside(value[i], part, root, f"[{i}]")


def _prefix(value: Any, parts: Sequence[Schema], _: Schema, root: Schema) -> None:
    if isinstance(value, list):
        for i, (item, part) in enumerate(zip(value, parts, strict=False)):
            _inside(item, part, root, f"[{i}]")


def _any(value: Any, parts: Sequence[Schema], _: Schema, root: Schema) -> None:
    *others, last = parts
    if not any(_allows(part, value, root) for part in others):
        # The last is the fullest: what it says helps most.
        check(value, last, root)


def _allows(schema: Schema, value: Any, root: Schema) -> bool:
    try:
        check(value, schema, root)
    except StructureError:
        return False
    return True


def _size(
    kind: type[list[Any] | dict[str, Any]],
    holds: Callable[[Any, Any], bool],
    words: str,
) -> Callable[..., None]:
    def rule(value: Any, limit: int, *_: Schema) -> None:
        if isinstance(value, kind):
            _require(holds(len(value), limit), f"{words} {limit}", value)

    return rule


def _limit(holds: Callable[[Any, Any], bool], words: str) -> Callable[..., None]:
    def rule(value: Any, limit: int, *_: Schema) -> None:
        if _number(value):
            _require(holds(value, limit), f"{words} {limit}", value)

    return rule


_RULES: Final[Mapping[str, Callable[..., None]]] = {
    "$ref": _reference,
    "additionalProperties": _additional,
    "anyOf": _any,
    "const": lambda value, word, *_: _enum(value, [word]),
    "enum": _enum,
    "items": _items,
    "maxItems": _size(list, operator.le, "at most"),
    "maxProperties": _size(dict, operator.le, "at most"),
    "maximum": _limit(operator.le, "at most"),
    "minItems": _size(list, operator.ge, "at least"),
    "minProperties": _size(dict, operator.ge, "at least"),
    "minimum": _limit(operator.ge, "at least"),
    "pattern": _pattern,
    "prefixItems": _prefix,
    "properties": _properties,
    "required": _required,
    "type": _type,
}
"""Keyword → what refuses a value, given the keyword's own, its schema, the whole."""
