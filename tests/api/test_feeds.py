"""Feeds: whole articles for feed readers, in both formats by the letter of their specifications."""

import json
from typing import Any

import feedparser
import pytest
from lxml import etree
from wagtail.models import Site

from cms.api.feed_views import JsonFeed
from cms.pages.relations import TopicLink
from cms.publishing.models import Head
from home.clinic import ClinicSettings
from tests.api.conftest import Reader
from tests.factories import Clinic, draft

JSON_FEED, ATOM_FEED = "/feeds/articles.json", "/feeds/articles.atom"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def _with_topic(clinic: Clinic) -> None:
    page = clinic.article.get_latest_revision_as_object()
    page.topic_links = [TopicLink(topic=clinic.topic)]
    page.body = [
        {"type": "paragraph", "value": f'<p>Rest & sleep, <a linktype="page" id="{clinic.insomnia.pk}">more</a>.'
         f'<a linktype="reference" id="{clinic.reference.pk}">x</a></p>'},
    ]  # fmt: skip
    page.save_revision(user=clinic.author)
    clinic.publish(clinic.article)


def test_a_json_feed_has_the_whole_article(api: Reader, clinic: Clinic) -> None:
    _with_topic(clinic)

    response = api.get(JSON_FEED)

    feed, document = response.json(), api.json("/articles/sleeping-better")
    assert response.headers["Content-Type"] == "application/feed+json"
    html = feed["items"][0].pop("content_html")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "localhost: articles",
        "home_page_url": "http://localhost/",
        "feed_url": "http://localhost/api/v1/feeds/articles.json",
        "language": "en",
        "authors": [{"name": "localhost", "url": "http://localhost/"}],
        "items": [
            {
                "id": f"urn:uuid:{document['id']}",
                "url": "http://localhost/articles/sleeping-better/",
                "title": "Sleeping better",
                "summary": "A short summary of the article.",
                "date_published": document["published_at"],
                "date_modified": document["updated_at"],
                "authors": [{"name": "Anton Made-Up", "url": "http://localhost/team/anton/"}],
                "tags": ["Sleep", "Insomnia"],
                "language": "en",
            }
        ],
    }
    link = '<a data-page-id="{}" href="http://localhost/conditions/insomnia/">more</a>'
    assert html.startswith(f"<p>Rest &amp; sleep, {link.format(api.json('/conditions/insomnia')['id'])}.<sup")
    assert '<sup data-reference="1">1</sup>' in html
    assert "<h2>References</h2><ol><li>Rubin DI." in html.replace("\n", "")
    assert '<p>Clinically reviewed by <a href="http://localhost/team/clara/">Clara Made-Up, M.D.</a> on ' in html


def test_an_atom_feed_keeps_the_rules_of_its_specification(api: Reader, clinic: Clinic) -> None:
    _with_topic(clinic)
    clinic.publish(clinic.article_draft("second"))

    response = api.get(ATOM_FEED)

    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = etree.fromstring(response.content)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert root.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == ["http://localhost/api/v1/feeds/articles.atom"]
    for element in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", ATOM)) == 1, name
        assert element.find("a:id", ATOM).text.startswith("urn:uuid:")
        assert element.find("a:updated", ATOM).text.endswith("Z")
        assert [author.find("a:name", ATOM).text for author in element.findall("a:author", ATOM)] != []
        alternates = element.xpath("a:link[@rel='alternate']", namespaces=ATOM)
        assert len({(link.get("type"), link.get("hreflang")) for link in alternates}) == len(alternates) == 1
        assert all(category.get("term") for category in element.findall("a:category", ATOM))
    ids = [entry.find("a:id", ATOM).text for entry in root.findall("a:entry", ATOM)]
    assert len(set(ids)) == len(ids) == 2
    newest = max(entry.find("a:updated", ATOM).text for entry in root.findall("a:entry", ATOM))
    assert root.find("a:updated", ATOM).text == newest


