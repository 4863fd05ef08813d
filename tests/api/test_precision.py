"""The description is exact enough for programs to be made from it, whatever operations it has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from cms.api.description import described
from tests.api.conftest import Reader
from tests.api.described_answers import complaints, resolved, validator_of
from tests.api.test_description import full  # noqa: F401 - a fixture
from tests.factories import Clinic

OPERATIONS = [
    (template, method, operation)
    for template, methods in described()["paths"].items()
    for method, operation in methods.items()
]
# What is asked to see a successful answer of each operation; those that need no more than their path are asked as they are.
ADDRESSES = {
    "list_articles": ["/articles", "/articles?include=body"],
    "read_article": ["/articles/sleeping-better"],
    "list_services": ["/services?include=body"],
    "read_service": ["/services/acupuncture"],
    "list_conditions": ["/conditions?include=body"],
    "read_condition": ["/conditions/insomnia"],
    "list_people": ["/people", "/people?include=body"],
    "read_person": ["/people/anton", "/people/clara"],
    "list_pages": ["/pages?include=body", "/pages?type=person,home"],
    "find_page": [
        f"/pages/find?path={path}" for path in ("/", "/team/", "/team/sleep/", "/articles/", "/conditions/", "/services/")
    ],
    "read_page": ["/pages/{id}"],
    "search": ["/search?q=sleep", "/search?q=made-up", "/search?q=slep"],
    "read_site": ["/site"],
    "read_navigation": ["/navigation"],
}  # fmt: skip


def schemas_in(part: Any, place: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in ``part``, wherever it is, with its place."""
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from schemas_in(one, f"{place}/{number}")
    elif isinstance(part, dict):
        if isinstance(part.get("type"), str) and "in" not in part and "scheme" not in part:
            yield place, part
        for name, inside in part.items():
            if name not in {"example", "examples", "default", "enum", "mapping"}:
                yield from schemas_in(inside, f"{place}/{name}")


def references_in(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, list):
        for one in part:
            yield from references_in(one)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part
        for inside in part.values():
            yield from references_in(inside)


def test_the_description_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(described()).iter_errors()] == []


def test_every_reference_leads_somewhere() -> None:
    references = list(references_in(described()))

    assert len(references) > 100
    for reference in references:
        assert resolved(reference, described()) is not None


def test_no_object_is_without_names() -> None:
    for place, schema in schemas_in(described()):
        if schema["type"] == "object":
            keys = schema.get("additionalProperties")
            assert schema.get("properties") or (isinstance(keys, dict) and keys), place


def test_every_list_says_of_what() -> None:
    for place, schema in schemas_in(described()):
        assert schema["type"] != "array" or schema.get("items"), place


def test_every_union_says_which_of_them_it_is() -> None:
    for name, schema in described()["components"]["schemas"].items():
        if "oneOf" in schema:
            mapped = set(schema["discriminator"]["mapping"].values())
            assert mapped == {choice["$ref"] for choice in schema["oneOf"]}, name


def test_every_shape_has_an_example_that_fits() -> None:
    for name, schema in described()["components"]["schemas"].items():
        assert schema["examples"], name
        for example in schema["examples"]:
            assert [error.message for error in validator_of(schema, described()).iter_errors(example)] == [], name


def test_every_example_of_a_field_fits() -> None:
    for place, schema in schemas_in(described()):
        for example in schema.get("examples", ()):
            assert validator_of(schema, described()).is_valid(example), place


@pytest.mark.parametrize(("template", "method", "operation"), OPERATIONS)
def test_every_operation_is_complete(template: str, method: str, operation: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in described()["tags"]}
    statuses = {str(status) for status in operation["responses"]}

    assert operation["operationId"]
    assert operation["summary"]
    assert operation["tags"]
    assert set(operation["tags"]) <= tags
    assert statuses & {"200", "201", "202", "204"}
    assert {"400", "405", "406", "414", "422"} <= statuses


@pytest.mark.parametrize(("template", "method", "operation"), OPERATIONS)
def test_every_answer_has_an_example_that_fits(template: str, method: str, operation: dict[str, Any]) -> None:
    for answer in operation["responses"].values():
        for content in resolved(answer, described()).get("content", {}).values():
            assert list(validator_of(content["schema"], described()).iter_errors(content["example"])) == []


@pytest.mark.parametrize(("template", "method", "operation"), OPERATIONS)
def test_every_parameter_has_limits(template: str, method: str, operation: dict[str, Any]) -> None:
    for parameter in (resolved(one, described()) for one in operation.get("parameters", ())):
        for choice in parameter["schema"].get("anyOf", [parameter["schema"]]):
            limited = {"maxLength", "pattern", "format", "enum", "const"}
            numbered = {"minimum", "maximum"} <= choice.keys()
            is_limited = numbered if choice["type"] in {"integer", "number"} else bool(limited & choice.keys())
            assert choice["type"] == "boolean" or is_limited, parameter["name"]
            if "example" in parameter:
                assert validator_of(parameter["schema"], described()).is_valid(parameter["example"])


def test_every_operation_gives_what_it_says(api: Reader, full: Clinic) -> None:  # noqa: F811 - a fixture
    page_id = api.json("/articles")["items"][0]["id"]
    for template, method, operation in OPERATIONS:
        for address in ADDRESSES.get(operation["operationId"], ()):
            response = api.get(address.format(id=page_id))

            assert response.status_code == 200, address
            assert complaints(described(), template, method, response) == [], address


@pytest.mark.parametrize(
    ("address", "template", "status"),
    [
        ("/articles?limit=101", "/api/v1/articles", 422),
        ("/articles?q=%ff", "/api/v1/articles", 400),
        (f"/articles?q={'a' * 4096}", "/api/v1/articles", 414),
        ("/articles/nothing", "/api/v1/articles/{slug}", 404),
        ("/pages/find?path=/nothing/", "/api/v1/pages/find", 404),
    ],
)
def test_refusals_are_what_the_description_says(api: Reader, address: str, template: str, status: int) -> None:
    response = api.get(address)

    assert response.status_code == status
    assert complaints(described(), template, "get", response) == []


def test_an_answer_with_a_wrong_value_would_be_noticed(api: Reader) -> None:
    schema = described()["components"]["schemas"]["ArticleDocument"]
    document = api.json("/articles/sleeping-better")
    document["seo"]["json_ld"][0]["@type"] = "Elsewhere"

    assert [error.json_path for error in validator_of(schema, described()).iter_errors(document)] == [
        "$.seo.json_ld[0]"
    ]


def test_names_of_vocabularies_can_be_asked_for_alone(api: Reader) -> None:
    document = api.json("/articles/sleeping-better?fields=seo.json_ld.@type,seo.open_graph.type")

    assert {one["@type"] for one in document["seo"]["json_ld"]} == {"MedicalWebPage", "BreadcrumbList"}
    assert json.dumps(document["seo"]["open_graph"]) == '{"type": "article"}'
    assert api.errors("/articles/sleeping-better?fields=seo.json_ld.context") == [["query", "fields"]]
