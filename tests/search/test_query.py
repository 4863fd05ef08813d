"""What a search finds, in which order, and how it shows why."""

import datetime
import unicodedata
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Site

from cms.publishing import reading
from cms.publishing.models import Head
from search import postings, scopes
from search.folding import fold
from search.highlighting import highlighted
from search.index_models import IndexedDocument
from search.marking import Marks
from search.models import Notice, PromotedPage, Promotion, Synonym
from search.query import search, words_of
from search.words import term_of
from tests.api.conftest import Reader
from tests.factories import Clinic, draft


def _titles(text: str, **options: Any) -> list[str]:
    found = search(text, site_id=None, **options)
    heads = {str(head.document_id): head.title for head in Head.objects.all()}
    return [heads[hit.document_id] for hit in found.hits]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("rest helps", ["Sleeping better"]),
        ("resting help", ["Sleeping better"]),
        ("REST", ["Acupuncture", "Sleeping better"]),
        ("insomnia", ["Insomnia", "Sleeping better"]),
        ("sleeplessness", ["Insomnia", "Sleeping better"]),
        ("can’t sleep", ["Insomnia", "Sleep", "Sleeping better"]),
        ("g47.00", ["Insomnia"]),
        ("G47", ["Insomnia"]),
        ("“needles!”", ["Acupuncture"]),
        ("needle", ["Acupuncture"]),
        ("neurol", ["Sleeping better"]),
        ("???", []),
        ("%", []),
        ("the", []),
        ("zebra", []),
        ("-sleep", []),
        ("zebra -sleep", []),
        ("sleep -better", ["Insomnia", "Sleep"]),
        ('sleep -"falling or staying"', ["Sleep", "Sleeping better"]),
        ('"falling or staying asleep"', ["Insomnia"]),
        ('"staying falling"', []),
        ('"sleep badly', ["Insomnia"]),
    ],
)
def test_words_find_what_they_mean(clinic: Clinic, text: str, titles: list[str]) -> None:
    draft(clinic.article, body=[("paragraph", "<p>Rest helps many people. See Neurol Clin.</p>")])
    clinic.publish(clinic.article)

    assert sorted(_titles(text)) == titles


@pytest.mark.parametrize(
    ("typed", "better", "title"),
    [
        ("insomina", "insomnia", "Insomnia"),
        ("insomia", "insomnia", "Insomnia"),
        ("acupunture", "acupuncture", "Acupuncture"),
        ("akupuncture", "acupuncture", "Acupuncture"),
        ("sleeplesness", "sleeplessness", "Insomnia"),
        ("thinneedles", "thin needles", "Acupuncture"),
        ("the insomina", "the insomnia", "Insomnia"),
    ],
)
def test_errors_are_mended_by_the_words_of_public_documents(
    clinic: Clinic, typed: str, better: str, title: str
) -> None:
    found = search(typed, site_id=None)

    assert found.did_you_mean == better
    assert _titles(typed)[0] == title


@pytest.mark.parametrize("typed", ["insomnia", "inso", "needle", "zebra", "sle", "in somnia", "sleep zebra"])
def test_what_is_right_or_beyond_help_has_no_better_spelling(clinic: Clinic, typed: str) -> None:
    assert search(typed, site_id=None).did_you_mean is None


def test_the_last_word_may_be_unfinished(clinic: Clinic) -> None:
    assert _titles("inso") == ["Insomnia"]
    assert _titles("inso ") == []
    assert _titles("in somnia")[0] == "Insomnia"


def test_titles_and_names_go_before_texts(clinic: Clinic) -> None:
    assert _titles("sleep")[0] == "Sleep"
    assert set(_titles("sleep")) == {"Sleeping better", "Sleep", "Insomnia"}
    assert _titles("can't sleep")[0] == "Insomnia"


def test_what_is_tied_to_the_page_that_was_named_is_found_too(clinic: Clinic) -> None:
    assert _titles("insomnia") == ["Insomnia", "Sleeping better"]


def test_documents_with_all_words_go_before_those_with_most(clinic: Clinic) -> None:
    assert _titles("thin needles zebra") == ["Acupuncture"]
    assert _titles("sleep badly many")[0] == "Insomnia"


