"""The description tells the truth: real answers of every kind have exactly the described shape, and it is written down.

After a change that is meant, write the description down again and look at the difference:

    python -m tests.api.write_openapi
"""

import difflib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pydantic import BaseModel, TypeAdapter
from wagtail.images.tests.utils import get_test_image_file

from cms.api import answer_schemas, schemas
from cms.api.description import described
from cms.api.feed_views import JsonFeed
from cms.api.redirect_list import RedirectList
from cms.api.suggesting import SuggestAnswer
from cms.media.models import ClinicFile, ClinicImage
from cms.pages.relations import (
    AuthorLink,
    ConditionLink,
    ProviderLink,
    RelatedLink,
    ServiceLink,
    TopicLink,
    TreatmentLink,
)
from tests.api.conftest import Reader
from tests.factories import Clinic

SNAPSHOT = Path(__file__).parent / "openapi.json"


def test_the_description_is_the_one_written_down(api: Reader) -> None:
    served, written = (
        json.dumps(one, indent=1, ensure_ascii=False).splitlines()
        for one in (api.json("/openapi.json"), json.loads(SNAPSHOT.read_text()))
    )

    # Run `make openapi` when the difference is meant.
    assert list(difflib.unified_diff(written, served, lineterm="", n=4))[:40] == []


def test_the_description_is_openapi_3_1_with_every_reference_defined() -> None:
    description = described()
    text = json.dumps(description)

    assert description["openapi"] == "3.1.0"
    named = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(description["components"]["schemas"])
    assert "uuid5" not in text


