"""Lists: which documents, in which order, and one page of them as bytes.

One query whatever the length: the cards of this page, what they are related to, and the count of all. Where that is not ready
it takes one more; bodies take another. Cards are recorded as the bytes that are served; they are read only when a client wants
less of them.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from cms.api import cursors, scope, sparse
from cms.api.conditional import Answer
from cms.api.formats import bodies
from cms.api.query import ListQuery
from cms.publishing import lists, reading
from cms.publishing.public_document import written_references
from search.query import patterns_of
from search.within import documents_with

# What a filter by related pages means: the kind of tie, and the type of the page at its other end.
_TIES = {
    "condition": ("condition", "condition"),
    "service": ("service", "service"),
    "topic": ("topic", "topic"),
    "author": ("author", "person"),
    "reviewer": ("reviewer", "person"),
}
# What a condition says of a service is a tie of its own.
_TREATMENT = "treatment"
_BOUNDS = {
    "published_after": ("published_at", ">"),
    "published_before": ("published_at", "<"),
    "updated_after": ("updated_at", ">"),
    "reviewed_after": ("reviewed_at", ">"),
}
# Everything in a list may change it by coming or going, so a purge goes by this as well as by the documents in it.
LIST_TAG = "lists"


def answer_of(query: ListQuery, types: tuple[str, ...], address: str) -> Answer:
    """One page of the documents of ``types`` (all types when empty) that ``query`` asks for; ``address`` is the list's."""
    return ListRead(query, types, address).answer()


class ListRead:
    """What a list is asked for, understood once: it is answered as often as somebody asks the same."""

    def __init__(self, query: ListQuery, types: tuple[str, ...], address: str) -> None:
        self.query = query
        self.selection = _selection(query, types)
        self.ordering = cursors.ordering_of(query.order)
        self.fingerprint = cursors.fingerprint_of({"list": address, **query.narrows()})
        self.following = f"{address}?{_query_string(query)}"
        self.tree = query.tree()

    def answer(self) -> Answer:
        """The page as it is now; raises ``Problem`` for a cursor of another list, and for a site that there is not."""
        query = self.query
        selection = replace(self.selection, **_words(query)) if query.q is not None else self.selection
        after = cursors.read(query.after, self.ordering, self.fingerprint) if query.after is not None else None
        # One more than is shown tells whether there is another page.
        page = lists.page(
            selection, self.ordering, limit=query.limit + 1, now=query.as_of, offset=query.offset or 0, after=after
        )
        if not page.count:
            scope.require_site(query.site)
        shown = page.rows[: query.limit]
        following = None
        if len(page.rows) > query.limit:
            following = f"{self.following}{cursors.write(*self.ordering.place_of(shown[-1]), self.fingerprint)}"
        items = _items(shown, query, self.tree)
        body = f'{{"count":{page.count},"next":{json.dumps(following)},"items":[{",".join(items)}]}}'
        return Answer(body, tuple([reading.id_of(row.key) for row in shown]), (LIST_TAG,), page.newest_at)


def _selection(query: ListQuery, types: tuple[str, ...]) -> lists.Selection:
    """All that ``query`` narrows the list to but its words, which depend on what is public."""
    return lists.Selection(
        site=query.site,
        types=types,
        locale=query.locale,
        slugs=_slugs(query.slug),
        ties=tie_filters({name: getattr(query, name) for name in _TIES}, types),
        path_prefix=query.path_prefix,
        bounds=tuple(
            lists.Bound(column, operator, moment)
            for name, (column, operator) in _BOUNDS.items()
            if (moment := getattr(query, name)) is not None
        ),
        is_overdue=query.review_overdue,
    )


def _words(query: ListQuery) -> dict[str, Any]:
    """The words that documents of the list must have: by the index, or in the texts of another moment."""
    words = query.q or ""
    if query.as_of is not None:
        return {"patterns": tuple(patterns_of(words))}
    within = documents_with(words)
    return {"within": within.sql, "patterns": within.patterns or None}


def tie_filters(given: Mapping[str, str | None], types: tuple[str, ...]) -> tuple[lists.TieFilter, ...]:
    """What filters by related pages mean for lists of ``types``: slugs, separated by commas, by the filter's name."""
    return tuple(
        lists.TieFilter(_kinds(name, _TIES[name][0], types), _TIES[name][1], _slugs(slugs))
        for name, slugs in given.items()
        if slugs is not None
    )


def _kinds(name: str, kind: str, types: tuple[str, ...]) -> tuple[str, ...]:
    if name != "service":
        return (kind,)
    if not types or ("condition" in types and len(types) > 1):
        return (kind, _TREATMENT)
    return (_TREATMENT,) if types == ("condition",) else (kind,)


def _slugs(given: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given.split(","))) if given else ()


def _items(rows: list[lists.Row], query: ListQuery, tree: sparse.Tree) -> list[str]:
    items = _with_relations(rows, query)
    if query.wants_body():
        documents = lists.documents_of(rows)
        # A document that was withdrawn between the queries has no body any more.
        texts = [bodies.body_in(documents.get(row.key, '{"body":[]}'), query.body_format) for row in rows]
        items = [f'{item[:-1]},"body":{text}}}' for item, text in zip(items, texts, strict=True)]
    return [_json(sparse.pick(json.loads(item), tree)) for item in items] if tree else items


def _with_relations(rows: list[lists.Row], query: ListQuery) -> list[str]:
    """Each card with the short references that lists show; one query for those that are not ready."""
    unready = [row.key for row in rows if row.references is None]
    found = reading.references_of(unready, site=query.site, now=query.as_of) if unready else {}
    return [
        f"{row.card[:-1]},{written_references(found[row.key]) if row.references is None else row.references}"
        for row in rows
    ]


def _query_string(query: ListQuery) -> str:
    """What the client asked, up to where a cursor goes, which needs no escaping."""
    given = query.model_dump(mode="json", exclude={"offset", "after"}, exclude_none=True, exclude_defaults=True)
    return urlencode({**{name: _text(value) for name, value in given.items()}, "after": ""}, safe=",:/")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
