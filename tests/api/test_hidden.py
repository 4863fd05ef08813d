"""Nothing hidden shows: not in lists, counts, relations, search, menus, nor in how an answer differs."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import PageViewRestriction

from cms.api import conditional
from cms.pages.relations import RelatedLink
from cms.publishing.models import Head
from search.index_models import IndexedDocument
from tests.api.conftest import Reader
from tests.factories import Clinic, draft

WORD = "zanzibar"
EVERYWHERE = [
    "/articles", "/pages", "/pages?type=article", "/articles?order=title", f"/pages?q={WORD}",
    "/pages?path_prefix=/articles/secret",
    "/pages?slug=secret", "/articles?author=anton", "/articles?condition=insomnia", "/articles?include=body", f"/search?q={WORD}",
    f"/search?q={WORD}r", f"/search?q=sleep {WORD}r", "/search?q=sleep", "/search?q=zan", "/search?q=secret&type=article",
    "/search/suggest?q=sec", "/search/suggest?q=zanzi", f"/search/suggest?q={WORD}",
    "/conditions/insomnia", "/people/anton", "/navigation", "/articles?limit=1", "/articles/secret",
    "/pages/find?path=/articles/secret/",
]  # fmt: skip


def _draft_only(clinic: Clinic) -> None:
    clinic.article_draft("secret", title="Secret", summary=WORD)


def _draft_of_a_public_page(clinic: Clinic) -> None:
    draft(clinic.article, title="Secret", summary=WORD, slug="secret")


def _published_below_a_restriction(clinic: Clinic) -> None:
    page = clinic.article_draft("secret", title="Secret", summary=WORD)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    clinic.publish(page)


@pytest.fixture(autouse=True)
def dates_that_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The date of an answer moves on once, a second after the newest publication; here it does not."""
    monkeypatch.setattr(conditional, "_COMMIT_SECONDS", 100_000)


@pytest.mark.parametrize("hide", [_draft_only, _draft_of_a_public_page, _published_below_a_restriction])
def test_what_is_hidden_changes_no_byte_of_any_answer(
    api: Reader, clinic: Clinic, hide: Callable[[Clinic], None]
) -> None:
    before = {address: _seen(api, address) for address in EVERYWHERE}

    hide(clinic)

    assert {address: _seen(api, address) for address in EVERYWHERE} == before
    assert before["/articles/secret"][0] == 404


def _expired_while_no_worker_ran(clinic: Clinic) -> None:
    a_second_ago = timezone.now() - datetime.timedelta(seconds=1)
    heads = Head.objects.filter(slug="secret")
    IndexedDocument.objects.filter(document_id__in=heads.values("document_id")).update(expires_at=a_second_ago)
    heads.update(expires_at=a_second_ago)


def _unpublished(clinic: Clinic) -> None:
    clinic.article.get_siblings().get(slug="secret").specific.unpublish(user=clinic.publisher)


def _restricted(clinic: Clinic) -> None:
    page = clinic.article.get_siblings().get(slug="secret")
    with transaction.atomic():
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


@pytest.mark.parametrize("hide", [_expired_while_no_worker_ran, _unpublished, _restricted])
def test_what_is_withdrawn_is_gone_everywhere_at_once(
    api: Reader, clinic: Clinic, hide: Callable[[Clinic], None]
) -> None:
    clinic.publish(clinic.article_draft("secret", title="Secret", summary=WORD))
    page = clinic.insomnia.get_latest_revision_as_object()
    page.related_links = [RelatedLink(target=clinic.article.get_siblings().get(slug="secret"))]
    page.save_revision(user=clinic.author)
    clinic.publish(clinic.insomnia)
    assert [related["slug"] for related in api.json("/conditions/insomnia")["related"]] == ["secret"]
    assert [page["slug"] for page in api.json("/people/anton")["articles"]] == ["secret", "sleeping-better"]

    hide(clinic)

    for address in EVERYWHERE:
        assert WORD not in api.get(address).content.decode().lower().replace(f"q={WORD}", ""), address
    assert api.json("/articles")["count"] == 1
    assert api.json("/conditions/insomnia")["related"] == []
    assert [page["slug"] for page in api.json("/people/anton")["articles"]] == ["sleeping-better"]
    assert api.json(f"/search?q={WORD}") == {
        "count": 0,
        "is_count_exact": True,
        "next": None,
        "items": [],
        "facets": {"type": {}, "condition": {}, "service": {}, "topic": {}},
        "did_you_mean": None,
        "notices": [],
    }
    assert api.get("/articles/secret").status_code == 410


def test_filtering_by_a_hidden_page_is_like_filtering_by_none(api: Reader, clinic: Clinic) -> None:
    clinic.insomnia.unpublish(user=clinic.publisher)

    hidden, unknown = api.get("/articles?condition=insomnia"), api.get("/articles?condition=nothing")

    assert hidden.content == unknown.content
    assert hidden.json()["count"] == 0
    assert api.json("/articles")["items"][0]["conditions"] == []


def test_hidden_and_unknown_answer_alike(api: Reader, clinic: Clinic, django_assert_num_queries: Any) -> None:
    clinic.article_draft("secret")

    for address in ("/articles/{}", "/pages/find?path=/articles/{}/"):
        hidden, unknown = (api.get(address.format(slug), If_None_Match="*") for slug in ("secret", "no-such"))
        assert (hidden.status_code, hidden.content, dict(hidden.headers)) == (
            404,
            unknown.content,
            dict(unknown.headers),
        )


def _seen(api: Reader, address: str) -> tuple[Any, ...]:
    response = api.get(address)
    return response.status_code, response.content, dict(response.headers)
