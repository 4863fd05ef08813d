"""Completions: what begins a word of a public title, or of another name of a condition."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from cms.publishing import reading
from cms.publishing.models import Head
from search import scopes, suggesting
from search.index_models import IndexedDocument
from search.indexing import index_head
from search.suggesting import suggestions
from tests.api.conftest import Reader
from tests.factories import Clinic, draft


def _texts(api: Reader, query: str) -> list[tuple[str, str]]:
    return [(item["text"], item["type"]) for item in api.json(f"/search/suggest?{query}")["items"]]


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("q=inso", [("Insomnia", "condition")]),
        ("q=INSÓ", [("Insomnia", "condition")]),
        ("q=sleeple", [("sleeplessness", "condition")]),
        ("q=can%27t s", [("can't sleep", "condition")]),
        ("q=can’t", [("can't sleep", "condition")]),
        ("q=made", [("Anton Made-Up", "person"), ("Clara Made-Up", "person")]),
        ("q=up", [("Anton Made-Up", "person"), ("Clara Made-Up", "person")]),
        ("q=sleeping b", [("Sleeping better", "article")]),
        ("q=b", [("Sleeping better", "article")]),
        ("q=sleep", [("Sleep", "topic"), ("Sleeping better", "article"), ("sleeplessness", "condition")]),
        ("q=nsomnia", [("Insomnia", "condition")]),
        ("q=insomina", [("Insomnia", "condition")]),
        ("q=akupunc", []),
        ("q=needles", []),
        ("q=%25", []),
        ("q=.*", []),
        ("q=body", []),
        ("q=sleep&type=topic,article", [("Sleep", "topic"), ("Sleeping better", "article")]),
        ("q=inso&locale=en&site=localhost", [("Insomnia", "condition")]),
    ],
)
def test_what_begins_a_word_is_suggested(api: Reader, query: str, texts: list[tuple[str, str]]) -> None:
    assert _texts(api, query) == texts


def test_a_suggestion_leads_to_its_page(api: Reader) -> None:
    (item,) = api.json("/search/suggest?q=sleeple")["items"]

    assert item == {
        "text": "sleeplessness",
        "type": "condition",
        "path": "/conditions/insomnia/",
        "id": api.json("/conditions/insomnia")["id"],
    }


def test_accents_make_no_difference_either_way(api: Reader, clinic: Clinic) -> None:
    draft(clinic.insomnia, title="Ménière’s disease", also_known_as='“Über” all\nsay "x"\nÉlan [a] b')
    clinic.publish(clinic.insomnia)

    for typed in ("meniere's", "MÉNIÈRE’S dis", "disease"):
        assert _texts(api, f"q={typed}") == [("Ménière’s disease", "condition")], typed
    assert _texts(api, "q=uber") == [("“Über” all", "condition")]
    assert _texts(api, "q=x") == [('say "x"', "condition")]
    assert _texts(api, "q=elan") == [("Élan [a] b", "condition")]


def test_there_are_at_most_ten(api: Reader, clinic: Clinic) -> None:
    head = Head.objects.get(slug="sleep")
    for number in range(12):
        fields = {field.attname: getattr(head, field.attname) for field in Head._meta.fields}
        fields |= {"document_id": f"00000000-0000-0000-0000-{number:012d}", "title": f"Sleep {number:02d}"}
        copy = Head.objects.create(**fields | {"page_id": 9000 + number, "position": 9000 + number})
        index_head(copy, [])

    texts = [text for text, _kind in _texts(api, "q=sle")]

    assert texts == ["Sleep", *(f"Sleep {number:02d}" for number in range(9))]


def test_a_completion_takes_two_queries(api: Reader, django_assert_num_queries: Any) -> None:
    # The version and the names; and, in a transaction such as this test’s, whether some page has an end.
    for query, queries in (("q=inso&site=localhost", 3), ("q=sleep&type=article&locale=en", 3), ("q=%3F", 0)):
        with django_assert_num_queries(queries):
            api.json(f"/search/suggest?{query}")


def test_the_same_is_completed_once_at_each_version(committed_clinic: Clinic, django_assert_num_queries: Any) -> None:
    clinic, whole = committed_clinic, suggestions("sle", site=None)
    assert [one.text for one in whole.items] == ["Sleep", "Sleeping better", "sleeplessness"]
    assert whole.newest_at == reading.newest_at()

    with django_assert_num_queries(1):
        assert suggestions("Slé", site=None) == whole
    # What else is asked is another question.
    assert suggestions("sle", site=None, types=("article",)).items == whole.items[1:2]
    assert suggestions("sle", site="elsewhere.example").items == ()
    clinic.article.unpublish(user=clinic.publisher)
    assert [one.text for one in suggestions("sle", site=None).items] == ["Sleep", "sleeplessness"]


def test_few_completions_are_kept(committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "_MAX_KEPT", 2)

    for typed in ("s", "sl", "sle", "slee"):
        assert len(suggestions(typed, site=None).items) >= 3

    assert len(scopes._kept[0].completed) == 2


def test_a_page_with_an_end_is_not_completed_after_it(
    committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    for rows in (Head.objects.filter(slug="sleeping-better"), IndexedDocument.objects.filter(words__contains="better")):
        rows.update(expires_at=now + datetime.timedelta(hours=1))
    scopes._kept.clear()
    assert [one.text for one in suggestions("sleeping", site=None).items] == ["Sleeping better"]

    monkeypatch.setattr(timezone, "now", lambda: now + datetime.timedelta(hours=2))

    assert suggestions("sleeping", site=None).items == ()


@pytest.mark.parametrize(
    "query", ["", "q=", f"q={'x' * 201}", "q=b c d e f g h j k l m", "q=a&limit=5", "q=a&type=blog", "q=a&site=x", "q=a&locale=x"]
)  # fmt: skip
def test_what_cannot_be_completed_is_refused(api: Reader, query: str) -> None:
    name = query.split("&")[-1].partition("=")[0] or "q"
    query = query.replace("q=a&site", "q=zebra&site")

    assert api.errors(f"/search/suggest?{query}") == [["query", name]]
