"""Keys: what opens with one, what does not, and that nothing about them can be learned or kept."""

import datetime
import hashlib
import logging
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from cms.api import keys
from cms.api.models import ApiKey, Scope
from tests.api.conftest import Reader
from tests.factories import Clinic, make_user

PUBLIC = ["/articles", "/articles/sleeping-better", "/pages/find?path=/", "/search?q=sleep", "/site", "/navigation"]
REFUSED = (401, 'Bearer realm="content"')


def make_key(*scopes: str, **fields: Any) -> str:
    """The text of a new key."""
    return keys.issue("Website", scopes or ["content:read"], **fields)[1]


def ask(api: Reader, address: str, text: str, **headers: str) -> Any:
    return api.get(address, Authorization=f"Bearer {text}", **headers)


def expired() -> str:
    text = make_key()
    ApiKey.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    return text


def revoked() -> str:
    key, text = keys.issue("Website", ["content:read"])
    keys.revoke(key)
    return text


def of_a_stranger() -> str:
    return make_key(owner=make_user("stranger", "Author"))


def of_somebody_who_left() -> str:
    return make_key(owner=make_user("gone", "Administrator", is_active=False))


WRONG = {
    "unknown": lambda: f"attest_{'0' * 8}_{'0' * 64}",
    "other secret": lambda: make_key()[:-1] + "x",
    "other digit": lambda: (text := make_key())[:-1] + ("0" if text[-1] != "0" else "1"),
    "malformed": lambda: "attest_",
    "empty": lambda: "",
    "long": lambda: "a" * 3000,
    "expired": expired,
    "revoked": revoked,
    "of somebody without the right": of_a_stranger,
    "of somebody who left": of_somebody_who_left,
}


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("wrong", WRONG)
def test_every_wrong_key_gets_the_answer_that_no_key_gets(
    api: Reader, settings: Any, wrong: str, is_public: bool
) -> None:
    settings.CONTENT_API_PUBLIC = False
    nobody = api.get("/articles")
    text = WRONG[wrong]()
    settings.CONTENT_API_PUBLIC = is_public

    response = ask(api, "/articles", text)

    assert (response.status_code, response.headers["WWW-Authenticate"]) == REFUSED
    assert response.content == nobody.content
    assert dict(response.headers) == dict(nobody.headers)


@pytest.mark.parametrize("header", ["Basic {}", "{}", "Bearer", "Token {}", "Bearer {} {}"])
def test_a_key_in_another_form_is_no_key(api: Reader, header: str) -> None:
    text = make_key()

    response = api.get("/articles", Authorization=header.format(text, text))

    assert (response.status_code, response.headers["WWW-Authenticate"]) == REFUSED


@pytest.mark.parametrize("name", ["key", "token", "api_key", "access_token", "authorization"])
def test_a_key_in_the_address_is_never_read(api: Reader, settings: Any, name: str) -> None:
    text = make_key()

    assert api.errors(f"/articles?{name}={text}") == [["query", name]]
    settings.CONTENT_API_PUBLIC = False
    assert api.get(f"/articles?{name}={text}").status_code == 401


@pytest.mark.parametrize("scope", Scope.values)
@pytest.mark.parametrize("address", PUBLIC)
def test_on_a_closed_api_only_the_scope_to_read_reads(api: Reader, settings: Any, scope: str, address: str) -> None:
    settings.CONTENT_API_PUBLIC = False

    response = ask(api, address, make_key(scope))

    assert response.status_code == (200 if scope == "content:read" else 403)
    if scope != "content:read":
        assert 'error="insufficient_scope", scope="content:read"' in response.headers["WWW-Authenticate"]
        assert response.headers["Cache-Control"] == "no-store"
        assert response.json()["detail"] == "This needs a key with the scope content:read."


