"""Reading what is public. Every route that shows content to the public comes through here, and nothing else does.

``visible`` is the one rule of what the public may see. Time windows are judged here, when something is read, so that a page
past its expiry is gone even while no worker runs. Documents are served as the bytes that were recorded; the cards of
related pages are joined as bytes too, and only pages that are public are joined.
"""

import datetime
import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cms.publishing.models import Entry, Head
from cms.publishing.public_document import ARTICLE, CARD_RELATIONS, PublicDocument, Recorded, Tie
from cms.publishing.statements import Later, Statement, among, many, rows_of, statement_of

# Whether a page is past its end and not withdrawn yet; its one parameter is the moment. By the earliest end of all, which is the
# first row of an index: to look for one such page, PostgreSQL reads the whole table where it has not counted what is in it.
SOME_EXPIRED = (
    "COALESCE((SELECT MIN(late.expires_at) FROM publishing_head late WHERE late.expires_at IS NOT NULL) <= %s, false)"
)
# The rule of ``visible`` for queries that are written by hand; its one parameter is the moment, from ``moment_of``.
VISIBLE = "(head.expires_at IS NULL OR head.expires_at > %s)"
# The sites that a hostname means, or the default site; their one parameter is the hostname, or none.
_SITE_BY_NAME = "SELECT id FROM wagtailcore_site WHERE hostname = %s"
_DEFAULT_SITE = "SELECT id FROM wagtailcore_site WHERE is_default_site"
# When anything public last changed.
NEWEST = "(SELECT at FROM publishing_entry ORDER BY position DESC LIMIT 1)"
_RECORDED = (
    "head.document_id, head.type, head.site_id, head.position, head.digest, head.revision_id, head.approvals, "
    f"head.override, head.document, {NEWEST}"
)
# What comes only when a document is asked for.
_SITE, _LOCALE, _NOW = Later("asked_site"), Later("asked_locale"), Later("now")
# How many articles a person's document names at most.
_MAX_ARTICLES = 100


def visible(now: datetime.datetime | None = None, *, site_id: int | None = None) -> QuerySet[Head]:
    """Heads that the public may see at ``now`` (by default this moment), on one site when ``site_id`` is given."""
    moment = now or timezone.now()
    heads = Head.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=moment))
    return heads if site_id is None else heads.filter(site_id=site_id)


def document(
    site: str | int | None,
    columns: Mapping[str, str | int | uuid.UUID],
    *,
    locale: str | None = None,
    now: datetime.datetime | None = None,
) -> PublicDocument | None:
    """The document whose head has these values in these columns, with its relations joined; ``None`` when none is public.

    ``site`` is a hostname, a primary key, or ``None`` for the default site. Without a ``locale`` the site's own language
    goes before others. Two queries, which are written by hand: this is what the public asks most.
    """
    moment = moment_of(now)
    asked = {name: key_of(value) if isinstance(value, uuid.UUID) else value for name, value in columns.items()}
    statement = _one_document(_kind_of(site), tuple(columns), locale is not None, settings.LANGUAGE_CODE)
    rows = rows_of(statement, {**asked, _SITE: site, _LOCALE: locale, _NOW: moment})
    if not rows:
        return None
    head = _recorded(rows[0])
    return PublicDocument(head, tuple(_ties_of_one(head, moment)))


@lru_cache(maxsize=64)
def _one_document(site: str | int | None, columns: tuple[str, ...], is_in_locale: bool, language: str) -> Statement:
    """What ``document`` asks for with a site like this one, values in these columns, perhaps a locale, and a usual language."""
    site_clause, site_values = on_site(site)
    clauses = [site_clause, VISIBLE, *(f"head.{name} = %s" for name in columns)]
    values: list[Any] = [*(_SITE for _value in site_values), _NOW, *map(Later, columns)]
    if is_in_locale:
        clauses.append("head.locale = %s")
        values.append(_LOCALE)
    sql = f"""
        SELECT {_RECORDED} FROM publishing_head head
        WHERE {" AND ".join(clauses)}
        ORDER BY CASE WHEN head.locale = %s THEN 0 ELSE 1 END, head.document_id
        LIMIT 1
    """
    return statement_of(sql, [*values, language])


