"""Drafts for keys: who may have them, what they show, and that the public sees nothing of them."""

from typing import Any

import pytest
from pydantic import TypeAdapter
from wagtail.models import PageViewRestriction

from articles.models import ArticlePage
from cms.api import draft_schemas, keys
from cms.api.models import Scope
from cms.pages.identity import document_id_of
from cms.pages.relations import RelatedLink
from cms.publishing.models import Entry
from home.models import PersonPage
from services.models import ConditionPage, ServicePage
from tests.api.conftest import Reader
from tests.factories import Clinic, add_draft, approve, draft

ADDRESSES = [
    "/articles/sleeping-better", "/conditions/insomnia", "/services/acupuncture", "/people/anton",
    "/pages/find?path=/articles/sleeping-better/", "/pages/find?path=/", "/pages/find?path=/articles",
    "/pages/find?path=/team/sleep/",
]  # fmt: skip


@pytest.fixture
def insider(api: Reader) -> "Insider":
    """A reader with a key for drafts."""
    return Insider(api, keys.issue("Front end", ["content:preview"])[1])


class Insider(Reader):
    """Asks for drafts, with a key."""

    def __init__(self, api: Reader, text: str) -> None:
        super().__init__(api.client)
        self.text = text

    def get(self, address: str, **headers: str) -> Any:
        mark = "&" if "?" in address else "?"
        return super().get(f"{address}{mark}status=draft", Authorization=f"Bearer {self.text}", **headers)


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_key_there_are_no_drafts(api: Reader, address: str) -> None:
    response = api.get(f"{address}{'&' if '?' in address else '?'}status=draft")

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="content"')
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("scope", [scope for scope in Scope.values if scope != "content:preview"])
@pytest.mark.parametrize("slug", ["sleeping-better", "nothing"])
def test_other_scopes_do_not_open_drafts(api: Reader, scope: str, slug: str) -> None:
    response = Insider(api, keys.issue("Front end", [scope])[1]).get(f"/articles/{slug}")

    assert response.status_code == 403
    assert 'scope="content:preview"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_draft_has_the_shape_of_its_type_and_is_kept_by_nobody(insider: Insider, address: str) -> None:
    response = insider.get(address)

    assert response.status_code == 200
    TypeAdapter(draft_schemas.DraftDocument).validate_python(response.json(), strict=False)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert not {"ETag", "Last-Modified", "Cache-Tag"} & set(response.headers)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_draft_without_changes_says_what_is_public(api: Reader, insider: Insider, address: str) -> None:
    public, drafted = api.json(address), insider.json(address)

    for document in (public, drafted):
        for name in ("updated_at", "published_at"):
            document.pop(name)
        for seo in document["seo"]["json_ld"]:
            seo.pop("dateModified", None)
        document["seo"]["open_graph"] = {
            name: value for name, value in document["seo"]["open_graph"].items() if "time" not in name
        }
    approvals = public["attestation"]["approvals"]
    assert drafted.pop("attestation") == public.pop("attestation") | {
        "position": None, "digest": None, "approvals": approvals,
    }  # fmt: skip
    assert drafted == public


def test_a_change_shows_in_the_draft_and_nowhere_else(api: Reader, insider: Insider, clinic: Clinic) -> None:
    before = api.get("/articles/sleeping-better")

    revision = draft(clinic.article, title="Sleeping well", summary="Other words.")

    drafted = insider.json("/articles/sleeping-better")
    assert (drafted["title"], drafted["summary"]) == ("Sleeping well", "Other words.")
    assert drafted["attestation"] == {
        "position": None, "digest": None, "revision": revision.pk, "approvals": [], "override": None,
    }  # fmt: skip
    after = api.get("/articles/sleeping-better")
    assert (after.content, dict(after.headers)) == (before.content, dict(before.headers))


def test_approvals_so_far_are_told_with_names_only_of_people_with_a_page(insider: Insider, clinic: Clinic) -> None:
    page = clinic.article_draft("coming")

    approve(page, clinic.editor)
    after_one = insider.json("/articles/coming")
    approve(page, clinic.editor, clinic.clinician)
    after_two = insider.json("/articles/coming")

    assert [(given["stage"], given["name"]) for given in after_one["attestation"]["approvals"]] == [("editorial", None)]
    assert [(given["stage"], given["name"]) for given in after_two["attestation"]["approvals"]] == [
        ("editorial", None), ("clinical", "Clara Made-Up"),
    ]  # fmt: skip
    assert [person["slug"] for person in after_two["reviewers"]] == ["clara"]
    assert after_one["reviewed_at"] is None
    assert after_two["reviewed_at"] == after_two["attestation"]["approvals"][1]["at"]


def test_a_page_that_was_never_public_has_a_draft_by_every_address(insider: Insider, clinic: Clinic) -> None:
    page = clinic.article_draft("coming", title="Coming soon")

    found = [insider.json(address) for address in (
        "/articles/coming", f"/pages/{document_id_of(page)}", "/pages/find?path=/articles/coming/"
    )]  # fmt: skip

    assert {document["title"] for document in found} == {"Coming soon"}
    assert {document["id"] for document in found} == {str(document_id_of(page))}


