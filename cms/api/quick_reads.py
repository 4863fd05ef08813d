"""The reads that make up most of the traffic, documents, lists and searches, answered without the framework around them.

Parsing, validation and answers are the very ones of the views: the same query models, the same ``answer_of``. What is left
out is only what these reads do not use: sessions, routing, a request object. Whatever is unusual in a request (an error, a
move, a parameter that needs a key) is not answered here at all, so that there is one place that answers it, the views.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from cms.api import searching, suggesting
from cms.api.conditional import Answer
from cms.api.documents import by_id, by_slug
from cms.api.listing import ListRead
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
from search.cluster import EngineUnavailable

# Requests that are understood once for the next who asks the same, and how long such a one may be. Unit: characters.
KEPT_READS, MAX_KEPT_LENGTH = 512, 300
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
    understand = _understood if len(path) + len(query) <= MAX_KEPT_LENGTH else _understood.__wrapped__
    try:
        answer = understand(path, query)
        found = answer() if answer is not None else None
    except (Problem, ValidationError, ValueError, EngineUnavailable):
        return None
    return found if isinstance(found, Answer) else None


@lru_cache(maxsize=KEPT_READS)
def _understood(path: str, query: str) -> Callable[[], Any] | None:
    """What gives the answer, anew each time it is called; ``None`` for what the views must answer, or they must refuse.

    Raises ``Problem``, ``ValidationError`` or ``ValueError`` for what cannot be asked.
    """
    operation = _operation(path.removeprefix(_PREFIX).rstrip("/")) if path.startswith(_PREFIX) else None
    if operation is None:
        return None
    model, answering = operation
    refuse_broken_text(path, query)
    given = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    parameters = dict(given)
    if len(parameters) != len(given) or not parameters.keys() <= model.model_fields.keys():
        return None
    if parameters.keys() & {"status", "as_of"}:
        return None  # drafts need a key
    return answering(model.model_validate(parameters))


def _operation(address: str) -> tuple[type[SiteQuery], Callable[[Any], Callable[[], Any]]] | None:
    """What the query of ``address`` (without the base) has to be, and what makes of it what gives the answer."""
    collection, _slash, rest = address.partition("/")
    if address in _SEARCHES:
        search_query, search = _SEARCHES[address]
        return search_query, lambda query: partial(search, query)
    if collection == "pages" and not rest:
        return PageListQuery, lambda query: ListRead(query, query.types(), f"{BASE}/pages").answer
    if collection == "pages":
        return None if "/" in rest or rest == "find" else (DocumentQuery, lambda query: partial(by_id, rest, query))
    if collection not in _COLLECTIONS or "/" in rest:
        return None
    kind, list_query, document_query = _COLLECTIONS[collection]
    if not rest:
        return list_query, lambda query: ListRead(query, (kind,), f"{BASE}/{collection}").answer
    return document_query, lambda query: partial(by_slug, kind, rest, query, collection=collection)
