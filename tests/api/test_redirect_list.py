"""The list of redirects: what editors made and what moved, each straight to where it ends."""

from typing import Any

import pytest
from django.db import transaction
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction, Site

from tests.api.conftest import Reader
from tests.factories import Clinic, draft


def _pairs(api: Reader, address: str = "/redirects") -> list[tuple[str, str, bool, str]]:
    items = api.json(address)["items"]
    return [(item["from"], item["to"], item["permanent"], item["kind"]) for item in items]


def test_there_are_none_at_first(api: Reader) -> None:
    assert api.json("/redirects") == {"count": 0, "next": None, "items": []}


def test_editors_redirects_lead_to_public_pages_and_other_sites(api: Reader, clinic: Clinic) -> None:
    Redirect.add_redirect("/sleep", clinic.insomnia, is_permanent=False)
    Redirect.add_redirect("/old.html", "https://www.example.org/a?b=1")
    Redirect.add_redirect("/ask?a=1", clinic.home)

    assert _pairs(api) == [
        ("/ask?a=1", "/", True, "editor"),
        ("/old.html", "https://www.example.org/a?b=1", True, "editor"),
        ("/sleep/", "/conditions/insomnia/", False, "editor"),
    ]


def test_a_moved_page_is_found_from_each_of_its_old_paths(api: Reader, clinic: Clinic) -> None:
    for slug in ("sleeping-well", "sleeping-best"):
        draft(clinic.article, slug=slug)
        clinic.publish(clinic.article)
    Redirect.objects.all().delete()

    assert _pairs(api) == [
        ("/articles/sleeping-better/", "/articles/sleeping-best/", True, "moved"),
        ("/articles/sleeping-well/", "/articles/sleeping-best/", True, "moved"),
    ]


def test_wagtails_own_redirects_of_moved_pages_are_not_repeated(api: Reader, clinic: Clinic) -> None:
    draft(clinic.article, slug="sleeping-well")
    clinic.publish(clinic.article)

    assert _pairs(api) == [("/articles/sleeping-better/", "/articles/sleeping-well/", True, "moved")]


def test_a_path_with_another_public_page_leads_nowhere(api: Reader, clinic: Clinic) -> None:
    draft(clinic.article, slug="sleeping-well")
    clinic.publish(clinic.article)
    clinic.publish(clinic.article_draft("sleeping-better", title="Another"))
    Redirect.add_redirect("/conditions/insomnia", "https://www.example.org/")

    assert _pairs(api) == []


def test_a_path_that_another_page_left_last_is_gone(api: Reader, clinic: Clinic) -> None:
    draft(clinic.article, slug="sleeping-well")
    clinic.publish(clinic.article)
    other = clinic.publish(clinic.article_draft("sleeping-better", title="Another"))
    Redirect.objects.all().delete()
    other.unpublish(user=clinic.publisher)

    assert _pairs(api) == []
    assert api.get("/pages/find?path=/articles/sleeping-better/").status_code == 410


def test_the_list_says_what_finding_does(api: Reader, clinic: Clinic) -> None:
    draft(clinic.article, slug="sleeping-well")
    clinic.publish(clinic.article)
    Redirect.add_redirect("/sleep", clinic.insomnia, is_permanent=False)

    for source, to, is_permanent, _kind in _pairs(api):
        response = api.get(f"/pages/find?path={source}")
        assert response.status_code == (301 if is_permanent else 302)
        assert api.json(response.headers["Location"].removeprefix("/api/v1"))["path"] == to


def _draft(clinic: Clinic) -> None:
    Redirect.add_redirect("/secret", clinic.article_draft("hidden"))
    Redirect.objects.create(old_path="/linked", redirect_link="http://localhost/articles/hidden/")


def _restricted(clinic: Clinic) -> None:
    _moved(clinic)
    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.article, restriction_type=PageViewRestriction.LOGIN)


def _unpublished(clinic: Clinic) -> None:
    _moved(clinic).unpublish(user=clinic.publisher)


def _moved(clinic: Clinic) -> Any:
    draft(clinic.article, slug="hidden")
    moved = clinic.publish(clinic.article)
    Redirect.add_redirect("/secret", moved)
    return moved