def test_a_draft_is_found_by_the_name_it_will_have(insider: Insider, clinic: Clinic) -> None:
    draft(clinic.article, slug="sleeping-well")

    assert insider.json("/articles/sleeping-well")["path"] == "/articles/sleeping-well/"
    assert insider.json("/articles/sleeping-better")["path"] == "/articles/sleeping-well/"
    assert insider.json("/pages/find?path=/articles/sleeping-well")["slug"] == "sleeping-well"
    assert insider.get("/pages/find?path=/team/sleeping-well/").status_code == 404


def test_related_drafts_do_not_show(insider: Insider, clinic: Clinic) -> None:
    hidden = clinic.article_draft("secret", title="Zanzibar")
    page = clinic.article.get_latest_revision_as_object()
    page.related_links = [RelatedLink(target=hidden)]
    page.body = [{"type": "paragraph", "value": f'<p><a linktype="page" id="{hidden.pk}">words</a></p>'}]
    page.save_revision(user=clinic.author)

    response = insider.get("/articles/sleeping-better")

    assert response.json()["related"] == []
    assert "Zanzibar" not in response.content.decode()
    assert "secret" not in response.content.decode()


def test_only_some_fields_can_be_asked_for(insider: Insider, clinic: Clinic) -> None:
    draft(clinic.article, title="Sleeping well")

    assert insider.json("/articles/sleeping-better?fields=title,attestation.position") == {
        "title": "Sleeping well", "attestation": {"position": None},
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["/articles/nothing", "/articles/insomnia", "/pages/nothing", "/pages/00000000-0000-0000-0000-000000000000",
     "/pages/find?path=/nothing/", "/pages/find?path=//", "/pages/find?path=/%F0%9F%98%80/"],
)  # fmt: skip
def test_where_no_page_is_there_is_no_draft(insider: Insider, address: str) -> None:
    response = insider.get(address)

    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


def test_a_restricted_page_gives_no_draft_to_a_key(insider: Insider, clinic: Clinic) -> None:
    PageViewRestriction.objects.create(page=clinic.articles, restriction_type=PageViewRestriction.LOGIN)

    assert insider.get("/articles/sleeping-better").status_code == 404


def test_an_unknown_site_is_named_as_in_every_read(insider: Insider) -> None:
    assert insider.errors("/articles/sleeping-better?site=nothing.example") == [["query", "site"]]


def test_lists_have_no_drafts(insider: Insider, api: Reader) -> None:
    for address in ("/articles", "/pages", "/search?q=sleep"):
        assert insider.errors(address) == [["query", "status"]]
    assert api.errors("/articles/sleeping-better?status=all") == [["query", "status"]]
    assert api.json("/articles/sleeping-better?status=published") == api.json("/articles/sleeping-better")


def test_a_closed_api_needs_both_scopes(api: Reader, settings: Any) -> None:
    settings.CONTENT_API_PUBLIC = False
    both = keys.issue("Front end", ["content:read", "content:preview"])[1]
    one = keys.issue("Front end", ["content:preview"])[1]

    assert Insider(api, both).get("/articles/sleeping-better").status_code == 200
    assert Insider(api, one).get("/articles/sleeping-better").status_code == 403


@pytest.mark.parametrize(
    ("model", "collection"),
    [(ArticlePage, "articles"), (ConditionPage, "conditions"), (ServicePage, "services"), (PersonPage, "people")],
)
def test_a_page_with_nothing_but_a_title_has_a_draft_too(
    insider: Insider, clinic: Clinic, model: Any, collection: str
) -> None:
    parent = {"articles": clinic.articles, "conditions": clinic.conditions, "services": clinic.services}.get(
        collection, clinic.team
    )
    add_draft(parent, model(title="Bare", slug="bare"), user=clinic.author)

    document = insider.json(f"/{collection}/bare")

    TypeAdapter(draft_schemas.DraftDocument).validate_python(document)
    assert document["title"] == "Bare"


EMPTY = {
    "heading": {"level": "2", "text": ""},
    "paragraph": "",
    "image": {"image": None},
    "quote": {},
    "callout": {},
    "steps": {},
    "list": {},
    "table": {},
    "faq": {},
    "key_facts": {},
    "statistic": {"reference": None},
    "embed": {},
    "document": None,
    "call_to_action": {"page": None, "url": ""},
}


@pytest.mark.parametrize("kind", EMPTY)
def test_an_unfinished_block_is_no_error(insider: Insider, clinic: Clinic, kind: str) -> None:
    page = clinic.article.get_latest_revision_as_object()
    page.body = page.body.stream_block.to_python([{"type": kind, "value": EMPTY[kind], "id": "one"}])
    page.save_revision(user=clinic.author, clean=False)

    assert insider.get("/articles/sleeping-better").status_code == 200


def test_reading_drafts_changes_nothing(insider: Insider, clinic: Clinic) -> None:
    draft(clinic.article, title="Sleeping well")
    before = list(Entry.objects.values_list("position", "chain"))

    insider.get("/articles/sleeping-better")

    assert list(Entry.objects.values_list("position", "chain")) == before
