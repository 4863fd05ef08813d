"""Compare pages with what the public sees of them, and append what differs."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from wagtail.models import Page, PageViewRestriction

from cms.pages.document import JSON, canonical_bytes, digest_of
from cms.pages.identity import document_id_from, document_id_of
from cms.pages.models import PublicPage
from cms.pages.rendering import Signature, time_of
from cms.publishing import ledger
from cms.publishing.models import Head
from cms.publishing.ties import with_known_ties
from cms.publishing.world import LedgerWorld
from cms.workflow import gate
from cms.workflow.models import Approval


@dataclass
class _Arrival:
    """A page that the public may see, with the warrant that lets it."""

    page: PublicPage
    head: Head | None
    warrant: ledger.Warrant


def reconcile(direct: set[int], indirect: set[int], *, actor_id: int | None) -> set[int]:
    """Append what changed for the public among these pages; primary keys of those whose public face changed.

    Raises ``GateBlocked`` for a page in ``direct`` that is live with content the gate does not admit.
    """
    keys = direct | indirect
    heads = {head.page_id: head for head in Head.objects.filter(page_id__in=keys)}
    live = set(Page.objects.filter(pk__in=keys, live=True).values_list("pk", flat=True))
    if not heads and not live:
        return set()
    ledger.lock_clock()
    # Once more under the lock: another transaction may have changed either side while this one waited.
    heads = {head.page_id: head for head in Head.objects.filter(page_id__in=keys)}
    pages = {page.pk: page for page in Page.objects.filter(pk__in=keys).select_related("locale").specific()}
    now = timezone.now()
    world = LedgerWorld()
    restricted = restricted_among(pages.values())
    arrivals: list[_Arrival] = []
    withdrawals: list[tuple[Head, str]] = []
    for key in sorted(keys):
        page, head = pages.get(key), heads.get(key)
        reason = _reason_hidden(page, key in restricted, world, now)
        if reason or not isinstance(page, PublicPage):
            if head:
                withdrawals.append((head, reason))
            continue
        arrival = _arrival(page, head, is_direct=key in direct)
        if arrival:
            arrivals.append(arrival)
        elif head and head.path != world.path_of(page):
            # Words that nobody admitted stand at another address now: what the public saw there can no longer be shown.
            withdrawals.append((head, "unpublished"))
    changed = set()
    for head, reason in withdrawals:
        changed.add(head.page_id)
        ledger.append_withdrawal(head, reason=reason, actor_id=actor_id)
    world = LedgerWorld(arriving={arrival.page.pk: arrival.page for arrival in arrivals}, leaving=set(changed))
    for arrival in arrivals:
        if _publish(arrival, world, actor_id=actor_id, now=now):
            changed.add(arrival.page.pk)
    return changed


def signatures_of(approvals: Iterable[dict[str, Any]]) -> tuple[Signature, ...]:
    """Recorded approvals as the document shows them: each signer by the page that is theirs now."""
    approvals = list(approvals)
    users = get_user_model().objects.filter(pk__in=[given["user_id"] for given in approvals])
    pages = dict(users.values_list("pk", "person_page"))
    return tuple(
        Signature(given["stage"], pages.get(given["user_id"]), parse_datetime(given["at"]) or timezone.now())
        for given in approvals
    )


def _arrival(page: PublicPage, head: Head | None, *, is_direct: bool) -> _Arrival | None:
    """``page`` with its warrant; ``None`` when it was touched only indirectly and its content is not admitted."""
    content_digest = page.content_digest()
    was_admitted = head is not None and head.content_digest == content_digest
    if is_direct or not was_admitted:
        decision = gate.decide(page)
        if decision.is_admitted:
            approvals = recorded(decision.approvals)
            warrant = ledger.Warrant(content_digest, approvals, None, page.live_revision_id, page.expire_at)
            return _Arrival(page, head, warrant)
        if is_direct and not was_admitted:
            raise gate.GateBlocked(page, decision)
    if head is None or not was_admitted:
        return None
    # The same words under the approvals that stand: a later doubt, such as a licence that ran out, takes nothing down.
    standing = ledger.Warrant(content_digest, head.approvals, head.override, head.revision_id, page.expire_at)
    return _Arrival(page, head, standing)


def recorded(approvals: Iterable[Approval]) -> list[dict[str, JSON]]:
    """Approvals as an entry keeps them; ``person`` is the document id of the approver's own page, empty without one."""
    given_by = list(approvals)
    people = Page.objects.filter(personpage__user__in=[given.user_id for given in given_by])
    rows = people.values_list("personpage__user_id", "translation_key", "locale__language_code")
    persons = {user: str(document_id_from(translation_key, language)) for user, translation_key, language in rows}
    return [
        {
            "stage": str(given.stage),
            "user_id": given.user_id,
            "person": persons.get(given.user_id, ""),
            "name": given.name,
            "credentials": given.credentials,
            "at": time_of(given.at),
        }
        for given in given_by
    ]


