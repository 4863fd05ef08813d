"""What makes the description exact where the framework is vague, so that programs can be generated from it.

Unions have names of their own: code generators call what has no name after the place where they meet it first, and a block is
met in forty places. Titles that only repeat a name go, for the same reason. Parts of an address say what they are.
"""

from collections.abc import Iterator
from typing import Any, get_args

from cms.api.answer_schemas import AnyFound
from cms.api.block_schemas import Block
from cms.api.handbook import CHAPTERS
from cms.api.schemas import AnyCard, AnyItem
from cms.api.sharing_schemas import LinkedObject, LinkedSubject

Schema = dict[str, Any]
_REF = "#/components/schemas/"
_UNIONS: dict[str, tuple[Any, str]] = {
    "Block": (Block, "A part of a text; `type` says which."),
    "AnyCard": (AnyCard, "The short form of a page; `type` says of which."),
    "AnyItem": (AnyItem, "A card in a list; `type` says of which page."),
    "AnyFound": (AnyFound, "A page or a person that was found; `type` says which."),
    "LinkedObject": (LinkedObject, "A schema.org object; `@type` says which."),
    "LinkedSubject": (LinkedSubject, "What a page is about, as a schema.org object; `@type` says which."),
}
_IN_PATH: dict[str, Schema] = {
    "slug": {
        "description": "The last part of the page's path.",
        "example": "insomnia",
        "schema": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
    },
    "id": {
        "description": "The stable id of the page.",
        "example": "76282ae2-56e0-54d2-8d7a-3b27a14af3cd",
        "schema": {"type": "string", "format": "uuid"},
    },
}


def refine(description: dict[str, Any]) -> None:
    """Make ``description`` exact, in place: names, tags, servers, security."""
    components = description["components"]
    components["schemas"] = schemas = {name: _tidy(schema) for name, schema in components["schemas"].items()}
    _name_unions(schemas)
    _drop_unused(description)
    description["info"]["license"] = {"name": "BSD 3-Clause", "identifier": "BSD-3-Clause"}
    description["servers"] = [{"url": "/", "description": "The server that gives this description."}]
    description["tags"] = [{"name": name, "description": note} for name, note in CHAPTERS.items()]
    schemes = components.setdefault("securitySchemes", {})
    if not schemes:
        schemes["ApiKey"] = {
            "type": "http",
            "scheme": "bearer",
            "description": "A key, for what is not public; public content needs none while the server is open to all.",
        }
    description.setdefault("security", [{}, *({name: []} for name in schemes)])


def refine_parameter(parameter: dict[str, Any]) -> None:
    """Say what a part of an address is, in place."""
    known = _IN_PATH.get(parameter["name"]) if parameter["in"] == "path" else None
    if known is not None and "description" not in parameter:
        parameter |= {**known, "schema": dict(known["schema"])}


def _tidy(schema: Any) -> Any:
    """``schema`` without generated titles, and without defaults: an answer that lacks a name does not have it."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if len(schema.get("allOf", ())) == 1:
        schema = {**schema, **schema["allOf"][0]}
        del schema["allOf"]
    tidy = {name: _tidy(part) for name, part in schema.items() if name not in {"title", "default", "properties"}}
    if "properties" in schema:
        tidy["properties"] = {name: _tidy(part) for name, part in schema["properties"].items()}
    return tidy | {name: schema[name] for name in ("examples", "required", "enum") if name in schema}


def _name_unions(schemas: dict[str, Schema]) -> None:
    """Give every union that has a name a shape of its own, and refer to it."""
    named = {}
    for name, (union, note) in _UNIONS.items():
        members = get_args(get_args(union)[0]) or get_args(union)
        named[frozenset(f"{_REF}{member.__name__}" for member in members)] = (name, note)
    found: dict[str, Schema] = {}

    def replace(part: Any) -> Any:
        if isinstance(part, list):
            return [replace(one) for one in part]
        if not isinstance(part, dict):
            return part
        choices = part.get("oneOf") or part.get("anyOf") or []
        name, note = named.get(frozenset(choice.get("$ref") for choice in choices), ("", ""))
        if not name:
            return {key: replace(value) for key, value in part.items()}
        found[name] = {"description": note, "oneOf": choices, "discriminator": _discriminator(choices, schemas)}
        rest = {key: value for key, value in part.items() if key not in {"oneOf", "anyOf", "discriminator"}}
        return {"$ref": f"{_REF}{name}", **rest}

    for name, schema in list(schemas.items()):
        schemas[name] = replace(schema)
    schemas |= found


def _discriminator(choices: list[Schema], schemas: dict[str, Schema]) -> Schema:
    """Which value of which field means which of ``choices``."""
    mapping: dict[str, str] = {}
    field = "type"
    for choice in choices:
        properties = schemas[choice["$ref"].removeprefix(_REF)]["properties"]
        field = "@type" if "@type" in properties else "type"
        values = properties[field].get("enum") or [properties[field]["const"]]
        mapping |= dict.fromkeys(values, choice["$ref"])
    return {"propertyName": field, "mapping": dict(sorted(mapping.items()))}


def _drop_unused(description: dict[str, Any]) -> None:
    """Leave out shapes that nothing leads to: those of whole queries, whose parts stand as parameters."""
    schemas = description["components"]["schemas"]
    rest = {**description, "components": {**description["components"], "schemas": {}}}
    waiting, used = list(_references_in(rest)), set()
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting.extend(_references_in(schemas[name]))
    for name in set(schemas) - used:
        del schemas[name]


def _references_in(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _references_in(one)
    elif isinstance(part, dict):
        target = part.get("$ref", "")
        if isinstance(target, str) and target.startswith(_REF):
            yield target.removeprefix(_REF)
        for inside in part.values():
            yield from _references_in(inside)
