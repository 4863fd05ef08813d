"""Reading the index: which documents have which terms, bounded however common a word is.

Each term's list is read from its best document on, and cut after ``MAX_LIST``. A document that was found by one word may stand
beyond the cut of another; for those the missing values are looked up one by one. So what a search costs does not grow with the
number of documents, and what it finds is the same on every database.
"""

import datetime
import json
import sys
from collections import OrderedDict
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from cms.publishing import reading
from cms.publishing.statements import Later, Statement, among, each_of, many, rows_of, statement_of, vendor
from search.engine import Engine
from search.parts import FACETS

# So many documents of each word are looked at, the best first.
MAX_LIST = 300
# So many documents are asked for the words whose lists were cut.
_MAX_COMPLETED = 300
# So many documents that are tied to the one whose name was typed are looked at.
_MAX_TIED = 50
# Types of pages that are tied to a condition, a service or a topic: those that editors choose them for.
_TIED_TYPES = ("article", "condition", "person", "service", "topic")
# So many names of one search are looked at.
MAX_NAMES = 500
# Document and impact in one number, and how each database writes many numbers as one text.
_BITS = 10
_ONLY_IMPACT = (1 << _BITS) - 1
# More documents than there will ever be.
_BITS_OF_NUMBER = 40
_ONLY_NUMBER = (1 << _BITS_OF_NUMBER) - 1
_PACKED = {
    "sqlite": f"group_concat(document * {1 << _BITS} + impact)",
    "postgresql": f"string_agg((document * {1 << _BITS} + impact)::text, ',')",
}
# Documents that a process remembers. About 600 bytes each.
_MAX_REMEMBERED = 20_000


class Lists(NamedTuple):
    """Impacts by term and document, and the terms whose lists were cut; and of names key, document, whether it is the title."""

    impacts: dict[int, dict[int, int]]
    cut: frozenset[int]
    named: list[tuple[int, int, bool]]


class Remembered(NamedTuple):
    """What is known of an indexed document without reading it: for filters, counts and order.

    ``marks`` are what it is counted by: its type, and the documents that it is tied to, as ``mark_of`` writes them.
    """

    # The document's id as ``reading.unread_id`` gives it.
    key: str
    type: str
    # What comes first among equals: the newest, then by id.
    rank: tuple[float, str]
    expires_at: datetime.datetime | None
    marks: tuple[str, ...]


_remembered: OrderedDict[int, Remembered] = OrderedDict()


def mark_of(facet: str, value: str) -> str:
    """What a document is counted by that has ``value`` (a type, or a tied document's id) in this facet."""
    return f"{facet} {value}"


def lists_of(terms: Collection[int], keys: Collection[int], engine: Engine | None = None) -> Lists:
    """The documents of each of ``terms``, and those with one of the names; one query, and one more when a list was cut.

    The best come first, at most ``MAX_LIST``, and behind them what completes a list that was cut. The documents are read from
    ``engine`` where one holds the lists, the names always from the database.
    """
    impacts: dict[int, dict[int, int]] = {} if engine is None else engine.impacts_of(terms, MAX_LIST)
    named: list[tuple[int, int, bool]] = []
    here = terms if engine is None else ()
    if here or keys:
        for number, text in rows_of(_lists(MAX_LIST), {"terms": many(here), "keys": many(keys)}):
            if text is None or text[0].isdigit():
                impacts[number] = _unpacked(text)
            else:
                named.append((number, int(text[1:]), text[0] == "t"))
    cut = frozenset(term for term, found in impacts.items() if len(found) == MAX_LIST)
    if cut and len(terms) > 1:
        _complete(impacts, cut, engine)
    return Lists(impacts, cut, named)


@lru_cache(maxsize=2)
def _lists(longest: int) -> Statement:
    # A list comes as one text: three hundred rows would cost more to hand over than to find.
    sql = (
        f"SELECT asked.value, (SELECT {_PACKED[vendor()]} FROM (SELECT document, impact FROM search_posting "
        f"WHERE term = asked.value ORDER BY impact DESC, document LIMIT {longest}) list) FROM {each_of('bigint')} UNION ALL "
        "SELECT * FROM (SELECT key, CASE WHEN is_title THEN 't' ELSE 'n' END || CAST(document AS text) "
        f"FROM search_name WHERE {among('key', 'bigint')} ORDER BY document, id LIMIT {MAX_NAMES}) name"
    )
    return statement_of(sql, [Later("terms"), Later("keys")])


def having_any(terms: Collection[int], documents: Collection[int], engine: Engine | None = None) -> set[int]:
    """Those of ``documents`` that have one of ``terms``; one query."""
    if not terms or not documents:
        return set()
    if engine is not None:
        return engine.having_any(terms, documents)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT document FROM search_posting WHERE document IN ({_listed(documents)}) "
            f"AND term IN ({_listed(terms)})"
        )
        return {row[0] for row in cursor.fetchall()}


