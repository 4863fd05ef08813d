"""Reading what is public. Every route that shows content to the public comes through here, and nothing else does.

``visible`` is the one rule of what the public may see. Time windows are judged here, when something is read, so that a page
past its expiry is gone even while no worker runs. Documents are served as the bytes that were recorded; the cards of
related pages are joined as bytes too, and only pages that are public are joined.
"""

import datetime
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from cms.publishing.models import Entry, Head

# Relations that a document shows, by the kind in the table: the name in the document.
DOCUMENT_RELATIONS = {
    "author": "authors",
    "reviewer": "reviewers",
    "related": "related",
    "topic": "topics",
    "condition": "conditions",
    "service": "services",
    "provider": "providers",
    "featured": "featured",
}
# Which of them each type of document has, besides those that every document has.
COMMON_RELATIONS = ("authors", "reviewers", "related")
TYPE_RELATIONS: dict[str, tuple[str, ...]] = {
    "home": ("featured",),
    "article": ("topics", "conditions", "services"),
    "condition": ("topics",),
    "service": ("providers", "conditions", "topics"),
    "person": ("services",),
}
# Relations that cards show in lists, as short references.
CARD_RELATIONS = {"author": "authors", "condition": "conditions", "service": "services", "topic": "topics"}


@dataclass(frozen=True)
class Tie:
    """One relation of a document to another that is public now, with that one's card."""

    kind: str
    note: str
    document_id: uuid.UUID
    type: str
    title: str
    slug: str
    path: str
    card: str


@dataclass(frozen=True)
class PublicDocument:
    """A head with everything that is joined to it, ready to be written out."""

    head: Head
    ties: tuple[Tie, ...] = field(default=())
    articles: tuple[str, ...] = field(default=())

    def as_json(self) -> str:
        """The whole document as JSON text, composed from recorded texts without parsing them."""
        head = self.head
        parts = [f'"{name}":[{",".join(cards)}]' for name, cards in self._related_cards().items()]
        if head.type == "person":
            parts.append(f'"articles":[{",".join(self.articles)}]')
        if head.type == "condition":
            treatments = [
                f'{{"service":{tie.card},"evidence":{_json(tie.note)}}}' for tie in self.ties if tie.kind == "treatment"
            ]
            parts.append(f'"treatments":[{",".join(treatments)}]')
        crumbs = [_json(short_reference(tie)) for tie in self.ties if tie.kind == "breadcrumb"]
        translations = [tie.card for tie in self.ties if tie.kind == "translation"]
        parts.append(f'"breadcrumbs":[{",".join(crumbs)}]')
        parts.append(f'"translations":[{",".join(translations)}]')
        parts.append(f'"attestation":{_json(self.attestation())}')
        return f"{head.document[:-1]},{','.join(parts)}}}"

    def as_dict(self) -> dict[str, Any]:
        """The document as plain values, for templates."""
        return json.loads(self.as_json())

    def attestation(self) -> dict[str, Any]:
        """Why the public may see this: where it stands in the ledger, and who approved it.

        A person is named only while a page of theirs is public: names on file are for colleagues.
        """
        signers = {str(tie.document_id): json.loads(tie.card) for tie in self.ties if tie.kind == "signer"}
        approvals = []
        for given in self.head.approvals:
            person = signers.get(given.get("person", ""))
            approvals.append(
                {
                    "stage": given["stage"],
                    "name": person["title"] if person else None,
                    "credentials": (given["credentials"] or None) if person else None,
                    "at": given["at"],
                }
            )
        override = self.head.override
        return {
            "position": self.head.position,
            "digest": self.head.digest,
            "revision": self.head.revision_id,
            "approvals": approvals,
            "override": {"reason": override["reason"], "at": override["at"]} if override else None,
        }

    def _related_cards(self) -> dict[str, list[str]]:
        names = (*COMMON_RELATIONS, *TYPE_RELATIONS.get(self.head.type, ()))
        cards: dict[str, list[str]] = {name: [] for name in names}
        for tie in self.ties:
            name = DOCUMENT_RELATIONS.get(tie.kind)
            if name in cards:
                cards[name].append(tie.card)
        return cards


def visible(now: datetime.datetime | None = None, *, site_id: int | None = None) -> QuerySet[Head]:
    """Heads that the public may see at ``now`` (by default this moment), on one site when ``site_id`` is given."""
    moment = now or timezone.now()
    heads = Head.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=moment))
    return heads if site_id is None else heads.filter(site_id=site_id)


def document(heads: QuerySet[Head], now: datetime.datetime | None = None) -> PublicDocument | None:
    """The first of ``heads`` with its relations joined, in two queries (three for a person); ``None`` for no head."""
    head = heads.first()
    if head is None:
        return None
    ties = ties_of([head.document_id], now=now)[head.document_id]
    articles: tuple[str, ...] = ()
    if head.type == "person":
        written = visible(now).filter(type="article", relations__kind="author", relations__target_id=head.document_id)
        articles = tuple(written.order_by("-published_at", "document_id").values_list("card", flat=True)[:100])
    return PublicDocument(head, tuple(ties), articles)


def ties_of(
    sources: Iterable[uuid.UUID], *, kinds: Iterable[str] = (), now: datetime.datetime | None = None
) -> dict[uuid.UUID, list[Tie]]:
    """Relations of each source to pages that are public at ``now``, in their order; one query for all of them."""
    found: dict[uuid.UUID, list[Tie]] = {source: [] for source in sources}
    if not found:
        return found
    # Written by hand because the join goes over a document id that need not exist: the ORM joins over keys that do.
    keys = [_key(source) for source in found]
    wanted = list(kinds)
    kind_clause = f"AND relation.kind IN ({_places(wanted)})" if wanted else ""
    sql = f"""
        SELECT relation.source_id, relation.kind, relation.note,
               head.document_id, head.type, head.title, head.slug, head.path, head.card
        FROM publishing_headrelation relation
        JOIN publishing_head head ON head.document_id = relation.target_id
        WHERE relation.source_id IN ({_places(keys)}) {kind_clause}
          AND (head.expires_at IS NULL OR head.expires_at > %s)
        ORDER BY relation.source_id, relation."order"
    """  # noqa: S608 - only placeholders are put in, never values
    moment = connection.ops.adapt_datetimefield_value(now or timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(sql, [*keys, *wanted, moment])
        for source, kind, note, *target in cursor.fetchall():
            document_id, *rest = target
            found[_uuid(source)].append(Tie(kind, note, _uuid(document_id), *rest))
    return found


def short_reference(tie: Tie) -> dict[str, str]:
    """A related page in the short form that lists and breadcrumbs use."""
    return {
        "id": str(tie.document_id),
        "type": tie.type,
        "slug": tie.slug,
        "title": tie.title,
        "path": tie.path,
    }


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


def expired_since(moment: datetime.datetime) -> bool:
    """Whether a page went out of sight after ``moment`` only because its time was over: no entry tells."""
    return Head.objects.filter(expires_at__gt=moment, expires_at__lte=timezone.now()).exists()


def moved_to(path: str, *, site_id: int) -> str | None:
    """Where the document that was last public at ``path`` can be read now; ``None`` when it cannot."""
    entry = Entry.objects.filter(path=path, site_id=site_id).exclude(kind="withdrawn").order_by("-position").first()
    if entry is None:
        return None
    return visible(site_id=site_id).filter(document_id=entry.document_id).values_list("path", flat=True).first()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _places(values: list[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _key(value: uuid.UUID) -> Any:
    return value if connection.features.has_native_uuid_field else value.hex


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
