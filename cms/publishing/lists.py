"""Lists of public documents: how many there are, and one page of them, along an index.

Written by hand for one reason: a list is read far more often than a page is published, and the database answers it faster
than an ORM can put the question. A page costs the same wherever it is: it begins after the last document of the page before
(the *place*), not by counting from the start. Counts are kept by the ledger; only what is asked rarely is counted.
"""

import datetime
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from cms.publishing import reading
from cms.publishing.reading import VISIBLE
from cms.publishing.statements import Later, Statement, rows_of, statement_of

# Columns in which a public document may have no value; the ledger fills all others.
_MAY_BE_EMPTY = {"reviewed_at"}


# Statements whose text is kept: each is asked again and again, with other moments and other places.
_KEPT_STATEMENTS = 256
_MEANT = "SELECT document_id FROM meant"
# That ties lead to the one public page that is meant, with a kind and a type to follow; nothing meets it when several are.
_ALONG = (
    f"tie.target_id = ({_MEANT} LIMIT 1)",
    "(SELECT COUNT(*) FROM meant) = 1",
    "tie.kind = %s",
    "tie.source_type = %s",
)


# What comes only when a list is asked for.
_NOW, _AFTER, _AFTER_KEY, _OFFSET = Later("now"), Later("after"), Later("after_key"), Later("page_offset")


@dataclass(frozen=True)
class TieFilter:
    """Only heads tied in one of these ways to a public page of this type with one of these slugs."""

    kinds: tuple[str, ...]
    page_type: str
    slugs: tuple[str, ...]


@dataclass(frozen=True)
class Bound:
    """Only heads whose ``column`` compares so (``<``, ``>``) with ``moment``."""

    column: str
    operator: str
    moment: datetime.datetime


@dataclass(frozen=True)
class Selection:
    """Which heads a list has. ``site`` is a hostname or ``None`` for the default site; empty tuples narrow nothing.

    Which of them are public, and whether a review is overdue, depends on the moment at which the list is asked for.
    ``patterns`` are regular expressions, each of which title or text must match; none at all match nothing. ``within`` is a query
    that gives the ids of documents to look among. ``is_overdue`` asks whether the day of the next review has passed.
    """

    site: str | None = None
    types: tuple[str, ...] = ()
    locale: str | None = None
    slugs: tuple[str, ...] = ()
    ties: tuple[TieFilter, ...] = ()
    path_prefix: str | None = None
    bounds: tuple[Bound, ...] = ()
    is_overdue: bool | None = None
    patterns: tuple[str, ...] | None = None
    within: str | None = None

    def is_tallied(self) -> bool:
        """Whether the ledger keeps the count of this selection."""
        is_plain = (
            not (self.slugs or self.path_prefix or self.bounds)
            and self.is_overdue is self.patterns is self.within is None
        )
        is_one_tie = len(self.ties) == 1 and len(self.ties[0].slugs) == len(self.ties[0].kinds) == 1
        return is_plain and (not self.ties or is_one_tie)


@dataclass(frozen=True)
class Ordering:
    """An order of heads: by one column, documents without a value last either way, then by id in the same direction."""

    column: str
    is_descending: bool

    @property
    def direction(self) -> str:
        """The direction as SQL."""
        return "DESC" if self.is_descending else "ASC"

    def place_of(self, row: "Row") -> tuple[Any, uuid.UUID]:
        """The place of ``row`` in the list: its value (a time or a title), and its id."""
        return row.value if self.column == "title" else reading.time_of(row.value), row.document_id


