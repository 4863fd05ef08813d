"""Completions for a search box: what a reader may mean who has typed so far.

A suggestion is the title of a public page, or another name of a condition, in which what was typed begins a word. They stand in
the index in the order of their letters, from each of their words on, so completing is one walk along it.
"""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from cms.publishing import reading
from search.folding import fold
from search.parsing import Typed, parse
from search.scopes import Known, expired_words, known, scopes_of, site_ids_of
from search.understanding import understand

MAX_SUGGESTIONS = 10
# Names that are looked at, of those that begin so and of those in which a later word does: one page may have several.
_LOOKED_AT = 40
# So many completions are kept for one version of the ledger. About 3 KB each.
_MAX_KEPT = 128


@dataclass(frozen=True)
class Suggestion:
    """One completion: the words to show, and the page that they name."""

    text: str
    type: str
    path: str
    document_id: uuid.UUID


class Suggested(NamedTuple):
    """Completions, the best first, and when anything public last changed; ``None`` where there are none."""

    items: tuple[Suggestion, ...] = ()
    newest_at: datetime.datetime | None = None


def suggestions(
    text: str, *, site: str | int | None, locale: str | None = None, types: Collection[str] = ()
) -> Suggested:
    """Up to ten completions of ``text``: what begins with it first, then by the alphabet.

    ``site`` is a hostname, a primary key, or ``None`` for the default site. Capitals and accents make no difference; where
    nothing begins so, errors are mended. Two queries, one when the same was asked at this version of the ledger; more where
    nothing begins so, none when there is no word in ``text``. Raises ``ValueError`` for more than ten words.
    """
    typed = parse(text)
    if not typed.words:
        return Suggested()
    at, now = known(), timezone.now()
    key = (typed.words, site, locale, tuple(types))
    if (kept := at.completed.get(key)) is not None:
        return kept
    found = _named(" ".join(typed.words), site, locale, types, now)
    if not found.items and (better := _mended(typed, at, site, locale, now)):
        found = _named(better, site, locale, types, now)
    # What time alone changes is asked for anew.
    if not at.has_expiring:
        at.completed[key] = found
        while len(at.completed) > _MAX_KEPT:
            at.completed.popitem(last=False)
    return found


def _named(
    beginning: str, site: str | int | None, locale: str | None, types: Collection[str], now: datetime.datetime
) -> Suggested:
    walks, values = [], []
    for later in (0, 1):
        sql, given = _walk(later, beginning, site, locale, types)
        walks.append(f"SELECT * FROM ({sql}) walk{later}")
        values += given
    sql = f"""
        SELECT name.later, name.rest, name.is_title, name.text, head.type, head.path, head.document_id,
            {reading.unread(reading.NEWEST)}
        FROM ({" UNION ALL ".join(walks)}) name
        JOIN search_indexeddocument known ON known.id = name.document
        JOIN publishing_head head ON head.document_id = known.document_id AND head.site_id = known.site_id AND {reading.VISIBLE}
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, reading.moment_of(now)])
        rows = cursor.fetchall()
    if not rows:
        return Suggested()
    by_document: dict[Any, tuple[Any, ...]] = {}
    for later, rest, is_title, text, kind, path, key, _newest_at in rows:
        # The title where it fits, else the first of the other names that fits best.
        row = (not is_title, later, rest, text, kind, path)
        if key not in by_document or row < by_document[key]:
            by_document[key] = row
    ranked = sorted(
        (later, fold(text), reading.id_of(key), text, kind, path)
        for key, (_other, later, _rest, text, kind, path) in by_document.items()
    )
    items = tuple(
        Suggestion(text, kind, path, uuid.UUID(document_id))
        for _later, _folded, document_id, text, kind, path in ranked[:MAX_SUGGESTIONS]
    )
    return Suggested(items, reading.time_of(rows[0][-1]))


def _walk(
    later: int, beginning: str, site: str | int | None, locale: str | None, types: Collection[str]
) -> tuple[str, list[Any]]:
    on_site, values = reading.on_site(site, leads=True)
    clauses = [on_site.replace("head.", ""), "later = %s", "rest >= %s", "rest < %s"]
    given: list[Any] = [*values, later, beginning, f"{beginning}\uffff"]
    if types:
        clauses.append(f"type IN ({', '.join(['%s'] * len(types))})")
        given += types
    if locale is not None:
        clauses.append("locale = %s")
        given.append(locale)
    sql = (
        "SELECT later, rest, is_title, text, document FROM search_name "
        f"WHERE {' AND '.join(clauses)} ORDER BY rest, id LIMIT {_LOOKED_AT}"
    )
    return sql, given


def _mended(typed: Typed, at: Known, site: str | int | None, locale: str | None, now: datetime.datetime) -> str | None:
    """What was typed with its errors mended, in the first language of the site that can."""
    whole = Typed(typed.words)
    for scope in scopes_of(at, site_ids_of(at, site), locale):
        better = understand(whole, scope, at.recent, expired_words(at, scope, now)).did_you_mean()
        if better is not None:
            return better
    return None
