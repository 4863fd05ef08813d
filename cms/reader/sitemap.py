"""The sitemap: every public page of the site, when its words last changed, and its translations.

Small sites have one file. A larger one has an index of parts, each made by itself from two queries over columns, so that a
hundred thousand pages need no more memory at once than ten thousand.
"""

import uuid
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_safe

from cms.api.conditional import Answer, respond
from cms.api.listing import LIST_TAG
from cms.pages.rendering import time_of
from cms.publishing import reading
from cms.publishing.models import Head
from cms.reader import chrome

# Pages in one part. The protocol allows 50,000; smaller ones are made and read sooner.
PART_SIZE = 10_000
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


class _Row(NamedTuple):
    translation_key: uuid.UUID
    locale: str
    path: str
    updated_at: str


@require_safe
def whole(request: HttpRequest) -> HttpResponse:
    """All pages, or where the parts are when there are more than fit into one."""
    heads = reading.visible(site_id=chrome.site_id_of(request))
    count = heads.count()
    if count <= PART_SIZE:
        return _answer(request, _pages(heads, 1))
    parts = (f"<sitemap><loc>{escape(_address(f'/sitemap-{number}.xml'))}</loc></sitemap>" for number in _parts(count))
    return _answer(request, f"<sitemapindex {_NAMESPACE}>{''.join(parts)}</sitemapindex>")


@require_safe
def part(request: HttpRequest, number: str) -> HttpResponse:
    """One part; 404 for one that does not exist."""
    heads = reading.visible(site_id=chrome.site_id_of(request))
    if int(number) > 1 and int(number) not in _parts(heads.count()):
        raise Http404
    return _answer(request, _pages(heads, int(number)))


def _parts(count: int) -> range:
    return range(1, -(-count // PART_SIZE) + 1)


def _pages(heads: QuerySet[Head], number: int) -> str:
    columns = ("translation_key", "locale", "path", "updated_at")
    # By what translations have in common: they are neighbours, and a page added later moves few others to another part.
    ordered = heads.order_by("translation_key", "document_id").values_list(*columns)
    start = (number - 1) * PART_SIZE
    rows = [_row(*values) for values in ordered[start : start + PART_SIZE]]
    translations: dict[uuid.UUID, list[_Row]] = {}
    if len(settings.WAGTAIL_CONTENT_LANGUAGES) > 1 and rows:
        # A page's translations may stand in the neighbouring part.
        span = (rows[0].translation_key, rows[-1].translation_key)
        for values in ordered.filter(translation_key__range=span):
            row = _row(*values)
            translations.setdefault(row.translation_key, []).append(row)
    urls = (_url(row, translations.get(row.translation_key, ())) for row in rows)
    return f"<urlset {_NAMESPACE} {_XHTML}>{''.join(urls)}</urlset>"


def _row(translation_key: uuid.UUID, locale: str, path: str, updated_at: object) -> _Row:
    return _Row(translation_key, locale, path, time_of(updated_at) or "")  # type: ignore[arg-type]  # a moment or nothing


def _url(row: _Row, translations: Iterable[_Row]) -> str:
    changed = f"<lastmod>{row.updated_at}</lastmod>" if row.updated_at else ""
    return f"<url><loc>{escape(_address(row.path))}</loc>{changed}{''.join(_alternates(list(translations)))}</url>"


def _alternates(translations: list[_Row]) -> Iterator[str]:
    """Every language of a page, its own included, as the search engines want it; nothing for a page in one language."""
    if len(translations) > 1:
        for row in translations:
            attributes = f"hreflang={quoteattr(row.locale)} href={quoteattr(_address(row.path))}"
            yield f'<xhtml:link rel="alternate" {attributes}/>'


def _address(path: str) -> str:
    return iri_to_uri(f"{settings.PUBLIC_BASE_URL}{path}")


def _answer(request: HttpRequest, xml: str) -> HttpResponse:
    newest = reading.newest_entry_at().first()
    return respond(request, Answer(f"{_XML}{xml}\n", (), (LIST_TAG,), newest, "application/xml; charset=utf-8"))
