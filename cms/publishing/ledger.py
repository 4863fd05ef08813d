"""The ledger's one door: every entry is appended here, and heads follow entries here.

Entries form a chain: each carries a digest of itself and of the entry before it, so that a changed or missing row shows.
"""

import datetime
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from wagtail import hooks
from wagtail.models import Page

from cms.pages.document import JSON, canonical_bytes, digest_of
from cms.pages.identity import document_id_from
from cms.pages.rendering import Dependency as Needed
from cms.pages.rendering import Rendered
from cms.pages.words import readable_text
from cms.publishing import card_references, tallies
from cms.publishing.models import Clock, Dependency, Entry, Head, HeadRelation
from cms.publishing.public_document import reference

GENESIS = "0" * 64
# Hooks for what is made from heads and follows them in the same transaction, such as the index of search, which the ledger does
# not know: called with a head and its ties, with the id of a document that is not public any more, and with nothing. The last one
# gives a context, in which all heads of one transaction are written.
HEAD_WRITTEN, HEAD_WITHDRAWN, HEADS_CLEARED = "head_written", "head_withdrawn", "heads_cleared"
HEADS_TOGETHER = "heads_together"
CARD_FIELDS = (
    "type",
    "locale",
    "slug",
    "path",
    "url",
    "title",
    "summary",
    "image",
    "published_at",
    "updated_at",
    "reviewed_at",
    "review_due",
    "reading_minutes",
)
PERSON_CARD_FIELDS = ("credentials", "role")
# Parts of a document whose words a reader may search for. Around the first match they are shown: so in the order in which they
# are read, what stands beside them anyway at the end.
SEARCHED = (
    "hero",
    "overview",
    "biography",
    "body",
    "symptoms",
    "causes",
    "risk_factors",
    "self_care",
    "when_to_seek_care",
    "what_to_expect",
    "course_of_treatment",
    "precautions",
    "preparation",
    "aftercare",
    "faqs",
    "role",
    "summary",
    "also_known_as",
)


@dataclass(frozen=True)
class Place:
    """Where a document belongs: its ids, type, language and site."""

    document_id: uuid.UUID
    page_id: int
    type: str
    locale: str
    site_id: int
    translation_key: uuid.UUID


@dataclass(frozen=True)
class Warrant:
    """Why a document may be public: the approvals that stand, or an override, and the revision that was approved."""

    content_digest: str
    approvals: list[dict[str, JSON]]
    override: dict[str, JSON] | None = None
    revision_id: int | None = None
    expires_at: datetime.datetime | None = None


def lock_clock() -> int:
    """Take the clock's lock, which is held until the transaction ends, and return the newest position."""
    clock = Clock.objects.select_for_update().filter(pk=1).first() or Clock.objects.create(pk=1)
    return clock.position


def begin_epoch() -> uuid.UUID:
    """Give this run of the ledger a new name, after a restore: whoever followed the one before has to start again."""
    epoch = uuid.uuid4()
    # The facts too: answers that were kept under position and facts carry the old name.
    Clock.objects.filter(pk=1).update(epoch=epoch, facts=F("facts") + 1)
    return epoch


def document_of(
    place: Place, rendered: Rendered, known: Mapping[int, uuid.UUID] = MappingProxyType({})
) -> dict[str, JSON]:
    """The whole public document with its ties to other documents as references: what the digest is taken of.

    ``known`` are document ids by primary key of the page; those that it lacks are asked for.
    """
    ids = {pk: str(document_id) for pk, document_id in known.items()}
    if missing := {tie.page_id for tie in rendered.relations} - ids.keys():
        rows = Page.objects.filter(pk__in=missing).values_list("pk", "translation_key", "locale__language_code")
        ids |= {pk: str(document_id_from(translation_key, language)) for pk, translation_key, language in rows}
    relations: list[JSON] = [
        {"kind": tie.kind, "id": ids[tie.page_id], "note": tie.note} for tie in rendered.relations if tie.page_id in ids
    ]
    return {"id": str(place.document_id), **rendered.document, "relations": relations}


