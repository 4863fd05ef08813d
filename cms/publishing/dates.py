"""The three dates of a document and the note on its last material change: where each of them comes from.

``published_at``: when the public first saw the page. ``updated_at``: when it first saw these words. ``reviewed_at``: when a
clinician last reviewed the whole page in these words. They are never mixed: a review moves no word, and a word is no review.
The first two and the note come from what the public saw last, which only the ledger knows; the third from the approvals.
"""

import datetime
import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.dateparse import parse_datetime

from cms.pages.document import JSON
from cms.pages.models import PublicPage
from cms.pages.rendering import MaterialChange
from cms.publishing.models import Entry, Head


@dataclass(frozen=True)
class Dates:
    """What a document says of its own past, besides its review; in the order of ``PublicPage.render``'s arguments."""

    published_at: datetime.datetime
    updated_at: datetime.datetime
    material_change: MaterialChange | None


@dataclass(frozen=True)
class Seen:
    """What the public saw of a page last: the digest of its words, and what the document said of its past."""

    content_digest: str
    published_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    material_change: MaterialChange | None


def dates_of(page: PublicPage, content_digest: str, seen: Seen | None, *, now: datetime.datetime) -> Dates:
    """The dates of ``page`` when it is shown at ``now`` with the words of ``content_digest``, after ``seen``.

    A page that was never seen has Wagtail's dates: it may have been live before there was a ledger. Words that come back, after
    a withdrawal for example, keep the day on which they were first seen, unless others were seen in between.
    """
    if seen is None:
        return Dates(page.first_published_at or now, page.last_published_at or now, None)
    published_at = seen.published_at or page.first_published_at or now
    if seen.content_digest == content_digest:
        return Dates(published_at, seen.updated_at or now, seen.material_change)
    return Dates(published_at, now, _material_change(page, seen.material_change, now))


def seen_in(content_digest: str, document: str) -> Seen:
    """What the public saw, out of a recorded document as JSON text."""
    recorded: dict[str, Any] = json.loads(document)
    change = recorded.get("material_change")
    at = parse_datetime(change["at"]) if change else None
    return Seen(
        content_digest,
        _moment(recorded["published_at"]),
        _moment(recorded["updated_at"]),
        MaterialChange(at, change["note"]) if change and at else None,
    )


def last_seen(document_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Seen]:
    """What the public saw last of each of these documents, public now or not, in two queries; never seen ones are left out."""
    heads = Head.objects.filter(document_id__in=document_ids).values_list("document_id", "content_digest", "document")
    found = {document_id: seen_in(digest, document) for document_id, digest, document in heads}
    return found | last_seen_of_withdrawn(set(document_ids) - found.keys())


def last_seen_of_withdrawn(document_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Seen]:
    """As ``last_seen``, for documents that have no head: out of their newest entry with a document, in one query."""
    if not document_ids:
        return {}
    shown = Entry.objects.filter(document_id__in=document_ids).exclude(kind="withdrawn")
    newest = shown.order_by().values("document_id").annotate(newest=Max("position")).values("newest")
    rows = Entry.objects.filter(position__in=newest).values_list("document_id", "content_digest", "document")
    # A document that was blanked by a lawful erasure tells nothing any more.
    return {document_id: seen_in(digest, document) for document_id, digest, document in rows if document}


def newest_of_each_stage(stages: Iterable[str], *given: Sequence[Mapping[str, JSON]]) -> list[dict[str, JSON]]:
    """Of recorded approvals of the same words the newest one of each stage, in the order of ``stages``.

    A review that was recorded stays recorded: a licence that ran out later, or a login that was closed, does not move
    ``reviewed_at`` back to an earlier one.
    """
    found: dict[str, dict[str, JSON]] = {}
    for approval in (one for approvals in given for one in approvals):
        stage = str(approval["stage"])
        if stage not in found or str(approval["at"]) >= str(found[stage]["at"]):
            found[stage] = dict(approval)
    return [found[stage] for stage in stages if stage in found]


def _material_change(page: PublicPage, before: MaterialChange | None, now: datetime.datetime) -> MaterialChange | None:
    """The note that ``page`` brings, dated ``now``; the one before when it brings none, or still carries that one."""
    note = page.change_note.strip()
    if not (page.is_material_change and note) or (before and before.note == note):
        return before
    return MaterialChange(now, note)


def _moment(text: str | None) -> datetime.datetime | None:
    return parse_datetime(text) if text else None
