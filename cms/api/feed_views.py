"""Addresses of the feeds, and what they look like in the description."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from cms.api import feeds
from cms.api.block_schemas import Shape
from cms.api.conditional import respond
from cms.api.responses import responses
from cms.api.schemas import Time

router = Router()


class FeedAuthor(Shape):
    """Who wrote something."""

    name: str
    url: str


class JsonFeedItem(Shape):
    """An article in a feed. What is empty is absent."""

    id: str = Field(
        pattern="^urn:uuid:",
        description="The document's id; the same for ever.",
        examples=["urn:uuid:ff94a3c4-b137-5f40-8173-6f123a2fe521"],
    )
    url: str
    title: str
    content_html: str = Field(description="The whole text with its references, its review and the disclaimer.")
    summary: str = ""
    image: str = ""
    date_published: Time
    date_modified: Time
    authors: list[FeedAuthor] = []
    tags: list[str] = Field(default=[], description="Titles of its topics and conditions.")
    language: str


class JsonFeed(Shape):
    """A feed (JSON Feed 1.1)."""

    version: str = Field(examples=["https://jsonfeed.org/version/1.1"])
    title: str
    home_page_url: str
    feed_url: str
    language: str
    authors: list[FeedAuthor]
    items: list[JsonFeedItem]


@router.get(
    "/feeds/articles.json",
    response=responses(JsonFeed),
    tags=["Feeds"],
    operation_id="feed_articles_json",
    openapi_extra={"x-media-type": feeds.JSON_FEED_TYPE},
)
def articles_json(request: HttpRequest, query: Query[feeds.FeedQuery]) -> HttpResponse:
    """The newest 50 articles with their whole texts, as JSON Feed 1.1."""
    return respond(request, feeds.json_feed(query))


@router.get(
    "/feeds/articles.atom",
    response=responses(str),
    tags=["Feeds"],
    operation_id="feed_articles_atom",
    openapi_extra={"x-media-type": feeds.ATOM_TYPE},
)
def articles_atom(request: HttpRequest, query: Query[feeds.FeedQuery]) -> HttpResponse:
    """The newest 50 articles with their whole texts, as an Atom feed (RFC 4287)."""
    return respond(request, feeds.atom_feed(query))