def _kind_of(site: str | int | None) -> str | int | None:
    """A site for which ``on_site`` gives the same condition as for ``site``."""
    return site if site is None else 0 if isinstance(site, int) else ""


def documents(keys: Sequence[Any], *, now: datetime.datetime | None = None) -> list[PublicDocument]:
    """Those of these documents that are public, with relations joined, in this order; two queries for all of them.

    ``keys`` are document ids as the database keeps them. A person comes without articles.
    """
    if not keys:
        return []
    moment = moment_of(now)
    with connection.cursor() as cursor:
        places = _places(keys)
        cursor.execute(
            f"SELECT {_RECORDED} FROM publishing_head head WHERE head.document_id IN ({places}) AND {VISIBLE}",
            [*keys, moment],
        )
        heads = {row[0]: _recorded(row) for row in cursor.fetchall()}
        cursor.execute(
            f"""
            SELECT relation.source_id, {_TIE_COLUMNS}
            FROM publishing_headrelation relation
            JOIN publishing_head source ON source.document_id = relation.source_id
            JOIN publishing_head head ON head.document_id = relation.target_id AND head.site_id = source.site_id
            WHERE relation.source_id IN ({places}) AND {VISIBLE}
            ORDER BY relation.source_id, relation."order"
            """,
            [*keys, moment],
        )
        ties: dict[Any, list[Tie]] = {key: [] for key in keys}
        for source, *tie in cursor.fetchall():
            ties[source].append(_tie_of(tie))
    return [PublicDocument(heads[key], tuple(ties[key])) for key in keys if key in heads]


def _recorded(row: Any) -> Recorded:
    key, kind, site_id, position, digest, revision_id, approvals, override, recorded, newest_at = row
    return Recorded(
        document_id=uuid_of(key),
        type=kind,
        site_id=site_id,
        position=position,
        digest=digest,
        revision_id=revision_id,
        approvals=json.loads(approvals),
        override=json.loads(override) if override else None,
        document=recorded,
        newest_at=time_of(newest_at),
    )


def on_site(site: str | int | None, *, leads: bool = False) -> tuple[str, list[str | int]]:
    """The condition that a head belongs to ``site`` (a hostname, a primary key, or ``None`` for the default site).

    ``leads`` says that the query walks along an index that begins with the site. Otherwise the condition is written so that no
    index on it can be used: nearly all heads are of one site, and without statistics a database may believe the contrary. Not
    as an expression of the column, of which PostgreSQL would believe that it leaves half a per cent.
    """
    if site is None:
        clause = f"head.site_id = ({_DEFAULT_SITE})"
    elif isinstance(site, int):
        clause = "head.site_id = %s"
    else:
        # Two sites on two ports have one name: it means both.
        clause = f"head.site_id IN ({_SITE_BY_NAME})"
    return clause if leads else f"({clause}) IS TRUE", [] if site is None else [site]


def has_ready_references(site: str | int | None, moment: Any) -> tuple[str, list[Any]]:
    """The condition under which the references that are kept beside cards are what ``references_of`` would give.

    They name pages of one site, and pages whose time is over as well (``cms/publishing/card_references.py``); ``moment`` is
    from ``moment_of``.
    """
    clause = f"NOT {SOME_EXPIRED}"
    if not isinstance(site, str):
        return clause, [moment]
    return f"{clause} AND (SELECT COUNT(*) FROM ({_SITE_BY_NAME}) named) = 1", [moment, site]


