"""Proving the ledger: chain, heads, triggers and Wagtail's tree agree, or it is said where they do not."""

import uuid
from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone
from wagtail import hooks
from wagtail.models import Page

from cms.pages.document import digest_of
from cms.pages.models import PublicPage
from cms.publishing import capture, card_references, ledger, reconcile, tallies
from cms.publishing.models import Clock, Entry, Head
from cms.publishing.world import LedgerWorld
from cms.workflow import unconfirmed
from cms.workflow.models import Approval, Override

_TRIGGERS = {
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        {
            *("entry_refuses_update", "entry_refuses_delete", "entry_refuses_replace"),
            *("approval_refuses_update", "approval_refuses_delete", "approval_refuses_replace"),
            *("override_refuses_update", "override_refuses_delete", "override_refuses_replace"),
            *("overrideconfirmation_refuses_update", "overrideconfirmation_refuses_delete"),
            *("overrideconfirmation_refuses_replace", "overrideconfirmation_is_by_another"),
        },
    ),
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
        {
            *("entry_refuses_change", "entry_refuses_truncate", "approval_refuses_change", "approval_refuses_truncate"),
            *("override_refuses_change", "override_refuses_truncate", "overrideconfirmation_refuses_change"),
            *("overrideconfirmation_refuses_truncate", "overrideconfirmation_is_by_another"),
        },
    ),
}


def problems() -> Iterator[str]:
    """Everything that does not agree, one sentence each; nothing when the ledger is sound."""
    yield from _missing_triggers()
    yield from _broken_chain()
    yield from _changed_approvals()
    yield from _wrong_heads()
    yield from _wrong_tallies()
    yield from _wrong_references()
    yield from _unrecorded_pages()
    yield from _unconfirmed_overrides()


@transaction.atomic
def rebuild() -> int:
    """Make heads anew from the newest entry of each document, then compare every page again; the number of heads."""
    ledger.lock_clock()
    Head.objects.all().delete()
    for follow in hooks.get_hooks(ledger.HEADS_CLEARED):
        follow()
    newest: dict[object, Entry] = {}
    for entry in Entry.objects.order_by("position").iterator(chunk_size=500):
        newest[entry.document_id] = entry
    with ledger.heads_together():
        for entry in newest.values():
            if entry.kind != "withdrawn":
                ledger.write_head(entry)
    tallies.recount()
    capture.touch(everything=True)
    return Head.objects.count()


def _missing_triggers() -> Iterator[str]:
    query, wanted = _TRIGGERS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = {name for (name,) in cursor.fetchall()}
    for name in sorted(wanted - found):
        yield f"The trigger {name} is missing: rows that must never change could be changed."


def _broken_chain() -> Iterator[str]:
    previous, expected = ledger.GENESIS, 1
    for entry in Entry.objects.order_by("position").iterator(chunk_size=500):
        if entry.position != expected:
            yield f"Position {expected} is missing; the next entry is {entry.position}."
        if entry.chain != ledger.chain_digest(previous, entry):
            yield f"Entry {entry.position} or the one before it was changed: the chain does not hold."
        if entry.document is not None and digest_of(entry.document.encode()) != entry.digest:
            yield f"The document of entry {entry.position} is not the one that was recorded."
        previous, expected = entry.chain, entry.position + 1
    position = Clock.objects.values_list("position", flat=True).get(pk=1)
    if position != expected - 1:
        yield f"The clock stands at {position}, the newest entry at {expected - 1}."


def _wrong_heads() -> Iterator[str]:
    newest: dict[object, Entry] = {}
    for entry in Entry.objects.defer("document").order_by("position").iterator(chunk_size=500):
        newest[entry.document_id] = entry
    heads = {head.document_id: head for head in Head.objects.all().iterator(chunk_size=500)}
    for document_id, entry in newest.items():
        head = heads.pop(document_id, None)  # type: ignore[call-overload]
        if entry.kind == "withdrawn":
            if head is not None:
                yield f"{entry.path} was withdrawn at {entry.position}, but is still served."
        elif head is None:
            yield f"{entry.path} is public since {entry.position}, but has no head."
        elif head.position != entry.position:
            yield f"{entry.path} shows entry {head.position} instead of {entry.position}."
        else:
            for part in _different_parts(head):
                yield f"{entry.path} serves another {part} than entry {entry.position} recorded."
    for head in heads.values():
        yield f"{head.path} is served without any entry."


