"""The dictionary and the report of searches at the desk: who may, what they see, and what is refused."""

import csv
import datetime
import json
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from search.models import Notice, Promotion, SearchCount, Synonym
from tests.factories import Clinic, make_user
from tests.workflow.desk import login

SEARCHES, SYNONYMS = "/admin/search/searches/", "/admin/search/synonyms/"
PROMOTED, NOTICES = "/admin/search/promoted/", "/admin/search/notices/"
SYNONYM = {"phrase": "Quit smoking", "meanings": "Tobacco dependence", "site": "", "locale": ""}
NOTICE = {"title": "Now", "message": "Call.", "telephone": "911", "phrases": "chest pain", "site": "", "locale": ""}


@pytest.fixture
def desk(db: None) -> Client:
    """An editor's browser."""
    return login(make_user("edgar", "Editor"))


def promotion_form(*pages: Any, phrase: str = "Can’t sleep") -> dict[str, Any]:
    form: dict[str, Any] = {"phrase": phrase, "starts_at": "", "ends_at": "", "site": "", "locale": ""}
    form |= {"promoted_pages-TOTAL_FORMS": len(pages), "promoted_pages-INITIAL_FORMS": 0}
    form |= {"promoted_pages-MIN_NUM_FORMS": 1, "promoted_pages-MAX_NUM_FORMS": 5}
    for number, page in enumerate(pages):
        form |= {f"promoted_pages-{number}-page": page.pk, f"promoted_pages-{number}-ORDER": number + 1}
        form |= {f"promoted_pages-{number}-id": "", f"promoted_pages-{number}-DELETE": ""}
    return form


def count(phrase: str, *, searches: int, missed: int = 0, found: int = 0, days_ago: int = 0) -> None:
    SearchCount.objects.create(
        phrase=phrase,
        day=timezone.localdate() - datetime.timedelta(days=days_ago),
        site_id=1,
        searches=searches,
        without_result=missed,
        found=found,
    )


def phrases_in(response: Any) -> list[str]:
    soup = BeautifulSoup(response.content, "html.parser")
    return [cell.get_text() for cell in soup.select(".search-desk__phrase")]


def words_of(response: Any) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


@pytest.mark.parametrize("role", ["Author", "Clinician"])
def test_other_roles_neither_see_nor_change_the_dictionary(db: None, role: str) -> None:
    synonym = Synonym.objects.create(phrase="a", meanings="b")
    client = login(make_user("somebody", role))

    for listing in (SYNONYMS, PROMOTED, NOTICES, SEARCHES):
        assert client.get(listing).headers["Location"] == reverse("wagtailadmin_home")
    for address, form in ((f"{SYNONYMS}new/", SYNONYM), (f"{NOTICES}new/", NOTICE)):
        assert client.post(address, form).headers["Location"] == reverse("wagtailadmin_home")
    for address in (f"{SYNONYMS}edit/{synonym.pk}/", f"{SYNONYMS}delete/{synonym.pk}/"):
        assert client.post(address, SYNONYM).headers["Location"] == reverse("wagtailadmin_home")

    assert list(Synonym.objects.values_list("phrase", flat=True)) == ["a"]
    assert Notice.objects.count() == 0
    assert SYNONYMS not in client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize("address", [SYNONYMS, PROMOTED, NOTICES, SEARCHES, f"{SYNONYMS}new/"])
def test_nobody_comes_here_without_a_login(db: None, address: str) -> None:
    assert Client().get(address).headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("role", ["Editor", "Publisher", "Administrator"])
def test_these_roles_keep_the_dictionary(db: None, role: str) -> None:
    client = login(make_user("somebody", role))

    for address in (SYNONYMS, PROMOTED, NOTICES, SEARCHES):
        assert client.get(address).status_code == 200
        assert address in client.get(reverse("wagtailadmin_home")).content.decode()
    assert client.post(f"{SYNONYMS}new/", SYNONYM).status_code == 302

    assert Synonym.objects.get().folded == "quit smoking"


