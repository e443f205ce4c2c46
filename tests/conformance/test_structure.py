"""The small validator says what a full one says, and where."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.structure import _RULES, StructureError, check, shipped

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([1.0, 0.5, float("inf"), 10**400, "a", "b", "ab", "a\n"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]
SIZES = st.integers(0, 3)


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return schemas of every keyword, made of `inner` ones."""
    words = {
        "$ref": st.sampled_from(["#/$defs/a", "#/$defs/b"]),
        "additionalProperties": st.sampled_from([False]) | inner,
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "const": st.sampled_from(["a", 1, None]),
        "enum": st.lists(st.sampled_from(["a", "b", 0, 1, True]), min_size=1),
        "items": inner,
        "maxItems": SIZES,
        "maxProperties": SIZES,
        "maximum": SIZES,
        "minItems": SIZES,
        "minProperties": SIZES,
        "minimum": SIZES,
        "pattern": st.sampled_from(["^a", "b$", "^a(?![\\s\\S])"]),
        "prefixItems": st.lists(inner, min_size=1, max_size=2),
        "properties": st.dictionaries(st.sampled_from("ab"), inner),
        "required": st.lists(st.sampled_from("ab"), unique=True),
        "type": st.sampled_from(TYPES)
        | st.lists(st.sampled_from(TYPES), min_size=1, unique=True),
        "description": st.just("no rule"),
    }
    assert words.keys() - {"description"} == _RULES.keys()
    return st.fixed_dictionaries({}, optional=words)


DEFINITIONS = {"a": {"type": "integer"}, "b": {"items": {"$ref": "#/$defs/a"}}}
SCHEMAS = st.recursive(
    st.fixed_dictionaries({}, optional={"type": st.sampled_from(TYPES)}),
    schemas,
    max_leaves=4,
)


def allowed(document: Any, schema: dict[str, Any]) -> bool:
    """Does the small validator let a document through?"""
    try:
        check(document, schema)
    except StructureError:
        return False
    return True


@given(document=JSON, schema=SCHEMAS)
def test_it_agrees_with_jsonschema(document: Any, schema: dict[str, Any]) -> None:
    """Any document, any schema of the keywords that are known: the same verdict."""
    schema = {**schema, "$defs": DEFINITIONS}
    theirs = jsonschema.Draft202012Validator(schema).is_valid(document)
    assert allowed(document, schema) == theirs


@pytest.mark.parametrize(
    ("document", "schema", "message"),
    [
        ({"a": [1, "x"]}, {"properties": {"a": {"items": {"type": "integer"}}}},
         "a[1]: needed integer, got 'x'"),
        ({"a": {"b": 7}}, {"additionalProperties": {"required": ["c"]}},
         "['a']: it lacks c"),
        ([], {"type": ["object", "null"]},
         "the document: needed object or null, got a list of 0"),
        ("y" * 100, {"enum": ["a"]}, "needed one of 'a', got 'yyy"),
        ({"x": 1}, {"properties": {"a": {}}, "additionalProperties": False},
         "needed one of a, got 'x'"),
    ],
)  # fmt: skip
def test_the_message_says_where_and_what(
    document: Any, schema: dict[str, Any], message: str
) -> None:
    """The place, what was needed, and what was got, shortened."""
    with pytest.raises(StructureError) as caught:
        check(document, schema)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 120


def test_a_keyword_that_is_not_known_is_an_error() -> None:
    """Nothing that a schema says is passed over."""
    with pytest.raises(KeyError, match="oneOf"):
        check(1, {"oneOf": []})


@pytest.mark.parametrize("name", ["run"])
def test_the_schemas_shipped_are_schemas_of_known_keywords(name: str) -> None:
    """They are valid, and every part of them can be checked here."""
    schema = shipped(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    for part in parts(schema):
        assert part.keys() - {"$schema", "$id", "$defs", "title", "description"} <= (
            _RULES.keys()
        )


def parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a schema and all schemas inside."""
    found = [schema]
    for word in ("properties", "$defs"):
        for part in schema.get(word, {}).values():
            found += parts(part)
    for word in ("anyOf", "prefixItems"):
        for part in schema.get(word, ()):
            found += parts(part)
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            found += parts(schema[word])
    return found