def _different_parts(head: Head) -> Iterator[str]:
    """Names of what ``head`` shows differently from its entry: columns, relations, dependencies."""
    entry = Entry.objects.get(position=head.position)
    if entry.document is None:
        return  # blanked since: there is nothing to compare with
    for name, recorded in ledger.head_columns(entry).items():
        if getattr(head, name) != recorded:
            yield name
    relations = [
        (tie["kind"], uuid.UUID(tie["id"]), tie["note"], head.type, head.published_at)
        for tie in ledger.relations_in(entry)
    ]
    columns = ("kind", "target_id", "note", "source_type", "source_published_at")
    if list(head.relations.values_list(*columns)) != relations:
        yield "list of relations"
    if sorted(head.dependencies.values_list("kind", "object_id")) != sorted(map(tuple, entry.dependencies)):
        yield "list of dependencies"


def _wrong_tallies() -> Iterator[str]:
    kept, counted = tallies.kept(), tallies.counted()
    for key in sorted(kept.keys() | counted.keys(), key=str):
        if kept[key] != counted[key]:
            tied = f" tied as {key.kind} to {key.target_id}" if key.kind else ""
            yield f"{kept[key]} pages of type {key.type}{tied} are counted where there are {counted[key]}."


def _wrong_references() -> Iterator[str]:
    wrong = card_references.wrong()
    for path in Head.objects.filter(pk__in=wrong).order_by("path").values_list("path", flat=True):
        yield f"{path} is listed with other related pages than are public."


def _changed_approvals() -> Iterator[str]:
    """Approvals and overrides whose words are not those that were signed."""
    for given in Approval.objects.order_by("pk").iterator(chunk_size=500):
        if digest_of(given.content.encode()) != given.content_digest:
            yield f"Approval {given.pk} keeps other words than were approved."
    for override in Override.objects.order_by("pk").iterator(chunk_size=500):
        if digest_of(override.content.encode()) != override.content_digest:
            yield f"Override {override.pk} keeps other words than were published."


def _unconfirmed_overrides() -> Iterator[str]:
    """Emergency publications that no second person confirmed in time. Advice: the words stay until somebody decides."""
    for override in unconfirmed.overdue(timezone.now()):
        yield f"Page {override.page_id} “{override.title}” was published in an emergency, and nobody confirmed it in time."


def _unrecorded_pages() -> Iterator[str]:
    """Where Wagtail's tree and the public's view differ. Advice: the public is served by heads."""
    heads = {head.page_id: head for head in Head.objects.only("page_id", "path", "content_digest")}
    live = Page.objects.filter(live=True, depth__gt=1)
    restricted = reconcile.restricted_among(live)
    for page in live.exclude(pk__in=heads.keys() | restricted):
        yield f"Page {page.pk} “{page.title}” is live in the admin, but was never admitted: the public does not see it."
    for page_id in sorted(heads.keys() - set(live.values_list("pk", flat=True))):
        yield f"Page {page_id} is public, but not live in the admin."
    world = LedgerWorld()
    for page in live.filter(pk__in=heads).select_related("locale").specific():
        head = heads[page.pk]
        if page.pk in restricted:
            yield f"Page {page.pk} “{page.title}” is public, but restricted in the admin."
        if world.path_of(page) != head.path:
            yield f"Page {page.pk} is public at {head.path}, but stands at {world.path_of(page)} in the admin."
        if isinstance(page, PublicPage) and page.content_digest() != head.content_digest:
            yield f"Page {page.pk} “{page.title}” has other words in the admin than the public sees."
