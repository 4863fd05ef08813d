"""Lists of content: what they hold, in which order, and how to read on."""

import datetime
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.core.signing import Signer

from tests.api.conftest import Reader
from tests.factories import Clinic

CARD = [
    "id", "type", "locale", "slug", "path", "url", "title", "summary", "image", "published_at", "updated_at", "reviewed_at",
    "review_due", "reading_minutes",
]  # fmt: skip
RELATIONS = ["authors", "conditions", "services", "topics"]
TITLES = [
    "Acupuncture", "Anton Made-Up", "Articles", "Clara Made-Up", "Conditions", "Home", "Insomnia", "Services", "Sleep",
    "Sleeping better", "Team",
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "slugs"),
    [
        ("/articles", ["sleeping-better"]),
        ("/services", ["acupuncture"]),
        ("/conditions", ["insomnia"]),
        ("/people?order=title", ["anton", "clara"]),
    ],
)
def test_each_list_holds_its_type(api: Reader, address: str, slugs: list[str]) -> None:
    assert api.slugs(address) == slugs


def test_an_item_is_a_card_with_short_references(api: Reader, clinic: Clinic) -> None:
    listed = api.json("/articles")

    assert list(listed) == ["count", "next", "items"]
    assert (listed["count"], listed["next"]) == (1, None)
    item = listed["items"][0]
    assert list(item) == CARD + RELATIONS
    assert item["url"] == "http://localhost/articles/sleeping-better/"
    assert item["authors"] == [
        {
            "id": api.json("/people/anton")["id"],
            "type": "person",
            "slug": "anton",
            "title": "Anton Made-Up",
            "path": "/team/anton/",
        }
    ]
    assert [condition["slug"] for condition in item["conditions"]] == ["insomnia"]
    assert (item["services"], item["topics"]) == ([], [])


def test_a_person_also_has_credentials_and_role(api: Reader) -> None:
    clara = api.json("/people?slug=clara")["items"][0]

    assert list(clara) == [*CARD, "credentials", "role", *RELATIONS]
    assert (clara["credentials"], clara["role"]) == ("M.D.", "Physician")


def test_all_pages_are_there_by_title(api: Reader) -> None:
    listed = api.json("/pages?order=title")

    assert [item["title"] for item in listed["items"]] == TITLES
    assert listed["count"] == len(TITLES)


def test_a_minus_turns_the_order_round(api: Reader) -> None:
    assert [item["title"] for item in api.json("/pages?order=-title")["items"]] == TITLES[::-1]


@pytest.mark.parametrize(
    "order", ["published_at", "-published_at", "updated_at", "reviewed_at", "-reviewed_at", "title", "-title"]
)
@pytest.mark.parametrize("limit", [1, 4])
def test_following_next_gives_every_page_once(api: Reader, order: str, limit: int) -> None:
    whole = api.slugs(f"/pages?order={order}")

    assert _walk(api, f"/pages?order={order}&limit={limit}") == whole


def test_documents_without_a_review_come_last_either_way(api: Reader) -> None:
    for order in ("reviewed_at", "-reviewed_at"):
        reviews = [item["reviewed_at"] is None for item in api.json(f"/pages?order={order}")["items"]]
        assert reviews == sorted(reviews)
        assert reviews.count(False) == 3


def test_what_is_published_while_reading_neither_hides_nor_repeats_a_page(api: Reader, clinic: Clinic) -> None:
    first = api.json("/pages?order=title&limit=5")

    clinic.publish(clinic.article_draft("a-newcomer", title="A newcomer"))
    rest = _walk(api, first["next"].removeprefix("/api/v1"))

    assert [item["slug"] for item in first["items"]] + rest == [
        "acupuncture", "anton", "articles", "clara", "conditions", "clinic-home", "insomnia", "services", "sleep",
        "sleeping-better", "team",
    ]  # fmt: skip


def test_next_keeps_what_was_asked(api: Reader) -> None:
    address = api.json("/pages?order=title&limit=1&fields=title&type=article,condition&review_overdue=false")["next"]

    assert address.startswith("/api/v1/pages?")
    following = api.json(address.removeprefix("/api/v1"))
    assert following == {"count": 2, "next": None, "items": [{"title": "Sleeping better"}]}


def test_a_last_page_that_is_full_has_no_next(api: Reader) -> None:
    assert api.json("/pages?limit=11")["next"] is None
    assert api.json("/pages?limit=10")["next"] is not None