def _publish(arrival: _Arrival, world: LedgerWorld, *, actor_id: int | None, now: datetime.datetime) -> bool:
    """Render ``arrival`` and append it when the public would see a difference; whether its public face changed."""
    page, head, warrant = arrival.page, arrival.head, arrival.warrant
    has_same_words = head is not None and head.content_digest == warrant.content_digest
    updated_at = head.updated_at if head and has_same_words else page.last_published_at or now
    published_at = (head.published_at if head else None) or page.first_published_at or now
    rendered = page.render(
        world, signatures=signatures_of(warrant.approvals), published_at=published_at, updated_at=updated_at
    )
    rendered = with_known_ties(rendered, world.arriving)
    place = ledger.Place(
        document_id_of(page),
        page.pk,
        page.document_type,
        page.locale.language_code,
        world.site_of(page) or 0,
        page.translation_key,
    )
    document = ledger.document_of(place, rendered)
    # Other words can make the same document, when they differ in what is not shown: they were approved all the same.
    shown = (digest_of(canonical_bytes(document)), warrant.content_digest, warrant.expires_at, place.site_id)
    if head and (head.digest, head.content_digest, head.expires_at, head.site_id) == shown:
        return False
    kind = "published" if head is None else "moved" if head.path != document["path"] else "updated"
    ledger.append_document(place, document, warrant, kind=kind, dependencies=rendered.dependencies, actor_id=actor_id)
    return (
        head is None
        or (head.path, head.title, head.slug) != (document["path"], page.title, page.slug)
        or (page.document_type == "person")
    )


def _reason_hidden(page: Page | None, is_restricted: bool, world: LedgerWorld, now: datetime.datetime) -> str:
    """Why the public may not see ``page``; empty when it may, as far as Wagtail is asked."""
    if page is None:
        return "deleted"
    if page.expired or (page.expire_at and page.expire_at <= now):
        return "expired"
    is_too_early = page.go_live_at is not None and page.go_live_at > now
    if not page.live or is_too_early or world.site_of(page) is None:
        return "unpublished"
    return "restricted" if is_restricted else ""


def restricted_among(pages: Iterable[Page]) -> set[int]:
    """Primary keys of the pages that a restriction covers: their own, an ancestor's, or their alias source's."""
    paths = list(PageViewRestriction.objects.values_list("page__path", flat=True))
    if not paths:
        return set()
    found = set()
    for page in pages:
        chain = [page, *_alias_sources(page)]
        if any(link.path.startswith(path) for link in chain for path in paths) or _has_restricted_alias_ancestor(
            page, paths
        ):
            found.add(page.pk)
    return found


def _alias_sources(page: Page) -> list[Page]:
    sources: list[Page] = []
    while page.alias_of and page.alias_of not in sources:
        page = page.alias_of
        sources.append(page)
    return sources


def _has_restricted_alias_ancestor(page: Page, paths: list[str]) -> bool:
    aliases = page.get_ancestors().filter(alias_of__isnull=False).select_related("alias_of")
    return any(source.path.startswith(path) for alias in aliases for source in _alias_sources(alias) for path in paths)
