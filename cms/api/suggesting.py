"""Completions for a search box, as the API answers them."""

import json
from typing import Annotated, Literal

from pydantic import Field

from cms.api import scope
from cms.api.block_schemas import Shape
from cms.api.conditional import Answer
from cms.api.listing import LIST_TAG
from cms.api.query import Locale, SiteQuery, Types, Words
from cms.api.schemas import CardType, DocumentId
from search.suggesting import suggestions


class SuggestQuery(SiteQuery):
    """What completions take."""

    q: Annotated[Words, Field(description="What has been typed so far; it begins a word.", examples=["inso"])]
    type: Types | None = Field(None, description="Types, separated by commas; all without it.")
    locale: Locale | None = Field(None, description="A language of the site; every language without it.")


class Suggested(Shape):
    """A completion: the words to show, and the page that they name."""

    text: str = Field(examples=["Insomnia"])
    type: Literal[CardType, "person"]
    path: str = Field(examples=["/conditions/insomnia/"])
    id: DocumentId


class SuggestAnswer(Shape):
    """Completions, the best first; at most ten."""

    items: list[Suggested]


def answer_of(query: SuggestQuery) -> Answer:
    """What may be meant."""
    types = query.type.split(",") if query.type else ()
    found = suggestions(query.q, site=query.site, locale=query.locale, types=types)
    if not found.items:
        scope.require_site(query.site)
    items = [{"text": one.text, "type": one.type, "path": one.path, "id": str(one.document_id)} for one in found.items]
    body = json.dumps({"items": items}, ensure_ascii=False, separators=(",", ":"))
    return Answer(body, tuple(one.document_id for one in found.items), (LIST_TAG,), found.newest_at)