def append_document(
    place: Place,
    document: dict[str, JSON],
    warrant: Warrant,
    *,
    kind: str,
    dependencies: frozenset[Needed] = frozenset(),
    actor_id: int | None,
    reason: str = "",
) -> Entry:
    """Record that the public now sees ``document``; ``kind`` is published, updated or moved."""
    body = canonical_bytes(document)
    entry = _append(
        Entry(
            kind=kind,
            reason=reason,
            path=str(document["path"]),
            document=body.decode(),
            digest=digest_of(body),
            content_digest=warrant.content_digest,
            revision_id=warrant.revision_id,
            approvals=warrant.approvals,
            override=warrant.override,
            expires_at=warrant.expires_at,
            dependencies=sorted([needed.kind, needed.object_id] for needed in dependencies),
            actor_id=actor_id,
        ),
        place,
    )
    write_head(entry)
    return entry


def append_withdrawal(head: Head, *, reason: str, actor_id: int | None) -> Entry:
    """Record that the public no longer sees ``head``; ``reason`` is unpublished, expired, deleted or restricted."""
    place = Place(head.document_id, head.page_id, head.type, head.locale, head.site_id, head.translation_key)
    entry = _append(Entry(kind="withdrawn", reason=reason, path=head.path, document=None, actor_id=actor_id), place)
    tallies.move(gone=tallies.recorded_keys(head.document_id), come=set())
    card_references.forget_those_naming(head.document_id)
    head.delete()
    for follow in hooks.get_hooks(HEAD_WITHDRAWN):
        follow(place.document_id)
    return entry


@contextmanager
def heads_together() -> Iterator[None]:
    """Write several heads inside: what follows them may do once, at the end, what it would do for each."""
    with ExitStack() as contexts:
        contexts.enter_context(tallies.together())
        for together in hooks.get_hooks(HEADS_TOGETHER):
            contexts.enter_context(together())
        yield


def history(document_id: uuid.UUID) -> list[Entry]:
    """Every entry of one document, oldest first; empty for a document that was never public."""
    return list(Entry.objects.filter(document_id=document_id).order_by("position"))


def chain_digest(previous: str, entry: Entry) -> str:
    """The link of ``entry`` in the chain: over the link before it and every column that must never change.

    The document itself is sealed through its digest, so that a lawful erasure can blank it and leave the chain whole.
    """
    sealed: dict[str, JSON] = {
        "previous": previous,
        "position": entry.position,
        "document_id": str(entry.document_id),
        "page_id": entry.page_id,
        "type": entry.type,
        "locale": entry.locale,
        "site_id": entry.site_id,
        "translation_key": str(entry.translation_key),
        "kind": entry.kind,
        "reason": entry.reason,
        "path": entry.path,
        "digest": entry.digest,
        "content_digest": entry.content_digest,
        "revision_id": entry.revision_id,
        "approvals": entry.approvals,
        "override": entry.override,
        "dependencies": entry.dependencies,
        "expires_at": entry.expires_at.astimezone(datetime.UTC).isoformat() if entry.expires_at else None,
        "release": entry.release,
        "actor_id": entry.actor_id,
        "at": entry.at.astimezone(datetime.UTC).isoformat(),
    }
    return digest_of(canonical_bytes(sealed))


def _append(entry: Entry, place: Place) -> Entry:
    if not connection.in_atomic_block:
        raise RuntimeError("An entry is appended inside the transaction of the change that it records.")
    entry.position, before = _next_place()
    entry.document_id = place.document_id
    entry.page_id = place.page_id
    entry.type = place.type
    entry.locale = place.locale
    entry.site_id = place.site_id
    entry.translation_key = place.translation_key
    entry.at = timezone.now()
    entry.chain = chain_digest(before or GENESIS, entry)
    entry.save(force_insert=True)
    return entry


