"""Reading the index: which documents have which terms, bounded however common a word is.

Each term's list is read from its best document on, and cut after ``MAX_LIST``. A document that was found by one word may stand
beyond the cut of another; for those the missing values are looked up one by one. So what a search costs does not grow with the
number of documents, and what it finds is the same on every database.
"""

import datetime
import json
import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from search.index_models import IndexedDocument

# So many documents of each word are looked at, the best first.
MAX_LIST = 1000
# So many documents are asked for the words whose lists were cut.
_MAX_COMPLETED = 400
# Documents that a process remembers. About 700 bytes each.
_MAX_REMEMBERED = 20_000


class Lists(NamedTuple):
    """Impacts by term and document, and the terms whose lists were cut."""

    impacts: dict[int, dict[int, int]]
    cut: frozenset[int]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of an indexed document without reading it: for filters, counts and order."""

    document_id: uuid.UUID
    type: str
    published: float
    expires_at: datetime.datetime | None
    ties: dict[str, tuple[str, ...]]


_remembered: OrderedDict[int, Remembered] = OrderedDict()


def lists_of(terms: Collection[int]) -> Lists:
    """The documents of each of ``terms``; one query, and one more when a list was cut."""
    if not terms:
        return Lists({}, frozenset())
    lists = [
        f"SELECT * FROM (SELECT term, document, impact FROM search_posting WHERE term = {term} "
        f"ORDER BY impact DESC, document LIMIT {MAX_LIST}) list"
        for term in terms
    ]
    impacts: dict[int, dict[int, int]] = {term: {} for term in terms}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(lists))
        for term, document, impact in cursor.fetchall():
            impacts[term][document] = impact
    cut = frozenset(term for term, found in impacts.items() if len(found) == MAX_LIST)
    if cut and len(terms) > 1:
        _complete(impacts, cut)
    return Lists(impacts, cut)


def having_any(terms: Collection[int], documents: Collection[int]) -> set[int]:
    """Those of ``documents`` that have one of ``terms``; one query."""
    if not terms or not documents:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT document FROM search_posting WHERE document IN ({_listed(documents)}) "
            f"AND term IN ({_listed(terms)})"
        )
        return {row[0] for row in cursor.fetchall()}


def named(keys: Collection[int]) -> list[tuple[int, int, bool]]:
    """Key, document and whether it is the title, of every name with one of these keys; one query."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, document, is_title FROM search_name WHERE key IN ({_listed(keys)}) ORDER BY document, id LIMIT 500"
        )
        return [(key, document, bool(is_title)) for key, document, is_title in cursor.fetchall()]


def remembered(documents: Iterable[int]) -> dict[int, Remembered]:
    """What is known of these documents; one query when one of them is not remembered."""
    wanted = list(documents)
    if connection.in_atomic_block:
        # What a transaction sees may never come true, and its ids would be given again.
        return _read(wanted)
    missing = [document for document in wanted if document not in _remembered]
    if missing:
        _remembered.update(_read(missing))
    found = {document: row for document in wanted if (row := _remembered.get(document)) is not None}
    while len(_remembered) > _MAX_REMEMBERED:
        try:
            _remembered.popitem(last=False)
        except KeyError:
            break
    return found


def _complete(impacts: dict[int, dict[int, int]], cut: frozenset[int]) -> None:
    uncut = {document for term, found in impacts.items() if term not in cut for document in found}
    whole = uncut or {document for found in impacts.values() for document in found}
    ranked = sorted(whole, key=lambda document: (-sum(found.get(document, 0) for found in impacts.values()), document))
    asked = ranked[:_MAX_COMPLETED]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT term, document, impact FROM search_posting WHERE document IN ({_listed(asked)}) "
            f"AND term IN ({_listed(cut)})"
        )
        for term, document, impact in cursor.fetchall():
            impacts[term][document] = impact


def _read(documents: list[int]) -> dict[int, Remembered]:
    if not documents:
        return {}
    columns = ("pk", "document_id", "type", "published_at", "expires_at", "ties")
    rows = IndexedDocument.objects.filter(pk__in=documents).values_list(*columns)
    return {
        pk: Remembered(
            document_id,
            kind,
            published_at.timestamp() if published_at else 0.0,
            expires_at,
            {name: tuple(ids) for name, ids in json.loads(ties).items()},
        )
        for pk, document_id, kind, published_at, expires_at, ties in rows
    }


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))