class Row(NamedTuple):
    """One document of a page as the database gave it: its key, its card as JSON text, the value that it is ordered by.

    ``references`` are those that lists show beside the card, written out; ``None`` when they have to be joined.
    """

    key: Any
    card: str
    references: str | None
    value: Any

    @property
    def document_id(self) -> uuid.UUID:
        """The document's id."""
        return reading.uuid_of(self.key)


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, how many documents the whole list has, and when anything public last changed."""

    rows: list[Row]
    count: int
    newest_at: datetime.datetime | None


def page(
    selection: Selection,
    ordering: Ordering,
    *,
    limit: int,
    now: datetime.datetime | None = None,
    offset: int = 0,
    after: tuple[Any, uuid.UUID] | None = None,
) -> Page:
    """Up to ``limit`` documents of ``selection`` that are public at ``now`` (by default this moment).

    They begin at ``offset``, or after the place ``after`` (value and id).

    One query; one more where documents without a value come into it, and one more where the page is empty.
    """
    moment = reading.moment_of(now)
    if _is_along_ties(selection, ordering):
        rows = _rows(selection, ordering, moment, limit, offset, after, along_ties=True)
        if rows:
            return _page_of(rows)
        # No such page, or several of one name, or no documents: the general way knows.
    rows = []
    is_past_values = after is not None and after[0] is None
    if not is_past_values:
        rows = _rows(selection, ordering, moment, limit, offset, after)
    if len(rows) < limit and ordering.column in _MAY_BE_EMPTY:
        to_pass = 0 if rows or not offset else offset - _count(selection, f"head.{ordering.column} IS NOT NULL", moment)
        rest = (limit - len(rows), max(0, to_pass), after if is_past_values else None)
        rows += _rows(selection, ordering, moment, *rest, has_value=False)
    return _page_of(rows) if rows else Page([], *_count_and_newest(selection, moment))


def documents_of(rows: list[Row]) -> dict[Any, str]:
    """The recorded documents of ``rows`` as JSON text, by the key of each row; one query."""
    if not rows:
        return {}
    places = ", ".join(["%s"] * len(rows))
    sql = f"SELECT document_id, document FROM publishing_head WHERE document_id IN ({places})"
    with connection.cursor() as cursor:
        cursor.execute(sql, [row.key for row in rows])
        return dict(cursor.fetchall())


def _page_of(rows: list[tuple[Any, ...]]) -> Page:
    return Page([Row._make(row[:4]) for row in rows], rows[0][4], reading.time_of(rows[0][5]))


def _is_along_ties(selection: Selection, ordering: Ordering) -> bool:
    """Whether a list that is filtered by one related page, in the usual order, can walk along that page's ties."""
    is_of_one = len(selection.ties) == 1 and len(selection.types) == 1
    return is_of_one and ordering.column == "published_at" and selection.is_tallied()


def _rows(
    selection: Selection,
    ordering: Ordering,
    moment: Any,
    limit: int,
    offset: int,
    after: tuple[Any, uuid.UUID] | None,
    *,
    has_value: bool = True,
    along_ties: bool = False,
) -> list[tuple[Any, ...]]:
    """Rows of document id, card, references, value, count of the whole list, and time of the newest entry."""
    # The texts of a search are as many as there are searches.
    make = _statement if selection.within is None else _statement.__wrapped__
    statement = make(
        selection,
        ordering,
        limit,
        has_value=has_value,
        along_ties=along_ties,
        is_after=after is not None,
        is_offset=offset > 0,
    )
    asked: dict[str, Any] = {_NOW: moment, _OFFSET: offset}
    if after is not None:
        asked |= {_AFTER: _parameter(after[0]), _AFTER_KEY: reading.key_of(after[1])}
    return rows_of(statement, asked, is_usual=selection.within is None and not offset)


