"""What stands in front of Django says exactly what Django says, and never what is no longer so."""

import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from cms.api import conditional, front, quick_reads
from cms.api.front import Front
from cms.publishing import clock
from cms.publishing.models import Clock, Head
from home.clinic import ClinicSettings
from tests.factories import Clinic

READS = [
    "/articles", "/articles/", "/articles?limit=1&order=title", "/articles?condition=insomnia&fields=title,authors.title",
    "/articles?include=body", "/articles?q=sleep", "/pages", "/pages?type=article,person", "/people", "/services", "/conditions",
    "/articles/sleeping-better", "/articles/sleeping-better/", "/articles/sleeping-better?fields=title&locale=en&site=localhost",
    "/people/anton", "/conditions/insomnia", "/services/acupuncture", "/pages/find?path=/", "/site", "/navigation",
    "/search?q=sleep", "/search/?q=insomina&limit=1&type=article,condition", "/search?q=sleep&condition=insomnia&offset=1",
    "/search?q=zebra", "/search?q=%3F", "/search/suggest?q=inso", "/search/suggest/?q=zebra&locale=en", "/openapi.json", "/docs",
]  # fmt: skip
REFUSALS = [
    "/articles?limit=0", "/articles?nonsense=1", "/articles?limit=1&limit=2", "/articles?after=x", "/articles/nothing",
    "/pages/x", "/search", "/search?q=", "/search?q=sleep&q=x", "/search?q=zebra&site=x", "/search?q=a&limit=101",
    "/search/x?q=a", "/search?q=%00", "/search/suggest?q=a&limit=5", "/search?q=b+c+d+e+f+g+h+j+k+l+m",
    "/search?q=sleep&status=draft",
    "/articles?q=%00", "/articles?q=%FF", "/articles?q=%", "/articles?site=elsewhere.example", "/nothing", "/people?order=slug",
    "/articles/sleeping-better?fields=secret", "/pages?type=secret", "/articles/a/b", "/articles?" + "a" * 5000,
]  # fmt: skip
Answer = tuple[str, dict[str, str], bytes]


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction must survive its requests, after each of which Django would close PostgreSQL's connection."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.fixture
def django(clinic: Clinic) -> WSGIHandler:
    return WSGIHandler()


@pytest.fixture
def before(django: WSGIHandler, settings: Any) -> Front:
    settings.RESPONSE_CACHE_BYTES = 1_000_000
    return Front(django)


def ask(application: Callable[..., Any], address: str, method: str = "GET", **headers: str) -> Answer:
    path, _mark, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": f"/api/v1{path}",
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        **headers,
    }
    began: list[Any] = []
    response = application(environ, lambda status, headers, *rest: began.append((status, headers)))
    body = b"".join(response)
    status, given = began[-1]
    assert len({name.lower() for name, _value in given}) == len(given)
    return status, dict(given), body


KINDS = [
    {},
    {"HTTP_ACCEPT_ENCODING": "gzip, br"},
    {"HTTP_ACCEPT_ENCODING": "gzip;q=0"},
    {"HTTP_ACCEPT": "application/json"},
    {"HTTP_ACCEPT": "text/plain"},
    {"HTTP_HOST": "evil.example"},
    {"HTTP_IF_NONE_MATCH": "*"},
    {"HTTP_IF_NONE_MATCH": '"other"'},
    {"HTTP_AUTHORIZATION": "Bearer nonsense"},
    {"HTTP_COOKIE": "sessionid=x"},
    {"HTTP_IF_MODIFIED_SINCE": "Tue, 24 Nov 2026 00:00:00 GMT"},
]
SAMPLE = [
    "/articles?condition=insomnia&fields=title,authors.title",
    "/people/anton",
    "/search?q=sleep",
    "/search/suggest?q=inso",
    "/articles/nothing",
]


