"""Compare pages with what the public sees of them, and append what differs."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from modelcluster.fields import ParentalKey
from modelcluster.models import get_all_child_relations
from wagtail.models import Page, PageViewRestriction

from cms.pages.document import JSON, canonical_bytes, digest_of
from cms.pages.identity import document_id_from, document_id_of
from cms.pages.models import PublicPage
from cms.pages.rendering import Signature, time_of
from cms.publishing import dates, ledger
from cms.publishing.gathering import gather
from cms.publishing.models import Head
from cms.publishing.ties import with_known_ties
from cms.publishing.world import LedgerWorld
from cms.workflow import gate
from cms.workflow.models import Approval, Override


@dataclass
class _Candidate:
    """A live page, what the public sees of it, and the digest of the words that it has now."""

    page: PublicPage
    head: Head | None
    content_digest: str
    is_direct: bool

    def was_admitted(self) -> bool:
        """Whether the public sees these very words already."""
        return self.head is not None and self.head.content_digest == self.content_digest


@dataclass
class _Arrival:
    """A page that the public may see, with the warrant that lets it."""

    page: PublicPage
    head: Head | None
    warrant: ledger.Warrant


def reconcile(
    direct: set[int], indirect: set[int], *, actor_id: int | None, gathered: dict[int, Page] | None = None
) -> set[int]:
    """Append what changed for the public among these pages; primary keys of those whose public face changed.

    The pages that were read for it are left in ``gathered``, by primary key, for whoever needs them too.
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
    pages = gather(keys)
    if gathered is not None:
        gathered.update(pages)
    now = timezone.now()
    world = LedgerWorld()
    restricted = restricted_among(pages.values())
    candidates: list[_Candidate] = []
    withdrawals: list[tuple[Head, str]] = []
    for key in sorted(keys):
        page, head = pages.get(key), heads.get(key)
        reason = _reason_hidden(page, key in restricted, world, now)
        if not reason and isinstance(page, PublicPage):
            candidates.append(_Candidate(page, head, page.content_digest(), is_direct=key in direct))
        elif head:
            withdrawals.append((head, reason))
    arrivals: list[_Arrival] = []
    for candidate, warrant in zip(candidates, _warrants(candidates), strict=True):
        page, head = candidate.page, candidate.head
        if warrant:
            arrivals.append(_Arrival(page, head, warrant))
        elif head and head.path != world.path_of(page):
            # Words that nobody admitted stand at another address now: what the public saw there can no longer be shown.
            withdrawals.append((head, "unpublished"))
    with ledger.heads_together():
        return _append(arrivals, withdrawals, now=now, actor_id=actor_id)


def _append(
    arrivals: list[_Arrival], withdrawals: list[tuple[Head, str]], *, now: datetime.datetime, actor_id: int | None
) -> set[int]:
    """Append what leaves, then what comes; primary keys of the pages whose public face changed."""
    changed = set()
    for leaving, reason in withdrawals:
        changed.add(leaving.page_id)
        ledger.append_withdrawal(leaving, reason=reason, actor_id=actor_id)
    world = LedgerWorld(arriving={arrival.page.pk: arrival.page for arrival in arrivals}, leaving=set(changed))
    person_pages = _person_pages(arrivals)
    world.expect(_pages_shown(arrivals, person_pages))
    returning = dates.last_seen_of_withdrawn([document_id_of(one.page) for one in arrivals if one.head is None])
    for arrival in arrivals:
        page, head = arrival.page, arrival.head
        seen = dates.seen_in(head.content_digest, head.document) if head else returning.get(document_id_of(page))
        its_dates = dates.dates_of(page, arrival.warrant.content_digest, seen, now=now)
        signatures = signatures_of(arrival.warrant.approvals, person_pages)
        if _publish(arrival, world, signatures, its_dates, actor_id=actor_id):
            changed.add(arrival.page.pk)
    return changed


def signatures_of(
    approvals: Iterable[dict[str, Any]], person_pages: Mapping[int, int] | None = None
) -> tuple[Signature, ...]:
    """Recorded approvals as the document shows them: each signer by the page that is theirs now.

    ``person_pages`` are primary keys of pages by user; without it they are asked for.
    """
    given_by = list(approvals)
    pages = _pages_of(given["user_id"] for given in given_by) if person_pages is None else person_pages
    return tuple(
        Signature(given["stage"], pages.get(given["user_id"]), parse_datetime(given["at"]) or timezone.now())
        for given in given_by
    )


def _person_pages(arrivals: Iterable[_Arrival]) -> dict[int, int]:
    """The page of each person who signed one of ``arrivals``, by their user."""
    return _pages_of(cast("int", given["user_id"]) for arrival in arrivals for given in arrival.warrant.approvals)


def _pages_of(users: Iterable[int]) -> dict[int, int]:
    found = get_user_model().objects.filter(pk__in=set(users), person_page__isnull=False)
    return dict(found.values_list("pk", "person_page"))


def _pages_shown(arrivals: Iterable[_Arrival], person_pages: Mapping[int, int]) -> set[int]:
    """Pages that the documents of ``arrivals`` will name: of those who signed them, and what editors tied them to."""
    found = set(person_pages.values())
    for arrival in arrivals:
        for relation in get_all_child_relations(type(arrival.page)):
            for name in _targets_of(relation.related_model):
                found.update(getattr(link, name) for link in getattr(arrival.page, relation.get_accessor_name()).all())
    return found - {None}


