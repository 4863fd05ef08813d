"""Nothing hidden shows where content leaves besides lists and pages: feeds, sitemap, Markdown, redirects, completions."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction, Site

from cms.api import conditional
from cms.pages.relations import TopicLink
from cms.publishing import tallies
from cms.publishing.models import Head
from search import indexing
from search.index_models import IndexedDocument
from tests.factories import Clinic, draft

WORD = "zanzibar"
OUTLETS = [
    "/api/v1/feeds/articles.json", "/api/v1/feeds/articles.atom", "/api/v1/feeds/articles.json?condition=insomnia",
    "/api/v1/feeds/articles.json?topic=sleep", "/sitemap.xml", "/sitemap-1.xml", "/sitemap-2.xml", "/robots.txt", "/llms.txt",
    "/articles/zanzibar.md", "/articles/zanzibar/", "/index.md", "/team/anton.md", "/conditions/insomnia.md",
    "/api/v1/redirects", f"/api/v1/search/suggest?q={WORD}", "/api/v1/search/suggest?q=z", "/api/v1/search/suggest?q=s",
    "/api/v1/articles/zanzibar?body_format=markdown", "/api/v1/articles?include=body&body_format=text",
    "/api/v1/pages?include=body&body_format=html",
]  # fmt: skip


def _seen(client: Client) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    seen = {}
    for address in OUTLETS:
        response = client.get(address)
        seen[address] = (response.status_code, response.content, dict(response.headers))
    return seen


def _article(clinic: Clinic, **fields: Any) -> Any:
    page = clinic.article_draft(WORD, title="Zanzibar", summary=WORD, body=[("paragraph", f"<p>{WORD}</p>")], **fields)
    page.topic_links = [TopicLink(topic=clinic.topic)]
    page.save_revision(user=clinic.author)
    return page


def _draft_only(clinic: Clinic) -> None:
    Redirect.add_redirect(f"/to-{WORD}", _article(clinic))


def _draft_of_public_pages(clinic: Clinic) -> None:
    draft(clinic.article, title="Zanzibar", summary=WORD, slug=WORD)
    draft(clinic.insomnia, title="Zanzibar", also_known_as=WORD)


def _published_below_a_restriction(clinic: Clinic) -> None:
    page = _article(clinic)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    clinic.publish(page)
    Redirect.add_redirect(f"/to-{WORD}", page)


@pytest.fixture(autouse=True)
def dates_that_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The date of an answer moves on once, a second after the newest publication; here it does not."""
    monkeypatch.setattr(conditional, "_COMMIT_SECONDS", 100_000)


@pytest.mark.parametrize("hide", [_draft_only, _draft_of_public_pages, _published_below_a_restriction])
def test_what_is_hidden_changes_no_byte(client: Client, clinic: Clinic, hide: Callable[[Clinic], None]) -> None:
    client.get("/")
    before = _seen(client)

    hide(clinic)

    assert _seen(client) == before
    assert before["/articles/zanzibar.md"][0] == 404


def _expired_while_no_worker_ran(clinic: Clinic) -> None:
    a_second_ago = timezone.now() - datetime.timedelta(seconds=1)
    heads = Head.objects.filter(slug=WORD)
    IndexedDocument.objects.filter(document_id__in=heads.values("document_id")).update(expires_at=a_second_ago)
    heads.update(expires_at=a_second_ago)


def _unpublished(clinic: Clinic) -> None:
    clinic.article.get_siblings().get(slug=WORD).specific.unpublish(user=clinic.publisher)


def _restricted(clinic: Clinic) -> None:
    with transaction.atomic():
        PageViewRestriction.objects.create(
            page=clinic.article.get_siblings().get(slug=WORD), restriction_type=PageViewRestriction.LOGIN
        )


def _on_another_site(clinic: Clinic) -> None:
    other = Site.objects.create(hostname="other.example", root_page=clinic.team)
    Head.objects.filter(slug=WORD).update(site_id=other.pk)
    tallies.recount()
    # As good as indexed on the other site, which nobody asks here.
    indexing.forget_document(Head.objects.values_list("document_id", flat=True).get(slug=WORD))


@pytest.mark.parametrize("hide", [_expired_while_no_worker_ran, _unpublished, _restricted, _on_another_site])
def test_what_is_withdrawn_is_gone_at_once(client: Client, clinic: Clinic, hide: Callable[[Clinic], None]) -> None:
    client.get("/")
    bodies = {address: content for address, (_status, content, _headers) in _seen(client).items()}
    page = clinic.publish(_article(clinic))
    Redirect.add_redirect(f"/to-{WORD}", page)
    shown = {address for address, (_status, content, _headers) in _seen(client).items() if content != bodies[address]}
    assert len(shown) == 16

    hide(clinic)

    for address, (status, content, _headers) in _seen(client).items():
        if f"/{WORD}" in address:
            assert status in {404, 410}, address
        else:
            assert content == bodies[address], address


def test_dates_of_feeds_follow_public_pages_only(client: Client, clinic: Clinic) -> None:
    before = client.get("/api/v1/feeds/articles.atom").content

    draft(clinic.article, title="Another title")
    page = _article(clinic)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    clinic.publish(page)
    clinic.publish(page).unpublish(user=clinic.publisher)

    assert client.get("/api/v1/feeds/articles.atom").content == before
