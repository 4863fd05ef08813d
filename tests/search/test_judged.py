"""What people type finds what they want: the judged set, on whichever database the tests run."""

import json
from pathlib import Path

import pytest

from cms.publishing.models import Head
from search.query import search
from tests.factories import Clinic
from tests.search.demo_documents import index_demo
from tests.search.judging import judged_queries, name_of, quality_of

QUERIES = judged_queries()


@pytest.fixture
def demo(clinic: Clinic) -> int:
    """The demo's public documents, and nothing else."""
    return index_demo(clinic.home.get_site().pk)


def _names(text: str) -> list[str]:
    return [name_of(json.loads(hit.card)["path"]) for hit in search(text, site_id=None, limit=10).hits]


def test_the_set_is_large_and_some_of_it_was_held_back_from_tuning() -> None:
    assert len(QUERIES) >= 80
    assert len({query.text for query in QUERIES}) == len(QUERIES)
    assert sum(query.is_held for query in QUERIES) >= 20


def test_people_find_what_they_want(demo: int) -> None:
    assert demo == 50
    for queries in (
        [query for query in QUERIES if not query.is_held],
        [query for query in QUERIES if query.is_held],
    ):
        quality = quality_of(queries, _names)
        assert quality.ndcg >= 0.90, quality
        assert quality.zero_rate == 0, quality


def test_nothing_that_was_excluded_is_found(demo: int) -> None:
    for query in QUERIES:
        assert not set(_names(query.text)) & set(query.unwanted), query.text


def test_every_wanted_page_is_public(demo: int) -> None:
    public = {name_of(path) for path in Head.objects.values_list("path", flat=True)}
    wanted = {name for query in QUERIES for name in (*query.wanted, *query.unwanted)}

    assert wanted - public == set()


def test_the_first_result_is_the_same_on_every_database(demo: int) -> None:
    # Each database is held to the same file.
    kept = Path(__file__).with_name("first_results.json")

    assert {query.text: _names(query.text)[0] for query in QUERIES} == json.loads(kept.read_text())
