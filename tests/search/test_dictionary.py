"""What editors teach the search, as the search reads it."""

import datetime
import itertools
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, Site

from cms.demo.dictionary import make_dictionary
from cms.pages.identity import document_id_of
from cms.publishing import clock
from cms.publishing.models import Clock
from search import dictionary, vocabulary
from search.models import Notice, PromotedPage, Promotion, Synonym
from search.phrases import phrase_of
from tests.factories import Clinic

EMERGENCIES = {"Chest pain!": ["911"], "I can’t breathe": ["911"], "self-harm": ["988"], "chest of drawers": []}
SMOKING = {"phrase": "Quit smoking", "meanings": "Tobacco dependence"}


@pytest.fixture
def site(db: None) -> Site:
    return Site.objects.get(is_default_site=True)


def make_promotion(phrase: str, *pages: Page, **fields: Any) -> Promotion:
    promotion = Promotion.objects.create(phrase=phrase, **fields)
    for order, page in enumerate(pages):
        PromotedPage.objects.create(promotion=promotion, page_id=page.pk, sort_order=order)
    return promotion


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("  Quit   smoking ", "quit smoking"),
        ("Can’t sleep?", "cant sleep"),
        ("can't sleep", "cant sleep"),
        ("MÉNIÈRE’S", "menieres"),
        ("“low-back” pain", "low back pain"),
        ("G43.909", "g43909"),
        ("=1+1", "1 1"),
        ("- ! ?", ""),
        ("", ""),
    ],
)
def test_a_phrase_is_compared_without_what_people_type_differently(typed: str, phrase: str) -> None:
    assert phrase_of(typed) == phrase


def test_a_synonym_says_what_else_to_look_for(site: Site) -> None:
    Synonym.objects.create(**SMOKING)

    assert dictionary.synonyms(site.pk, "en") == {"quit smoking": ("tobacco dependence",)}


def test_a_synonym_both_ways_is_found_from_each_side(site: Site) -> None:
    Synonym.objects.create(phrase="Hay fever", meanings="Allergic rhinitis\nPollen", is_both_ways=True)

    assert dictionary.synonyms(site.pk, "en") == {
        "hay fever": ("allergic rhinitis", "pollen"),
        "allergic rhinitis": ("hay fever",),
        "pollen": ("hay fever",),
    }


def test_what_is_looked_for_keeps_its_apostrophe(site: Site) -> None:
    Synonym.objects.create(phrase="Spinning room", meanings="Ménière’s disease", is_both_ways=True)

    assert dictionary.synonyms(site.pk, "en") == {
        "spinning room": ("meniere's disease",),
        "menieres disease": ("spinning room",),
    }


def test_a_circle_is_harmless(site: Site) -> None:
    Synonym.objects.create(phrase="a", meanings="b", is_both_ways=True)
    Synonym.objects.create(phrase="b", meanings="a")

    assert dictionary.synonyms(site.pk, "en") == {"a": ("b",), "b": ("a",)}


def test_site_and_language_are_kept_apart(site: Site) -> None:
    other = Site.objects.create(hostname="other.example", root_page=site.root_page)
    Synonym.objects.create(phrase="a", meanings="everywhere")
    Synonym.objects.create(phrase="a", meanings="here", site=site)
    Synonym.objects.create(phrase="a", meanings="there", site=other)
    Synonym.objects.create(phrase="a", meanings="aqui", locale="es")

    assert dictionary.synonyms(site.pk, "en") == {"a": ("here", "everywhere")}
    assert dictionary.synonyms(other.pk, "es") == {"a": ("there", "aqui", "everywhere")}
    assert dictionary.synonyms(None, None) == {"a": ("here", "there", "aqui", "everywhere")}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"phrase": "QUIT smoking!", "meanings": "nicotine"}, {"phrase": "“Quit smoking” is there already."}),
        ({"phrase": " ? ", "meanings": "nicotine"}, {"phrase": "Type at least one word."}),
        ({"phrase": "w " * 11, "meanings": "nicotine"}, {"phrase": "a phrase has up to 10 words"}),
        ({"phrase": "Nicotine", "meanings": "nicotine!"}, {"meanings": "“Nicotine” means itself already"}),
        ({"phrase": "smoker", "meanings": "nicotine\nNicotine"}, {"meanings": "“Nicotine” is there twice."}),
        ({"phrase": "smoker", "meanings": " \n "}, {"meanings": "Type at least one word."}),
        ({"phrase": "smoker", "meanings": "x" * 101}, {"meanings": "up to 100 characters"}),
        ({"phrase": "smoker", "meanings": "\n".join("abcdefghijk")}, {"meanings": "Up to 10 phrases; these are 11."}),
        ({"phrase": "smoker", "meanings": "nicotine", "locale": "xx"}, {"locale": "No page is written in “xx”."}),
    ],
)
def test_a_synonym_that_cannot_work_is_refused_in_a_sentence(
    db: None, fields: dict[str, str], problem: dict[str, str]
) -> None:
    Synonym.objects.create(**SMOKING)

    with pytest.raises(ValidationError) as refused:
        Synonym(**fields).clean()

    assert refused.value.message_dict.keys() == problem.keys()
    for field, words in problem.items():
        assert words in " ".join(refused.value.message_dict[field])
    assert Synonym.objects.count() == 1


def test_a_synonym_can_be_saved_again(db: None) -> None:
    synonym = Synonym.objects.create(**SMOKING)

    synonym.full_clean()
    synonym.save()

    assert (synonym.folded, synonym.meanings) == ("quit smoking", "Tobacco dependence")


