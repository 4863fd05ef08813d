"""The search page of the built-in site: what it shows, what it counts, and what it never writes."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search import misses
from search.models import Notice, PromotedPage, Promotion, SearchCount, Synonym
from tests.factories import Clinic


@pytest.fixture(autouse=True)
def counting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting is on, without the thread."""
    settings.COUNT_SEARCHES = True
    monkeypatch.setattr(misses, "_start_writer", lambda: None)
    monkeypatch.setattr(misses, "_waiting", {})


def page(**query: str) -> BeautifulSoup:
    response = Client().get("/search/", query)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser").find("main")


def words_of(found: Any) -> str:
    return " ".join(found.get_text(" ").split())


def counted() -> list[tuple[str, int, int]]:
    misses.write()
    return list(SearchCount.objects.order_by("phrase").values_list("phrase", "searches", "without_result"))


def test_results_are_links_with_what_matched(clinic: Clinic) -> None:
    found = page(q="rest")

    assert "/articles/sleeping-better/" in [link["href"] for link in found.select(".result h2 a")]
    assert {mark.get_text() for mark in found.select(".result mark")} == {"Rest", "rest"}


def test_results_are_narrowed_by_links_and_widened_again(clinic: Clinic) -> None:
    kinds = [words_of(link) for link in page(q="sleep").select(".narrow a")]
    narrowed = page(q="sleep", type="article")

    assert any(kind.startswith("Article ") for kind in kinds)
    assert {words_of(eyebrow) for eyebrow in narrowed.select(".result .eyebrow")} == {"Article"}
    assert [(words_of(link), link["href"]) for link in narrowed.select(".narrowed a")] == [
        ("Remove the filter Article", "?q=sleep")
    ]


def test_where_nothing_was_found_conditions_are_offered(clinic: Clinic) -> None:
    found = page(q="zzzzqq")

    assert "No page for “zzzzqq”" in words_of(found)
    assert [(words_of(link), link["href"]) for link in found.select(".empty .chips a")] == [
        ("Insomnia", "/conditions/insomnia/")
    ]


def test_what_was_typed_is_never_markup(clinic: Clinic) -> None:
    found = page(q="<script>alert(1)</script>", type="<b>x</b>", topic="\x00")

    assert found.find("script") is None
    assert found.find("b") is None


def test_an_emergency_is_answered_with_a_number_to_call(clinic: Clinic) -> None:
    Notice.objects.create(title="Emergency", message="Call <now>.", telephone="911", phrases="chest pain")

    notice = page(q="CHEST pain!").select_one(".notice")

    assert words_of(notice) == "Emergency Call <now>. Call 911"
    assert notice.find("a")["href"] == "tel:911"
    assert page(q="chest").select_one(".notice") is None


def test_a_search_is_counted_once_whatever_is_looked_at_then(clinic: Clinic) -> None:
    for query in ({"q": "Sleep"}, {"q": "sleep", "page": "2"}, {"q": "sleep", "type": "article"}, {"q": "zzzzqq"}):
        page(**query)
    page()
    page(q="a b c d e f g h i j k l m n")

    assert counted() == [("sleep", 1, 0), ("zzzzqq", 1, 1)]


def test_a_search_writes_nothing(clinic: Clinic) -> None:
    page(q="sleep")

    with CaptureQueriesContext(connection) as asked:
        page(q="zzzzqq")

    # What is kept ready on PostgreSQL begins with SELECT, too.
    statements = [re.sub(r"^SET plan_cache_mode.*?; PREPARE \w+ AS\s+", "", query["sql"]) for query in asked]
    reads = ("SELECT", "SAVEPOINT", "RELEASE", "EXECUTE")
    assert [statement for statement in statements if not statement.startswith(reads)] == []


@pytest.mark.parametrize("number", ["0", "-1", "99999", "x", "9" * 50])
def test_a_page_that_is_not_there_is_no_error(clinic: Clinic, number: str) -> None:
    assert Client().get("/search/", {"q": "sleep", "page": number}).status_code == 200


def test_what_was_mended_can_be_searched_as_it_was_typed(clinic: Clinic) -> None:
    found = page(q="insomnai")

    assert "Showing results for insomnia . Search instead for “insomnai”" in words_of(found)
    link = found.select_one(".spelling a")
    assert link["href"] == "?q=%22insomnai%22"
    assert "No page for" in words_of(page(q='"insomnai"'))


def test_a_synonym_and_a_promoted_page_hold_from_the_next_search_on(clinic: Clinic) -> None:
    assert page(q="flobberwocky").select(".result") == []
    Synonym.objects.create(phrase="Flobber-Wocky", meanings="insomnia")
    Synonym.objects.create(phrase="flobberwocky", meanings="insomnia")
    promotion = Promotion.objects.create(phrase="insomnia")
    PromotedPage.objects.create(promotion=promotion, page_id=clinic.acupuncture.pk)

    found = [
        page(q=words).select_one(".result h2 a")["href"] for words in ("flobberwocky", "flobber wocky", "Insomnia")
    ]

    assert found == ["/conditions/insomnia/", "/conditions/insomnia/", "/services/acupuncture/"]


def test_a_promoted_page_that_is_not_public_shows_nowhere(clinic: Clinic) -> None:
    promotion = Promotion.objects.create(phrase="zzzzqq")
    PromotedPage.objects.create(promotion=promotion, page_id=clinic.article_draft("secret").pk)

    assert page(q="zzzzqq").select(".result") == []
