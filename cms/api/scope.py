"""Which documents a request can see at all: those that are public, on one site, in one language when it is named.

Documents and lists are read by hand (``reading.document``, ``lists.page``); everything else that the API says of documents
starts from ``public_heads``. Both begin with the one rule of visibility, in ``cms/publishing/reading.py``.
"""

from django.db.models import QuerySet
from wagtail.models import Site

from cms.api.problem_details import bad_parameter
from cms.publishing import reading
from cms.publishing.models import Head


def sites_named(hostname: str | None) -> QuerySet[Site, int]:
    """Primary keys of the sites with this hostname, of the default site without one; to be used inside another query."""
    sites = Site.objects.filter(is_default_site=True) if hostname is None else Site.objects.filter(hostname=hostname)
    return sites.values_list("pk", flat=True)


def public_heads(site: str | None, locale: str | None = None) -> QuerySet[Head]:
    """Heads that the public can see on ``site`` (a hostname, or ``None`` for the default site)."""
    heads = reading.visible().filter(site_id__in=sites_named(site))
    return heads if locale is None else heads.filter(locale=locale)


def require_site(hostname: str | None) -> None:
    """Refuse a hostname that is no site's: asked only where nothing was found, so that finding costs no query more."""
    if hostname is not None and not sites_named(hostname).exists():
        known = ", ".join(Site.objects.order_by("hostname").values_list("hostname", flat=True)[:20])
        raise bad_parameter("site", f"Unknown site; known: {known}")