@pytest.mark.parametrize("hide", [_draft, _restricted, _unpublished])
def test_no_redirect_leads_to_what_is_hidden(api: Reader, clinic: Clinic, hide: Any) -> None:
    before = api.get("/redirects").content

    hide(clinic)

    assert api.get("/redirects").content == before


def test_redirects_of_redirects_are_followed_and_circles_left_out(api: Reader, clinic: Clinic) -> None:
    Redirect.add_redirect("/a", "http://localhost/b/")
    Redirect.add_redirect("/b", "http://localhost/c?x=1", is_permanent=False)
    Redirect.add_redirect("/c", clinic.insomnia)
    Redirect.add_redirect("/round", "http://localhost/and-round/")
    Redirect.add_redirect("/and-round", "http://localhost/round")
    Redirect.add_redirect("/self", "http://localhost/self/")
    Redirect.add_redirect("/direct", "http://localhost/services/acupuncture/#risks")

    assert _pairs(api) == [
        ("/a/", "/conditions/insomnia/", False, "editor"),
        ("/b/", "/conditions/insomnia/", False, "editor"),
        ("/c/", "/conditions/insomnia/", True, "editor"),
        ("/direct/", "/services/acupuncture/#risks", True, "editor"),
    ]


def test_a_redirect_of_one_site_goes_before_one_of_all(api: Reader, clinic: Clinic) -> None:
    site = Site.objects.get()
    other = Site.objects.create(hostname="other.example", root_page=clinic.team)
    Redirect.add_redirect("/a", "https://one.example/", site=site)
    Redirect.add_redirect("/a", "https://all.example/")
    Redirect.add_redirect("/b", "https://other.example/", site=other)

    assert _pairs(api) == [("/a/", "https://one.example/", True, "editor")]
    assert [pair[:2] for pair in _pairs(api, "/redirects?site=other.example")] == [
        ("/a/", "https://all.example/"),
        ("/b/", "https://other.example/"),
    ]


def test_following_next_gives_every_redirect_once(api: Reader, clinic: Clinic) -> None:
    for name in "dbeac":
        Redirect.add_redirect(f"/{name}", clinic.insomnia)

    seen, address = [], "/redirects?limit=2&site=localhost"
    while address:
        page = api.json(address)
        assert page["count"] == 5
        seen += [item["from"] for item in page["items"]]
        address = (page["next"] or "").removeprefix("/api/v1")

    assert seen == ["/a/", "/b/", "/c/", "/d/", "/e/"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "after=x", "after=", "site=nowhere.example", "kind=moved"])
def test_what_cannot_be_used_is_refused(api: Reader, query: str) -> None:
    assert api.errors(f"/redirects?{query}") == [["query", query.partition("=")[0]]]


def test_a_cursor_of_another_site_is_refused(api: Reader, clinic: Clinic) -> None:
    for name in "ab":
        Redirect.add_redirect(f"/{name}", clinic.insomnia)
    cursor = api.json("/redirects?limit=1")["next"].partition("after=")[2]

    assert api.errors(f"/redirects?site=localhost&after={cursor}") == [["query", "after"]]


def test_queries_are_few(api: Reader, clinic: Clinic, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        api.json("/redirects")
    draft(clinic.article, slug="sleeping-well")
    clinic.publish(clinic.article)
    for number in range(5):
        Redirect.add_redirect(f"/a{number}", clinic.insomnia)
    with django_assert_num_queries(2):
        api.json("/redirects")
    Redirect.add_redirect("/inside", "http://localhost/conditions/insomnia/")
    with django_assert_num_queries(3):
        api.json("/redirects")


def test_the_answer_can_be_cached(api: Reader, clinic: Clinic) -> None:
    whole = api.get("/redirects")
    assert api.get("/redirects", If_None_Match=whole.headers["ETag"]).status_code == 304

    Redirect.add_redirect("/sleep", clinic.insomnia)

    assert api.get("/redirects", If_None_Match=whole.headers["ETag"]).status_code == 200
    assert "Last-Modified" not in whole.headers