@pytest.mark.parametrize(
    ("address", "headers"),
    [*((address, {}) for address in [*READS, *REFUSALS]), *((address, kind) for address in SAMPLE for kind in KINDS)],
)
def test_the_front_answers_like_django_cold_warm_and_without_a_cache(
    before: Front, django: WSGIHandler, settings: Any, address: str, headers: dict[str, str]
) -> None:
    expected = ask(django, address, **headers)

    # The first request teaches what surrounds an answer; then cold, and warm.
    first, cold, warm = (ask(before, one, **headers) for one in (address, address, address))
    settings.RESPONSE_CACHE_BYTES = 0
    without_cache = Front(django)
    ask(without_cache, "/services?limit=3", **headers)
    uncached = ask(without_cache, address, **headers)

    assert first == expected
    assert cold == expected
    assert warm == expected
    # What is not kept is not compressed.
    assert uncached == ask(django, address, **headers)
    assert "Content-Encoding" not in uncached[1]


@pytest.mark.parametrize("address", READS)
def test_head_and_304_have_the_headers_of_the_answer(before: Front, django: WSGIHandler, address: str) -> None:
    status, headers, body = ask(before, address)

    head = ask(before, address, "HEAD")
    unchanged = ask(before, address, HTTP_IF_NONE_MATCH=headers["ETag"])

    assert head == (status, headers, b"")
    assert unchanged == ask(django, address, HTTP_IF_NONE_MATCH=headers["ETag"])
    assert unchanged[0].startswith("304")
    assert body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_by_django(before: Front, django: WSGIHandler, method: str) -> None:
    ask(before, "/articles")

    assert ask(before, "/articles", method) == ask(django, "/articles", method)


@pytest.mark.parametrize("address", [address for address in READS if address not in {"/docs", "/openapi.json"}])
def test_what_is_kept_costs_one_query(before: Front, address: str) -> None:
    ask(before, address)
    ask(before, address)

    with CaptureQueriesContext(connection) as queries:
        ask(before, address)

    [query] = queries
    assert query["sql"] in (clock._VERSION.sql, f"EXECUTE {clock._VERSION.name}")


@pytest.mark.parametrize(
    ("address", "count"), [("/articles/sleeping-better", 3), ("/people/anton", 3), ("/articles?condition=insomnia", 2)]
)
def test_what_is_not_kept_costs_what_django_costs_and_the_version(before: Front, address: str, count: int) -> None:
    ask(before, "/services")

    with CaptureQueriesContext(connection) as queries:
        ask(before, address)

    assert len(queries) == count


def test_a_publication_is_seen_by_the_next_request(before: Front, clinic: Clinic) -> None:
    ask(before, "/articles")
    old = ask(before, "/articles/sleeping-better")
    page = clinic.article.get_latest_revision_as_object()
    page.summary = "Another summary."

    page.save_revision(user=clinic.author)
    with transaction.atomic():
        clinic.publish(clinic.article)

    new = ask(before, "/articles/sleeping-better")
    assert b"Another summary." in new[2]
    assert new[1]["ETag"] != old[1]["ETag"]
    assert ask(before, "/articles/sleeping-better", HTTP_IF_NONE_MATCH=old[1]["ETag"])[0] == "200 OK"


def test_a_withdrawal_is_seen_by_the_next_request(before: Front, clinic: Clinic) -> None:
    assert ask(before, "/articles/sleeping-better")[0] == ask(before, "/articles/sleeping-better")[0] == "200 OK"

    with transaction.atomic():
        Page.objects.get(pk=clinic.article.pk).specific.unpublish()

    assert ask(before, "/articles/sleeping-better")[0] == "410 Gone"
    assert b"sleeping-better" not in ask(before, "/articles")[2]


def test_facts_without_an_entry_are_seen_by_the_next_request(before: Front) -> None:
    ClinicSettings.for_site(Site.objects.get())
    ask(before, "/site")
    assert b"555-0199" not in ask(before, "/site")[2]

    ClinicSettings.objects.update(telephone="(417) 555-0199")

    assert b"555-0199" in ask(before, "/site")[2]


