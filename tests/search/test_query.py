"""What a search finds, in which order, and how it shows why."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.publishing.models import Head
from search.folding import fold
from search.highlighting import highlighted
from search.query import search, words_of
from tests.api.conftest import Reader
from tests.factories import Clinic, draft


def _titles(text: str, **options: Any) -> list[str]:
    found = search(text, site_id=None, **options)
    heads = {head.document_id: head.title for head in Head.objects.all()}
    return [heads[hit.document_id] for hit in found.hits]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("rest helps", ["Sleeping better"]),
        ("REST", ["Acupuncture", "Sleeping better"]),
        ("helps needles", []),
        ("insomnia", ["Insomnia"]),
        ("sleeplessness", ["Insomnia"]),
        ("can’t sleep", ["Insomnia"]),
        ("can't sleep", ["Insomnia"]),
        ("“needles!”", ["Acupuncture"]),
        ("???", []),
        ("%", []),
        ("re_t", []),
        ("zebra", []),
    ],
)
def test_every_word_must_occur(clinic: Clinic, text: str, titles: list[str]) -> None:
    assert sorted(_titles(text)) == titles


def test_titles_go_before_texts(clinic: Clinic) -> None:
    assert _titles("sleep")[-1] == "Insomnia"
    assert set(_titles("sleep")) == {"Sleeping better", "Sleep", "Insomnia"}


def test_accents_make_no_difference(clinic: Clinic) -> None:
    draft(clinic.insomnia, summary="As in Ménière’s disease, ÜBER all.")
    clinic.publish(clinic.insomnia)

    for text in ("meniere's", "MÉNIÈRE’S", "uber", "über"):
        assert _titles(text) == ["Insomnia"], text


def test_facets_count_every_type_whatever_the_hits_are_narrowed_to(clinic: Clinic) -> None:
    found = search("sleep", site_id=None, types=["topic"], limit=1)

    assert (len(found.hits), found.count) == (1, 1)
    assert dict(found.facets) == {"article": 1, "condition": 1, "topic": 1}


def test_pages_follow_each_other(clinic: Clinic) -> None:
    whole = _titles("sleep")

    assert [title for offset in range(3) for title in _titles("sleep", limit=1, offset=offset)] == whole
    assert search("sleep", site_id=None, offset=3).hits == ()


def test_a_search_takes_two_queries(clinic: Clinic, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        search("sleep", site_id=None)
    with django_assert_num_queries(0):
        search("?!", site_id=None)


def test_more_than_ten_words_are_refused() -> None:
    assert len(words_of("a b c d e f g h i j a b")) == 10
    with pytest.raises(ValueError, match="at most 10 words"):
        words_of("a b c d e f g h i j k")


@pytest.mark.parametrize(
    ("text", "words", "html"),
    [
        ("Rest helps.", ["rest"], "<mark>Rest</mark> helps."),
        ("<b>Rest</b> & more", ["rest", "more"], "&lt;b&gt;<mark>Rest</mark>&lt;/b&gt; &amp; <mark>more</mark>"),
        ("Ménière’s", ["meniere's"], "<mark>Ménière’s</mark>"),
        ("Straße İstanbul x", ["x"], "Straße İstanbul <mark>x</mark>"),
        ("Nothing here", ["zebra"], "Nothing here"),
        ("", ["a"], ""),
        ("a.c abc", ["a.c"], "<mark>a.c</mark> abc"),
        ("rest restful", ["rest", "restful"], "<mark>rest</mark> <mark>restful</mark>"),
    ],
)
def test_a_highlight_marks_words_and_escapes_everything(text: str, words: list[str], html: str) -> None:
    assert highlighted(text, words) == html


def test_a_highlight_is_a_piece_around_the_first_match() -> None:
    text = "before " * 100 + "needle " + "after " * 100

    html = highlighted(text, ["needle"])

    assert html.startswith("… before")
    assert html.endswith("after …")
    assert "<mark>needle</mark>" in html
    assert len(html) < 250


@given(text=st.text(max_size=300), words=st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3))
def test_a_highlight_is_safe_whatever_the_text(text: str, words: list[str]) -> None:
    bare = highlighted(text, [fold(word) for word in words]).replace("<mark>", "").replace("</mark>", "")

    assert "<" not in bare
    assert ">" not in bare
    assert '"' not in bare


@pytest.mark.parametrize(
    "text", ["Ménière’s", "ÜBER", "Ångström", "naïve", "Čapek", "Ñandú", "Việt", "plain", "боль", "ΠΌΝΟΙ", "1°"]
)
def test_the_database_finds_what_python_folds(clinic: Clinic, text: str) -> None:
    Head.objects.filter(slug="insomnia").update(text=f"before {text} after")

    for typed in (text, fold(text), text.upper(), text.lower()):
        assert _titles(typed) == ["Insomnia"], typed


@pytest.mark.parametrize(
    "text", [".", "a.*b", "[a", "a|b", "(?i)a", "***=a", "a{2}", "\\d", "\\", "^a", "a$", "x+x+x+x+x+y", "\\y", "a\nb"]
)
def test_nothing_that_is_typed_is_a_pattern(clinic: Clinic, text: str) -> None:
    Head.objects.filter(slug="insomnia").update(text=f"q{text}q 0")
    Head.objects.exclude(slug="insomnia").update(text="abba ab aa d 1 xxxxxxxxy", title="-")

    assert _titles(f"q{text}q") == ["Insomnia"]


def test_the_api_gives_cards_with_highlights(api: Reader) -> None:
    answer = api.json("/search?q=needles")

    card = api.json("/pages/find?path=/services/acupuncture/")
    assert list(answer) == ["count", "next", "items", "facets", "did_you_mean"]
    item = answer["items"][0]
    (highlight,) = item.pop("highlights")
    assert "Thin <mark>needles</mark>." in highlight
    assert item == {name: card[name] for name in item}
    assert (answer["count"], answer["facets"], answer["did_you_mean"]) == (1, {"type": {"service": 1}}, None)


def test_the_api_leads_on_to_the_next_page(api: Reader) -> None:
    first = api.json("/search?q=sleep&limit=2&type=article,topic,condition")

    assert first["next"] == "/api/v1/search?q=sleep&limit=2&type=article,topic,condition&offset=2"
    second = api.json(first["next"].removeprefix("/api/v1"))
    assert (second["next"], len(second["items"]), second["count"]) == (None, 1, 3)


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("", ["query", "q"]), ("q=", ["query", "q"]), (f"q={'x' * 201}", ["query", "q"]), ("q=a&limit=101", ["query", "limit"]),
        ("q=a&type=blog", ["query", "type"]), ("q=a&order=title", ["query", "order"]),
        ("q=a b c d e f g h i j k", ["query", "q"]),
    ],
)  # fmt: skip
def test_the_api_refuses_what_it_cannot_search_for(api: Reader, query: str, location: list[str]) -> None:
    assert api.errors(f"/search?{query}") == [location]


def test_the_api_searches_in_three_queries(api: Reader, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        api.json("/search?q=sleep&site=localhost&locale=en&type=article")
