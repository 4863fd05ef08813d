"""What surrounds a page on the site: the clinic's facts, the menus, page numbers."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from wagtail.models import Site

from cms.api import navigation
from cms.publishing.reading import PublicDocument
from home.clinic import ClinicSettings


def site_id_of(request: HttpRequest) -> int:
    """The site that a request asks for, by its host; the default site for a host that is no site's."""
    site = Site.find_for_request(request)
    return site.pk if site else Site.objects.values_list("pk", flat=True).get(is_default_site=True)


def facts_of(site_id: int) -> dict[str, Any]:
    """The clinic's facts without writing any: crawlers ask before anybody has filled them in."""
    found = ClinicSettings.objects.filter(site_id=site_id).first() or ClinicSettings()
    return found.to_public(settings.PUBLIC_BASE_URL)


def context(request: HttpRequest, *, is_preview: bool = False) -> dict[str, Any]:
    """What every template needs besides its document."""
    site = Site.objects.get(pk=site_id_of(request))
    return {
        "site": ClinicSettings.for_site(site).to_public(settings.PUBLIC_BASE_URL),
        "navigation": navigation.menus(site.hostname),
        "is_preview": is_preview,
        "feed_query": "" if site.is_default_site else f"?{urlencode({'site': site.hostname})}",
        "language": "en",
    }


def document_of(found: PublicDocument) -> dict[str, Any]:
    """The document as a template takes it: its pictures by path, so that they load under whatever host is asked.

    What is meant for other machines, such as the picture that a social network fetches, keeps its whole address.
    """
    text = found.as_json()
    document = json.loads(_without_host(text))
    document["seo"] = json.loads(text)["seo"]
    return document


def _without_host(text: str) -> str:
    return text.replace(f"{settings.PUBLIC_BASE_URL}{settings.MEDIA_URL}", settings.MEDIA_URL)


def cards(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Recorded cards as plain values."""
    return [json.loads(_without_host(text)) for text in texts]


def pagination(
    request: HttpRequest, number: int, pages: int, *, extra: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """Where the pages before and after are; ``None`` when there is only one."""
    if pages <= 1:
        return None

    def address(page: int) -> str:
        return f"{request.path}?{urlencode({**(extra or {}), 'page': page})}"

    return {
        "page": number,
        "pages": pages,
        "previous_url": address(number - 1) if number > 1 else None,
        "next_url": address(number + 1) if number < pages else None,
    }