def test_an_offset_passes_over(api: Reader) -> None:
    whole = api.slugs("/pages?order=title")

    assert api.slugs("/pages?order=title&offset=9") == whole[9:]
    assert api.json("/pages?offset=100000") == {"count": 11, "next": None, "items": []}


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("published_after", [True, False, False]),
        ("published_before", [False, False, True]),
        ("updated_after", [True, False, False]),
        ("reviewed_after", [True, False, False]),
    ],
)
def test_a_bound_leaves_out_its_own_moment(api: Reader, name: str, listed: list[bool]) -> None:
    field = f"{name.split('_')[0]}_at"
    moment = datetime.datetime.fromisoformat(api.json("/articles/sleeping-better")[field])
    bounds = [moment + datetime.timedelta(seconds=seconds) for seconds in (-1, 0, 1)]

    found = [api.slugs(f"/articles?{name}={quote(bound.isoformat())}") for bound in bounds]

    assert found == [["sleeping-better"] if is_listed else [] for is_listed in listed]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("condition=insomnia", ["sleeping-better"]),
        ("condition=nothing-like-it,insomnia", ["sleeping-better"]),
        ("condition=nothing-like-it", []),
        ("author=anton", ["acupuncture", "insomnia", "sleeping-better"]),
        ("author=clara", []),
        ("reviewer=clara", ["acupuncture", "insomnia", "sleeping-better"]),
        ("reviewer=anton", []),
        ("author=anton&type=service", ["acupuncture"]),
        ("topic=sleep", []),
        ("service=acupuncture", []),
        ("slug=clara,insomnia", ["clara", "insomnia"]),
        ("slug=Clara", []),
        ("path_prefix=/team/", ["anton", "clara", "sleep", "team"]),
        ("path_prefix=/TEAM/", []),
        ("path_prefix=/t%25", []),
        ("type=home,topic", ["clinic-home", "sleep"]),
        ("q=REST%20helps", ["sleeping-better"]),
        ("q=needles", ["acupuncture"]),
        ("q=%25", []),
        ("published_after=2000-01-01&published_before=2999-01-01T00:00:00Z&type=home", ["clinic-home"]),
        ("published_after=2999-01-01", []),
        ("published_before=2000-01-01", []),
        ("updated_after=2999-01-01T00:00:00%2B02:00", []),
        ("reviewed_after=2000-01-01", ["acupuncture", "insomnia", "sleeping-better"]),
        ("review_overdue=true", []),
        ("review_overdue=false&type=service", ["acupuncture"]),
        ("locale=en&type=home", ["clinic-home"]),
        ("site=localhost&type=home", ["clinic-home"]),
    ],
)
def test_filters_narrow(api: Reader, query: str, slugs: list[str]) -> None:
    listed = api.json(f"/pages?order=title&{query}")

    assert [item["slug"] for item in listed["items"]] == slugs
    assert listed["count"] == len(slugs)


def test_fields_give_exactly_what_is_named(api: Reader) -> None:
    listed = api.json("/articles?fields=title,authors.slug,image.src")

    assert listed["items"] == [{"title": "Sleeping better", "authors": [{"slug": "anton"}], "image": None}]


def test_a_field_named_whole_and_in_part_is_given_whole(api: Reader) -> None:
    item = api.json("/articles?fields=authors.slug,authors")["items"][0]

    assert list(item["authors"][0]) == ["id", "type", "slug", "title", "path"]


@pytest.mark.parametrize("query", ["include=body", "fields=body", "fields=body&include=body"])
def test_bodies_come_when_they_are_asked_for(api: Reader, query: str) -> None:
    item = api.json(f"/articles?{query}")["items"][0]

    assert item["body"] == api.json("/articles/sleeping-better")["body"]
    assert item["body"][0]["value"] == "<p>Rest helps many people.</p>"


