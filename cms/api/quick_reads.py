"""The reads that make up most of the traffic, documents, lists and searches, answered without the framework around them.

Parsing, validation and answers are the very ones of the views: the same query models, the same ``answer_of``. What is left
out is only what these reads do not use: sessions, routing, a request object. Whatever is unusual in a request (an error, a
move, a parameter that needs a key) is not answered here at all, so that there is one place that answers it, the views.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from cms.api import documents, listing, searching, suggesting
from cms.api.conditional import Answer
from cms.api.problem_details import Problem
from cms.api.protocol import BASE, refuse_broken_text
from cms.api.query import (
    ArticleQuery,
    ConditionQuery,
    DocumentQuery,
    ListQuery,
    PageListQuery,
    PersonListQuery,
    PersonQuery,
    SearchQuery,
    ServiceQuery,
    SiteQuery,
)

_PREFIX = f"{BASE}/"
# Collections by the first part of the address: type, what a list of it takes, what one document of it takes.
_COLLECTIONS: dict[str, tuple[str, type[ListQuery], type[DocumentQuery]]] = {
    "articles": ("article", ListQuery, ArticleQuery),
    "services": ("service", ListQuery, ServiceQuery),
    "conditions": ("condition", ListQuery, ConditionQuery),
    "people": ("person", PersonListQuery, PersonQuery),
}
_SEARCHES: dict[str, tuple[type[SiteQuery], Callable[[Any], Answer]]] = {
    "search": (SearchQuery, searching.answer_of),
    "search/suggest": (suggesting.SuggestQuery, suggesting.answer_of),
}


def answer_of(path: str, query: str) -> Answer | None:
    """The answer to a GET of ``path`` with ``query``, both as WSGI gives them; ``None`` for what the views must answer."""
    operation = _operation(path.removeprefix(_PREFIX).rstrip("/")) if path.startswith(_PREFIX) else None
    if operation is None:
        return None
    model, answer = operation
    try:
        refuse_broken_text(path, query)
        given = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
        parameters = dict(given)
        if len(parameters) != len(given) or not parameters.keys() <= model.model_fields.keys():
            return None
        if parameters.keys() & {"status", "as_of"}:
            return None  # drafts need a key
        found = answer(model.model_validate(parameters))
    except (Problem, ValidationError, ValueError):
        return None
    return found if isinstance(found, Answer) else None


def _operation(address: str) -> tuple[type[SiteQuery], Callable[[Any], Any]] | None:
    """What the query of ``address`` (without the base) has to be, and who answers it."""
    collection, _slash, rest = address.partition("/")
    if address in _SEARCHES:
        return _SEARCHES[address]
    if collection == "pages" and not rest:
        return PageListQuery, lambda query: listing.answer_of(query, query.types(), f"{BASE}/pages")
    if collection == "pages":
        return None if "/" in rest or rest == "find" else (DocumentQuery, lambda query: documents.by_id(rest, query))
    if collection not in _COLLECTIONS or "/" in rest:
        return None
    kind, list_query, document_query = _COLLECTIONS[collection]
    if not rest:
        return list_query, lambda query: listing.answer_of(query, (kind,), f"{BASE}/{collection}")
    return document_query, lambda query: documents.by_slug(kind, rest, query, collection=collection)
