"""The past and the future of the public's view: who may read them, and that they are exactly what was or will be."""

import datetime
import hashlib
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from cms.api import history_views, keys
from cms.publishing import as_of
from cms.publishing.models import Entry
from tests.api.conftest import Reader
from tests.factories import Clinic, draft
from tests.publishing.test_scheduling import at

START = timezone.now().replace(microsecond=0) + datetime.timedelta(days=1)
AN_HOUR = datetime.timedelta(hours=1)
READS = [
    "/articles", "/articles?condition=insomnia&order=title", "/pages?limit=3", "/pages?include=body&type=article",
    "/pages?q=sleep", "/people?fields=title", "/articles/sleeping-better", "/people/anton",
    "/pages/find?path=/conditions/insomnia/",
]  # fmt: skip


def as_key(api: Reader, address: str, *scopes: str) -> Any:
    return api.get(address, Authorization=f"Bearer {keys.issue('Key', scopes)[1]}")


def at_moment(address: str, moment: datetime.datetime) -> str:
    return f"{address}{'&' if '?' in address else '?'}as_of={moment.isoformat().replace('+00:00', 'Z')}"


@pytest.mark.parametrize("address", READS)
def test_a_past_answer_is_given_again_word_for_word(api: Reader, clinic: Clinic, address: str) -> None:
    then = api.json(address)
    moment = timezone.now()
    with at(START), transaction.atomic():
        draft(clinic.article, user=clinic.author, title="Another title", summary="Other words.")
        clinic.publish(clinic.article)
    with at(START + AN_HOUR), transaction.atomic():
        Page.objects.get(pk=clinic.insomnia.pk).specific.unpublish()

    with at(START + 2 * AN_HOUR):
        response = as_key(api, at_moment(address, moment), "content:history")

    assert response.status_code == 200, response.content
    told = response.json()
    assert {**told, "next": None} == {**then, "next": None} if "next" in then else told == then
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers
    assert api.get("/conditions/insomnia").status_code == 410


def test_a_list_of_the_past_goes_on_in_the_past(api: Reader, clinic: Clinic) -> None:
    moment = timezone.now()
    with at(START), transaction.atomic():
        Page.objects.get(pk=clinic.insomnia.pk).specific.unpublish()
    address: str | None = at_moment("/pages?limit=4&order=title", moment)

    slugs: list[str] = []
    while address:
        page = as_key(api, address, "content:history").json()
        slugs += [item["slug"] for item in page["items"]]
        address = page["next"].removeprefix("/api/v1") if page["next"] else None

    assert len(slugs) == page["count"] == api.json("/pages")["count"] + 1
    assert "insomnia" in slugs


def test_the_future_needs_a_key_for_previews(api: Reader, clinic: Clinic) -> None:
    with transaction.atomic():
        clinic.publish(clinic.article_draft("tomorrow", go_live_at=START))
    address = at_moment("/articles", START + AN_HOUR)

    assert as_key(api, address, "content:history").status_code == 403
    told = as_key(api, address, "content:preview").json()

    assert {item["slug"] for item in told["items"]} == {"tomorrow", "sleeping-better"}
    assert api.slugs("/articles") == ["sleeping-better"]
    assert not Entry.objects.filter(path="/articles/tomorrow/").exists()


@pytest.mark.parametrize(("address", "hours"), [("/articles", -90), ("/articles/sleeping-better", 0)])
@pytest.mark.parametrize(("scopes", "status"), [((), 401), (("content:read",), 403), (("content:write",), 403)])
def test_another_moment_is_for_those_who_may(
    api: Reader, address: str, hours: int, scopes: tuple[str, ...], status: int
) -> None:
    address = at_moment(address, START + hours * AN_HOUR)

    response = as_key(api, address, *scopes) if scopes else api.get(address)

    assert response.status_code == status
    assert b"sleeping-better" not in response.content


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", "0", "", "99999-01-01", "2026-01-31T12:00:00+99:00"])
def test_a_moment_that_is_none_is_refused(api: Reader, moment: str) -> None:
    assert api.errors(f"/articles?as_of={moment}") == [["query", "as_of"]]


