"""Lists: which documents, in which order, and one page of them as bytes.

Four queries whatever the length: how many there are, the cards of this page, and what they are related to; a fourth where
the page is empty. Cards are recorded as the bytes that are served; they are read only when a client wants less or more.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.utils import timezone

from cms.api import cursors, scope, sparse
from cms.api.conditional import Answer
from cms.api.query import ListQuery
from cms.publishing import reading
from cms.publishing.models import Head, HeadRelation
from search.query import matching

# What a filter by related pages means: the kinds of tie, and the type of the page at their other end.
_TIES: dict[str, tuple[tuple[str, ...], str]] = {
    "condition": (("condition",), "condition"),
    "service": (("service", "treatment"), "service"),
    "topic": (("topic",), "topic"),
    "author": (("author",), "person"),
    "reviewer": (("reviewer",), "person"),
}
_MOMENTS = {
    "published_after": "published_at__gt",
    "published_before": "published_at__lt",
    "updated_after": "updated_at__gt",
    "reviewed_after": "reviewed_at__gt",
}
# Everything in a list may change it by coming or going, so a purge goes by this as well as by the documents in it.
LIST_TAG = "lists"


def answer_of(query: ListQuery, types: tuple[str, ...], address: str) -> Answer:
    """One page of the documents of ``types`` (all types when empty) that ``query`` asks for; ``address`` is the list's."""
    heads = _narrowed(scope.public_heads(query.site, query.locale), query, types)
    count = heads.count()
    if not count:
        scope.require_site(query.site)
    narrows = {"list": address, **query.narrows()}
    rows = _page(heads, query, narrows) if count else []
    shown = rows[: query.limit]
    following = None
    if len(rows) > query.limit:
        last = shown[-1]
        following = f"{address}?{_query_string(query, cursors.write(last['place'], last['document_id'], narrows))}"
    ids = tuple(row["document_id"] for row in shown)
    items = _items(shown, query)
    body = f'{{"count":{count},"next":{json.dumps(following)},"items":[{",".join(items)}]}}'
    modified_at = shown[0]["newest"] if shown else reading.newest_entry_at().first()
    return Answer(body, ids, (LIST_TAG,), modified_at)


def related_to(heads: QuerySet[Head], slugs: Mapping[str, str | None]) -> QuerySet[Head]:
    """Those of ``heads`` that are tied to public pages with these slugs; a hidden page is as good as none."""
    for name, value in slugs.items():
        if value is None:
            continue
        kinds, kind_of_page = _TIES[name]
        targets = reading.visible().filter(type=kind_of_page, slug__in=value.split(","))
        ties = HeadRelation.objects.filter(kind__in=kinds, target_id__in=targets.values("document_id"))
        heads = heads.filter(document_id__in=ties.values("source_id"))
    return heads


def with_relations(cards: Mapping[uuid.UUID, str]) -> list[str]:
    """Each card with the short references that lists show, in one query for all of them."""
    ties = reading.ties_of(cards, kinds=reading.CARD_RELATIONS)
    items = []
    for document_id, card in cards.items():
        references: dict[str, list[dict[str, str]]] = {name: [] for name in reading.CARD_RELATIONS.values()}
        for tie in ties[document_id]:
            references[reading.CARD_RELATIONS[tie.kind]].append(reading.short_reference(tie))
        items.append(f"{card[:-1]},{_json(references)[1:]}")
    return items


def _narrowed(heads: QuerySet[Head], query: ListQuery, types: tuple[str, ...]) -> QuerySet[Head]:
    if types:
        heads = heads.filter(type__in=types)
    if query.slug is not None:
        heads = heads.filter(slug__in=query.slug.split(","))
    if query.path_prefix is not None:
        # Left() besides startswith: SQLite's LIKE does not tell capitals from small letters.
        start = Left("path", len(query.path_prefix))
        heads = heads.filter(path__startswith=query.path_prefix).alias(start=start).filter(start=query.path_prefix)
    for name, lookup in _MOMENTS.items():
        if (moment := getattr(query, name)) is not None:
            heads = heads.filter(**{lookup: moment})
    if query.review_overdue is not None:
        is_overdue = Q(review_due__lt=timezone.now())
        heads = heads.filter(is_overdue if query.review_overdue else Q(review_due__isnull=True) | ~is_overdue)
    heads = related_to(heads, {name: getattr(query, name) for name in _TIES})
    return matching(heads, query.q) if query.q is not None else heads


def _page(heads: QuerySet[Head], query: ListQuery, narrows: Mapping[str, str]) -> list[Any]:
    """The rows of one page, and one more when there is another page."""
    ordering = cursors.Ordering.parse(query.order)
    if query.after is not None:
        heads = ordering.following(heads, *cursors.read(query.after, ordering, narrows))
    start = query.offset or 0
    columns = {"place": F(ordering.column), "newest": Subquery(reading.newest_entry_at())}
    if query.wants_body():
        columns["whole"] = F("document")
    ordered = heads.order_by(*ordering.terms()).values("document_id", "card", **columns)
    return list(ordered[start : start + query.limit + 1])


def _items(rows: list[dict[str, Any]], query: ListQuery) -> list[str]:
    items = with_relations({row["document_id"]: row["card"] for row in rows})
    tree = query.tree()
    if query.wants_body():
        bodies = [_json(json.loads(row["whole"])["body"]) for row in rows]
        items = [f'{item[:-1]},"body":{body}}}' for item, body in zip(items, bodies, strict=True)]
    return [_json(sparse.pick(json.loads(item), tree)) for item in items] if tree else items


def _query_string(query: ListQuery, cursor: str) -> str:
    """What the client asked, from after ``cursor`` on."""
    given = query.model_dump(mode="json", exclude={"offset", "after"}, exclude_none=True, exclude_defaults=True)
    return urlencode({**{name: _text(value) for name, value in given.items()}, "after": cursor}, safe=",:/")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
