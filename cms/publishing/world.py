"""What is public around a page, as rendering needs to know it: from heads, and from what this very flush will make public.

Pages that become public together may link to each other. Within one flush, a page that is about to be public counts as
public already; if the gate refuses one of them, the whole transaction is undone.
"""

import datetime
import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from wagtail.models import Page, Site

from cms.pages.identity import document_id_of
from cms.pages.references import Reference
from cms.pages.rendering import Neighbour
from cms.publishing.models import Head


class LedgerWorld:
    """The public surroundings at one moment; lives as long as one flush or one preview."""

    def __init__(self, arriving: dict[int, Any] | None = None, leaving: set[int] | None = None) -> None:
        """``arriving`` holds pages by primary key that will be public, ``leaving`` keys of those that will not."""
        self.base_url = settings.PUBLIC_BASE_URL
        self.arriving = arriving or {}
        self.leaving = leaving or set()
        self.now = timezone.now()
        self._neighbours: dict[int, Neighbour | None] = {}
        self._references: dict[int, Reference | None] = {}
        # The longest root first: a site inside another site's tree wins for its own pages.
        sites = Site.objects.select_related("root_page")
        self._roots = sorted(((site.root_page.url_path, site.pk) for site in sites), key=lambda root: -len(root[0]))

    def neighbour(self, page_id: int) -> Neighbour | None:
        """The public face of the page with this primary key, or ``None``."""
        if page_id not in self._neighbours:
            self.expect([page_id])
        return self._neighbours[page_id]

    def expect(self, page_ids: Iterable[int]) -> None:
        """Look up these pages in one query: rendering is about to ask for them one by one."""
        unknown = {key for key in page_ids if key not in self._neighbours}
        heads = _public_heads(self.now).filter(page_id__in=unknown - self.leaving - self.arriving.keys())
        known = {head.page_id: head for head in heads} if unknown else {}
        for key in unknown:
            self._neighbours[key] = _neighbour_of(known[key]) if key in known else self._within_flush(key)

    def ids_of(self, page_ids: Iterable[int]) -> dict[int, uuid.UUID]:
        """Document ids of those of these pages that are public, or arrive in this flush; one query at most."""
        keys = set(page_ids)
        self.expect(keys)
        return {key: found.document_id for key in keys if (found := self._neighbours[key]) is not None}

    def reference(self, key: int) -> Reference | None:
        """The reference with this primary key, or ``None``; asked for once, however many pages cite it."""
        if key not in self._references:
            self._references[key] = Reference.objects.filter(pk=key).first()
        return self._references[key]

    def path_of(self, page: Page) -> str:
        """The path of ``page`` on its site, always with a slash at both ends."""
        for root, _site in self._roots:
            if page.url_path.startswith(root):
                return f"/{page.url_path[len(root) :]}"
        return page.url_path

    def site_of(self, page: Page) -> int | None:
        """The primary key of the site to which ``page`` belongs; ``None`` for a page outside every site."""
        return next((site for root, site in self._roots if page.url_path.startswith(root)), None)

    def _within_flush(self, page_id: int) -> Neighbour | None:
        page = None if page_id in self.leaving else self.arriving.get(page_id)
        if page is None:
            return None
        credentials = getattr(page, "credentials", "")
        return Neighbour(document_id_of(page), page.document_type, page.title, self.path_of(page), credentials)


def _public_heads(now: datetime.datetime) -> QuerySet[Head]:
    """Heads with what a neighbour shows, not with their documents: an index page may be asked for with every article."""
    shown = Head.objects.only("document_id", "page_id", "type", "title", "path", "card")
    return shown.exclude(expires_at__lte=now)


def _neighbour_of(head: Head) -> Neighbour:
    credentials = json.loads(head.card).get("credentials", "") if head.type == "person" else ""
    return Neighbour(head.document_id, head.type, head.title, head.path, credentials)