def references_of(
    keys: Iterable[Any], *, site: str | int | None, now: datetime.datetime | None = None
) -> dict[Any, dict[str, list[str]]]:
    """The short references that lists show, as JSON text by kind of relation, for each document; one query for all.

    Only pages that are public on ``site`` at ``now``, in the order of the document's relations. ``keys`` are document ids as
    the database keeps them (``key_of``).
    """
    by_key: dict[Any, dict[str, list[str]]] = {key: {kind: [] for kind in CARD_RELATIONS} for key in keys}
    if not by_key:
        return by_key
    site_clause, site_values = on_site(site)
    sql = f"""
        SELECT relation.source_id, relation.kind, head.reference
        FROM publishing_headrelation relation
        JOIN publishing_head head ON head.document_id = relation.target_id
        WHERE relation.source_id IN ({_places(by_key)}) AND relation.kind IN ({_places(CARD_RELATIONS)})
              AND {site_clause} AND {VISIBLE}
        ORDER BY relation.source_id, relation.kind, relation."order"
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*by_key, *CARD_RELATIONS, *site_values, moment_of(now)])
        for source, kind, reference in cursor.fetchall():
            by_key[source][kind].append(reference)
    return by_key


# Written by hand because the join goes over a document id that need not exist: the ORM joins over keys that do.
_TIE_COLUMNS = "relation.kind, relation.note, head.document_id, head.type, head.title, head.slug, head.path, head.card"
_OWN_TIES = f"""
    SELECT {_TIE_COLUMNS}, relation."order" AS place
    FROM publishing_headrelation relation
    JOIN publishing_head head ON head.document_id = relation.target_id
    WHERE relation.source_id = %s AND (head.site_id = %s) IS TRUE AND {VISIBLE}
    ORDER BY place
"""
_OWN_AND_WRITTEN = f"""
    SELECT * FROM ({_OWN_TIES}) AS own
    UNION ALL
    SELECT * FROM (
        SELECT '{ARTICLE}' AS kind, '' AS note, head.document_id, head.type, head.title, head.slug, head.path, head.card,
               0 AS place
        FROM publishing_headrelation relation
        JOIN publishing_head head ON head.document_id = relation.source_id
        WHERE relation.target_id = %s AND relation.kind = 'author' AND relation.source_type = 'article'
              AND (head.site_id = %s) IS TRUE AND {VISIBLE}
        ORDER BY relation.source_published_at DESC, relation.source_id
        LIMIT {_MAX_ARTICLES}
    ) AS written
"""
_TIED = [Later("source"), Later("source_site"), _NOW]
_TIES_OF_ONE = statement_of(_OWN_TIES, _TIED)
_TIES_OF_PERSON = statement_of(_OWN_AND_WRITTEN, _TIED * 2)


def _ties_of_one(head: Recorded, moment: Any) -> Iterable[Tie]:
    asked = {"source": key_of(head.document_id), "source_site": head.site_id, _NOW: moment}
    rows = rows_of(_TIES_OF_PERSON if head.type == "person" else _TIES_OF_ONE, asked)
    return [_tie_of(row[:-1]) for row in rows]


def _tie_of(row: Any) -> Tie:
    kind, note, document_id, *target = row
    return Tie(kind, note, id_of(document_id), *target)


def titles_of(ids: Collection[str]) -> dict[str, str]:
    """The titles of those of these documents that are public, by id; one query, or none for no ids."""
    rows = visible().filter(document_id__in=ids).values_list("document_id", "title") if ids else ()
    return {str(key): title for key, title in rows}


class Excerpt(NamedTuple):
    """What a page of results takes from a document, as entry ``position`` recorded it; title and text only where asked for."""

    position: int
    type: str
    card: str
    title: str = ""
    text: str = ""


def texts_of(
    keys: Collection[Any], *, now: datetime.datetime | None = None
) -> tuple[dict[Any, Excerpt], datetime.datetime | None]:
    """What there is of those of these documents that are public, and when anything public last changed.

    ``keys`` are document ids as ``unread_id`` gives them. One query; where none is public no time is known.
    """
    return _excerpts(_excerpts_of("head.title, head.text"), keys, now)


def cards_of(
    keys: Collection[Any], *, now: datetime.datetime | None = None
) -> tuple[dict[Any, Excerpt], datetime.datetime | None]:
    """As ``texts_of``, without title and text, which are most of what a database has to read."""
    return _excerpts(_excerpts_of(""), keys, now)


def _excerpts(
    statement: Statement, keys: Collection[Any], now: datetime.datetime | None
) -> tuple[dict[Any, Excerpt], datetime.datetime | None]:
    rows = rows_of(statement, {"keys": many(keys), _NOW: moment_of(now)})
    return {row[0]: Excerpt(*row[2:]) for row in rows}, time_of(rows[0][1]) if rows else None


@lru_cache(maxsize=2)
def _excerpts_of(words: str) -> Statement:
    columns = ["head.position", "head.type", "head.card", *filter(None, [words])]
    sql = (
        f"SELECT {unread_id('head.document_id')}, {unread(NEWEST)}, {', '.join(columns)} FROM publishing_head head "
        f"WHERE {among('head.document_id', 'uuid')} AND {VISIBLE}"
    )
    return statement_of(sql, [Later("keys"), _NOW])


def was_public(**criteria: Any) -> bool:
    """Whether a document that matches was public once: such a path or id answers “gone” rather than “not found”."""
    return Entry.objects.filter(**criteria).exclude(kind="withdrawn").exists()


def last_public(*conditions: Any, **criteria: Any) -> uuid.UUID | None:
    """The document that was last public among entries that match; ``None`` when none ever was. It may be public still."""
    entries = Entry.objects.filter(*conditions, **criteria).exclude(kind="withdrawn").order_by("-position")
    return entries.values_list("document_id", flat=True).first()


def newest_entry_at() -> QuerySet[Entry, Any]:
    """When the public last saw anything change, as one value: for a query of its own or inside another one."""
    return Entry.objects.order_by("-position").values_list("at", flat=True)[:1]


def newest_at() -> datetime.datetime | None:
    """When the public last saw anything change; ``None`` when nothing was ever public. One query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NEWEST}")
        return time_of(cursor.fetchone()[0])