def test_a_new_redirect_is_followed_at_once(before: Front) -> None:
    assert ask(before, "/pages/find?path=/old/")[0] == "404 Not Found"

    Redirect.add_redirect("/old", "https://www.example.org/")

    assert ask(before, "/pages/find?path=/old/")[0].startswith("301")


def test_a_page_goes_out_of_sight_when_its_time_is_over_without_any_entry(
    before: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = timezone.now() + datetime.timedelta(hours=1)
    Head.objects.filter(slug="sleeping-better").update(expires_at=moment)
    Clock.objects.update(facts=99)
    for _time in range(3):
        assert b"sleeping-better" in ask(before, "/articles")[2]

    monkeypatch.setattr(timezone, "now", lambda: moment)

    assert b"sleeping-better" not in ask(before, "/articles")[2]
    assert ask(before, "/articles/sleeping-better")[0] == "410 Gone"


def test_nothing_is_kept_for_a_client_of_another_kind(before: Front) -> None:
    ask(before, "/articles")

    assert ask(before, "/articles", HTTP_HOST="evil.example")[0] == "400 Bad Request"
    assert ask(before, "/articles", HTTP_ACCEPT="text/plain")[0] == "406 Not Acceptable"
    assert ask(before, "/articles")[0] == "200 OK"


def test_origins_get_their_own_headers(before: Front, settings: Any) -> None:
    settings.CONTENT_API_CORS_ORIGINS = ["https://front.example"]

    for _time in range(3):
        assert "Access-Control-Allow-Origin" not in ask(before, "/articles", HTTP_ORIGIN="https://evil.example")[1]
        listed = ask(before, "/articles", HTTP_ORIGIN="https://front.example")[1]
        assert listed["Access-Control-Allow-Origin"] == "https://front.example"
        assert listed["Vary"] == "Origin"
        longer = ask(before, "/pages", HTTP_ORIGIN="https://front.example")[1]
        assert longer["Vary"] == "Accept-Encoding, Origin"


def test_a_closed_api_answers_nobody_from_what_is_kept(before: Front, settings: Any) -> None:
    ask(before, "/articles")
    ask(before, "/articles")

    settings.CONTENT_API_PUBLIC = False

    assert ask(before, "/articles")[0] == "401 Unauthorized"


def test_a_database_in_trouble_is_left_to_django(before: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> clock.Version:
        raise DatabaseError

    expected = ask(before, "/articles")
    monkeypatch.setattr(clock, "read", fail)

    assert ask(before, "/articles") == expected


def test_what_is_kept_stays_within_its_bytes(django: WSGIHandler, settings: Any) -> None:
    settings.RESPONSE_CACHE_BYTES = 200_000
    before = Front(django)

    for limit in range(1, 101):
        ask(before, f"/articles?limit={limit}")

    assert 0 < before.cache._bytes <= 200_000
    assert before.cache._bytes == sum(len(kept.body) + 2_000 for kept in before.cache._kept.values())
    assert ("/api/v1/articles", "limit=100") in [address for _kind, _is_gzip, address in before.cache._kept]


def test_made_up_hosts_push_out_only_each_other(before: Front, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(front, "MAX_KINDS", 3)

    for number in range(6):
        assert ask(before, "/articles", HTTP_HOST=f"host-{number}.example")[0] == "200 OK"

    assert len(before.kinds) == 3


def test_an_answer_that_was_overtaken_is_not_kept(before: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(before, "/articles")
    answer_of = quick_reads.answer_of

    def overtaken(path: str, query: str) -> conditional.Answer | None:
        found = answer_of(path, query)
        if query:
            Clock.objects.update(facts=500)
            ask(before, "/services")
        return found

    monkeypatch.setattr(quick_reads, "answer_of", overtaken)
    ask(before, "/articles?limit=1")

    assert not any(query == "limit=1" for _kind, _is_gzip, (_path, query) in before.cache._kept)
