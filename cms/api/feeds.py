"""The newest articles as feeds: JSON Feed 1.1 and Atom (RFC 4287), whole texts included.

Written out by hand, on Django's XML writer: its own Atom feed knows no content, one author for each entry only, and dates an
empty feed by the clock. Every date here comes from public documents, so nothing hidden moves one, and the same articles
give the same bytes.
"""

import json
import mimetypes
import re
import uuid
from collections.abc import Mapping
from io import StringIO
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.utils.xmlutils import SimplerXMLGenerator
from pydantic import Field

from cms.api.clinic import facts_of
from cms.api.conditional import Answer
from cms.api.formats.whole_page import feed_html
from cms.api.listing import LIST_TAG, tie_filters
from cms.api.protocol import BASE
from cms.api.query import Locale, SiteQuery, Slugs
from cms.publishing import lists, reading

MAX_ITEMS = 50
JSON_FEED_TYPE = "application/feed+json"
ATOM_TYPE = "application/atom+xml"
# The date of a feed without articles: there is no other, and the clock's would change its bytes.
_NEVER = "1970-01-01T00:00:00Z"
# What XML cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedQuery(SiteQuery):
    """What feeds take."""

    topic: Slugs | None = Field(None, description="Slugs; any of them.")
    condition: Slugs | None = Field(None, description="Slugs; any of them.", examples=["insomnia,migraine"])
    locale: Locale | None = Field(None, description="A language of the site; every language without it.")


def json_feed(query: FeedQuery) -> Answer:
    """The articles that ``query`` asks for as JSON Feed 1.1."""
    clinic, documents, newest = _found(query)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(clinic),
        "home_page_url": clinic["url"],
        "feed_url": _address("json", query),
        "language": query.locale or settings.LANGUAGE_CODE,
        "authors": [{"name": _publisher(clinic), "url": clinic["url"]}],
        "items": [_json_item(document, clinic) for document in documents],
    }
    body = json.dumps(feed, ensure_ascii=False, separators=(",", ":"))
    return Answer(body, _ids(documents), (LIST_TAG, "site"), newest, JSON_FEED_TYPE)


def atom_feed(query: FeedQuery) -> Answer:
    """The articles that ``query`` asks for as an Atom feed."""
    clinic, documents, newest = _found(query)
    address = _address("atom", query)
    feed = _Atom(query.locale or settings.LANGUAGE_CODE)
    feed.element("id", uuid.uuid5(uuid.NAMESPACE_URL, address).urn)
    feed.element("title", _title(clinic))
    feed.element("updated", max((document["updated_at"] for document in documents), default=_NEVER))
    feed.element("link", rel="self", type=ATOM_TYPE, href=address)
    feed.element("link", rel="alternate", type="text/html", href=clinic["url"])
    feed.person({"title": _publisher(clinic), "url": clinic["url"]})
    for document in documents:
        feed.entry(document, feed_html(document, disclaimer=clinic["disclaimer"]))
    return Answer(feed.text(), _ids(documents), (LIST_TAG, "site"), newest, f"{ATOM_TYPE}; charset=utf-8")


def _found(query: FeedQuery) -> tuple[dict[str, Any], list[dict[str, Any]], Any]:
    """The clinic, the newest articles whole, and when anything public last changed: four queries."""
    clinic = facts_of(query.site)
    types = ("article",)
    ties = tie_filters({"topic": query.topic, "condition": query.condition}, types)
    selection = lists.Selection(query.site, types, query.locale, ties=ties)
    page = lists.page(selection, lists.Ordering("published_at", True), limit=MAX_ITEMS)
    found = reading.documents([row.key for row in page.rows])
    return clinic, [document.as_dict() for document in found], page.newest_at


def _json_item(document: Mapping[str, Any], clinic: Mapping[str, Any]) -> dict[str, Any]:
    image = document["image"]
    item = {
        "id": f"urn:uuid:{document['id']}",
        "url": document["url"],
        "title": document["title"],
        "content_html": feed_html(document, disclaimer=clinic["disclaimer"]),
        "summary": document["summary"],
        "image": image["src"] if image else None,
        "date_published": document["published_at"],
        "date_modified": document["updated_at"],
        "authors": [{"name": card["title"], "url": card["url"]} for card in document["authors"]],
        "tags": _tags(document),
        "language": document["locale"],
    }
    return {name: value for name, value in item.items() if value not in (None, "", [])}


class _Atom:
    """An Atom feed while it is written."""

    def __init__(self, language: str) -> None:
        self._text = StringIO()
        self._xml = SimplerXMLGenerator(self._text, "utf-8", short_empty_elements=True)
        self._xml.startDocument()
        self._xml.startElement("feed", AttributesImpl({"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": language}))

    def element(self, name: str, words: str = "", **attributes: str) -> None:
        kept = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
        self._xml.addQuickElement(name, _NOT_XML.sub("", words), kept)

    def person(self, card: Mapping[str, Any]) -> None:
        self._xml.startElement("author", AttributesImpl({}))
        self.element("name", card["title"])
        self.element("uri", card["url"])
        self._xml.endElement("author")

    def entry(self, document: Mapping[str, Any], html: str) -> None:
        self._xml.startElement("entry", AttributesImpl({"xml:lang": document["locale"]}))
        self.element("id", f"urn:uuid:{document['id']}")
        self.element("title", document["title"])
        self.element("updated", document["updated_at"])
        self.element("published", document["published_at"])
        self.element("link", rel="alternate", type="text/html", href=document["url"])
        if document["image"]:
            source = document["image"]["src"]
            kind = mimetypes.guess_type(urlsplit(source).path)[0] or "image/jpeg"
            self.element("link", rel="enclosure", type=kind, href=source)
        for card in document["authors"]:
            self.person(card)
        for tag in _tags(document):
            self.element("category", term=tag)
        self.element("summary", document["summary"])
        self.element("content", html, type="html")
        self._xml.endElement("entry")

    def text(self) -> str:
        self._xml.endElement("feed")
        self._xml.endDocument()
        return self._text.getvalue()


def _tags(document: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(card["title"] for card in [*document["topics"], *document["conditions"]]))


def _ids(documents: list[dict[str, Any]]) -> tuple[uuid.UUID | str, ...]:
    """The documents in a feed, and those that are named in them."""
    named = [
        card["id"]
        for document in documents
        for name in ("authors", "reviewers", "topics", "conditions")
        for card in document[name]
    ]
    return tuple(dict.fromkeys([*(document["id"] for document in documents), *named]))


def _publisher(clinic: Mapping[str, Any]) -> str:
    return str(clinic["name"] or urlsplit(clinic["url"]).netloc)


def _title(clinic: Mapping[str, Any]) -> str:
    return f"{_publisher(clinic)}: articles"


def _address(ending: str, query: FeedQuery) -> str:
    given = query.model_dump(exclude_none=True)
    question = f"?{urlencode(given, safe=',')}" if given else ""
    return f"{settings.PUBLIC_BASE_URL}{BASE}/feeds/articles.{ending}{question}"