@lru_cache(maxsize=_KEPT_STATEMENTS)
def _statement(
    selection: Selection,
    ordering: Ordering,
    limit: int,
    *,
    has_value: bool,
    along_ties: bool,
    is_after: bool,
    is_offset: bool,
) -> Statement:
    """What ``_rows`` asks for. How many rows are wanted decides how a database looks for them, so that is part of it."""
    source, column, key = "publishing_head head", f"head.{ordering.column}", "head.document_id"
    clauses, values = _conditions(selection, along_ties=along_ties)
    targets, target_values = "", list[Any]()
    if along_ties:
        source = "publishing_headrelation tie JOIN publishing_head head ON head.document_id = tie.source_id"
        column, key = "tie.source_published_at", "tie.source_id"
        meant, target_values = _targets(selection, selection.ties[0])
        # Which page is meant is asked in three places, and looked up once.
        targets = f"WITH meant AS MATERIALIZED ({meant}) "
        clauses = [*_ALONG, *clauses]
        values = [selection.ties[0].kinds[0], selection.types[0], *values]
    if ordering.column in _MAY_BE_EMPTY:
        clauses.append(f"{column} IS {'NOT ' if has_value else ''}NULL")
    comparison = "<" if ordering.is_descending else ">"
    if is_after and has_value:
        clauses.append(f"({column}, {key}) {comparison} (%s, %s)")
        values += [_AFTER, _AFTER_KEY]
    elif is_after:
        clauses.append(f"{key} {comparison} %s")
        values.append(_AFTER_KEY)
    total, total_values = _total(selection, is_exact=not along_ties)
    order = f"{column} {ordering.direction}, {key} {ordering.direction}" if has_value else f"{key} {ordering.direction}"
    where = f"WHERE {' AND '.join(clauses)} ORDER BY {order} LIMIT %s"
    values.append(limit)
    if is_offset:
        # Of what is passed over only the place is read, not what the page shows of it.
        source = (
            f"(SELECT {key} AS key, {column} AS value FROM {source} {where} OFFSET %s) page "
            "JOIN publishing_head head ON head.document_id = page.key"
        )
        values.append(_OFFSET)
        column = "page.value"
        where = f"ORDER BY page.value {ordering.direction}, page.key {ordering.direction}"
    value = column if ordering.column == "title" else reading.unread(column)
    is_ready, ready_values = reading.has_ready_references(selection.site, _NOW)
    ready = f"LEFT JOIN publishing_cardreferences ready ON ready.source_id = head.document_id AND {is_ready}"
    sql = f"""
        {targets}SELECT head.document_id, head.card, ready.written, {value}, ({total}), {reading.unread(reading.NEWEST)}
        FROM {source} {ready} {where}
    """
    in_source = [*values, *ready_values] if is_offset else [*ready_values, *values]
    return statement_of(sql, [*target_values, *total_values, *in_source])


def _conditions(selection: Selection, *, along_ties: bool = False) -> tuple[list[str], list[Any]]:
    """The conditions that heads of ``selection`` meet, and their values in the same order."""
    site, values = reading.on_site(selection.site, leads=not along_ties)
    clauses: list[str] = [site, VISIBLE]
    parameters: list[Any] = [*values, _NOW]

    def add(clause: str, *given: Any) -> None:
        clauses.append(clause)
        parameters.extend(given)

    if selection.types:
        add(f"head.type IN ({_places(selection.types)})", *selection.types)
    if selection.locale is not None:
        add("head.locale = %s", selection.locale)
    if selection.slugs:
        add(f"head.slug IN ({_places(selection.slugs)})", *selection.slugs)
    if selection.path_prefix is not None:
        # Not LIKE: on SQLite it does not tell capitals from small letters.
        add("substr(head.path, 1, %s) = %s", len(selection.path_prefix), selection.path_prefix)
    for bound in selection.bounds:
        add(f"head.{bound.column} {bound.operator} %s", _parameter(bound.moment))
    if selection.is_overdue is not None:
        overdue = (
            "head.review_due < %s" if selection.is_overdue else "(head.review_due IS NULL OR head.review_due >= %s)"
        )
        add(overdue, _NOW)
    if selection.within is not None:
        clauses.append(f"head.document_id IN ({selection.within})")
    if selection.patterns == ():
        add("1 = 0")
    for pattern in selection.patterns or ():
        matches = connection.operators["iregex"]  # type: ignore[attr-defined]  # every backend of Django has it
        add(f"(head.title {matches} OR head.text {matches})", pattern, pattern)
    for tie in () if along_ties else selection.ties:
        targets, given = _targets(selection, tie)
        add(
            "head.document_id IN (SELECT tie.source_id FROM publishing_headrelation tie "
            f"WHERE tie.kind IN ({_places(tie.kinds)}) AND tie.target_id IN ({targets}))",
            *tie.kinds,
            *given,
        )
    return clauses, parameters


