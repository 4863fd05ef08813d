"""Answers held to the description as a client's program reads it: by JSON Schema, from the published document alone."""

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


def validator_of(schema: dict[str, Any], description: dict[str, Any]) -> Draft202012Validator:
    """What says whether a value fits ``schema``, a part of ``description``."""
    whole = {**schema, "components": description["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())


def resolved(part: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    """``part``, or what its reference leads to; raises ``KeyError`` where that leads nowhere."""
    if "$ref" not in part:
        return part
    found: Any = description
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def complaints(description: dict[str, Any], template: str, method: str, response: Any) -> list[str]:
    """What is wrong with ``response`` (status, headers, content) as an answer of the operation; empty when nothing is."""
    operation = description["paths"][template][method.lower()]
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    status = str(response.status_code)
    if status not in answers:
        return [f"{status} is not described"]
    content = resolved(answers[status], description).get("content", {})
    if not content:
        return ["a body where none is described"] if response.content else []
    media_type = response.headers.get("Content-Type", "")
    if media_type.partition(";")[0] not in content:
        return [f"{media_type} is not described"]
    schema = content[media_type.partition(";")[0]]["schema"]
    if "json" not in media_type:
        return []
    found = validator_of(schema, description).iter_errors(response.json())
    return [f"{error.json_path}: {error.message[:300]}" for error in found][:5]
