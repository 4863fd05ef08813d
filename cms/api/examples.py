"""Examples for the description: one for every shape, made from the shape itself, so that none is missing or out of date.

What a shape or a field gives as its own example is used; otherwise a field's name says what it may look like (a ``slug`` looks
the same everywhere), and its type says the rest. Tests hold every example to its schema.
"""

from typing import Any

from cms.api.problem_details import Problem

Schema = dict[str, Any]
_ADDRESS = "https://clinic.example/conditions/insomnia/"
# What a text of this name may be.
_TEXTS = {
    "@id": _ADDRESS,
    "accessed": "2026-01-31",
    "addressCountry": "US",
    "addressLocality": "Exampleton",
    "addressRegion": "MO",
    "alt": "A quiet room with a made bed",
    "anchor": "what-helps",
    "attribution": "A visitor",
    "booking_url": "https://clinic.example/book/",
    "canonical_url": _ADDRESS,
    "caption": "Length of a visit",
    "citation": "Rubin DI. Epidemiology and risk factors for spine pain. Neurol Clin. 2007;25(2):353-371.",
    "city": "Exampleton",
    "codeValue": "G47.00",
    "country": "US",
    "credentials": "M.D.",
    "credit": "The clinic",
    "doi": "10.1016/j.ncl.2007.01.004",
    "evidence": "<p>Small studies found small effects.</p>",
    "extension": "pdf",
    "figure": "10–60",
    "honorificSuffix": "M.D.",
    "html": "<p>Rest helps many people.</p>",
    "icd10": "G47.00",
    "id": "3f0c2f5e-7d0b-4f0e-9a43-5b0f6a1c2d3e",
    "image": "https://clinic.example/media/room.jpg",
    "inLanguage": "en",
    "item": _ADDRESS,
    "jobTitle": "Physician",
    "knowsLanguage": "English",
    "languages": "English",
    "locale": "en",
    "path": "/conditions/insomnia/",
    "pmid": "17445733",
    "postalCode": "65000",
    "postal_code": "65000",
    "provider": "Example",
    "reason": "A dose was wrong.",
    "region": "MO",
    "robots": "index,follow",
    "role": "Physician",
    "sameAs": "https://social.example/clinic",
    "slug": "insomnia",
    "src": "https://clinic.example/media/room.jpg",
    "srcset": "https://clinic.example/media/room-800.webp 800w",
    "street": "1 Example Street",
    "streetAddress": "1 Example Street",
    "summary": "What helps when nights are short.",
    "telephone": "(417) 555-0100",
    "text": "Rest helps many people.",
    "title": "Insomnia",
    "url": _ADDRESS,
}
_BY_FORMAT = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "uri": _ADDRESS,
    "uuid": "76282ae2-56e0-54d2-8d7a-3b27a14af3cd",
}
_DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"


def add_examples(description: dict[str, Any]) -> None:
    """Give every shape, and every answer of every operation, an example where it has none."""
    components = description["components"]
    schemas = components["schemas"]
    for name, schema in schemas.items():
        if "examples" not in schema:
            schema["examples"] = [example_of(schema, schemas, within=(name,))]
    for operations in description["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                _complete(answer, schemas)
    for name, answer in components["responses"].items():
        if name.startswith("Problem"):
            _complete(answer, schemas, Problem(int(name.removeprefix("Problem"))).content())


def example_of(schema: Schema, schemas: dict[str, Schema], *, name: str = "", within: tuple[str, ...] = ()) -> Any:
    """A value of ``schema``, for a field called ``name``; ``within`` are the shapes around it, which do not come again."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        shape = schema["$ref"].rpartition("/")[2]
        if shape in within:
            return None
        return example_of(schemas[shape], schemas, name=name, within=(*within, shape))
    for choices in (schema.get("oneOf"), schema.get("anyOf")):
        if choices:
            values = (example_of(choice, schemas, name=name, within=within) for choice in choices)
            return next((value for value in values if value is not None), None)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    return _plain(schema, schemas, name, within)


def _plain(schema: Schema, schemas: dict[str, Schema], name: str, within: tuple[str, ...]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        members = schema.get("properties", {}).items()
        values = {key: example_of(inside, schemas, name=key, within=within) for key, inside in members}
        required = schema.get("required", ())
        return {key: value for key, value in values.items() if value is not None or key in required}
    if kind == "array":
        one = example_of(schema.get("items", {}), schemas, name=name, within=within)
        return [] if one is None else [one]
    if kind == "integer":
        return max(int(schema.get("minimum", 1)), 1)
    if kind == "number":
        return schema.get("maximum", 1) / 2
    if kind == "string":
        by_name = _DIGEST if "pattern" in schema and "64" in schema["pattern"] else _TEXTS.get(name, "Insomnia")
        return _BY_FORMAT.get(schema.get("format", ""), by_name)
    return {"boolean": True}.get(str(kind))


def _complete(answer: dict[str, Any], schemas: dict[str, Schema], example: Any = None) -> None:
    for content in answer.get("content", {}).values():
        if "example" not in content and "examples" not in content and "schema" in content:
            content["example"] = example if example is not None else example_of(content["schema"], schemas)