def _targets(selection: Selection, tie: TieFilter) -> tuple[str, list[Any]]:
    """The public pages that ``tie`` means; a hidden page is as good as none."""
    site, values = reading.on_site(selection.site)
    sql = (
        f"SELECT head.document_id FROM publishing_head head WHERE head.type = %s "
        f"AND head.slug IN ({_places(tie.slugs)}) AND {site} AND {VISIBLE}"
    )
    return sql, [tie.page_type, *tie.slugs, *values, _NOW]


def _total(selection: Selection, *, is_exact: bool) -> tuple[str, list[Any]]:
    """How many heads ``selection`` has, as an expression: kept counts less what has expired since, or counted.

    Kept counts of ties add up to the truth only when one page is meant; ``is_exact`` counts them.
    """
    if not selection.is_tallied() or (selection.ties and is_exact):
        clauses, values = _conditions(selection)
        return f"SELECT COUNT(*) FROM publishing_head head WHERE {' AND '.join(clauses)}", values
    site, values = reading.on_site(selection.site, leads=True)
    clauses, parameters = [site], [*values]
    if selection.types:
        clauses.append(f"head.type IN ({_places(selection.types)})")
        parameters += selection.types
    if selection.locale is not None:
        clauses.append("head.locale = %s")
        parameters.append(selection.locale)
    # Few heads have expired and are not withdrawn yet: they are found by their time, whatever else is asked of them.
    where = " AND ".join(clauses)
    by_time = " AND ".join(f"({clause}) IS TRUE" for clause in clauses)
    expired = f"SELECT COUNT(*) FROM publishing_head head WHERE head.expires_at <= %s AND {by_time}"
    expired_values = [_NOW, *parameters]
    if selection.ties:
        # Not exact: the query that this is part of says which page is meant.
        tied = f"kind = %s AND target_id IN ({_MEANT})"
        tied_values = [selection.ties[0].kinds[0]]
        is_tied = f"source_id = head.document_id AND {tied}"
        expired += f" AND EXISTS (SELECT 1 FROM publishing_headrelation WHERE {is_tied})"
        expired_values += tied_values
    else:
        tied, tied_values = "kind = ''", []
    kept = f"SELECT COALESCE(SUM(head.heads), 0) FROM publishing_tally head WHERE {where} AND {tied}"
    # Nearly always there is none, which is known at once; how to count them is nothing that a database guesses well.
    sql = f"SELECT CAST(({kept}) AS bigint) - CASE WHEN {reading.SOME_EXPIRED} THEN ({expired}) ELSE 0 END"
    return sql, [*parameters, *tied_values, _NOW, *expired_values]


def _count(selection: Selection, condition: str, moment: Any) -> int:
    clauses, values = _conditions(selection)
    where = " AND ".join([*clauses, condition])
    statement = statement_of(f"SELECT COUNT(*) FROM publishing_head head WHERE {where}", values)
    [(count,)] = rows_of(statement, {_NOW: moment}, is_usual=False)
    return count


def _count_and_newest(selection: Selection, moment: Any) -> tuple[int, datetime.datetime | None]:
    total, values = _total(selection, is_exact=True)
    statement = statement_of(f"SELECT ({total}), {reading.NEWEST}", values)
    [(count, newest_at)] = rows_of(statement, {_NOW: moment}, is_usual=False)
    return count, reading.time_of(newest_at)


def _parameter(value: Any) -> Any:
    return reading.moment_of(value) if isinstance(value, datetime.datetime) else value


def _places(values: tuple[str, ...]) -> str:
    return ", ".join(["%s"] * len(values))