def _next_place() -> tuple[int, str | None]:
    """Move the clock on by one: the position it has now, and the chain of the entry before, ``None`` when there is none."""
    # By hand: one statement, where the ORM takes three.
    sql = """
        UPDATE publishing_clock SET position = position + 1 WHERE id = 1
        RETURNING position, (SELECT chain FROM publishing_entry WHERE publishing_entry.position = publishing_clock.position - 1)
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)
        position, chain = cursor.fetchone()
    return position, chain


def write_head(entry: Entry) -> None:
    """Make the head show ``entry``: the columns that lists need, the card, the bytes, relations and dependencies.

    Everything comes out of the entry, so heads can be rebuilt from the ledger at any time.
    """
    # A path or a page row may have passed to another document; whoever held it before has its own entry about that.
    shown = Head.objects.filter(document_id=entry.document_id).values_list("reference", "site_id").first()
    gone = tallies.recorded_keys(entry.document_id) if shown else set()
    columns = head_columns(entry)
    head = Head(document_id=entry.document_id, **columns)
    # One statement, where asking first and then saving takes six.
    Head.objects.bulk_create([head], update_conflicts=True, unique_fields=["document_id"], update_fields=list(columns))
    card_references.forget(head)
    if shown != (head.reference, head.site_id):
        card_references.forget_those_naming(head.document_id)
    if shown:
        head.relations.all().delete()
        head.dependencies.all().delete()
    ties = ties_of(head, entry)
    HeadRelation.objects.bulk_create(ties)
    tallies.move(gone, tallies.keys_of(head, [(tie.kind, tie.target_id) for tie in ties]))
    Dependency.objects.bulk_create(
        Dependency(source=head, kind=kind, object_id=object_id) for kind, object_id in entry.dependencies
    )
    for follow in hooks.get_hooks(HEAD_WRITTEN):
        follow(head, ties)


def ties_of(head: Head, entry: Entry) -> list[HeadRelation]:
    """The ties of ``head`` that ``entry`` records, in their order; unsaved."""
    return [
        HeadRelation(
            source=head,
            kind=tie["kind"],
            target_id=uuid.UUID(tie["id"]),
            order=order,
            note=tie["note"],
            source_type=head.type,
            source_published_at=head.published_at,
        )
        for order, tie in enumerate(relations_in(entry))
    ]


def relations_in(entry: Entry) -> list[dict[str, str]]:
    """The ties of the document in ``entry``, in their order: kind, id of the other document, note."""
    return json.loads(entry.document or "{}").get("relations", [])


def head_columns(entry: Entry) -> dict[str, Any]:
    """Every column of the head that shows ``entry``, except its key."""
    document = json.loads(entry.document or "{}")
    relations = document.pop("relations")
    fields = CARD_FIELDS + (PERSON_CARD_FIELDS if entry.type == "person" else ())
    card = {"id": document["id"], **{name: document[name] for name in fields}}
    return {
        "page_id": entry.page_id,
        "site_id": entry.site_id,
        "locale": entry.locale,
        "type": entry.type,
        "slug": document["slug"],
        "path": document["path"],
        "title": document["title"],
        "published_at": _moment(document["published_at"]),
        "updated_at": _moment(document["updated_at"]),
        "reviewed_at": _moment(document["reviewed_at"]),
        "review_due": _moment(document["review_due"]),
        "expires_at": entry.expires_at,
        "translation_key": entry.translation_key,
        "parent_id": next((uuid.UUID(tie["id"]) for tie in reversed(relations) if tie["kind"] == "breadcrumb"), None),
        "position": entry.position,
        "digest": entry.digest,
        "content_digest": entry.content_digest,
        "revision_id": entry.revision_id,
        "approvals": entry.approvals,
        "override": entry.override,
        "reference": reference(document["id"], entry.type, document["slug"], document["title"], document["path"]),
        "card": json.dumps(card, ensure_ascii=False, separators=(",", ":")),
        "document": canonical_bytes(document).decode(),
        "text": text_of(document),
    }


def text_of(document: Mapping[str, JSON]) -> str:
    """The words of ``document`` that a reader may search for, as they are shown around a match."""
    return readable_text([document[name] for name in SEARCHED if name in document])


def _moment(text: Any) -> datetime.datetime | None:
    return parse_datetime(cast("str", text)) if text else None
