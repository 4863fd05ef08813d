"""A public document as it is written out: the recorded bytes, and the cards of related pages joined to them as bytes."""

import datetime
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring as quoted
from typing import Any

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
# The kind of tie under which a person's articles come: those that name the person as author, found from the other end.
ARTICLE = "article"


@dataclass(frozen=True)
class Tie:
    """One relation of a document to another that is public now, with that one's card."""

    kind: str
    note: str
    document_id: str
    type: str
    title: str
    slug: str
    path: str
    card: str


@dataclass(frozen=True)
class Recorded:
    """What the ledger recorded of a document: where it stands, why it may be public, and its bytes without relations."""

    document_id: uuid.UUID
    type: str
    site_id: int
    position: int
    digest: str
    revision_id: int | None
    approvals: list[dict[str, Any]]
    override: dict[str, Any] | None
    document: str
    newest_at: datetime.datetime | None = None


@dataclass(frozen=True)
class PublicDocument:
    """A recorded document with everything that is joined to it, ready to be written out."""

    head: Recorded
    ties: tuple[Tie, ...] = field(default=())

    def as_json(self) -> str:
        """The whole document as JSON text, composed from recorded texts without parsing them."""
        head = self.head
        parts = [f'"{name}":[{",".join(cards)}]' for name, cards in self._related_cards().items()]
        if head.type == "person":
            articles = [tie.card for tie in self.ties if tie.kind == ARTICLE]
            parts.append(f'"articles":[{",".join(articles)}]')
        if head.type == "condition":
            treatments = [
                f'{{"service":{tie.card},"evidence":{_json(tie.note)}}}' for tie in self.ties if tie.kind == "treatment"
            ]
            parts.append(f'"treatments":[{",".join(treatments)}]')
        crumbs = [short_reference(tie) for tie in self.ties if tie.kind == "breadcrumb"]
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
        signers = {tie.document_id: json.loads(tie.card) for tie in self.ties if tie.kind == "signer"}
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


def short_reference(tie: Tie) -> str:
    """A related page in the short form that lists and breadcrumbs use, as JSON text."""
    return reference(tie.document_id, tie.type, tie.slug, tie.title, tie.path)


def reference(document_id: str, page_type: str, slug: str, title: str, path: str) -> str:
    """A page in the short form, out of its parts."""
    return (
        f'{{"id":"{document_id}","type":"{page_type}","slug":{quoted(slug)},"title":{quoted(title)},'
        f'"path":{quoted(path)}}}'
    )


def written_references(by_kind: Mapping[str, Iterable[str]]) -> str:
    """The references that lists show, out of their JSON texts by kind: what follows the last field of a card."""
    return ",".join(f'"{name}":[{",".join(by_kind[kind])}]' for kind, name in CARD_RELATIONS.items()) + "}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