def test_what_is_beyond_the_cut_of_one_word_is_looked_up_for_another(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {text: _titles(text) for text in ("sleep falling", "sleep")}
    monkeypatch.setattr(postings, "MAX_LIST", 1)
    terms = [term_of(clinic.home.get_site().pk, "en", word) for word in ("sleep", "falling")]

    lists = postings.lists_of(terms, [])

    assert lists.cut == set(terms)
    best, other = (set(lists.impacts[term]) for term in terms)
    assert other < best
    found = search("sleep falling", site_id=None)
    assert (found.is_exact, found.hits[0].title_highlight) == (False, "Insomnia")
    assert _titles("sleep falling")[0] == whole["sleep falling"][0]
    assert len(_titles("sleep")) < len(whole["sleep"])


def test_what_editors_promote_comes_first(clinic: Clinic) -> None:
    promotion = Promotion.objects.create(phrase="Insomnia")
    PromotedPage.objects.create(promotion=promotion, page_id=clinic.acupuncture.pk)

    assert _titles("Insómnia") == ["Acupuncture", "Insomnia", "Sleeping better"]
    assert _titles("insomnia sleep")[0] == "Insomnia"


def test_editors_say_what_else_a_phrase_means(clinic: Clinic) -> None:
    Synonym.objects.create(phrase="Pins", meanings="thin needles")
    Synonym.objects.create(phrase="Night-owl", meanings="Insomnia")

    assert _titles("pins") == ["Acupuncture"]
    assert _titles("night owl")[0] == "Insomnia"
    assert search("pins", site_id=None).did_you_mean is None
    assert "<mark>needles</mark>" in search("pins", site_id=None).hits[0].highlight


def test_accents_and_apostrophes_make_no_difference(clinic: Clinic) -> None:
    draft(clinic.insomnia, summary="As in Ménière’s disease, ÜBER all.")
    clinic.publish(clinic.insomnia)

    for text in ("meniere's", "menieres", "meniere", "MÉNIÈRE’S", "uber", "über"):
        assert _titles(text) == ["Insomnia"], text


def test_facets_count_every_type_whatever_the_hits_are_narrowed_to(clinic: Clinic) -> None:
    found = search("sleep", site_id=None, types=["topic"], limit=1)

    assert (len(found.hits), found.count) == (1, 1)
    assert dict(found.facets["type"]) == {"article": 1, "condition": 1, "topic": 1}


def test_facets_count_ties_to_public_pages_and_ignore_their_own_filter(clinic: Clinic) -> None:
    found = search("sleep", site_id=None, ties={"condition": ["insomnia"]})

    assert [hit.type for hit in found.hits] == ["article"]
    assert found.facets == {
        "type": {"article": 1},
        "condition": {"insomnia": 1},
        "service": {},
        "topic": {},
    }
    assert search("sleep", site_id=None, ties={"condition": ["no-such"]}).count == 0
    clinic.insomnia.unpublish(user=clinic.publisher)
    assert search("sleep", site_id=None).facets["condition"] == {}
    assert search("sleep", site_id=None, ties={"condition": ["insomnia"]}).count == 0


def test_pages_follow_each_other(clinic: Clinic) -> None:
    whole = _titles("sleep")

    assert [title for offset in range(3) for title in _titles("sleep", limit=1, offset=offset)] == whole
    assert search("sleep", site_id=None, offset=3).hits == ()


def test_a_search_takes_few_queries(clinic: Clinic, django_assert_num_queries: Any) -> None:
    # Words, their lists with names, what is tied to the page of that name, heads. A process remembers the rest between
    # requests, but not inside of a transaction: the version, which is always asked for, counts, expiry, facets, synonyms,
    # promoted pages, notices, the documents that are found, and where the lists of words are.
    with django_assert_num_queries(4 + 9):
        search("sleep", site_id=None)
    with django_assert_num_queries(0):
        search("?!", site_id=None)


def test_the_same_words_are_looked_for_once_at_each_version(
    committed_clinic: Clinic, django_assert_num_queries: Any
) -> None:
    clinic = committed_clinic
    whole = _titles("sleep", locale="en")

    # The version, and what is shown.
    with django_assert_num_queries(2):
        second = search("sleep", site_id=None, locale="en", limit=1, offset=1)
    with django_assert_num_queries(2):
        narrowed = search("sleep", site_id=None, locale="en", ties={"condition": ["insomnia"]})

    assert ([hit.title_highlight for hit in second.hits], second.count) == ([whole[1]], len(whole))
    assert [hit.type for hit in narrowed.hits] == ["article"]
    clinic.article.unpublish(user=clinic.publisher)
    assert _titles("sleep", locale="en") == [title for title in whole if title != "Sleeping better"]


def test_what_is_shown_is_made_once_of_each_entry(committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not told by the statements that are sent: a connection that has this one ready names it only.
    texts_of, read = reading.texts_of, []
    monkeypatch.setattr(reading, "texts_of", lambda keys, **asked: read.append(keys) or texts_of(keys, **asked))

    def shown(**asked: Any) -> tuple[list[tuple[str, str]], bool]:
        read.clear()
        hits = search("sleep", site_id=None, locale="en", **asked).hits
        return [(hit.title_highlight, hit.highlight) for hit in hits], bool(read)

    whole, is_read = shown()
    assert (len(whole), is_read) == (3, True)
    assert shown() == (whole, False)
    assert shown(limit=1, offset=1) == (whole[1:2], False)
    # Of another entry, as in the moment between a publication and the version that tells of it.
    head = Head.objects.get(slug="insomnia")
    Head.objects.filter(pk=head.pk).update(position=head.position + 1000, text="Zebras do not sleep.")
    changed, is_read = shown()
    assert is_read
    assert [text for title, text in changed if "Insomnia" in title] == ["Zebras do not <mark>sleep</mark>."]
    Head.objects.filter(pk=head.pk).delete()
    assert shown() == ([one for one in changed if "Insomnia" not in one[0]], False)


def test_little_is_kept_of_what_was_shown(committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.query._MAX_HIGHLIGHTS", 2)
    whole = [search("sleep", site_id=None, limit=1, offset=offset).hits[0] for offset in range(3)]

    (found,) = scopes._kept[0].found.values()
    assert len(found.highlights) == 2
    assert [search("sleep", site_id=None, limit=1, offset=offset).hits[0] for offset in range(3)] == whole


def test_what_is_promoted_is_no_part_of_what_is_kept(committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = committed_clinic
    before = _titles("insomnia")
    now = timezone.now()
    promotion = Promotion.objects.create(phrase="insomnia", starts_at=now + datetime.timedelta(days=1))
    PromotedPage.objects.create(promotion=promotion, page_id=clinic.acupuncture.pk)

    assert _titles("insomnia") == before
    with monkeypatch.context() as later:
        later.setattr(timezone, "now", lambda: now + datetime.timedelta(days=2))
        assert _titles("insomnia") == ["Acupuncture", *before]
    assert _titles("insomnia") == before


def test_nothing_is_kept_past_its_expiry(committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    head = Head.objects.get(slug="sleeping-better")
    now = timezone.now()
    for model in (Head, IndexedDocument):
        model.objects.filter(document_id=head.document_id).update(expires_at=now + datetime.timedelta(days=1))
    postings._remembered.clear()
    scopes._kept.clear()

    assert "Sleeping better" in _titles("sleep")
    monkeypatch.setattr(timezone, "now", lambda: now + datetime.timedelta(days=2))
    assert "Sleeping better" not in _titles("sleep")


@pytest.mark.parametrize("first", [1, 2, 60])
def test_pages_have_one_order_however_many_are_ordered_at_once(
    committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    whole = _titles("sleep")
    monkeypatch.setattr("search.finding._FIRST", first)
    scopes._kept.clear()

    assert len(whole) > 2
    assert [_titles("sleep", limit=1, offset=place) for place in range(len(whole))] == [[title] for title in whole]
    assert _titles("sleep", types=["article"], limit=1) == [title for title in whole if title == "Sleeping better"]


def test_counts_are_the_same_after_others_narrowed_the_same_search(committed_clinic: Clinic) -> None:
    before = search("sleep", site_id=None)
    narrowed = search("sleep", site_id=None, types=["article"])
    after = search("sleep", site_id=None, offset=1)

    assert narrowed.facets["type"] == before.facets["type"]
    assert narrowed.count < before.count
    assert (after.facets, after.count) == (before.facets, before.count)


def test_more_than_ten_words_are_refused() -> None:
    assert len(words_of("b c d e f g h j k l the b")) == 12
    with pytest.raises(ValueError, match="at most 10 words"):
        words_of("b c d e f g h j k l m")


@pytest.mark.parametrize(
    ("text", "words", "html"),
    [
        ("Rest helps.", ["rest"], "<mark>Rest</mark> helps."),
        ("<b>Rest</b> & more", ["rest", "more"], "&lt;b&gt;<mark>Rest</mark>&lt;/b&gt; &amp; <mark>more</mark>"),
        ("Ménière’s", ["menieres"], "<mark>Ménière’s</mark>"),
        ("G47.00 and G47", ["g4700"], "<mark>G47.00</mark> and G47"),
        ("Straße İstanbul x", ["x"], "Straße İstanbul <mark>x</mark>"),
        ("Nothing here", ["zebra"], "Nothing here"),
        ("", ["a"], ""),
        ("a.c abc", ["abc"], "a.c <mark>abc</mark>"),
        ("rest restful unrest", ["rest", "restful"], "<mark>rest</mark> <mark>restful</mark> unrest"),
    ],
)
def test_a_highlight_marks_words_and_escapes_everything(text: str, words: list[str], html: str) -> None:
    assert highlighted(text, Marks(words)) == html


def test_a_highlight_is_a_piece_around_the_first_match() -> None:
    text = "before " * 100 + "needle " + "after " * 100

    html = highlighted(text, Marks(["needle"]))

    assert html.startswith("… before")
    assert html.endswith("after …")
    assert "<mark>needle</mark>" in html
    assert len(html) < 250


def test_a_sign_of_html_counts_wherever_it_stands_in_what_is_shown() -> None:
    for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;")):
        for text in (f"{sign} rest", f"rest {sign}", f"a {sign} b rest", "a " * 80 + f"rest {sign} " + "b " * 300):
            assert escaped in highlighted(text, Marks(["rest"]))
            assert sign not in highlighted(text, Marks(["rest"])).replace("<mark>", "").replace("</mark>", "").replace(
                escaped, ""
            )


@pytest.mark.parametrize(
    "before", ["x" * 499, "x" * 500, "x" * 700 + " y", "long " * 150, "don’t " * 200, "ß" * 600, "İ" * 600]
)
def test_a_match_is_found_wherever_it_begins(before: str) -> None:
    html = highlighted(f"{before} a needle’s eye", Marks(["needles", "eye"]))

    assert html.endswith("a <mark>needle’s</mark> <mark>eye</mark>")


def test_the_end_of_a_long_word_is_no_match() -> None:
    text = f"{'x' * 90}rest needle"

    assert highlighted(text, Marks(["rest", "needle"])).count("<mark>") == 1


@given(text=st.text(max_size=300), words=st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3))
def test_a_highlight_is_safe_whatever_the_text(text: str, words: list[str]) -> None:
    bare = highlighted(text, Marks([fold(word) for word in words])).replace("<mark>", "").replace("</mark>", "")

    assert "<" not in bare
    assert ">" not in bare
    assert '"' not in bare


@pytest.mark.parametrize(
    "text",
    ["Ménière’s", "ÜBER", "Ångström", "naïve", "Čapek", "Ñandú", "Việt", "plain", "боль", "ΠΌΝΟΙ", "שלום", "痛み"],
)
def test_a_word_is_found_however_it_is_written(clinic: Clinic, text: str) -> None:
    draft(clinic.insomnia, summary=f"before {text} after")
    clinic.publish(clinic.insomnia)

    for typed in (text, fold(text), text.upper(), text.lower(), unicodedata.normalize("NFD", text)):
        assert _titles(typed) == ["Insomnia"], typed


def test_the_api_gives_cards_with_highlights(api: Reader) -> None:
    answer = api.json("/search?q=needles")

    card = api.json("/pages/find?path=/services/acupuncture/")
    assert list(answer) == ["count", "is_count_exact", "next", "items", "facets", "did_you_mean", "notices"]
    item = answer["items"][0]
    (highlight,) = item.pop("highlights")
    assert "Thin <mark>needles</mark>." in highlight
    assert item.pop("highlighted_title") == "Acupuncture"
    assert item == {name: card[name] for name in item}
    assert (answer["count"], answer["is_count_exact"], answer["did_you_mean"]) == (1, True, None)
    assert answer["notices"] == []
    assert answer["facets"] == {"type": {"service": 1}, "condition": {}, "service": {}, "topic": {}}


def test_the_api_has_the_notices_for_what_was_typed(api: Reader, clinic: Clinic) -> None:
    site = clinic.home.get_site()
    call = Notice.objects.create(
        title="Emergency", message="Call <now>.", telephone="9-1-1", phrases="chest pain", site=site
    )
    Notice.objects.create(title="Sin demora", message="Llame.", phrases="chest pain", locale="es")
    # Another site has words of its own.
    other = Site.objects.create(hostname="other.example", root_page=clinic.home)
    Notice.objects.create(title="Elsewhere", message="Ask there.", phrases="chest pain", site=other)
    told = {"title": "Emergency", "message": "Call <now>.", "telephone": "9-1-1", "telephone_url": "tel:911"}
    in_spanish = {"title": "Sin demora", "message": "Llame.", "telephone": None, "telephone_url": None}

    for query, notices in (
        ("q=Chest+pain!", [told, in_spanish]),
        ("q=bad chest pain at night&locale=en&type=article", [told]),
        ("q=chest pain&site=localhost&locale=en", [told]),
        ("q=chest pains", []),
        ("q=sleep", []),
    ):
        assert api.json(f"/search?{query}")["notices"] == notices, query
    call.delete()
    assert api.json("/search?q=chest pain&locale=en")["notices"] == []


def test_the_api_narrows_by_ties(api: Reader) -> None:
    answer = api.json("/search?q=sleep&condition=insomnia,stress&type=article,topic")

    assert [item["slug"] for item in answer["items"]] == ["sleeping-better"]
    assert answer["facets"]["type"] == {"article": 1}
    assert answer["facets"]["condition"] == {"insomnia": 1}


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
        ("q=b c d e f g h j k l m", ["query", "q"]), ("q=a&condition=", ["query", "condition"]),
    ],
)  # fmt: skip
def test_the_api_refuses_what_it_cannot_search_for(api: Reader, query: str, location: list[str]) -> None:
    assert api.errors(f"/search?{query}") == [location]
