"""One document: by slug, by id or by path, as the bytes that the ledger recorded, or what became of it.

Two queries for a document of any type. Where nothing is public, a few more tell why: withdrawn is gone (410), moved
leads on (301), and everything else was never there (404), whether it exists inside or not.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.functions import Right
from django.db.models.lookups import Exact

from cms.api import redirects, scope, sparse
from cms.api.conditional import Answer, Moved
from cms.api.formats import bodies
from cms.api.problem_details import Problem
from cms.api.protocol import BASE
from cms.api.query import DocumentQuery
from cms.publishing import reading
from cms.publishing.models import Head


def by_slug(kind: str, slug: str, query: DocumentQuery, *, collection: str) -> Answer | Moved:
    """The document of type ``kind`` called ``slug``; where it is when it is called otherwise now."""
    found = _answer(query, {"type": kind, "slug": slug})
    if found is not None:
        return found
    heads = scope.public_heads(query.site, query.locale)
    end = f"/{slug}/"
    now = _what_became_of(heads, query, Exact(Right("path", len(end)), end), type=kind)
    return _moved(f"{BASE}/{collection}/{now.slug}", query)


def by_id(document_id: str, query: DocumentQuery) -> Answer:
    """The document with this id."""
    try:
        key = uuid.UUID(document_id)
    except ValueError:
        raise Problem(404) from None
    found = _answer(query, {"document_id": key})
    if found is not None:
        return found
    heads = scope.public_heads(query.site, query.locale)
    _what_became_of(heads, query, document_id=key)
    raise Problem(410)


def by_path(path: str, query: DocumentQuery) -> Answer | Moved:
    """The document at ``path``, with or without a slash at its end; else where an editor's redirect or its move leads."""
    whole = path if path.endswith("/") else f"{path}/"
    found = _answer(query, {"path": whole})
    if found is not None:
        return found
    heads = scope.public_heads(query.site, query.locale)
    target = redirects.target_of(whole, query.site) if query.as_of is None else None
    if target is not None and target.document_id is None:
        return Moved(target.url, target.is_permanent)
    if target is not None:
        return _moved(f"{BASE}/pages/{target.document_id}", query, is_permanent=target.is_permanent)
    now = _what_became_of(heads, query, path=whole)
    return _moved(f"{BASE}/pages/{now.document_id}", query)


def _answer(query: DocumentQuery, columns: Mapping[str, str | uuid.UUID]) -> Answer | None:
    found = reading.document(query.site, columns, locale=query.locale, now=query.as_of)
    if found is None:
        return None
    text, tree = bodies.document_in(found.as_json(), query.body_format), query.tree()
    if tree:
        text = json.dumps(sparse.pick(json.loads(text), tree), ensure_ascii=False, separators=(",", ":"))
    return Answer(text, (found.head.document_id, *(tie.document_id for tie in found.ties)), (), found.head.newest_at)


def _what_became_of(heads: QuerySet[Head], query: DocumentQuery, *conditions: Any, **criteria: Any) -> Head:
    """The document among ``heads`` that was last public in an entry that matches.

    Raises ``Problem``: 404 when no such document was ever public, 410 when it is not public any more.
    """
    if query.as_of is not None:
        # What was gone or elsewhere at that moment is for its history to tell.
        raise Problem(404)
    if query.locale is not None:
        criteria["locale"] = query.locale
    document_id = reading.last_public(*conditions, site_id__in=scope.sites_named(query.site), **criteria)
    if document_id is None:
        scope.require_site(query.site)
        raise Problem(404)
    now = heads.filter(document_id=document_id).only("document_id", "slug").first()
    if now is None:
        raise Problem(410)
    return now


def _moved(address: str, query: DocumentQuery, *, is_permanent: bool = True) -> Moved:
    """To ``address``, with what else the client asked for."""
    kept = query.model_dump(
        include={"fields", "locale", "site", "body_format"}, exclude_none=True, exclude_defaults=True
    )
    return Moved(f"{address}?{urlencode(kept, safe=',')}" if kept else address, is_permanent)