def test_an_editor_adds_changes_and_removes_a_synonym(desk: Client) -> None:
    desk.post(f"{SYNONYMS}new/", {**SYNONYM, "meanings": " Tobacco dependence \n\nNicotine"})
    synonym = Synonym.objects.get()
    assert (synonym.phrase, synonym.meanings) == ("Quit smoking", "Tobacco dependence\nNicotine")
    assert "means Tobacco dependence, Nicotine" in words_of(desk.get(SYNONYMS))

    desk.post(f"{SYNONYMS}edit/{synonym.pk}/", {**SYNONYM, "phrase": "Stop smoking", "is_both_ways": "on"})
    synonym.refresh_from_db()
    assert (synonym.phrase, synonym.folded, synonym.is_both_ways) == ("Stop smoking", "stop smoking", True)

    desk.post(f"{SYNONYMS}delete/{synonym.pk}/")
    assert Synonym.objects.count() == 0


def test_after_saving_the_way_to_try_it_is_there(desk: Client) -> None:
    response = desk.post(f"{SYNONYMS}new/", SYNONYM, follow=True)

    links = BeautifulSoup(response.content, "html.parser").find_all("a", string=lambda text: text and "Try" in text)
    assert [link["href"] for link in links] == ["/search/?q=Quit+smoking"]


def test_the_list_is_searched_by_both_sides(desk: Client) -> None:
    Synonym.objects.create(phrase="Quit smoking", meanings="Tobacco dependence")
    Synonym.objects.create(phrase="Lumbago", meanings="Back pain")

    for text in ("smok", "TOBACCO"):
        words = words_of(desk.get(f"{SYNONYMS}results/", {"q": text}))
        assert ("Quit smoking" in words, "Lumbago" in words) == (True, False)


def test_what_cannot_work_is_refused_beside_its_field(desk: Client) -> None:
    Synonym.objects.create(phrase="Quit smoking", meanings="Tobacco dependence")

    response = desk.post(f"{SYNONYMS}new/", {**SYNONYM, "phrase": "QUIT  smoking?", "meanings": "nicotine"})

    soup = BeautifulSoup(response.content, "html.parser")
    errors = " ".join(found.get_text() for found in soup.select("#panel-child-phrase-errors, [id$=phrase-errors]"))
    assert "“Quit smoking” is there already." in errors
    assert Synonym.objects.count() == 1


def test_an_editor_promotes_pages_in_order(desk: Client, clinic: Clinic) -> None:
    response = desk.post(f"{PROMOTED}new/", promotion_form(clinic.article, clinic.insomnia))

    assert response.status_code == 302
    links = Promotion.objects.get().promoted_pages.order_by("sort_order")
    assert [link.page_id for link in links] == [clinic.article.pk, clinic.insomnia.pk]
    assert Promotion.objects.get().is_running is True


def test_the_list_says_which_promoted_pages_are_not_public(desk: Client, clinic: Clinic) -> None:
    draft = clinic.article_draft("not-yet")
    desk.post(f"{PROMOTED}new/", promotion_form(clinic.insomnia, draft))

    assert "Insomnia, Not yet (not public)" in words_of(desk.get(PROMOTED))


@pytest.mark.parametrize("number", [0, 6])
def test_a_promotion_has_one_to_five_pages(desk: Client, clinic: Clinic, number: int) -> None:
    pages = [clinic.insomnia, clinic.article, clinic.acupuncture, clinic.topic, clinic.writer, clinic.reviewer]

    response = desk.post(f"{PROMOTED}new/", promotion_form(*pages[:number]))

    assert response.status_code == 200
    assert Promotion.objects.count() == 0


def test_a_page_is_promoted_once_for_a_phrase(desk: Client, clinic: Clinic) -> None:
    response = desk.post(f"{PROMOTED}new/", promotion_form(clinic.insomnia, clinic.insomnia))

    assert response.status_code == 200
    assert Promotion.objects.count() == 0


def test_only_pages_that_can_become_public_are_promoted(desk: Client, clinic: Clinic) -> None:
    root = clinic.home.get_parent()

    response = desk.post(f"{PROMOTED}new/", promotion_form(root))

    assert response.status_code == 200
    assert Promotion.objects.count() == 0


