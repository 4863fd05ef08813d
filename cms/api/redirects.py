"""Redirects that editors made by hand: where they lead, when the public may go there."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Q
from wagtail.contrib.redirects.models import Redirect

from cms.api import scope


@dataclass(frozen=True)
class Target:
    """Where a redirect leads: to a public document, or to an address."""

    document_id: UUID | None
    url: str
    is_permanent: bool


def target_of(path: str, site: str | None) -> Target | None:
    """Where editors send whoever asks for ``path`` on ``site`` (a hostname); ``None`` when nowhere that is public.

    At most two queries. A redirect of one site goes before one of all sites.
    """
    old_path = path.rstrip("/") or "/"
    on_site = Q(site__in=scope.sites_named(site)) | Q(site__isnull=True)
    redirect = Redirect.objects.filter(on_site, old_path=old_path).order_by("site_id").last()
    if redirect is None:
        return None
    if redirect.redirect_page_id:
        heads = scope.public_heads(site).filter(page_id=redirect.redirect_page_id)
        document_id = heads.values_list("document_id", flat=True).first()
        return Target(document_id, "", redirect.is_permanent) if document_id else None
    is_web = is_web_address(redirect.redirect_link)
    return Target(None, redirect.redirect_link, redirect.is_permanent) if is_web else None


def is_web_address(address: str) -> bool:
    """Whether ``address`` may be redirected to: nothing but a whole address of the web."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
