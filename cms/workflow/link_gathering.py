"""Finding out which addresses outside are used, and where: in drafts, in public words, by references, in settings of sites.

The worker does it a few pages at a time, those first that changed. Autosave rewrites revisions in place, so it is their time that
tells, not their number. A page is read again after a week in any case.
"""

import datetime
import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.pages.references import Reference
from cms.workflow import notifications, setting_links
from cms.workflow.checks.links import addresses_of, external_address, links_of
from cms.workflow.checks.sources import citations_in
from cms.workflow.checks.wording import wording_of
from cms.workflow.link_records import AddressUse, ExternalAddress, LinkHost, LinkReading, digest_of

logger = logging.getLogger("attest.links")

_READ_AGAIN = datetime.timedelta(days=7)
# Before anything was ever read.
_NEVER = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


class Use(NamedTuple):
    """An address in a page, and the reference that brought it there."""

    address: str
    reference_id: int | None


def gather(now: datetime.datetime, *, limit: int = 20) -> int:
    """Read the addresses of library and settings, and those of up to ``limit`` changed pages; how many pages were read."""
    _read_library(now)
    _read_settings(now)
    changed = Q(latest_revision_created_at__gt=F("link_reading__read_at")) | Q(
        last_published_at__gt=F("link_reading__read_at")
    )
    status = ~Q(live=F("link_reading__was_live"))
    old = Q(link_reading__read_at__lt=now - _READ_AGAIN)
    due = Page.objects.filter(Q(link_reading=None) | changed | status | old, depth__gt=1).order_by("pk")[:limit]
    pages = list(due.specific())
    for page in pages:
        _read_page(page, now)
    if pages:
        ExternalAddress.objects.filter(uses=None).delete()
    return len(pages)


def _read_page(page: Page, now: datetime.datetime) -> None:
    public: set[Use] = set()
    drafted: set[Use] = set()
    # An alias has the words of its original, where they are mended.
    if isinstance(page, PublicPage) and not page.alias_of_id:
        try:
            public = _uses_in(page) if page.live else set()
            drafted = _uses_in(page.get_latest_revision_as_object())
        except Exception:
            # Whatever is wrong with one page, the next ones have to be read.
            logger.exception("The links of page %s could not be read", page.pk)
    with transaction.atomic():
        LinkReading.objects.bulk_create(
            [LinkReading(page=page, read_at=_NEVER, was_live=page.live)],
            ignore_conflicts=True,
        )
        # Of two workers that read one page at a time, the second waits here, and then finds that it is done.
        mine = LinkReading.objects.filter(page=page, read_at__lt=now).update(read_at=now, was_live=page.live)
        if mine:
            _keep_page(page, drafted | public, public, now)


def _keep_page(page: Page, uses: set[Use], public: set[Use], now: datetime.datetime) -> None:
    keys = _kept({use.address for use in uses}, now)
    wanted = {(keys[use.address], use.reference_id, use in public) for use in uses}
    found = {(use.address_id, use.reference_id, use.is_public): use.pk for use in AddressUse.objects.filter(page=page)}
    AddressUse.objects.filter(pk__in=[pk for key, pk in found.items() if key not in wanted]).delete()
    AddressUse.objects.bulk_create(
        AddressUse(address_id=address_id, reference_id=reference_id, is_public=is_public, page=page)
        for address_id, reference_id, is_public in wanted - set(found)
    )


def _uses_in(page: PublicPage) -> set[Use]:
    wording = wording_of(page)
    own = {Use(external_address(link.address), None) for link in links_of(page, wording)}
    cited = Reference.objects.filter(pk__in=citations_in(page, wording))
    sources = {Use(external_address(text), source.pk) for source in cited for text in addresses_of(source)}
    return {use for use in own | sources if use.address and _host_of(use.address)}


def _read_library(now: datetime.datetime) -> None:
    """Every reference's addresses as they are now; whoever cites it follows a changed one at once."""
    uses: dict[int, dict[tuple[str, int | None], AddressUse]] = defaultdict(dict)
    for use in AddressUse.objects.exclude(reference=None).select_related("address"):
        uses[use.reference_id or 0][use.address.address, use.page_id] = use
    for reference in Reference.objects.all():
        found = uses[reference.pk]
        public = {page_id: use.is_public for (_address, page_id), use in found.items()}
        addresses = {text for raw in addresses_of(reference) if _host_of(text := external_address(raw))}
        wanted = {(text, page_id) for text in addresses for page_id in {None, *public}}
        if wanted == set(found):
            continue
        with transaction.atomic():
            keys = _kept(addresses, now)
            AddressUse.objects.filter(pk__in=[use.pk for key, use in found.items() if key not in wanted]).delete()
            AddressUse.objects.bulk_create(
                AddressUse(
                    address_id=keys[text],
                    page_id=page_id,
                    reference=reference,
                    is_public=public.get(page_id, False),
                )
                for text, page_id in sorted(wanted - set(found), key=str)
            )


def _read_settings(now: datetime.datetime) -> None:
    """The addresses in the settings of sites as they are now; they are public as soon as they are saved."""
    wanted = {(text, key) for raw, key in setting_links.read() if _host_of(text := external_address(raw))}
    uses = AddressUse.objects.exclude(setting="").select_related("address")
    found = {(use.address.address, use.setting): use.pk for use in uses}
    if wanted == set(found):
        return
    with transaction.atomic():
        keys = _kept({text for text, _key in wanted}, now)
        AddressUse.objects.filter(pk__in=[pk for use, pk in found.items() if use not in wanted]).delete()
        AddressUse.objects.bulk_create(
            AddressUse(address_id=keys[text], setting=key, is_public=True) for text, key in sorted(wanted - set(found))
        )


def tell_of_sources() -> int:
    """Tell owners of pages that cite a retracted or superseded source, once for each source and reason.

    Returns how many pages were told of now.
    """
    gone = Q(reference__is_retracted=True)
    newer = Q(reference__superseded_by__isnull=False) | ~Q(reference__superseded_note="")
    uses = AddressUse.objects.filter(gone | newer, page__isnull=False, reference__isnull=False)
    keys: dict[str, int] = {}
    for use in uses.select_related("reference").order_by("pk"):
        if use.reference and use.page_id:
            reason = "retracted" if use.reference.is_retracted else "superseded"
            keys[f"source:{use.reference_id}:{reason}:{use.page_id}"] = use.page_id
    return notifications.tell_of_sources(keys)


def _kept(addresses: Iterable[str], now: datetime.datetime) -> dict[str, int]:
    """The rows of these addresses, made where there are none; keys by address."""
    digests = {digest_of(address): address for address in addresses}
    LinkHost.objects.bulk_create(
        [LinkHost(host=host, free_at=now) for host in {_host_of(address) for address in digests.values()}],
        ignore_conflicts=True,
    )
    ExternalAddress.objects.bulk_create(
        [
            ExternalAddress(digest=digest, address=address, host_id=_host_of(address), ask_at=now)
            for digest, address in digests.items()
        ],
        ignore_conflicts=True,
    )
    rows = ExternalAddress.objects.filter(digest__in=digests).values_list("address", "pk")
    return dict(rows)


def _host_of(address: str) -> str:
    """The host that is asked, in lower case; nothing for what is no address."""
    try:
        return (urlsplit(address).hostname or "")[:255]
    except ValueError:
        return ""
