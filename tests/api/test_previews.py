"""Preview tokens: what they open, when they die, and that nobody else ever gets what they show."""

import datetime
import logging
import threading
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone
from pydantic import TypeAdapter

from cms.api import draft_schemas, previews
from cms.api.models import PreviewToken
from cms.publishing.models import Entry
from tests.api.conftest import Reader
from tests.api.test_keys import database_dump
from tests.factories import Clinic, draft, make_user

PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


def share(clinic: Clinic, page: Any = None, **options: Any) -> str:
    """The text of a new token, made by the author."""
    given = {"issuer": clinic.author, "hours": 1, "is_fixed": False, "now": timezone.now(), **options}
    return previews.issue(page or clinic.article, **given)[1]


def seen(api: Reader, text: str) -> Any:
    return api.get(f"/preview?token={text}")


def test_a_token_shows_the_newest_draft(api: Reader, clinic: Clinic) -> None:
    text = share(clinic)
    revision = draft(clinic.article, title="Sleeping well")

    response = seen(api, text)

    assert response.status_code == 200
    document = response.json()
    TypeAdapter(draft_schemas.DraftDocument).validate_python(document)
    assert document["title"] == "Sleeping well"
    assert document["attestation"]["revision"] == revision.pk
    assert document["attestation"]["position"] is None
    assert {name: response.headers[name] for name in PRIVATE} == PRIVATE
    assert not {"ETag", "Last-Modified", "Cache-Tag"} & set(response.headers)


def test_a_fixed_token_shows_these_words_and_no_later_ones(api: Reader, clinic: Clinic) -> None:
    fixed, newest = share(clinic, is_fixed=True), share(clinic)

    draft(clinic.article, title="Sleeping well")

    assert seen(api, fixed).json()["title"] == "Sleeping better"
    assert seen(api, newest).json()["title"] == "Sleeping well"


def test_a_fixed_token_dies_when_its_revision_is_rewritten(api: Reader, clinic: Clinic) -> None:
    page = clinic.article_draft("coming", title="Coming")
    text = share(clinic, page, is_fixed=True)
    assert seen(api, text).json()["title"] == "Coming"

    newest = page.get_latest_revision_as_object()
    newest.title = "Rewritten"
    newest.save_revision(user=clinic.author, overwrite_revision=page.get_latest_revision())

    assert seen(api, text).status_code == 404


def test_a_page_that_was_never_public_can_be_shown(api: Reader, clinic: Clinic) -> None:
    text = share(clinic, clinic.article_draft("coming", title="Coming"))

    assert seen(api, text).json()["title"] == "Coming"
    assert api.get("/articles/coming").status_code == 404


def expire(clinic: Clinic) -> None:
    PreviewToken.objects.update(expires_at=timezone.now())


def revoke(clinic: Clinic) -> None:
    previews.revoke(PreviewToken.objects.get(), clinic.article, user=clinic.author)


def delete_the_page(clinic: Clinic) -> None:
    clinic.article.delete()


def take_the_role(clinic: Clinic) -> None:
    clinic.author.groups.clear()


def take_the_right(clinic: Clinic) -> None:
    Group.objects.get(name="Author").page_permissions.all().delete()


def lock_out(clinic: Clinic) -> None:
    clinic.author.is_active = False
    clinic.author.save()


DEATHS = [expire, revoke, delete_the_page, take_the_role, take_the_right, lock_out]


@pytest.mark.parametrize("die", DEATHS)
@pytest.mark.parametrize("is_fixed", [False, True])
def test_a_dead_token_answers_like_one_that_never_was(api: Reader, clinic: Clinic, die: Any, is_fixed: bool) -> None:
    unknown = seen(api, "x" * 43)
    text = share(clinic, is_fixed=is_fixed)
    assert seen(api, text).status_code == 200

    die(clinic)

    dead = seen(api, text)
    assert dead.status_code == 404
    assert (dead.content, dict(dead.headers)) == (unknown.content, dict(unknown.headers))
    assert {name: dead.headers[name] for name in PRIVATE} == PRIVATE


@pytest.mark.parametrize("text", ["", "x", "x" * 3000, "%F0%9F%98%80", "..%2F", "'--", "attest_1"])
def test_a_malformed_token_answers_like_an_unknown_one(api: Reader, text: str, django_assert_num_queries: Any) -> None:
    unknown = seen(api, "y" * 43)

    with django_assert_num_queries(1):
        response = seen(api, text)

    assert (response.status_code, response.content, dict(response.headers)) == (
        404, unknown.content, dict(unknown.headers),
    )  # fmt: skip


