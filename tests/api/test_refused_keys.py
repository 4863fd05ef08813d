"""A refused key leaves a trace for whoever keeps the keys, and a stranger cannot make that trace grow."""

import datetime
import logging
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from cms.api import keys, refused_keys
from cms.api.models import ApiKey
from tests.api.conftest import Reader
from tests.api.test_keys import ask, database_dump, make_key
from tests.factories import make_user
from tests.workflow.desk import login, shown

SECRET = "5ec4e7" * 10 + "0000"


@pytest.fixture(autouse=True)
def quiet_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log begins anew: another test may have written its line of this minute."""
    monkeypatch.setattr(refused_keys._Unknown, "told_at", None)
    monkeypatch.setattr(refused_keys._Unknown, "count", 0)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock to so many seconds after the test began."""
    start = timezone.now()

    def set_clock(seconds: float) -> datetime.datetime:
        moment = start + datetime.timedelta(seconds=seconds)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        return moment

    return set_clock


def with_other_secret(text: str) -> str:
    return text[: -len(SECRET)] + SECRET


def ended(**fields: Any) -> str:
    text = make_key()
    ApiKey.objects.update(**fields)
    return text


def writes(queries: Any) -> list[str]:
    return [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


REFUSALS = {
    "secret": lambda: with_other_secret(make_key()),
    "revoked": lambda: ended(revoked_at=timezone.now()),
    "expired": lambda: ended(expires_at=timezone.now() - datetime.timedelta(seconds=1)),
    "suspended": lambda: make_key(owner=make_user("gone", "Administrator", is_active=False)),
    "scope": lambda: make_key("webhooks:manage"),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refused_key_keeps_when_why_and_how_often(api: Reader, settings: Any, at: Any, reason: str) -> None:
    settings.CONTENT_API_PUBLIC = False
    text, moment = REFUSALS[reason](), at(1)

    response = ask(api, "/articles", text)

    key = ApiKey.objects.get()
    assert response.status_code == (403 if reason == "scope" else 401)
    assert (key.last_refusal, key.last_refused_at, key.refused_count) == (reason, moment, 1)


@pytest.mark.parametrize(
    "address", ["/articles/sleeping-better?status=draft", "/pages/00000000-0000-0000-0000-000000000000/history"]
)
def test_a_key_that_may_not_see_drafts_or_history_is_refused_by_its_scope(api: Reader, address: str) -> None:
    response = ask(api, address, make_key())

    assert response.status_code == 403
    assert ApiKey.objects.get().last_refusal == "scope"


def test_a_key_that_works_is_not_refused(api: Reader) -> None:
    assert ask(api, "/articles", make_key()).status_code == 200

    key = ApiKey.objects.get()
    assert (key.last_refused_at, key.last_refusal, key.refused_count) == (None, "", 0)


def test_many_refusals_are_counted_by_one_write_a_minute(
    api: Reader, at: Any, django_assert_num_queries: Any, settings: Any
) -> None:
    settings.RATE_LIMITS = {}
    text = with_other_secret(make_key())
    at(1)
    ask(api, "/articles", text)

    for seconds in range(2, 61):
        at(seconds)
        # The one query looks for the key, as for any other text that could be one.
        with django_assert_num_queries(1):
            assert ask(api, "/articles", text).status_code == 401

    assert ApiKey.objects.get().refused_count == 1
    moment = at(61)
    ask(api, "/articles", text)
    key = ApiKey.objects.get()
    assert (key.refused_count, key.last_refused_at) == (61, moment)


def test_of_two_who_read_the_same_key_one_writes(api: Reader, at: Any) -> None:
    make_key()
    mine, other = ApiKey.objects.get(), ApiKey.objects.get()
    at(1)
    refused_keys.note(mine, keys.Refusal.SECRET)
    refused_keys.note(other, keys.Refusal.SECRET)
    assert ApiKey.objects.get().refused_count == 1

    at(62)
    refused_keys.note(ApiKey.objects.get(), keys.Refusal.EXPIRED)

    assert ApiKey.objects.get().refused_count == 3


def test_a_refusal_that_cannot_be_written_now_is_counted_later(api: Reader, at: Any) -> None:
    text = with_other_secret(make_key())

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    at(1)
    with connection.execute_wrapper(refuse):
        assert ask(api, "/articles", text).status_code == 401
    assert ApiKey.objects.get().refused_count == 0

    ask(api, "/articles", text)

    assert ApiKey.objects.get().refused_count == 2


UNKNOWN = {
    "of no key": f"Bearer attest_{'0' * 8}_{SECRET}",
    "cut off": f"Bearer attest_{'0' * 8}_{SECRET[:-1]}",
    "of another kind": f"Basic {SECRET}",
    "with a line break": f"Bearer {SECRET}%0aWARNING",
    "endless": "Bearer " + SECRET * 60,
}


@pytest.mark.parametrize("header", UNKNOWN)
def test_what_is_no_key_is_a_line_a_minute_and_no_row(
    api: Reader, at: Any, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    make_key()
    before = database_dump()
    caplog.set_level(logging.DEBUG)

    for seconds in (1, 2, 60, 61):
        at(seconds)
        assert api.get("/articles", Authorization=UNKNOWN[header]).status_code == 401

    lines = [record for record in caplog.records if record.name == "attest.access"]
    assert [record.levelname for record in lines] == ["WARNING", "WARNING"]
    assert [record.getMessage() for record in lines] == [
        "Refused 1 requests with a key that does not exist, the last one from 127.0.0.1",
        "Refused 3 requests with a key that does not exist, the last one from 127.0.0.1",
    ]
    assert database_dump() == before


def test_nobody_without_a_key_is_told_of(api: Reader, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.CONTENT_API_PUBLIC = False

    assert api.get("/articles").status_code == 401

    assert [record for record in caplog.records if record.name == "attest.access"] == []


@pytest.mark.parametrize("reason", REFUSALS)
def test_nothing_of_the_secret_is_stored_logged_or_answered(
    api: Reader, settings: Any, caplog: pytest.LogCaptureFixture, reason: str
) -> None:
    settings.CONTENT_API_PUBLIC = False
    caplog.set_level(logging.DEBUG)
    text = REFUSALS[reason]()
    secret = text.rpartition("_")[2]

    response = ask(api, "/articles", text)

    assert len(secret) == 64
    for place in (database_dump(), caplog.text, response.content.decode(), str(response.headers)):
        assert secret not in place
        assert secret[:16] not in place


def test_who_keeps_the_keys_finds_it_in_their_list(api: Reader) -> None:
    ada = make_user("ada", "Administrator")
    text = make_key("webhooks:manage", owner=ada)
    make_key(owner=ada)

    ask(api, "/articles/sleeping-better?status=draft", text)

    page = shown(login(ada).get(reverse("api_keys:index")))
    assert "refused 0 minutes ago (scope missing), once in all" in page
    assert "never refused" in page


def test_a_script_lists_it(api: Reader) -> None:
    ask(api, "/articles", ended(revoked_at=timezone.now()))
    out = StringIO()

    call_command("api_key", "list", stdout=out)

    assert "refused 1 times, last " in out.getvalue()
    assert "(revoked)" in out.getvalue()