@pytest.mark.parametrize(
    ("query", "locations"),
    [
        ("limit=0", [["query", "limit"]]),
        ("limit=101", [["query", "limit"]]),
        ("limit=1e2", [["query", "limit"]]),
        ("limit=", [["query", "limit"]]),
        ("limit=٣", [["query", "limit"]]),
        ("offset=-1", [["query", "offset"]]),
        ("offset=99999999999999999999999", [["query", "offset"]]),
        ("order=slug", [["query", "order"]]),
        ("order=published_at,title", [["query", "order"]]),
        ("fields=digest", [["query", "fields"]]),
        ("fields=authors.card", [["query", "fields"]]),
        ("fields=title.x", [["query", "fields"]]),
        ("fields=", [["query", "fields"]]),
        ("include=everything", [["query", "include"]]),
        ("q=", [["query", "q"]]),
        ("q=b c d e f g h j k l m", [["query", "q"]]),
        (f"q={'x' * 201}", [["query", "q"]]),
        ("condition=", [["query", "condition"]]),
        ("condition=a,,b", [["query", "condition"]]),
        ("slug=" + ",".join(["a"] * 101), [["query", "slug"]]),
        ("path_prefix=articles", [["query", "path_prefix"]]),
        ("published_after=yesterday", [["query", "published_after"]]),
        ("published_after=2024-13-01", [["query", "published_after"]]),
        ("published_after=12345", [["query", "published_after"]]),
        ("published_before=0001-01-01T00:00:00%2B14:00", [["query", "published_before"]]),
        ("review_overdue=maybe", [["query", "review_overdue"]]),
        ("locale=xx", [["query", "locale"]]),
        ("site=nowhere.example", [["query", "site"]]),
        ("type=article", [["query", "type"]]),
        ("colour=red", [["query", "colour"]]),
        ("Limit=5", [["query", "Limit"]]),
        ("title__contains=a", [["query", "title__contains"]]),
        ("limit=5&limit=6", [["query", "limit"]]),
        ("colour=red&size=2", [["query", "colour"], ["query", "size"]]),
        ("limit=0&order=x", [["query", "limit"], ["query", "order"]]),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(api: Reader, query: str, locations: list[list[str]]) -> None:
    assert sorted(api.errors(f"/articles?{query}")) == sorted(locations)


def test_an_unknown_parameter_is_answered_with_the_known_ones(api: Reader) -> None:
    response = api.get("/articles?tag=sleep")

    assert response.json()["errors"][0]["msg"] == (
        "Unknown parameter; known: after, as_of, author, body_format, condition, fields, include, limit, locale, offset, "
        "order, path_prefix, published_after, published_before, q, review_overdue, reviewed_after, reviewer, service, site, "
        "slug, topic, updated_after"
    )


def test_an_unknown_type_is_answered_with_the_known_ones(api: Reader) -> None:
    response = api.get("/pages?type=article,blog")

    assert response.status_code == 422
    assert response.json()["errors"][0]["msg"].endswith(
        "home, standard, person, article_index, article, topic, service_index, service, condition_index, condition"
    )


def test_a_cursor_is_good_only_for_the_list_that_gave_it(api: Reader) -> None:
    cursor = _cursor(api.json("/pages?order=title&limit=2")["next"])

    assert api.get(f"/pages?order=title&limit=7&fields=title&after={cursor}").status_code == 200
    for address in ("/pages", "/pages?order=-title", "/pages?order=title&q=sleep", "/people?order=title"):
        joint = "&" if "?" in address else "?"
        assert api.errors(f"{address}{joint}after={cursor}") == [["query", "after"]]
    assert api.errors(f"/pages?order=title&offset=1&after={cursor}") == [["query", "after"]]


@pytest.mark.parametrize(
    "forge",
    [lambda c: c[:-1], lambda c: c + "A", lambda c: "", lambda c: "x" * 900, lambda c: c.upper(), lambda c: ":"],
)
def test_a_forged_cursor_is_refused(api: Reader, forge: Any) -> None:
    cursor = _cursor(api.json("/pages?limit=2")["next"])

    assert api.errors(f"/pages?after={forge(cursor)}") == [["query", "after"]]


@pytest.mark.parametrize("content", [[], "x", {"a": 1}, [1, 2, 3], [None, "x", "y"], [["a"], "0" * 32, ""]])
def test_a_signed_cursor_of_another_kind_is_refused(api: Reader, content: Any) -> None:
    for salt in ("cms.api.cursors", "elsewhere"):
        assert api.errors(f"/pages?after={Signer(salt=salt).sign_object(content)}") == [["query", "after"]]


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/articles", 1),
        ("/articles?condition=insomnia", 1),
        ("/pages", 1),
        ("/pages?limit=3&order=title", 1),
        ("/pages?include=body&fields=title,body", 2),
        ("/pages?order=-reviewed_at", 2),
        ("/articles?slug=nothing", 2),
        ("/articles?condition=nothing", 3),
        ("/articles?slug=nothing&order=reviewed_at", 3),
    ],
)
def test_a_list_takes_one_to_three_queries_whatever_its_length(
    api: Reader, django_assert_num_queries: Any, address: str, queries: int
) -> None:
    with django_assert_num_queries(queries):
        api.json(address)


def test_filters_and_cursors_cost_no_query_more(api: Reader, django_assert_num_queries: Any) -> None:
    query = "site=localhost&locale=en&q=sleep&author=anton&reviewer=clara&limit=1&review_overdue=false"
    address = api.json(f"/pages?{query}")["next"].removeprefix("/api/v1")

    # The version of the ledger, the sites and languages with documents, and where the lists of words are: remembered for as
    # long as the version stands, but for a transaction such as this test’s.
    with django_assert_num_queries(1 + 3):
        assert len(api.slugs(address)) == 1


def test_the_same_list_has_the_same_bytes(api: Reader) -> None:
    assert api.get("/pages?limit=2").content == api.get("/pages?limit=2").content


def test_cards_in_lists_are_the_recorded_bytes(api: Reader, clinic: Clinic) -> None:
    from cms.publishing.models import Head

    card = Head.objects.get(slug="sleeping-better").card

    assert card[:-1] in api.get("/articles").content.decode()
    assert json.loads(card)["title"] == "Sleeping better"


def _cursor(address: str) -> str:
    return address.partition("after=")[2]


def _walk(api: Reader, address: str) -> list[str]:
    slugs = []
    while address:
        page = api.json(address)
        slugs += [item["slug"] for item in page["items"]]
        address = (page["next"] or "").removeprefix("/api/v1")
    return slugs