def expired_since(moment: datetime.datetime) -> bool:
    """Whether a page went out of sight after ``moment`` only because its time was over: no entry tells."""
    return Head.objects.filter(expires_at__gt=moment, expires_at__lte=timezone.now()).exists()


def moved_to(path: str, *, site_id: int) -> str | None:
    """Where the document that was last public at ``path`` can be read now; ``None`` when it cannot."""
    entry = Entry.objects.filter(path=path, site_id=site_id).exclude(kind="withdrawn").order_by("-position").first()
    if entry is None:
        return None
    return visible(site_id=site_id).filter(document_id=entry.document_id).values_list("path", flat=True).first()


def moment_of(now: datetime.datetime | None) -> Any:
    """``now`` (this moment by default) as the database compares it."""
    return connection.ops.adapt_datetimefield_value(now or timezone.now())


def unread(column: str) -> str:
    """``column`` (a time) as an expression whose value comes as the database keeps it, for ``time_of`` to read if needed.

    SQLite's times are texts, and each would be parsed in Python, twenty to a page of which one is used.
    """
    return column if connection.vendor == "postgresql" else f"CAST({column} AS text)"


def unread_id(column: str) -> str:
    """``column`` (a document id) as an expression whose value is a text, for ``id_of`` and ``uuid_of`` to read.

    PostgreSQL's would each be made an object: twenty to a page of which none is used.
    """
    return f"{column}::text" if connection.vendor == "postgresql" else column


def key_of(document_id: uuid.UUID) -> Any:
    """``document_id`` as the database keeps it."""
    return document_id if connection.features.has_native_uuid_field else document_id.hex


def uuid_of(value: Any) -> uuid.UUID:
    """A document id out of a row."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def id_of(value: Any) -> str:
    """A document id out of a row, as documents write it."""
    if isinstance(value, str):
        if "-" in value:
            return value
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return str(value)


def time_of(value: Any) -> datetime.datetime | None:
    """A time out of a row, aware and in UTC."""
    if isinstance(value, str):
        value = parse_datetime(value)
    return value.replace(tzinfo=datetime.UTC) if value and timezone.is_naive(value) else value


def _places(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))
