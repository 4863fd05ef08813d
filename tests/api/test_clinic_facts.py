"""The clinic's facts and menus."""

from typing import Any

import pytest
from django.db import transaction
from wagtail.models import PageViewRestriction, Site

from home.clinic import ClinicSettings, Navigation
from tests.api.conftest import Reader
from tests.factories import Clinic


@pytest.fixture
def facts(clinic: Clinic) -> ClinicSettings:
    """What a clinic fills in."""
    found = ClinicSettings(
        site=Site.objects.get(), name="A Clinic", telephone="417-555-0100", city="Springfield", region="MO"
    )
    found.hours = found.hours.stream_block.to_python(
        [
            {"type": "hours", "value": {"days": "Monday to Friday", "opens": "08:30", "closes": "17:00"}},
            {"type": "hours", "value": {"days": "Sunday", "opens": None, "closes": None}},
        ]
    )
    found.save()
    return found


def test_the_site_tells_what_visitors_need(api: Reader, facts: ClinicSettings) -> None:
    site = api.json("/site")

    assert (site["name"], site["telephone"], site["telephone_href"]) == ("A Clinic", "417-555-0100", "tel:+14175550100")
    assert site["hours"] == [
        {"days": "Monday to Friday", "opens": "08:30", "closes": "17:00"},
        {"days": "Sunday", "opens": None, "closes": None},
    ]
    assert site["json_ld"]["@type"] == "MedicalClinic"


def test_reading_the_site_writes_nothing(api: Reader) -> None:
    ClinicSettings.objects.all().delete()

    assert api.json("/site")["name"] == ""

    assert not ClinicSettings.objects.exists()


@pytest.mark.parametrize(
    "address", ["/site", "/navigation", "/search?q=a", "/pages/find?path=/", "/articles/a", "/pages"]
)
def test_an_unknown_site_is_refused_with_the_known_ones(api: Reader, address: str) -> None:
    response = api.get(f"{address}{'&' if '?' in address else '?'}site=nowhere.example")

    assert response.status_code == 422
    assert response.json()["errors"] == [{"loc": ["query", "site"], "msg": "Unknown site; known: localhost"}]


def test_another_site_has_only_its_own_pages(api: Reader, clinic: Clinic) -> None:
    Site.objects.create(hostname="other.example", root_page=clinic.team)

    assert api.json("/articles?site=other.example")["count"] == 0
    assert api.get("/articles/sleeping-better?site=other.example").status_code == 404
    assert api.json("/search?q=rest&site=other.example")["count"] == 0


def _menu(*entries: dict[str, Any]) -> None:
    navigation = Navigation(site=Site.objects.get())
    raw = [{"type": "item", "value": entry} for entry in entries]
    navigation.main = navigation.main.stream_block.to_python(raw)
    navigation.save()


def _children(*entries: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "item", "value": entry} for entry in entries]


def test_menus_are_trees_of_public_pages(api: Reader, clinic: Clinic) -> None:
    _menu(
        {
            "title": "",
            "page": clinic.conditions.pk,
            "url": "",
            "children": _children({"title": "Sleep", "page": clinic.insomnia.pk}),
        },
        {"title": "Book", "page": None, "url": "https://book.example/"},
        {"title": "More", "page": None, "url": "", "children": _children({"title": "", "page": clinic.team.pk})},
    )

    assert api.json("/navigation") == {
        "main": [
            {
                "title": "Conditions",
                "url": "/conditions/",
                "children": [{"title": "Sleep", "url": "/conditions/insomnia/", "children": []}],
            },
            {"title": "Book", "url": "https://book.example/", "children": []},
            {"title": "More", "url": None, "children": [{"title": "Team", "url": "/team/", "children": []}]},
        ],
        "footer": [],
    }


def test_an_entry_of_a_hidden_page_is_absent_with_its_children(api: Reader, clinic: Clinic) -> None:
    hidden = clinic.article_draft("secret", title="Secret")
    below = {"title": "Below", "page": clinic.insomnia.pk}
    _menu(
        {"title": "Secret", "page": hidden.pk, "children": _children(below)},
        {"title": "Gone", "page": 999_999, "children": []},
        {
            "title": "Only hidden below",
            "page": None,
            "url": "",
            "children": _children({"title": "", "page": hidden.pk}),
        },
        {"title": "Home", "page": clinic.home.pk, "children": _children({"title": "", "page": hidden.pk})},
    )

    assert api.json("/navigation")["main"] == [{"title": "Home", "url": "/", "children": []}]


def test_a_page_that_becomes_private_leaves_the_menu(api: Reader, clinic: Clinic) -> None:
    _menu({"title": "", "page": clinic.team.pk})

    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.team, restriction_type=PageViewRestriction.LOGIN)

    assert api.json("/navigation")["main"] == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/\\evil.example",
        "vbscript:x",
        "ftp://x",
        "x",
        "/a\nb",
    ],
)
def test_a_menu_never_leads_to_an_address_that_is_not_allowed(api: Reader, clinic: Clinic, url: str) -> None:
    _menu({"title": "Bad", "page": None, "url": url}, {"title": "Good", "page": None, "url": "tel:+14175550100"})

    assert api.json("/navigation")["main"] == [{"title": "Good", "url": "tel:+14175550100", "children": []}]


def test_menus_take_two_queries_and_the_site_one(api: Reader, clinic: Clinic, django_assert_num_queries: Any) -> None:
    _menu(*({"title": "", "page": page.pk} for page in (clinic.team, clinic.home, clinic.services, clinic.insomnia)))

    with django_assert_num_queries(2):
        assert len(api.json("/navigation")["main"]) == 4
    with django_assert_num_queries(1):
        api.json("/site")