@pytest.mark.parametrize("die", [expire, revoke, lock_out])
def test_a_dead_token_takes_the_same_work_as_an_unknown_one(
    api: Reader, clinic: Clinic, die: Any, django_assert_num_queries: Any
) -> None:
    text = share(clinic)
    die(clinic)

    with django_assert_num_queries(1):
        seen(api, text)


def test_parameters_are_as_strict_as_everywhere(api: Reader, clinic: Clinic) -> None:
    text = share(clinic)

    assert api.errors("/preview") == [["query", "token"]]
    assert api.errors(f"/preview?token={text}&token={text}") == [["query", "token"]]
    assert api.errors(f"/preview?token={text}&page=2") == [["query", "page"]]


def test_a_token_opens_nothing_else(api: Reader, clinic: Clinic) -> None:
    draft(clinic.article, title="Sleeping well")
    text = share(clinic)

    assert api.errors(f"/articles/sleeping-better?token={text}") == [["query", "token"]]
    answer = api.get("/articles/sleeping-better?status=draft", Authorization=f"Bearer {text}")
    assert answer.status_code == 401
    for method in ("post", "put", "patch", "delete"):
        refused = getattr(api.client, method)(f"/api/v1/preview?token={text}")
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_token_needs_no_key_on_a_closed_api(api: Reader, clinic: Clinic, settings: Any) -> None:
    settings.CONTENT_API_PUBLIC = False

    assert seen(api, share(clinic)).status_code == 200


def test_related_drafts_do_not_show(api: Reader, clinic: Clinic) -> None:
    clinic.insomnia.unpublish(user=clinic.publisher)

    assert seen(api, share(clinic)).json()["conditions"] == []


def test_looking_changes_nothing(api: Reader, clinic: Clinic) -> None:
    text = share(clinic)
    before = list(Entry.objects.values_list("position", "chain")), list(PreviewToken.objects.values())

    seen(api, text)

    assert (list(Entry.objects.values_list("position", "chain")), list(PreviewToken.objects.values())) == before


@pytest.mark.parametrize("hours", [0, 2, 25, -1])
def test_a_token_lives_a_day_at_most(clinic: Clinic, hours: int) -> None:
    with pytest.raises(ValueError, match="1, 8, 24"):
        share(clinic, hours=hours)

    assert PreviewToken.objects.count() == 0


def test_a_token_lives_for_as_long_as_was_said(clinic: Clinic) -> None:
    now = timezone.now()

    share(clinic, hours=24, now=now)

    assert PreviewToken.objects.get().expires_at == now + datetime.timedelta(hours=24)


def test_nobody_shares_a_page_that_they_may_not_edit(clinic: Clinic) -> None:
    with pytest.raises(PermissionDenied):
        share(clinic, issuer=make_user("stranger"))

    assert PreviewToken.objects.count() == 0


def test_the_token_is_neither_in_the_database_nor_in_logs(
    api: Reader, clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    text = share(clinic)
    seen(api, text)
    revoke(clinic)
    refused = seen(api, text)

    assert len(text) == 43
    assert text not in database_dump()
    assert text not in "\n".join(record.getMessage() for record in caplog.records)
    assert text not in refused.content.decode()


def test_previews_and_public_reads_in_turn_get_their_own_answers(api: Reader, clinic: Clinic) -> None:
    draft(clinic.article, title="Sleeping well")
    text = share(clinic)

    answers = [(seen(api, text), api.get("/articles/sleeping-better")) for _ in range(100)]

    assert {one.json()["title"] for one, _other in answers} == {"Sleeping well"}
    assert {other.json()["title"] for _one, other in answers} == {"Sleeping better"}
    assert {one.headers["Cache-Control"] for one, _other in answers} == {"private, no-store"}
    assert len({other.content for _one, other in answers}) == 1


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need a database that they share")
def test_previews_and_public_reads_at_once_get_their_own_answers(committed_clinic: Clinic) -> None:
    draft(committed_clinic.article, title="Sleeping well")
    text = share(committed_clinic)
    found: dict[str, list[str]] = {"/preview": [], "/articles": []}

    def read(name: str, address: str) -> None:
        client = Client()
        for _ in range(25):
            found[name].append(client.get(f"/api/v1{address}").json()["title"])
        connection.close()

    threads = [
        threading.Thread(target=read, args=one)
        for one in [("/preview", f"/preview?token={text}"), ("/articles", "/articles/sleeping-better")] * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {"/preview": ["Sleeping well"] * 100, "/articles": ["Sleeping better"] * 100}
