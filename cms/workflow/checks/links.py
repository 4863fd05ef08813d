"""Where a page leads: to pages of ours, to addresses outside, and whether readers arrive.

All of it is advice. A link to a page that is not public yet loses its address when it is rendered and gets it back by itself, and
two new pages that link to each other could never both be published if it blocked; a site outside may be down for a day. What
is known of addresses outside is what the link checker found: a check never sends a request.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urlsplit

from django.conf import settings
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.pages.references import Reference
from cms.pages.richtext import key_of
from cms.workflow.checks.sources import blocks_of, citations_in
from cms.workflow.checks.wording import Wording
from cms.workflow.link_records import ExternalAddress, LinkState, digest_of

# The longest address that is kept. Unit: characters.
MAX_ADDRESS_LENGTH = 2000
_LINK = re.compile(r"<a\b([^<>]{0,4000})>")
_ATTRIBUTE = re.compile(r'\b(linktype|id|href)="([^"]*)"')
_FIELDS = ("action_url", "booking_url")


@dataclass(frozen=True)
class Link:
    """One link: ``key`` of a page of ours, or an address as the editor wrote it; and where it stands."""

    key: int | None
    address: str
    field: str
    block_id: str = ""


def links(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A link should lead somewhere, and straight there. Source: WCAG 2.2, criterion 2.4.4; readers of old addresses."""
    found = list(links_of(page, wording))
    public = _public_among({link.key for link in found if link.key})
    known = _wrong_among(external_address(link.address) for link in found)
    for link in found:
        if link.key and link.key not in public:
            message = f"“{_title_of(link.key)}” is not public: readers see the words of this link without the link."
            yield Finding("link_not_public", message, field=link.field, block_id=link.block_id)
        elif path := _own_path(link.address):
            yield from _judge_path(path, link.field, link.block_id)
        elif outside := known.get(external_address(link.address)):
            yield _judge_outside(outside, link.field, link.block_id)
    yield from _dead_sources(page, wording)


def links_of(page: PublicPage, wording: list[Wording]) -> Iterator[Link]:
    """Every link of the page's texts and fields, in order; citations are none."""
    for piece in wording:
        for tag in _LINK.findall(piece.source) if piece.can_cite else ():
            attributes = dict(_ATTRIBUTE.findall(tag))
            if attributes.get("linktype") == "page":
                yield Link(key_of(attributes.get("id", "")), "", piece.field, piece.block_id)
            elif "linktype" not in attributes:
                yield Link(None, html.unescape(attributes.get("href", "")), piece.field, piece.block_id)
    for name, child in blocks_of(page):
        if child.block_type == "call_to_action":
            target: Any = child.value["page"]
            # The button leads to the page when one is chosen, whatever the address says.
            address = "" if target else child.value["url"] or ""
            yield Link(target.pk if target else None, address, name, str(child.id or ""))
        elif child.block_type == "embed" and child.value:
            yield Link(None, child.value.url, name, str(child.id or ""))
    for name in _FIELDS:
        yield Link(None, getattr(page, name, "") or "", name)
    yield Link(getattr(page, "action_page_id", None), "", "action_page")


def external_address(address: str) -> str:
    """``address`` as the link checker keeps it, without the place within the page; empty when it leads to no other site."""
    address = urldefrag(address.strip())[0] if len(address) <= MAX_ADDRESS_LENGTH else ""
    is_web = address.lower().startswith(("https://", "http://"))
    return address if is_web and not _is_ours(address) else ""


def addresses_of(reference: Reference) -> list[str]:
    """Where readers and the library find ``reference``: what readers are given, and an address on file beside it."""
    return [found for found in dict.fromkeys((reference.address(), reference.url)) if external_address(found)]


def _dead_sources(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    cited = citations_in(page, wording)
    sources = list(Reference.objects.filter(pk__in=cited)) if cited else []
    known = _wrong_among(external_address(source.address()) for source in sources)
    for source in sources:
        outside = known.get(external_address(source.address()))
        if outside and outside.state == LinkState.DEAD:
            field, block_id = cited[source.pk]
            message = (
                f"The address of the reference “{source.short_label}” is dead: {outside.address} has not been there since "
                f"{_day(outside)}. Mend it under References."
            )
            yield Finding("reference_dead", message, field=field, block_id=block_id)


def _wrong_among(addresses: Iterable[str]) -> dict[str, ExternalAddress]:
    """Those of ``addresses`` that are known to be dead or to lead elsewhere."""
    digests = {digest_of(address) for address in addresses if address}
    if not digests:
        return {}
    wrong = ExternalAddress.objects.filter(digest__in=digests, state__in=(LinkState.DEAD, LinkState.REDIRECTS))
    return {found.address: found for found in wrong}


def _judge_outside(outside: ExternalAddress, field: str, block_id: str) -> Finding:
    if outside.state == LinkState.DEAD:
        message = (
            f"This link is dead: {outside.address} has not been there since {_day(outside)}. Find another address."
        )
        return Finding("link_dead", message, field=field, block_id=block_id)
    message = f"{outside.address} has moved for good to {outside.redirects_to}. Link there directly."
    return Finding("link_redirects", message, field=field, block_id=block_id)


def _day(outside: ExternalAddress) -> str:
    return f"{outside.missing_since:%-d %B %Y}" if outside.missing_since else "the last look"


def _is_ours(address: str) -> bool:
    return f"{address}/".startswith(f"{settings.PUBLIC_BASE_URL}/")


def _own_path(address: str) -> str:
    """The path of an address on our own site, else nothing."""
    if address.startswith(f"{settings.PUBLIC_BASE_URL}/"):
        address = address.removeprefix(settings.PUBLIC_BASE_URL)
    return urlsplit(address).path if address.startswith("/") and not address.startswith("//") else ""


def _judge_path(path: str, field: str, block_id: str) -> Iterator[Finding]:
    redirect = Redirect.objects.filter(old_path=Redirect.normalise_path(path)).first()
    if redirect:
        message = f"“{path}” redirects to {redirect.link}. Link there directly."
        yield Finding("link_redirects", message, field=field, block_id=block_id)
        return
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None or path.startswith((settings.MEDIA_URL, settings.STATIC_URL, "/documents/", "/api/")):
        return
    url_path = f"{site.root_page.url_path.rstrip('/')}/{path.strip('/')}".rstrip("/") + "/"
    if not Page.objects.live().public().filter(url_path=url_path).exists():
        message = f"No public page is at “{path}”. Link to a page that readers can see."
        yield Finding("link_not_public", message, field=field, block_id=block_id)


def _public_among(keys: set[int]) -> set[int]:
    return set(Page.objects.live().public().filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()


def _title_of(key: int) -> str:
    return Page.objects.filter(pk=key).values_list("title", flat=True).first() or "A deleted page"
