"""What stands at the root of the site for programs: sitemap, robots.txt, llms.txt, and pages as Markdown."""

import uuid
from typing import Any

import pytest
from django.test import Client
from lxml import etree
from markdown_it import MarkdownIt

from cms.publishing.models import Entry, Head
from cms.reader import sitemap
from tests.factories import Clinic, draft

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
FILES = ["/sitemap.xml", "/sitemap-1.xml", "/robots.txt", "/llms.txt", "/index.md", "/conditions/insomnia.md"]


def _locations(client: Client, address: str) -> list[str]:
    root = etree.fromstring(client.get(address).content)
    return [element.text for element in root.iter("{*}loc")]


@pytest.mark.parametrize("address", FILES)
def test_each_file_can_be_cached_and_asked_for_by_head(client: Client, clinic: Clinic, address: str) -> None:
    whole = client.get(address)

    again = client.get(address, headers={"If-None-Match": whole.headers["ETag"]})
    head = client.head(address)
    assert whole.status_code == 200
    assert whole.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=60"
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    assert whole.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    assert not whole.cookies


@pytest.mark.parametrize("address", [*FILES, "/nothing.md"])
def test_nothing_is_written_there(client: Client, clinic: Clinic, address: str) -> None:
    assert client.post(address).status_code == 405


def test_the_sitemap_names_every_public_page_once(client: Client, clinic: Clinic) -> None:
    response = client.get("/sitemap.xml")

    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    root = etree.fromstring(response.content)
    seen = {url.findtext("s:loc", namespaces=NAMES): url.findtext("s:lastmod", namespaces=NAMES) for url in root}
    expected = {
        f"http://localhost{head.path}": head.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ") for head in Head.objects.all()
    }
    assert seen == expected
    assert len(root) == len(expected) == 11
    assert root.findall(".//x:link", NAMES) == []


def test_the_sitemap_names_translations(client: Client, clinic: Clinic, settings: Any) -> None:
    settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("es", "Spanish")]
    head = Head.objects.get(slug="insomnia")
    fields = {field.attname: getattr(head, field.attname) for field in Head._meta.fields}
    Head.objects.create(
        **fields | {"document_id": uuid.uuid4(), "page_id": 9000, "position": 9000, "locale": "es", "path": "/es/in/"}
    )

    root = etree.fromstring(client.get("/sitemap.xml").content)

    for path in ("/es/in/", "/conditions/insomnia/"):
        (url,) = [url for url in root if url.findtext("s:loc", namespaces=NAMES) == f"http://localhost{path}"]
        assert sorted((link.get("hreflang"), link.get("href")) for link in url.findall("x:link", NAMES)) == [
            ("en", "http://localhost/conditions/insomnia/"),
            ("es", "http://localhost/es/in/"),
        ]
    assert len(root.findall(".//x:link", NAMES)) == 4