@pytest.mark.parametrize("scope", Scope.values)
def test_on_a_public_api_every_working_key_reads_what_is_public(api: Reader, scope: str) -> None:
    assert ask(api, "/articles", make_key(scope)).json() == api.json("/articles")


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("is_public", [True, False])
def test_no_answer_to_a_key_can_be_kept_by_a_cache(api: Reader, settings: Any, address: str, is_public: bool) -> None:
    etag = api.get(address).headers["ETag"]
    settings.CONTENT_API_PUBLIC = is_public

    response = ask(api, address, make_key(), If_None_Match=etag)

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in response.headers["Vary"]
    assert not {"ETag", "Last-Modified", "Cache-Tag", "Surrogate-Key"} & set(response.headers)


def test_a_redirect_for_a_key_is_not_kept_either(api: Reader, clinic: Clinic) -> None:
    page = clinic.article.get_latest_revision_as_object()
    page.slug = "sleeping-well"
    page.save_revision(user=clinic.author)
    clinic.publish(clinic.article)

    response = ask(api, "/articles/sleeping-better", make_key())

    assert (response.status_code, response.headers["Cache-Control"]) == (301, "private, no-store")


def test_a_closed_api_says_that_it_depends_on_the_key(api: Reader, settings: Any) -> None:
    assert "Vary" not in api.get("/articles").headers

    settings.CONTENT_API_PUBLIC = False

    assert api.get("/articles").headers["Vary"] == "Authorization"


def test_a_revoked_key_is_refused_at_the_next_request(api: Reader) -> None:
    key, text = keys.issue("Website", ["content:read"])
    assert ask(api, "/articles", text).status_code == 200

    keys.revoke(key)

    assert ask(api, "/articles", text).status_code == 401


def test_a_key_ends_with_its_makers_right_to_make_keys(api: Reader) -> None:
    owner = make_user("ada", "Administrator")
    text = make_key(owner=owner)
    assert ask(api, "/articles", text).status_code == 200

    owner.groups.clear()

    assert ask(api, "/articles", text).status_code == 401


def test_a_key_ends_with_its_makers_login(api: Reader) -> None:
    owner = make_user("ada", is_superuser=True)
    text = make_key(owner=owner)
    assert ask(api, "/articles", text).status_code == 200

    owner.is_active = False
    owner.save()

    assert ask(api, "/articles", text).status_code == 401


def test_a_key_costs_one_query(api: Reader, django_assert_num_queries: Any) -> None:
    text = make_key()
    ApiKey.objects.update(last_used_at=timezone.now())
    with django_assert_num_queries(1):
        ask(api, "/openapi.json", text)