def test_the_report_shows_what_was_not_found_most_frequent_first(desk: Client) -> None:
    count("rare", searches=2, missed=2)
    count("zebra", searches=3, missed=3)
    count("yak", searches=2, missed=2, days_ago=1)
    count("yak", searches=9, missed=8, found=1)
    count("insomnia", searches=99, found=5)
    count("long ago", searches=9, missed=9, days_ago=31)

    response = desk.get(SEARCHES)

    assert phrases_in(response) == ["yak", "zebra"]
    assert "11 searches 10 without a result found 1 page" in words_of(response)


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ({"outcome": "little"}, ["few"]),
        ({"outcome": "all"}, ["insomnia", "few", "zebra"]),
        ({"days": "90"}, ["long ago", "zebra"]),
        ({"days": "7"}, []),
        ({"days": "nonsense"}, ["zebra"]),
        ({"outcome": "nonsense"}, ["zebra"]),
    ],
)
def test_the_report_is_filtered(desk: Client, query: dict[str, str], phrases: list[str]) -> None:
    count("rare", searches=2, missed=2)
    count("zebra", searches=3, missed=3, days_ago=10)
    count("few", searches=4, found=2)
    count("insomnia", searches=99, found=5)
    count("long ago", searches=9, missed=9, days_ago=31)

    assert phrases_in(desk.get(f"{SEARCHES}results/", query)) == phrases


def test_the_report_leads_to_a_synonym_with_the_phrase_filled_in(desk: Client) -> None:
    count("quit smoking", searches=3, missed=3)

    soup = BeautifulSoup(desk.get(SEARCHES).content, "html.parser")
    link = soup.find("a", string=None, href=lambda href: href and href.startswith(f"{SYNONYMS}new/"))
    form = BeautifulSoup(desk.get(link["href"]).content, "html.parser")

    assert " ".join(link.get_text().split()) == "Add a synonym for “quit smoking”"
    assert form.find("input", {"name": "phrase"})["value"] == "quit smoking"


def test_the_report_leads_to_what_is_there_already(desk: Client) -> None:
    count("quit smoking", searches=3, missed=3)
    synonym = Synonym.objects.create(phrase="Quit smoking!", meanings="Tobacco dependence")

    soup = BeautifulSoup(desk.get(SEARCHES).content, "html.parser")

    hrefs = [link["href"] for link in soup.select(".search-desk__actions a")]
    assert hrefs == [
        f"{SYNONYMS}edit/{synonym.pk}/",
        f"{PROMOTED}new/?phrase=quit+smoking",
        "/search/?q=quit+smoking",
    ]


def test_the_empty_report_says_what_it_would_show(desk: Client) -> None:
    assert "no phrase that was searched 3 times found nothing" in words_of(desk.get(SEARCHES))


def test_the_report_says_when_nothing_is_counted(desk: Client, settings: Any) -> None:
    settings.COUNT_SEARCHES = False

    assert "Searches are not being counted" in words_of(desk.get(SEARCHES))


def test_the_report_is_exported_without_what_is_rare(desk: Client) -> None:
    count("rare", searches=2, missed=2)
    count("zebra", searches=3, missed=3)

    response = desk.get(SEARCHES, {"export": "csv"})

    rows = list(csv.reader(b"".join(response.streaming_content).decode().splitlines()))
    assert rows == [["Phrase", "Searches", "Without a result", "Pages found at most"], ["zebra", "3", "3", "0"]]


def test_the_menu_says_which_search_it_is(desk: Client) -> None:
    page = BeautifulSoup(desk.get(reverse("wagtailadmin_home")).content, "html.parser")
    told = json.loads(page.select_one("#wagtail-sidebar-props").string)
    labels = re.findall(r'"label": "([^"]*[Ss]earch[^"]*)"', json.dumps(told))

    # Wagtail's own, which finds pages to edit, has a field and no label here.
    assert labels == ["Site search", "Searches"]