def _targets_of(model: type[Model]) -> list[str]:
    """Names of the columns by which rows of ``model`` point to pages, besides the one they belong to."""
    fields = [
        field for field in model._meta.concrete_fields if field.related_model and not isinstance(field, ParentalKey)
    ]
    return [field.attname for field in fields if issubclass(field.related_model, Page)]  # type: ignore[arg-type]  # no text: models are loaded


def _warrants(candidates: list[_Candidate]) -> list[ledger.Warrant | None]:
    """Why each of ``candidates`` may be public; ``None`` for one touched only indirectly whose content is not admitted."""
    judged = [candidate for candidate in candidates if candidate.is_direct or not candidate.was_admitted()]
    decisions = gate.decide_each((candidate.page, candidate.content_digest) for candidate in judged)
    by_page = {candidate.page.pk: decision for candidate, decision in zip(judged, decisions, strict=True)}
    persons = _persons_of(given.user_id for decision in decisions for given in decision.approvals)
    return [_warrant(candidate, by_page.get(candidate.page.pk), persons) for candidate in candidates]


def _warrant(
    candidate: _Candidate, decision: gate.Decision | None, persons: Mapping[int, str]
) -> ledger.Warrant | None:
    page, head, content_digest = candidate.page, candidate.head, candidate.content_digest
    approvals = recorded(decision.approvals, persons) if decision else []
    if head and candidate.was_admitted():
        approvals = dates.newest_of_each_stage(page.required_stages, head.approvals, approvals)
    if decision is not None and decision.is_admitted:
        override = recorded_override(decision.override)
        return ledger.Warrant(content_digest, approvals, override, page.live_revision_id, page.expire_at)
    if decision is not None and candidate.is_direct and not candidate.was_admitted():
        raise gate.GateBlocked(page, decision)
    if head is None or not candidate.was_admitted():
        return None
    # The same words under the approvals that stand: a later doubt, such as a licence that ran out, takes nothing down.
    return ledger.Warrant(content_digest, approvals, head.override, head.revision_id, page.expire_at)


def _persons_of(users: Iterable[int]) -> dict[int, str]:
    """The document id of each user's own page, by user; users without one are left out."""
    people = Page.objects.filter(personpage__user__in=set(users))
    rows = people.values_list("personpage__user_id", "translation_key", "locale__language_code")
    return {user: str(document_id_from(translation_key, language)) for user, translation_key, language in rows}


def recorded(approvals: Iterable[Approval], persons: Mapping[int, str] | None = None) -> list[dict[str, JSON]]:
    """Approvals as an entry keeps them; ``person`` is the document id of the approver's own page, empty without one.

    ``persons`` are those ids by user; without it they are asked for.
    """
    given_by = list(approvals)
    ids = _persons_of(given.user_id for given in given_by) if persons is None else persons
    return [
        {
            "stage": str(given.stage),
            "user_id": given.user_id,
            "person": ids.get(given.user_id, ""),
            "name": given.name,
            "credentials": given.credentials,
            "at": time_of(given.at),
        }
        for given in given_by
    ]


def recorded_override(given: Override | None) -> dict[str, JSON] | None:
    """An override as an entry keeps it, with its confirmation once there is one. The public sees its reason and time only."""
    if given is None:
        return None
    confirmation = getattr(given, "confirmation", None)
    return {
        "id": given.pk,
        "reason": given.reason,
        "at": time_of(given.at),
        "user_id": given.user_id,
        "name": given.name,
        "confirmed_by": confirmation.user_id if confirmation else None,
        "confirmed_name": confirmation.name if confirmation else "",
        "confirmed_at": time_of(confirmation.at) if confirmation else None,
    }


def _publish(
    arrival: _Arrival,
    world: LedgerWorld,
    signatures: tuple[Signature, ...],
    its_dates: dates.Dates,
    *,
    actor_id: int | None,
) -> bool:
    """Render ``arrival`` and append it when the public would see a difference; whether its public face changed."""
    page, head, warrant = arrival.page, arrival.head, arrival.warrant
    rendered = page.render(
        world,
        signatures=signatures,
        published_at=its_dates.published_at,
        updated_at=its_dates.updated_at,
        material_change=its_dates.material_change,
    )
    known = world.ids_of(tie.page_id for tie in rendered.relations)
    rendered = with_known_ties(rendered, known.keys() | world.arriving.keys())
    place = ledger.Place(
        document_id_of(page),
        page.pk,
        page.document_type,
        page.locale.language_code,
        world.site_of(page) or 0,
        page.translation_key,
    )
    document = ledger.document_of(place, rendered, known)
    # Other words can make the same document, when they differ in what is not shown: they were approved all the same.
    shown = (digest_of(canonical_bytes(document)), warrant.content_digest, warrant.expires_at, place.site_id)
    is_shown = head is not None and (head.digest, head.content_digest, head.expires_at, head.site_id) == shown
    # The same document under another warrant is told too: an override that was confirmed, or that approvals replaced.
    if is_shown and head is not None and head.override == warrant.override:
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
