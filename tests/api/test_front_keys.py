"""In front of Django: limits count there too, once, and nothing that needs a key or a token is ever kept there."""

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.utils import timezone

from cms.api import keys, previews
from cms.api.front import Front
from tests.api.test_front import ask
from tests.api.test_rates import Clock, clock  # noqa: F401 - a fixture
from tests.factories import Clinic, draft


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction must survive its requests, after each of which Django would close PostgreSQL's connection."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.fixture
def before(clinic: Clinic, settings: Any) -> Front:
    settings.RESPONSE_CACHE_BYTES = 1_000_000
    return Front(WSGIHandler())


def test_the_front_tells_each_client_its_own_limit(before: Front, clock: Clock) -> None:  # noqa: F811 - the fixture
    def told(address: str) -> tuple[str, str]:
        status, headers, _body = ask(before, "/articles", REMOTE_ADDR=address)
        return status[:3], headers["RateLimit"]

    # Django answers the first two, the front the rest: the client cannot tell.
    assert [told("192.0.2.1") for _ in range(4)] == [
        ("200", '"read";r=2;t=10'), ("200", '"read";r=1;t=10'), ("200", '"read";r=0;t=10'), ("429", '"read";r=0;t=10'),
    ]  # fmt: skip
    assert told("192.0.2.2") == ("200", '"read";r=2;t=10')


def test_beyond_the_limit_the_front_answers_as_django_does(before: Front, clock: Clock) -> None:  # noqa: F811
    answers = [ask(before, "/articles") for _ in range(4)]

    status, headers, body = answers[-1]
    assert (status, headers["Content-Type"]) == ("429 Too Many Requests", "application/problem+json")
    assert (headers["Retry-After"], headers["Cache-Control"]) == ("10", "no-store")
    clock.now += 10
    assert ask(before, "/articles")[0] == "200 OK"


def test_whoever_has_the_bytes_is_told_the_limit_with_304(before: Front, clock: Clock) -> None:  # noqa: F811
    ask(before, "/articles")
    etag = ask(before, "/articles")[1]["ETag"]

    status, headers, _body = ask(before, "/articles", HTTP_IF_NONE_MATCH=etag)

    assert (status, headers["RateLimit"]) == ("304 Not Modified", '"read";r=0;t=10')


@pytest.mark.parametrize("address", ["/articles/sleeping-better", "/people/anton", "/pages/find?path=/"])
def test_drafts_are_none_of_the_fronts_business(before: Front, clinic: Clinic, address: str) -> None:
    _key, text = keys.issue("Front end", ["content:preview"])
    mark = "&" if "?" in address else "?"
    for _ in range(3):
        ask(before, address)

    for _ in range(2):
        assert ask(before, f"{address}{mark}status=draft")[0].startswith("401")
        status, headers, _body = ask(before, f"{address}{mark}status=draft", HTTP_AUTHORIZATION=f"Bearer {text}")
        assert (status, headers["Cache-Control"]) == ("200 OK", "private, no-store")


def test_a_wrong_key_gets_nothing_that_is_kept(before: Front) -> None:
    for _ in range(3):
        ask(before, "/articles")

    assert ask(before, "/articles", HTTP_AUTHORIZATION="Bearer wrong")[0].startswith("401")


def test_previews_and_public_reads_in_turn_get_their_own_answers(before: Front, clinic: Clinic) -> None:
    draft(clinic.article, title="Sleeping well")
    token, text = previews.issue(clinic.article, issuer=clinic.author, hours=1, is_fixed=False, now=timezone.now())
    public = ask(before, "/articles/sleeping-better")

    for _ in range(100):
        status, headers, body = ask(before, f"/preview?token={text}")
        assert (status, headers["Cache-Control"]) == ("200 OK", "private, no-store")
        assert b'"title":"Sleeping well"' in body
        assert ask(before, "/articles/sleeping-better") == public

    previews.revoke(token, clinic.article, user=clinic.author)
    assert ask(before, f"/preview?token={text}")[0].startswith("404")