def test_promoted_pages_come_in_the_order_of_the_editor(clinic: Clinic, site: Site) -> None:
    make_promotion("Can’t sleep", clinic.insomnia, clinic.article)

    assert dictionary.promoted(site.pk, "en") == {
        "cant sleep": (document_id_of(clinic.insomnia), document_id_of(clinic.article))
    }


def test_promoted_pages_come_in_their_time(clinic: Clinic, site: Site) -> None:
    now, day = timezone.now(), datetime.timedelta(days=1)
    make_promotion("over", clinic.insomnia, starts_at=now - 2 * day, ends_at=now - day)
    make_promotion("now", clinic.insomnia, starts_at=now - day, ends_at=now + day)
    make_promotion("later", clinic.insomnia, starts_at=now + day)

    assert list(dictionary.promoted(site.pk, "en")) == ["now"]


def test_a_promotion_that_ends_before_it_begins_is_refused(db: None) -> None:
    now = timezone.now()

    with pytest.raises(ValidationError, match="The end comes after the beginning"):
        Promotion(phrase="now", starts_at=now, ends_at=now).clean()


def test_the_clock_is_advanced_when_a_promotion_begins_or_ends(clinic: Clinic) -> None:
    now, hour = timezone.now(), datetime.timedelta(hours=1)
    make_promotion("always", clinic.insomnia)
    make_promotion("later", clinic.insomnia, starts_at=now + hour, ends_at=now + 3 * hour)
    facts = [Clock.objects.get().facts]
    running = []

    for hours in (0, 2, 2, 4):
        vocabulary.mark_running(now + hours * hour)
        running.append(list(Promotion.objects.filter(is_running=True).values_list("phrase", flat=True)))
        facts.append(Clock.objects.get().facts)

    assert running == [["always"], ["always", "later"], ["always", "later"], ["always"]]
    assert [after > before for before, after in itertools.pairwise(facts)] == [False, True, False, True]


def test_a_deleted_page_is_promoted_no_more(clinic: Clinic, site: Site) -> None:
    page = clinic.article_draft("short-lived")
    make_promotion("now", clinic.insomnia, page)

    page.delete()

    assert dictionary.promoted(site.pk, "en") == {"now": (document_id_of(clinic.insomnia),)}


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        ("Chest pain", True),
        ("what to do about chest pain?", True),
        ("“chest pain”", True),
        ("chest", False),
        ("chest painting", False),
        ("pain chest", False),
        ("", False),
    ],
)
def test_a_notice_is_shown_for_its_words_in_a_row(site: Site, text: str, is_shown: bool) -> None:
    Notice.objects.create(title="Emergency", message="Call now.", telephone="911", phrases="stroke\nChest pain")

    shown = dictionary.notices(text, site.pk, "en")

    expected = [dictionary.Shown("Emergency", "Call now.", "911", "tel:911")] if is_shown else []
    assert shown == expected


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"phrases": " "}, "phrases"), ({"phrases": "a\nA"}, "phrases"), ({"telephone": "none"}, "telephone")],
)
def test_a_notice_that_cannot_work_is_refused(db: None, fields: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Notice(**{"title": "Emergency", "message": "Call.", "telephone": "911", "phrases": "stroke", **fields}).clean()

    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize(
    "change",
    [
        lambda clinic: Synonym.objects.update(meanings="Nicotine"),
        lambda clinic: Promotion.objects.update(is_running=True),
        lambda clinic: PromotedPage.objects.all().delete(),
        lambda clinic: Notice.objects.update(title="Other"),
    ],
    ids=["synonym", "promotion", "page", "notice"],
)
def test_every_change_advances_the_clock(clinic: Clinic, change: Any) -> None:
    Synonym.objects.create(**SMOKING)
    make_promotion("now", clinic.insomnia)
    Notice.objects.create(title="Emergency", message="Call now.", phrases="stroke")
    before = Clock.objects.get()

    change(clinic)

    after = Clock.objects.get()
    assert (after.facts > before.facts, after.position) == (True, before.position)


def test_what_was_read_is_kept_until_the_clock_moves(committed_clinic: Clinic) -> None:
    site = Site.objects.get(is_default_site=True)
    Synonym.objects.create(**SMOKING)
    first = dictionary.synonyms(site.pk, "en")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        again = dictionary.synonyms(site.pk, "en", version=clock.read())

    assert again is first
    assert len(asked) == 1  # the clock
    Synonym.objects.update(meanings="Nicotine")
    assert dictionary.synonyms(site.pk, "en") == {"quit smoking": ("nicotine",)}


def test_the_dictionary_of_the_demo_could_be_saved_at_the_desk(clinic: Clinic) -> None:
    pages = dict.fromkeys(("/contact/", "/conditions/insomnia/"), clinic.insomnia)
    pages["/articles/sleeping-better-with-insomnia/"] = clinic.article

    make_dictionary(pages)

    site = Site.objects.get(is_default_site=True)
    assert dictionary.synonyms(site.pk, "en")["give up cigarettes"] == ("quit smoking",)
    assert dictionary.promoted(site.pk, "en")["sleep"] == (
        document_id_of(clinic.insomnia),
        document_id_of(clinic.article),
    )
    called = {text: [shown.telephone for shown in dictionary.notices(text, site.pk, "en")] for text in EMERGENCIES}
    assert called == EMERGENCIES