def test_both_feeds_say_the_same(api: Reader, clinic: Clinic) -> None:
    _with_topic(clinic)
    clinic.publish(clinic.article_draft("second"))

    parsed = feedparser.parse(api.get(ATOM_FEED).content, sanitize_html=False)

    assert parsed.bozo is False
    assert parsed.version == "atom10"
    seen = [
        (
            entry.id, entry.link, entry.title, entry.summary, entry.published, entry.updated, entry.content[0].value,
            [tag.term for tag in entry.tags], [author.name for author in entry.authors],
        )
        for entry in parsed.entries
    ]  # fmt: skip
    assert seen == [
        (
            item["id"], item["url"], item["title"], item["summary"], item["date_published"], item["date_modified"],
            item["content_html"], item["tags"], [author["name"] for author in item["authors"]],
        )
        for item in api.json(JSON_FEED)["items"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("condition=insomnia", ["sleeping-better"]), ("condition=nothing,insomnia&locale=en", ["sleeping-better"]),
        ("condition=nothing", []), ("topic=sleep", []), ("site=localhost", ["sleeping-better"]),
    ],
)  # fmt: skip
def test_filters_narrow(api: Reader, query: str, slugs: list[str]) -> None:
    feed = api.json(f"{JSON_FEED}?{query}")

    assert [item["url"].split("/")[-2] for item in feed["items"]] == slugs
    assert feed["feed_url"].partition("?")[2].split("&")[0] in query
    JsonFeed.model_validate_json(json.dumps(feed))
    entries = etree.fromstring(api.get(f"{ATOM_FEED}?{query}").content).findall("a:entry", ATOM)
    assert len(entries) == len(slugs)


def test_an_empty_feed_is_dated_by_nothing_that_moves(api: Reader) -> None:
    root = etree.fromstring(api.get(f"{ATOM_FEED}?topic=nothing").content)

    assert root.find("a:updated", ATOM).text == "1970-01-01T00:00:00Z"
    assert root.find("a:author/a:name", ATOM).text == "localhost"


def test_there_are_at_most_fifty_newest_first(api: Reader, clinic: Clinic) -> None:
    head = Head.objects.get(slug="sleeping-better")
    for number in range(51):
        fields = {field.attname: getattr(head, field.attname) for field in Head._meta.fields}
        key = f"00000000-0000-0000-0000-{number:012d}"
        document = json.dumps({"id": key, **{n: v for n, v in json.loads(head.document).items() if n != "id"}})
        Head.objects.create(**fields | {"document_id": key, "page_id": 9000 + number, "position": 9000 + number,
                            "document": document, "published_at": head.published_at.replace(year=2000)})  # fmt: skip

    ids = [item["id"] for item in api.json(JSON_FEED)["items"]]

    assert len(ids) == 50
    assert ids[0] == f"urn:uuid:{head.document_id}"


def test_letters_that_xml_cannot_hold_break_nothing(api: Reader, clinic: Clinic) -> None:
    draft(clinic.article, title="A\x0bB ]]> <x> & \ufffe C")
    clinic.publish(clinic.article)

    root = etree.fromstring(api.get(ATOM_FEED).content)

    assert root.find("a:entry/a:title", ATOM).text == "AB ]]> <x> &  C"


@pytest.mark.parametrize("address", [JSON_FEED, ATOM_FEED])
def test_a_feed_can_be_cached_and_asked_for_by_head(api: Reader, address: str) -> None:
    whole = api.get(address)

    again = api.get(address, If_None_Match=whole.headers["ETag"])
    head = api.client.head(f"/api/v1{address}")
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(whole.headers))
    assert "Last-Modified" in whole.headers
    assert api.json("/articles/sleeping-better")["id"] in whole.headers["Cache-Tag"]


@pytest.mark.parametrize("address", [JSON_FEED, ATOM_FEED])
def test_queries_are_few(api: Reader, django_assert_num_queries: Any, address: str) -> None:
    ClinicSettings.for_site(Site.objects.get())

    with django_assert_num_queries(4):
        api.get(f"{address}?site=localhost")


def test_parameters_that_feeds_do_not_take_are_refused(api: Reader) -> None:
    assert api.errors(f"{JSON_FEED}?limit=5") == [["query", "limit"]]
    assert api.errors(f"{ATOM_FEED}?locale=xx") == [["query", "locale"]]
    assert api.errors(f"{ATOM_FEED}?site=nowhere.example") == [["query", "site"]]
