"""What programs read before they read pages: ``robots.txt`` for crawlers, ``llms.txt`` (llmstxt.org) for language models."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cms.api.conditional import Answer, respond
from cms.api.formats.markdown import escaped
from cms.api.formats.whole_page import markdown_path
from cms.api.listing import LIST_TAG
from cms.publishing import reading
from cms.reader import chrome
from cms.reader.markdown_pages import CONTENT_TYPE

# Pages named in one section of llms.txt: a model is given a map to choose from, not the whole library.
MAX_LINKS = 500
# Title of each section, the types in it, and their order.
_SECTIONS = (
    ("Conditions", ("condition",), "title"),
    ("Services", ("service",), "title"),
    ("Articles", ("article",), "-published_at"),
    ("Topics", ("topic",), "title"),
    ("People", ("person",), "title"),
    ("About the clinic", ("standard", "article_index", "condition_index", "service_index"), "title"),
)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Readers' pages are open, the desk and previews are not; all is closed when ``SITE_OPEN_TO_ROBOTS`` is off."""
    lines = ["User-agent: *", "Disallow: /"]
    if settings.SITE_OPEN_TO_ROBOTS:
        closed = ("/admin/", "/preview/", "/api/v1/preview")
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "Allow: /", ""]
        lines.append(f"Sitemap: {settings.PUBLIC_BASE_URL}/sitemap.xml")
    return respond(request, Answer("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8"))


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """The clinic, its disclaimer, and its pages by type, each with the address of its Markdown; ten queries."""
    site_id = chrome.site_id_of(request)
    clinic = chrome.facts_of(site_id)
    heads = reading.visible(site_id=site_id)
    home = heads.filter(path="/").values_list("card", flat=True).first()
    first = json.loads(home) if home else {"title": settings.PUBLIC_BASE_URL.partition("//")[2], "summary": ""}
    parts = [
        f"# {escaped(clinic['name'] or first['title'])}",
        f"> {escaped(first['summary'])}" if first["summary"] else "",
        escaped(clinic["disclaimer"]),
    ]
    for title, types, order in _SECTIONS:
        cards = heads.filter(type__in=types).order_by(order, "document_id").values_list("card", flat=True)
        links = [_link(json.loads(card)) for card in cards[:MAX_LINKS]]
        parts += [f"## {title}", "\n".join(links)] if links else []
    text = "\n\n".join(part for part in parts if part) + "\n"
    tags = (LIST_TAG, "site")
    return respond(request, Answer(text, (), tags, reading.newest_entry_at().first(), CONTENT_TYPE))


def _link(card: dict[str, str]) -> str:
    address = card["url"].removesuffix(card["path"]) + markdown_path(card["path"])
    note = f": {escaped(card['summary'])}" if card["summary"] else ""
    return f"- [{escaped(card['title'])}]({address}){note}"
