"""One document: by slug, by id, by path; and what is said of one that is not there."""

import uuid
from typing import Any

import pytest
from django.db import transaction
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction

from cms.pages.relations import ServiceLink
from tests.api.conftest import Reader
from tests.factories import Clinic, draft

COMMON = {
    "id", "type", "locale", "slug", "path", "url", "title", "summary", "image", "published_at", "updated_at", "reviewed_at",
    "review_due", "reading_minutes", "body", "seo", "authors", "reviewers", "references", "related", "breadcrumbs",
    "translations", "disclaimer", "call_to_action", "attestation", "material_change",
}  # fmt: skip


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("/articles/sleeping-better", {"topics", "conditions", "services"}),
        (
            "/conditions/insomnia",
            {
                "also_known_as", "icd10", "overview", "symptoms", "causes", "risk_factors", "self_care", "when_to_seek_care",
                "treatments", "faqs", "topics",
            },
        ),
        (
            "/services/acupuncture",
            {
                "what_to_expect", "session_minutes", "course_of_treatment", "precautions", "preparation", "aftercare",
                "faqs", "booking_url", "providers", "conditions", "topics",
            },
        ),
        ("/people/anton", {"name", "credentials", "role", "biography", "languages", "services", "articles"}),
        ("/pages/find?path=/", {"hero", "featured"}),
        ("/pages/find?path=/articles/", set()),
    ],
)  # fmt: skip
def test_each_type_has_its_own_fields(api: Reader, address: str, own: set[str]) -> None:
    assert set(api.json(address)) == COMMON | own


def test_a_document_is_the_same_by_slug_by_id_and_by_path(api: Reader) -> None:
    by_slug = api.get("/conditions/insomnia")

    document_id = by_slug.json()["id"]
    assert api.get(f"/pages/{document_id}").content == by_slug.content
    assert api.get("/pages/find?path=/conditions/insomnia/").content == by_slug.content
    assert api.get("/pages/find?path=/conditions/insomnia").content == by_slug.content


def test_relations_are_the_cards_that_lists_give(api: Reader) -> None:
    article = api.json("/articles/sleeping-better")

    condition = api.json("/conditions?slug=insomnia")["items"][0]
    short = {"authors", "conditions", "services", "topics"}
    assert article["conditions"] == [{name: value for name, value in condition.items() if name not in short}]
    assert [author["role"] for author in article["authors"]] == ["Writer"]
    assert [crumb["title"] for crumb in article["breadcrumbs"]] == ["Home", "Articles"]


def test_a_person_is_listed_with_what_they_wrote(api: Reader) -> None:
    assert [article["slug"] for article in api.json("/people/anton")["articles"]] == ["sleeping-better"]
    assert api.json("/people/clara")["articles"] == []


def test_an_attestation_says_who_approved_it(api: Reader) -> None:
    attestation = api.json("/articles/sleeping-better?fields=attestation")["attestation"]

    assert [(given["stage"], given["name"], given["credentials"]) for given in attestation["approvals"]] == [
        ("editorial", None, None),
        ("clinical", "Clara Made-Up", "M.D."),
    ]
    assert attestation["override"] is None


def test_fields_give_exactly_what_is_named(api: Reader) -> None:
    document = api.json("/conditions/insomnia?fields=title,seo.title,when_to_seek_care.soon,overview.type")

    assert document == {
        "title": "Insomnia",
        "seo": {"title": "Insomnia"},
        "when_to_seek_care": {"soon": ["<p>You have slept badly for weeks.</p>"]},
        "overview": [{"type": "paragraph"}],
    }


def test_a_field_of_another_type_is_refused(api: Reader) -> None:
    assert api.errors("/articles/sleeping-better?fields=icd10") == [["query", "fields"]]
    assert api.json("/pages/find?path=/conditions/insomnia/&fields=icd10") == {"icd10": ["G47.00"]}


@pytest.mark.parametrize(
    "address",
    [
        "/articles/nothing", "/articles/insomnia", "/articles/SLEEPING-BETTER", "/people/clinic-home", "/pages/not-an-id",
        "/pages/6b1c73c1-d0e2-5d0b-91ce-48d59fefcf7b", "/pages/find?path=/nothing/", "/pages/find?path=//evil.example/",
        "/pages/find?path=//[", "/pages/find?path=/CONDITIONS/insomnia/", "/nothing", "/articles/a/b", "/pages/find/x", "/",
    ],
)  # fmt: skip
def test_what_never_was_is_not_found(api: Reader, address: str) -> None:
    response = api.get(address)

    assert response.status_code == 404
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing public at this address.",
    }


def _addresses_of(api: Reader) -> list[str]:
    document_id = api.json("/articles/sleeping-better")["id"]
    return ["/articles/sleeping-better", f"/pages/{document_id}", "/pages/find?path=/articles/sleeping-better/"]