def tied_to(targets: Collection[Remembered]) -> list[int]:
    """The newest documents that are tied to one of these as to their condition, service or topic; one query, none for none."""
    walks: list[str] = []
    values: list[Any] = []
    for target in targets:
        # Each walks along an index, whose order is by type of the source: a condition may have ten thousand articles.
        for source_type in _TIED_TYPES if target.type in FACETS else ():
            walks.append(
                "SELECT * FROM (SELECT source_id, source_published_at FROM publishing_headrelation "
                "WHERE target_id = %s AND kind = %s AND source_type = %s "
                f"ORDER BY source_published_at DESC, source_id LIMIT {_MAX_TIED}) walk"
            )
            values += [target.key, target.type, source_type]
    if not walks:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT known.id FROM (SELECT source_id FROM ("
            f"{' UNION ALL '.join(walks)}) walks ORDER BY source_published_at DESC, source_id LIMIT {_MAX_TIED}) tie "
            "JOIN search_indexeddocument known ON known.document_id = tie.source_id",
            values,
        )
        return [row[0] for row in cursor.fetchall()]


def remembered(documents: Collection[int]) -> dict[int, Remembered]:
    """What is known of these documents; one query when one of them is not remembered."""
    if connection.in_atomic_block:
        # What a transaction sees may never come true, and its ids would be given again.
        return _read(documents)
    rows = list(map(_remembered.get, documents))
    if all(rows):
        return dict(zip(documents, rows, strict=True))  # type: ignore[arg-type]  # none of them is None
    found = {document: row for document, row in zip(documents, rows, strict=True) if row is not None}
    if len(found) < len(documents):
        fresh = _read([document for document in documents if document not in found])
        found |= fresh
        _remembered.update(fresh)
        _forget_oldest()
    return found


def _forget_oldest() -> None:
    while len(_remembered) > _MAX_REMEMBERED:
        try:
            _remembered.popitem(last=False)
        except KeyError:
            # Another thread was quicker.
            break


def _complete(impacts: dict[int, dict[int, int]], cut: frozenset[int], engine: Engine | None) -> None:
    uncut = set().union(*(found for term, found in impacts.items() if term not in cut))
    asked = uncut or set().union(*impacts.values())
    if len(asked) > _MAX_COMPLETED:
        # The best, and of equals those with the lowest number: both in one number, which is sorted quickly.
        ways = [found.get for found in impacts.values()]
        keys = [(sum([way(one, 0) for way in ways]) << _BITS_OF_NUMBER) - one for one in asked]
        keys.sort(reverse=True)
        asked = {-key & _ONLY_NUMBER for key in keys[:_MAX_COMPLETED]}
    missing = {term: left for term in cut if (left := [one for one in asked if one not in impacts[term]])}
    if engine is not None:
        for term, found in engine.impacts_of(missing, _MAX_COMPLETED, missing).items():
            impacts[term] |= found
    elif missing:
        values: dict[str, Any] = {}
        for number, (term, documents) in enumerate(missing.items()):
            values |= {f"term{number}": term, f"documents{number}": many(documents)}
        for number, text in rows_of(_completions(len(missing)), values):
            impacts[values[f"term{number}"]] |= _unpacked(text)


@lru_cache(maxsize=16)
def _completions(terms: int) -> Statement:
    # The documents lead, whatever a database thinks of it: a word's own list may be a hundred times as long.
    queries = [
        f"SELECT {number}, {_PACKED[vendor()]} FROM {each_of('bigint')} CROSS JOIN search_posting "
        "WHERE document = asked.value AND term = %s"
        for number in range(terms)
    ]
    values = [Later(f"{name}{number}") for number in range(terms) for name in ("documents", "term")]
    return statement_of(" UNION ALL ".join(queries), values)


def _unpacked(text: str | None) -> dict[int, int]:
    """Impacts by document, out of one text as ``_PACKED`` makes it; nothing out of none."""
    return {one >> _BITS: one & _ONLY_IMPACT for one in json.loads(f"[{text or ''}]")}


def _read(documents: Collection[int]) -> dict[int, Remembered]:
    if not documents:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {reading.unread_id('document_id')}, type, {reading.unread('published_at')}, "
            f"{reading.unread('expires_at')}, ties FROM search_indexeddocument WHERE id IN ({_listed(documents)})"
        )
        return {row[0]: _remembered_of(*row[1:]) for row in cursor.fetchall()}


def _remembered_of(key: str, kind: str, published_at: Any, expires_at: Any, ties: str) -> Remembered:
    published = reading.time_of(published_at)
    marks = [mark_of("type", kind), *(mark_of(name, one) for name, ids in json.loads(ties).items() for one in ids)]
    return Remembered(
        key,
        sys.intern(kind),
        (-published.timestamp() if published else 0.0, key),
        reading.time_of(expires_at),
        # One text for all: a thousand documents are tied to the same condition.
        tuple(map(sys.intern, marks)),
    )


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))
