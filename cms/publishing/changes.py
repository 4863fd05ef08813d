"""What changed for the public of one site, in the order of the ledger: what consumers who keep a copy read.

A consumer applies changes in order: ``withdrawn`` removes a document, every other kind puts the one that is given in the
place of the one that was there. Whoever walks all that is public and then follows the delta holds what the API serves.

Two rules decide what the delta shows. A withdrawal is always told. Every other entry is told only while nothing has taken
its document out of sight since: what was withdrawn is not shown again, even if other words of that page are public now.
Leaving such an entry out loses nothing, because the entry that took the document out of sight comes later in the same
delta. The one case without such an entry is a page whose time is over and whose end the worker has not recorded yet:
its entry is left out at once, and the withdrawal follows when the worker records it, within seconds. Until then a consumer
that has the page keeps it, and one that has not never gets it.

For one site, a page that moved to another is withdrawn (``unpublished``) from the path that it had here.
"""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from cms.pages.document import digest_of
from cms.publishing import reading
from cms.publishing.models import Clock, Entry

# How much of a digest a seal keeps: enough that two histories never look alike. Unit: hexadecimal digits.
_SEAL_DIGITS = 16
# What is sealed: only what consumers are told, so that nothing hidden changes a cursor (the chain seals more).
_SEALED = ("position", "document_id", "kind", "path", "digest", "at")
_SHOWN = ("shown_kind", "reason", "type", "locale", "left_path", "release")


@dataclass(frozen=True)
class Standing:
    """A position, and which ledger it is a position of.

    Another run of the ledger has another ``epoch``. ``seal`` is of the entry at the position, with its microsecond: a
    ledger that was restored and went on otherwise has another one there, even when nobody named its epoch anew.
    """

    epoch: uuid.UUID
    position: int
    seal: str


@dataclass(frozen=True)
class Selection:
    """Which changes somebody follows: those of one site, narrowed by language, types and kinds (empty: all of them)."""

    site_id: int
    locale: str | None = None
    types: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One change as the public of one site sees it. Its document is that of the entry, read apart because it is large."""

    position: int
    kind: str
    reason: str
    document_id: uuid.UUID
    type: str
    locale: str
    path: str
    at: datetime.datetime
    release: str
    seal: str


def newest() -> Standing:
    """Where the ledger stands now; all entries up to there can be read, whoever writes at the same time."""
    epoch = Subquery(Clock.objects.filter(pk=1).values("epoch")[:1])
    newest_first = Entry.objects.order_by("-position").annotate(epoch=epoch).values_list("epoch", *_SEALED)
    row = newest_first.first()
    if row is None:
        return Standing(Clock.objects.values_list("epoch", flat=True).get(pk=1), 0, "")
    return Standing(row[0], row[1], _seal(row[1:]))


def standing_at(position: int, now: Standing) -> Standing | None:
    """Where the ledger that stands at ``now`` stood at ``position``; ``None`` for a position that it never had."""
    if position == now.position:
        return now
    if position == 0:
        return Standing(now.epoch, 0, "")
    row = Entry.objects.filter(position=position).values_list(*_SEALED).first()
    return None if row is None else Standing(now.epoch, position, _seal(row))


def walk(selection: Selection, *, after: int, until: int, limit: int) -> list[Change]:
    """Up to ``limit`` documents that are public now, by the position of their newest entry, as ``published``.

    Only those with ``after`` < position <= ``until``: a document that changes during the walk passes beyond ``until``, and
    comes in the delta from there. Empty when ``selection`` names kinds and ``published`` is none of them.
    """
    if selection.kinds and "published" not in selection.kinds:
        return []
    # Written so that no index on the site is used: it would find nearly every head, to be sorted by position for each page.
    on_site = reading.visible().annotate(on_site=F("site_id") + 0).filter(on_site=selection.site_id)
    heads = on_site.filter(position__gt=after, position__lte=until)
    if selection.locale is not None:
        heads = heads.filter(locale=selection.locale)
    if selection.types:
        heads = heads.filter(type__in=selection.types)
    positions = heads.order_by("position").values("position")[:limit]
    entries = Entry.objects.filter(position__in=positions)
    return _changes(entries.annotate(shown_kind=Value("published"), left_path=Value("")))


def delta(selection: Selection, *, after: int, until: int, limit: int, is_compact: bool = False) -> list[Change]:
    """Up to ``limit`` changes with ``after`` < position <= ``until``, in order.

    ``is_compact`` leaves only the newest of each document, of those that ``selection`` has and that come after ``after``.
    """
    entries = _shown(selection).filter(position__gt=after, position__lte=until)
    if is_compact:
        later = _shown(selection).filter(document_id=OuterRef("document_id"), position__gt=OuterRef("position"))
        entries = entries.filter(~Exists(later))
    return _changes(entries.order_by("position")[:limit])


def _shown(selection: Selection) -> QuerySet[Entry]:
    """The entries that the public of the site may be told of, with what they mean there."""
    site_id, same_document = selection.site_id, Entry.objects.filter(document_id=OuterRef("document_id")).order_by()
    # Where the document was on this site just before it went to another; empty when it was not here.
    was_here = Case(When(Q(site_id=site_id) & ~Q(kind="withdrawn"), then=F("path")), default=Value(""))
    before = same_document.filter(position__lt=OuterRef("position")).order_by("-position")
    left_path = Subquery(before.annotate(was_here=was_here).values("was_here")[:1])
    entries = Entry.objects.annotate(
        left_path=Case(When(site_id=site_id, then=Value("")), default=left_path),
        shown_kind=Case(When(site_id=site_id, then=F("kind")), default=Value("withdrawn")),
    ).filter(Q(site_id=site_id) | Q(left_path__gt=""))
    if selection.locale is not None:
        entries = entries.filter(locale=selection.locale)
    if selection.types:
        entries = entries.filter(type__in=selection.types)
    if selection.kinds:
        entries = entries.filter(shown_kind__in=selection.kinds)
    is_public = Exists(reading.visible(site_id=site_id).filter(document_id=OuterRef("document_id")))
    taken = Q(kind="withdrawn") | ~Q(site_id=site_id)
    is_taken_since = Exists(same_document.filter(taken, position__gt=OuterRef("position")))
    # What was erased by law has no document any more.
    has_document = Q(document__isnull=False) & ~Q(document="")
    return entries.filter(Q(shown_kind="withdrawn") | (Q(is_public) & ~Q(is_taken_since) & has_document))


def _changes(entries: QuerySet[Entry]) -> list[Change]:
    found = []
    for row in entries.values_list(*_SEALED, *_SHOWN):
        position, document_id, _kind, path, _digest, at, kind, reason, type_, locale, left_path, release = row
        if left_path:
            path, reason = left_path, "unpublished"
        found.append(Change(position, kind, reason, document_id, type_, locale, path, at, release, _seal(row[:6])))
    return found


def _seal(columns: Sequence[Any]) -> str:
    *rest, at = columns
    text = "|".join([*map(str, rest), at.astimezone(datetime.UTC).isoformat()])
    return digest_of(text.encode())[:_SEAL_DIGITS]