def test_what_was_withdrawn_is_gone(api: Reader, clinic: Clinic) -> None:
    addresses = _addresses_of(api)

    clinic.article.unpublish(user=clinic.publisher)

    for address in addresses:
        response = api.get(address)
        assert response.status_code == 410
        assert response.headers["Cache-Control"] == "no-store"
        assert "Sleeping" not in response.content.decode()


def test_what_was_restricted_is_gone(api: Reader, clinic: Clinic) -> None:
    addresses = _addresses_of(api)

    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.articles, restriction_type=PageViewRestriction.LOGIN)

    assert [api.get(address).status_code for address in addresses] == [410, 410, 410]


def test_a_document_that_is_public_in_another_language_only_is_not_found(api: Reader, settings: Any) -> None:
    settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("es", "Spanish")]

    statuses = [
        api.get(f"{address}{'&' if '?' in address else '?'}locale=es").status_code for address in _addresses_of(api)
    ]

    assert statuses == [404, 404, 404]


def test_a_moved_path_leads_to_the_document(api: Reader, clinic: Clinic) -> None:
    document_id = api.json("/articles/sleeping-better")["id"]
    draft(clinic.article, slug="sleeping-well")
    clinic.publish(clinic.article)

    by_path = api.get("/pages/find?path=/articles/sleeping-better/")
    by_slug = api.get("/articles/sleeping-better?fields=title")

    assert (by_path.status_code, by_path.headers["Location"]) == (301, f"/api/v1/pages/{document_id}")
    assert (by_slug.status_code, by_slug.headers["Location"]) == (301, "/api/v1/articles/sleeping-well?fields=title")
    assert api.json(f"/pages/{document_id}")["slug"] == "sleeping-well"


def test_a_moved_path_whose_document_is_withdrawn_is_gone(api: Reader, clinic: Clinic) -> None:
    draft(clinic.article, slug="sleeping-well")
    moved = clinic.publish(clinic.article)
    Redirect.objects.all().delete()
    moved.unpublish(user=clinic.publisher)

    assert api.get("/pages/find?path=/articles/sleeping-better/").status_code == 410
    assert api.get("/articles/sleeping-better").status_code == 410


@pytest.mark.parametrize(("is_permanent", "status"), [(True, 301), (False, 302)])
def test_an_editors_redirect_is_followed(api: Reader, clinic: Clinic, is_permanent: bool, status: int) -> None:
    Redirect.add_redirect("/sleep", clinic.insomnia, is_permanent)
    Redirect.add_redirect("/elsewhere", "https://www.example.org/sleep?a=1", is_permanent)

    to_page = api.get("/pages/find?path=/sleep/")
    to_link = api.get("/pages/find?path=/elsewhere")

    document_id = api.json("/conditions/insomnia")["id"]
    assert (to_page.status_code, to_page.headers["Location"]) == (status, f"/api/v1/pages/{document_id}")
    assert (to_link.status_code, to_link.headers["Location"]) == (status, "https://www.example.org/sleep?a=1")


def test_a_redirect_to_a_hidden_page_leads_nowhere(api: Reader, clinic: Clinic) -> None:
    Redirect.add_redirect("/secret", clinic.article_draft("secret"))
    Redirect.objects.create(old_path="/script", redirect_link="javascript:alert(1)")

    assert api.get("/pages/find?path=/secret/").status_code == 404
    assert api.get("/pages/find?path=/script/").status_code == 404


def test_a_redirect_never_hides_a_public_page(api: Reader, clinic: Clinic) -> None:
    Redirect.add_redirect("/conditions/insomnia", "https://www.example.org/")

    assert api.get("/pages/find?path=/conditions/insomnia/").status_code == 200


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/articles/sleeping-better", 2),
        ("/conditions/insomnia", 2),
        ("/services/acupuncture", 2),
        ("/people/anton", 2),
        ("/pages/find?path=/", 2),
        ("/articles/sleeping-better?fields=title&locale=en&site=localhost", 2),
        ("/articles/nothing", 2),
        ("/pages/6b1c73c1-d0e2-5d0b-91ce-48d59fefcf7b", 2),
        ("/pages/find?path=/nothing/", 3),
        ("/pages/not-an-id", 0),
    ],
)
def test_queries_are_few(api: Reader, django_assert_num_queries: Any, address: str, queries: int) -> None:
    with django_assert_num_queries(queries):
        api.get(address)


def test_more_relations_take_no_more_queries(api: Reader, clinic: Clinic, django_assert_num_queries: Any) -> None:
    page = clinic.article.get_latest_revision_as_object()
    page.service_links = [ServiceLink(service=clinic.acupuncture)]
    page.save_revision(user=clinic.author)
    clinic.publish(clinic.article)

    with django_assert_num_queries(2):
        document = api.json("/articles/sleeping-better")
    assert [service["slug"] for service in document["services"]] == ["acupuncture"]


def test_an_id_is_taken_in_every_spelling_of_uuids(api: Reader) -> None:
    document_id = uuid.UUID(api.json("/articles/sleeping-better")["id"])

    assert api.get(f"/pages/{document_id.hex.upper()}").status_code == 200
