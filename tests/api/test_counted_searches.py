"""Every search of the API is counted once, whoever answers it."""

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from cms.api.front import Front
from search import misses
from search.models import SearchCount
from tests.api.test_front import ask
from tests.factories import Clinic


@pytest.fixture(autouse=True)
def counting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting is on, without the thread; a request leaves the test's connection open."""
    settings.COUNT_SEARCHES = True
    monkeypatch.setattr(misses, "_start_writer", lambda: None)
    monkeypatch.setattr(misses, "_waiting", {})
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.fixture(params=[0, 1_000_000], ids=["nothing kept", "answers kept"])
def application(clinic: Clinic, settings: Any, request: pytest.FixtureRequest) -> Front:
    settings.RESPONSE_CACHE_BYTES = request.param
    return Front(WSGIHandler())


def counted() -> list[tuple[Any, ...]]:
    misses.write()
    return list(SearchCount.objects.order_by("phrase").values_list("phrase", "searches", "without_result", "locale"))


def test_each_of_many_searches_counts(application: Front) -> None:
    for _time in range(4):
        assert ask(application, "/search?q=Insomnia")[0] == "200 OK"
        assert ask(application, "/search/?q=zebra&locale=en")[0] == "200 OK"

    assert counted() == [("insomnia", 4, 0, ""), ("zebra", 4, 4, "en")]


def test_a_search_that_is_answered_compressed_counts(application: Front) -> None:
    for _time in range(3):
        ask(application, "/search?q=acupuncture&limit=20", HTTP_ACCEPT_ENCODING="gzip")

    (phrase, searches, without_result, _locale) = counted()[0]
    assert (phrase, searches, without_result) == ("acupuncture", 3, 0)


def test_one_who_has_the_answer_already_searched_as_well(application: Front) -> None:
    for _time in range(2):
        _status, headers, _body = ask(application, "/search?q=zebra")
    status, _headers, _body = ask(application, "/search?q=zebra", HTTP_IF_NONE_MATCH=headers["ETag"])

    assert status == "304 Not Modified"
    assert counted() == [("zebra", 3, 3, "")]


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=zebra&offset=20",
        "/search?q=zebra&site=elsewhere.example",
        "/search?q=zebra&limit=0",
        "/search?q=",
        "/search/suggest?q=zebra",
        "/articles?q=zebra",
        "/articles",
    ],
)
def test_what_is_no_search_is_not_counted(application: Front, address: str) -> None:
    for _time in range(3):
        ask(application, address)

    assert counted() == []