def test_the_last_use_is_written_once_a_minute(api: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    text, start = make_key(), timezone.now()
    seen = []

    for seconds in (0, 30, 59, 61):
        monkeypatch.setattr("django.utils.timezone.now", lambda at=seconds: start + datetime.timedelta(seconds=at))
        assert ask(api, "/articles", text).status_code == 200
        seen.append((ApiKey.objects.get().last_used_at - start).total_seconds())

    assert seen == [0, 0, 0, 61]


def test_a_read_does_not_fail_when_the_last_use_cannot_be_written(api: Reader) -> None:
    text = make_key()

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        response = ask(api, "/articles", text)

    assert response.status_code == 200
    assert ApiKey.objects.get().last_used_at is None


def test_waiting_for_locks_is_as_it_was_after_the_last_use_is_written(api: Reader) -> None:
    setting = "PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SHOW lock_timeout"
    with connection.cursor() as cursor:
        cursor.execute(setting)
        before = cursor.fetchone()

    ask(api, "/articles", make_key())

    with connection.cursor() as cursor:
        cursor.execute(setting)
        assert cursor.fetchone() == before
    assert ApiKey.objects.get().last_used_at is not None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has locks on rows, see below")
def test_the_last_use_is_written_without_waiting_on_sqlite(api: Reader) -> None:
    text = make_key()
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask(api, "/articles", text)

    update = next(index for index, sql in enumerate(statements) if sql.startswith("UPDATE"))
    assert "PRAGMA busy_timeout = 0" in statements[:update]


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock, see above")
def test_the_last_use_is_written_without_waiting_on_postgresql(committed_clinic: Clinic) -> None:
    text, other = make_key(), connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT * FROM api_apikey FOR UPDATE")
        started = time.monotonic()
        response = Client().get("/api/v1/articles", headers={"Authorization": f"Bearer {text}"})
        seconds = time.monotonic() - started
    finally:
        other.rollback()
        other.close()

    assert response.status_code == 200
    assert seconds < 2
    assert ApiKey.objects.get().last_used_at is None


def test_the_secret_is_neither_in_the_database_nor_in_logs(api: Reader, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    key, text = keys.issue("Website", ["content:read"])
    keys.revoke(key)
    response = ask(api, "/articles", text)

    secret = text.rpartition("_")[2]
    assert len(secret) == 64
    assert key.secret_digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in database_dump()
    assert secret not in caplog.text
    assert secret not in response.content.decode()


def database_dump() -> str:
    """Every value in every table."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows.extend(str(row) for row in cursor.fetchall())
    return "\n".join(rows)


def test_no_scope_and_unknown_scopes_make_no_key(db: None) -> None:
    for scopes in ([], ["content:everything"], ["content:read", ""]):
        with pytest.raises(ValueError, match="Scopes are one or more of"):
            keys.issue("Website", scopes)

    assert ApiKey.objects.count() == 0


def run(*words: str) -> str:
    out = StringIO()
    call_command("api_key", *words, stdout=out)
    return out.getvalue()


def test_a_script_makes_lists_and_revokes_a_key(api: Reader) -> None:
    made = run(
        "create", "--name", "Shop", "--scope", "content:read", "--scope", "content:preview", "--expires", "2999-01-31"
    )
    text = made.strip()
    assert made == f"{text}\n"
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.owner) == ("Shop", ["content:preview", "content:read"], None)
    assert key.expires_at == datetime.datetime(2999, 1, 31, tzinfo=datetime.UTC)
    assert ask(api, "/articles", text).status_code == 200
    listed = run("list")
    assert f"{key.prefix}  active" in listed
    assert text.rpartition("_")[2] not in listed

    assert run("revoke", key.prefix) == f"Revoked: Shop ({key.prefix})\n"

    assert ask(api, "/articles", text).status_code == 401
    assert f"{key.prefix}  revoked" in run("list")


@pytest.mark.parametrize(
    "words",
    [
        ["create", "--name", "Shop"],
        ["create", "--name", "Shop", "--scope", "everything"],
        ["create", "--name", "", "--scope", "content:read"],
        ["create", "--name", "Shop", "--scope", "content:read", "--expires", "soon"],
        ["create", "--name", "Shop", "--scope", "content:read", "--expires", "2001-01-01"],
        ["create", "--name", "Shop", "--scope", "content:read", "--expires", "2001-99-99"],
        ["revoke", "nothing"],
        [],
    ],
)
def test_a_script_is_told_what_it_got_wrong(db: None, words: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*words)

    assert ApiKey.objects.count() == 0


def test_a_login_is_no_key(api: Reader, clinic: Clinic, settings: Any) -> None:
    settings.CONTENT_API_PUBLIC = False
    api.client.force_login(make_user("ada", is_superuser=True))

    assert api.get("/articles").status_code == 401


def test_head_and_options_know_keys_too(api: Reader, settings: Any) -> None:
    settings.CONTENT_API_PUBLIC = False
    header = {"Authorization": f"Bearer {make_key()}"}

    assert api.client.head("/api/v1/articles").status_code == 401
    assert api.client.head("/api/v1/articles", headers=header).status_code == 200
    assert Client().options("/api/v1/articles", headers=header).status_code == 204