def test_a_draft_has_no_moment(api: Reader) -> None:
    assert api.errors("/articles/sleeping-better?status=draft&as_of=2026-01-01") == [["query", "status"]]


def test_what_was_not_public_at_that_moment_is_not_found(api: Reader, clinic: Clinic) -> None:
    long_ago = START - 9000 * AN_HOUR

    assert as_key(api, at_moment("/articles/sleeping-better", long_ago), "content:history").status_code == 404
    assert as_key(api, at_moment("/pages/find?path=/", long_ago), "content:history").status_code == 404
    assert as_key(api, at_moment("/pages", long_ago), "content:history").json()["count"] == 0


def test_too_many_documents_are_refused_with_a_reason(api: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_of, "MAX_DOCUMENTS", 2)

    response = as_key(api, at_moment("/articles", timezone.now()), "content:history")

    assert response.status_code == 422
    assert "history" in response.json()["errors"][0]["msg"]


@pytest.fixture
def eventful(clinic: Clinic) -> Clinic:
    with at(START), transaction.atomic():
        draft(clinic.article, user=clinic.author, title="Another title")
        clinic.publish(clinic.article)
    with at(START + AN_HOUR), transaction.atomic():
        Page.objects.get(pk=clinic.article.pk).specific.unpublish()
    return clinic


def history_of(api: Reader, page_id: str, query: str = "") -> Any:
    return as_key(api, f"/pages/{page_id}/history{query}", "content:history")


def test_a_history_tells_what_the_public_saw_and_who_approved_it(api: Reader, eventful: Clinic) -> None:
    page_id = str(Entry.objects.filter(page_id=eventful.article.pk).first().document_id)

    told = history_of(api, page_id).json()

    history_views.HistoryAnswer.model_validate(told)
    assert (told["id"], told["count"], told["next"]) == (page_id, 3, None)
    assert [(item["kind"], item["reason"], item["title"]) for item in told["items"]] == [
        ("withdrawn", "unpublished", None),
        ("updated", None, "Another title"),
        ("published", None, "Sleeping better"),
    ]
    assert [item["position"] for item in told["items"]] == sorted(
        (item["position"] for item in told["items"]), reverse=True
    )
    assert [(given["stage"], given["name"], given["credentials"]) for given in told["items"][1]["approvals"]] == [
        ("editorial", None, None),
        ("clinical", "Clara Made-Up", "M.D."),
    ]
    assert "document" not in told["items"][0] or told["items"][0]["document"] is None


def test_what_was_recorded_can_be_proven(api: Reader, eventful: Clinic) -> None:
    page_id = str(Entry.objects.filter(page_id=eventful.article.pk).first().document_id)

    items = history_of(api, page_id, "?include=document").json()["items"]

    assert items[0]["document"] is None
    for item in items[1:]:
        assert hashlib.sha256(item["document"].encode()).hexdigest() == item["digest"]


def test_a_history_is_read_in_pages(api: Reader, eventful: Clinic) -> None:
    page_id = str(Entry.objects.filter(page_id=eventful.article.pk).first().document_id)
    whole = history_of(api, page_id).json()["items"]

    first = history_of(api, page_id, "?limit=2").json()
    second = as_key(api, first["next"].removeprefix("/api/v1"), "content:history").json()

    assert first["items"] + second["items"] == whole
    assert second["next"] is None
    assert history_of(api, page_id, "?after=forged").status_code == 422


@pytest.mark.parametrize(("scopes", "status"), [((), 401), (("content:read", "content:preview"), 403)])
def test_a_history_is_for_those_who_may(api: Reader, eventful: Clinic, scopes: tuple[str, ...], status: int) -> None:
    page_id = Entry.objects.filter(page_id=eventful.article.pk).first().document_id
    address = f"/pages/{page_id}/history"

    response = as_key(api, address, *scopes) if scopes else api.get(address)

    assert response.status_code == status
    assert b"Another title" not in response.content


@pytest.mark.parametrize("page_id", ["6b1c73c1-d0e2-5d0b-91ce-48d59fefcf7b", "x"])
def test_who_was_never_public_has_no_history(api: Reader, page_id: str) -> None:
    assert history_of(api, page_id).status_code == 404