def test_every_operation_names_its_errors_as_problems() -> None:
    for operations in described()["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                assert ("$ref" in answer) is (int(status) != 200)
                assert int(status) < 400 or answer["$ref"] == f"#/components/responses/Problem{status}"
    for name, answer in described()["components"]["responses"].items():
        assert not name.startswith("Problem") or list(answer["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("shape", [schemas.ShortReference, schemas.Item])
def test_examples_have_the_shape_that_they_are_examples_of(shape: type[BaseModel]) -> None:
    for example in shape.model_json_schema()["examples"]:
        shape.model_validate_json(json.dumps(example))


EVERYTHING = [
    {"type": "heading", "value": {"level": "2", "text": "A heading"}},
    {"type": "paragraph", "value": "<p>Words.</p>"},
    {"type": "quote", "value": {"text": "Words", "attribution": "A visitor"}},
    {"type": "callout", "value": {"kind": "tip", "title": "A tip", "text": "<p>Words.</p>"}},
    {"type": "steps", "value": {"title": "Steps", "steps": [{"title": "One", "text": "<p>Words.</p>"}]}},
    {"type": "list", "value": {"ordered": True, "items": ["<p>One.</p>"]}},
    {"type": "faq", "value": {"title": "Questions", "questions": [{"question": "Why?", "answer": "<p>So.</p>"}]}},
    {"type": "key_facts", "value": {"title": "Facts", "facts": ["<p>One.</p>"]}},
    {"type": "statistic", "value": {"figure": "10", "label": "minutes", "reference": None}},
    {"type": "embed", "value": "https://www.youtube.com/watch?v=none"},
    {"type": "call_to_action", "value": {"title": "", "text": "", "label": "Go", "page": None, "url": "/team/"}},
    {
        "type": "table",
        "value": {
            "caption": "A table",
            "columns": [{"type": "text", "heading": "One"}],
            "rows": [{"values": ["<p>Words.</p>"]}],
        },
    },
]


@pytest.fixture
def full(clinic: Clinic) -> Clinic:
    """A clinic in which every field of every type and every block is filled in."""
    image = ClinicImage.objects.create(
        title="A room", description="A quiet room", credit="Nobody", file=get_test_image_file(),
        focal_point_x=10, focal_point_y=10, focal_point_width=4, focal_point_height=4,
    )  # fmt: skip
    file = ClinicFile.objects.create(title="A leaflet", file=SimpleUploadedFile("leaflet.pdf", b"%PDF-1.4"))
    body = [
        *EVERYTHING,
        {"type": "image", "value": {"image": image.pk, "caption": "<p>A caption.</p>"}},
        {"type": "document", "value": file.pk},
        {"type": "statistic", "value": {"figure": "80 %", "label": "of people", "reference": clinic.reference.pk}},
    ]
    fitting = {"paragraph", "list", "callout", "key_facts", "statistic", "table", "image"}
    section = [block for block in body if block["type"] in fitting]
    question = [{"type": "question", "value": {"question": "Does it hurt?", "answer": "<p>Rarely.</p>"}}]
    _edit(
        clinic, clinic.article, image=image, body=body, action_label="Book", action_url="tel:+1", disclaimer="Ask first.",
        topic_links=[TopicLink(topic=clinic.topic)], condition_links=[ConditionLink(condition=clinic.insomnia)],
        service_links=[ServiceLink(service=clinic.acupuncture)], author_links=[AuthorLink(person=clinic.writer)],
        related_links=[RelatedLink(target=clinic.reviewer), RelatedLink(target=clinic.home)],
    )  # fmt: skip
    _edit(
        clinic, clinic.insomnia, overview=section, symptoms=section, causes=section, risk_factors=section, self_care=section,
        faqs=question, topic_links=[TopicLink(topic=clinic.topic)], body=body,
        emergency_signs=[{"type": "sign", "value": "<p>You cannot breathe.</p>"}],
        treatment_links=[TreatmentLink(service=clinic.acupuncture, evidence="<p>Small effects.</p>")],
    )  # fmt: skip
    _edit(
        clinic, clinic.acupuncture, what_to_expect=section, course_of_treatment=section, precautions=section, aftercare=section,
        preparation=section, faqs=question, provider_links=[ProviderLink(person=clinic.reviewer)], booking_url="https://a.example",
        condition_links=[ConditionLink(condition=clinic.insomnia)], topic_links=[TopicLink(topic=clinic.topic)],
    )  # fmt: skip
    _edit(
        clinic, clinic.reviewer, biography=section, languages="English\nSpanish", image=image,
        service_links=[ServiceLink(service=clinic.acupuncture)],
    )  # fmt: skip
    _edit(clinic, clinic.home, hero_title="Welcome", hero_text="<p>Words.</p>", body=body, image=image)
    return clinic


def _edit(clinic: Clinic, page: Any, **values: Any) -> None:
    page = type(page).objects.get(pk=page.pk).get_latest_revision_as_object()
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision(user=clinic.author)
    clinic.publish(page)


DOCUMENTS = {
    "/articles/sleeping-better": schemas.ArticleDocument,
    "/conditions/insomnia": schemas.ConditionDocument,
    "/services/acupuncture": schemas.ServiceDocument,
    "/people/anton": schemas.PersonDocument,
    "/people/clara": schemas.PersonDocument,
    "/pages/find?path=/": schemas.HomeDocument,
    "/pages/find?path=/team/": schemas.PlainDocument,
    "/pages/find?path=/team/sleep/": schemas.PlainDocument,
    "/pages/find?path=/articles/": schemas.PlainDocument,
    "/pages/find?path=/conditions/": schemas.PlainDocument,
    "/pages/find?path=/services/": schemas.PlainDocument,
}


def test_documents_of_every_type_have_the_described_shape(api: Reader, full: Clinic) -> None:
    for address, shape in DOCUMENTS.items():
        text = api.get(address).content
        shape.model_validate_json(text)
        answer_schemas.PageDocument.model_validate_json(text)
        for body_format in ("html", "markdown", "text"):
            formatted = f"{address}{'&' if '?' in address else '?'}body_format={body_format}"
            shape.model_validate_json(api.get(formatted).content)
    used = {block["type"] for block in api.json("/articles/sleeping-better")["body"]}
    assert used == {
        "heading", "paragraph", "image", "quote", "callout", "steps", "list", "table", "faq", "key_facts", "statistic", "embed",
        "document", "call_to_action",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("/articles", answer_schemas.ItemList),
        ("/articles?include=body", answer_schemas.ItemList),
        ("/people?limit=1", answer_schemas.PersonList),
        ("/pages?include=body", answer_schemas.PageList),
        ("/search?q=sleep", answer_schemas.SearchAnswer),
        ("/search?q=made-up", answer_schemas.SearchAnswer),
        ("/site", answer_schemas.SiteAnswer),
        ("/navigation", answer_schemas.NavigationAnswer),
        ("/search/suggest?q=s", SuggestAnswer),
        ("/redirects", RedirectList),
        ("/feeds/articles.json", JsonFeed),
    ],
)
def test_answers_have_the_described_shape(api: Reader, address: str, shape: type[BaseModel]) -> None:
    shape.model_validate_json(api.get(address).content)


@pytest.mark.parametrize("address", ["/articles/nothing", "/articles?limit=x", "/nothing"])
def test_problems_have_the_described_shape(api: Reader, address: str) -> None:
    answer_schemas.ProblemDetails.model_validate_json(api.get(address).content)


def test_a_shape_with_another_field_would_be_noticed(api: Reader) -> None:
    document = api.json("/articles/sleeping-better") | {"secret": 1}

    with pytest.raises(ValueError, match="secret"):
        TypeAdapter(schemas.AnyDocument).validate_python(document)


def test_the_page_for_people_loads_nothing_from_elsewhere(api: Reader) -> None:
    response = api.get("/docs", Accept="text/html")
    page = response.content.decode()

    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in page
    assert "http://" not in page.replace("http://localhost", "")
    # The vocabulary of search engines is named by its address; nothing is loaded from there.
    assert "https://" not in page.replace("“https://schema.org”", "")
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_page_for_people_names_every_operation_and_shape(api: Reader) -> None:
    page = api.get("/docs").content.decode()

    for path in described()["paths"]:
        assert f"<code>{path}</code>" in page
    for name in described()["components"]["schemas"]:
        assert f'id="shape-{name}"' in page
