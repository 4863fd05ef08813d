"""The description of the API in the order in which somebody reads it: chapters of operations, then shapes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString, mark_safe

# Examples that answer wherever the demonstration content is loaded.
_EXAMPLES: dict[str, dict[str, str]] = {
    "slug": {
        "Articles": "your-first-visit",
        "Services": "acupuncture",
        "Conditions": "insomnia",
        "People": "anna-exampleton",
    },
}
_EXAMPLE_QUERIES: dict[str, dict[str, str]] = {
    "list_articles": {"limit": "3", "fields": "title,summary,authors.title"},
    "list_pages": {"type": "article,condition", "q": "sleep", "fields": "type,title,path"},
    "list_changes": {"limit": "2", "type": "article"},
    "find_page": {"path": "/conditions/insomnia/"},
    "search": {"q": "sleep", "limit": "5"},
    "suggest": {"q": "inso"},
}
# Each token is somebody's own.
_WITHOUT_EXAMPLE = {"preview"}
# Subjects of operations, in the order in which somebody reads about them.
CHAPTERS = {
    "Articles": "Health articles, each approved by an editor and signed by a clinician.",
    "Services": "What the clinic offers.",
    "Conditions": "What it treats: signs of danger first, then what may help.",
    "People": "Authors, clinicians and reviewers.",
    "Pages": "Pages of every type, by id, by path, or as one list.",
    "Changes": "Everything public, then what changes, for who keeps a copy.",
    "Search": "Full text over everything public.",
    "Feeds": "The newest articles for feed readers.",
    "Clinic": "What surrounds the content: facts, menus and redirects.",
}


@dataclass(frozen=True)
class Piece:
    """A part of the name of a type: words, and the shape that they lead to, if any."""

    words: str
    shape: str = ""


@dataclass(frozen=True)
class Row:
    """A parameter, or a field of a shape."""

    name: str
    type: tuple[Piece, ...]
    note: SafeString
    is_required: bool
    default: str
    limits: str


@dataclass(frozen=True)
class Operation:
    """One address."""

    id: str
    path: str
    note: SafeString
    parameters: tuple[Row, ...]
    answers: tuple[tuple[str, SafeString, tuple[Piece, ...]], ...]
    example: str


@dataclass(frozen=True)
class Chapter:
    """Operations on one subject."""

    name: str
    note: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class ShapeEntry:
    """A shape, with its fields or with the shapes that it can be."""

    name: str
    note: SafeString
    rows: tuple[Row, ...]
    choices: tuple[Piece, ...]


def chapters(description: dict[str, Any]) -> list[Chapter]:
    """The operations, by subject."""
    found = []
    for name, note in CHAPTERS.items():
        operations = [
            _operation(path, operation, name, description["components"])
            for path, methods in description["paths"].items()
            for operation in methods.values()
            if name in operation.get("tags", ())
        ]
        found.append(Chapter(name, note, tuple(operations)))
    return found


def shapes(description: dict[str, Any]) -> list[ShapeEntry]:
    """The shapes that answers are made of, by name."""
    return [_shape(name, schema) for name, schema in sorted(description["components"]["schemas"].items())]


def _operation(path: str, operation: dict[str, Any], subject: str, shared: dict[str, Any]) -> Operation:
    parameters = [
        _row(one["name"], one["schema"], is_required=one["required"], note=one.get("description", ""))
        for one in (_found(parameter, shared["parameters"]) for parameter in operation["parameters"])
    ]
    answers = []
    for status, described in sorted(operation["responses"].items()):
        answer = _found(described, shared["responses"])
        schema: dict[str, Any] = next((content["schema"] for content in answer.get("content", {}).values()), {})
        answers.append((str(status), _marked(answer["description"]), tuple(_pieces(schema))))
    return Operation(
        operation["operationId"],
        path,
        _marked(operation.get("description", operation["summary"])),
        tuple(parameters),
        tuple(answers),
        _example_of(path, operation["operationId"], subject),
    )


def _found(part: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """``part`` itself, or what it refers to."""
    return shared[part["$ref"].rpartition("/")[2]] if "$ref" in part else part


def _example_of(path: str, operation_id: str, subject: str) -> str:
    """An address that can be opened; empty where none is known beforehand."""
    address = path.replace("{slug}", _EXAMPLES["slug"].get(subject, ""))
    if "{" in address or operation_id in _WITHOUT_EXAMPLE:
        return ""
    query = _EXAMPLE_QUERIES.get(operation_id)
    return f"{address}?{urlencode(query, safe='/,')}" if query else address


def _shape(name: str, schema: dict[str, Any]) -> ShapeEntry:
    required = set(schema.get("required", ()))
    rows = [
        _row(field, inside, is_required=field in required, note=inside.get("description", ""))
        for field, inside in schema.get("properties", {}).items()
    ]
    choices = () if rows else tuple(_pieces(schema))
    return ShapeEntry(name, _marked(schema.get("description", "")), tuple(rows), choices)


def _row(name: str, schema: dict[str, Any], *, is_required: bool, note: str) -> Row:
    limits = [
        words.format(schema[key])
        for key, words in (
            ("minimum", "at least {}"),
            ("maximum", "at most {}"),
            ("maxLength", "at most {} characters"),
            ("pattern", "pattern {}"),
        )
        if key in schema
    ]
    default = schema.get("default")
    shown_default = "" if default in (None, [], "") else str(default)
    return Row(name, tuple(_pieces(schema)), _marked(note), is_required, shown_default, ", ".join(limits))


def _pieces(schema: dict[str, Any]) -> Iterator[Piece]:
    """The name of a type, with the shapes in it as links."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield Piece(name, name)
    elif choices := schema.get("anyOf") or schema.get("oneOf"):
        for number, choice in enumerate(choices):
            if number:
                yield Piece(" or ")
            yield from _pieces(choice)
    elif "const" in schema:
        yield Piece(f"“{schema['const']}”")
    elif "enum" in schema:
        yield Piece(", ".join(str(value) for value in schema["enum"]))
    elif schema.get("type") == "array":
        yield Piece("list of ")
        yield from _pieces(schema.get("items", {}))
    else:
        yield Piece(str(schema.get("format") or schema.get("type") or ""))


def _marked(text: str) -> SafeString:
    """``text`` with its few marks as HTML: `code` and *emphasis*; everything else is escaped."""
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    safe = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", safe)
    return mark_safe(safe)  # noqa: S308 - escaped above, and the text is our own