def test_a_large_sitemap_is_an_index_of_parts(client: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _locations(client, "/sitemap.xml")

    monkeypatch.setattr(sitemap, "PART_SIZE", 4)

    parts = _locations(client, "/sitemap.xml")
    assert parts == [f"http://localhost/sitemap-{number}.xml" for number in (1, 2, 3)]
    pages = [_locations(client, part.removeprefix("http://localhost")) for part in parts]
    assert [len(part) for part in pages] == [4, 4, 3]
    assert [page for part in pages for page in part] == whole
    assert client.get("/sitemap-4.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_the_sitemap_takes_few_queries(client: Client, clinic: Clinic, django_assert_num_queries: Any) -> None:
    client.get("/sitemap.xml")
    with django_assert_num_queries(4):
        client.get("/sitemap.xml")


def test_robots_may_read_what_readers_may(client: Client, clinic: Clinic) -> None:
    response = client.get("/robots.txt")

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\nDisallow: /admin/\nDisallow: /preview/\nDisallow: /api/v1/preview\nAllow: /\n\n"
        "Sitemap: http://localhost/sitemap.xml\n"
    )


def test_a_site_can_be_closed_to_robots(client: Client, clinic: Clinic, settings: Any) -> None:
    settings.SITE_OPEN_TO_ROBOTS = False

    assert client.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"


def test_llms_txt_is_a_map_of_the_site(client: Client, clinic: Clinic) -> None:
    draft(clinic.insomnia, title="Insomnia [new] *", summary="1 < 2.")
    clinic.publish(clinic.insomnia)

    response = client.get("/llms.txt")

    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("# Home\n\n> A made-up clinic.\n\n## Conditions\n\n")
    assert "- [Insomnia \\[new\\] \\*](http://localhost/conditions/insomnia.md): 1 \\< 2.\n" in text
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == ["## Conditions", "## Services", "## Articles", "## Topics", "## People", "## About the clinic"]
    tokens = MarkdownIt("commonmark").parse(text)
    links = [
        str(child.attrs["href"]) for token in tokens for child in token.children or () if child.type == "link_open"
    ]
    assert len(links) == 10
    for link in links:
        assert client.get(link.removeprefix("http://localhost")).status_code == 200, link


def test_llms_txt_takes_the_same_queries_however_many_pages(
    client: Client, clinic: Clinic, django_assert_num_queries: Any
) -> None:
    client.get("/llms.txt")
    with django_assert_num_queries(10):
        client.get("/llms.txt")


def test_a_page_in_markdown(client: Client, clinic: Clinic) -> None:
    response = client.get("/conditions/insomnia.md")

    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    text = response.content.decode()
    today = Head.objects.get(slug="insomnia").published_at.date().isoformat()
    assert text.startswith("""\
# Insomnia

Trouble falling or staying asleep.

Also called can't sleep, sleeplessness

## When to get care

### See a healthcare provider soon

- You have slept badly for weeks.

## Overview

Many people sleep badly at times.

- Written by [Anton Made-Up](http://localhost/team/anton/)
- Clinically reviewed by [Clara Made-Up, M.D.](http://localhost/team/clara/) on """)
    assert f"- Published {today}, last changed {today}\n" in text
    assert text.endswith("- Source: [http://localhost/conditions/insomnia/](http://localhost/conditions/insomnia/)\n")
    assert client.get("/index.md").content.decode().startswith("# Home\n")
    person = client.get("/team/anton.md").content.decode()
    assert "## Articles\n\n- [Sleeping better](http://localhost/articles/sleeping-better/)\n" in person


def test_a_page_leads_to_its_markdown_and_to_the_feeds(client: Client, clinic: Clinic) -> None:
    page = client.get("/conditions/insomnia/").content.decode()

    assert '<link rel="alternate" type="text/markdown" href="/conditions/insomnia.md">' in page
    for kind, ending in (("feed+json", "json"), ("atom+xml", "atom")):
        start = f'<link rel="alternate" type="application/{kind}" title='
        assert start in page
        address = page.partition(start)[2].partition('href="')[2].partition('"')[0]
        assert address == f"/api/v1/feeds/articles.{ending}"
        assert client.get(address).status_code == 200


def test_markdown_of_what_moved_leads_on(client: Client, clinic: Clinic) -> None:
    draft(clinic.article, slug="sleeping-well")
    clinic.publish(clinic.article)

    response = client.get("/articles/sleeping-better.md")

    assert (response.status_code, response.headers["Location"]) == (301, "/articles/sleeping-well.md")


@pytest.mark.parametrize(("address", "name"), [("/articles/{}/", "page"), ("/articles/{}.md", "markdown")])
def test_what_is_gone_and_what_never_was_are_asked_for_again_soon(
    client: Client, clinic: Clinic, address: str, name: str
) -> None:
    clinic.article.unpublish(user=clinic.publisher)

    gone, unknown = (client.get(address.format(slug)) for slug in ("sleeping-better", "nothing"))

    assert (gone.status_code, unknown.status_code) == (410, 404)
    assert gone.headers["Cache-Control"] == unknown.headers["Cache-Control"] == "public, max-age=10"
    assert "Sleeping" not in gone.content.decode()


def test_markdown_is_asked_for_in_few_queries(client: Client, clinic: Clinic, django_assert_num_queries: Any) -> None:
    client.get("/conditions/insomnia.md")
    with django_assert_num_queries(5):
        client.get("/conditions/insomnia.md")


@pytest.mark.parametrize(
    "address", ["/.md", "/a//b.md", "/../x.md", "/conditions/.md", "/conditions/INSOMNIA.md", "/%00.md"]
)
def test_no_address_breaks_anything(client: Client, clinic: Clinic, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_time_after_the_newest_publication_gives_304(client: Client, clinic: Clinic, monkeypatch: Any) -> None:
    import datetime

    moment = Entry.objects.latest("position").at + datetime.timedelta(minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    modified = client.get("/sitemap.xml").headers["Last-Modified"]

    assert client.get("/sitemap.xml", headers={"If-Modified-Since": modified}).status_code == 304
