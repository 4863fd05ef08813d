"""Readers' pages as Markdown, at the page's address with ``.md``: for models, scripts and people who like plain files.

An address of its own rather than ``Accept: text/markdown``: it can be linked (``llms.txt`` has to), opened and passed on, and no
cache on the way has to know that one address has two answers.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cms.api.conditional import Answer, Moved, respond
from cms.api.formats.whole_page import markdown_path, page_markdown
from cms.publishing import reading
from cms.reader import chrome

CONTENT_TYPE = "text/markdown; charset=utf-8"
_ERRORS = {
    404: "# Not found\n\nThere is nothing public at this address.\n",
    410: "# Gone\n\nThis page has been withdrawn.\n",
}


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """The public document at ``/name/`` (the first page at ``index``); else as the page itself answers: moved, 410 or 404."""
    path = "/" if name == "index" else f"/{name}/"
    site_id = chrome.site_id_of(request)
    found = reading.document(site_id, {"path": path})
    if found is None:
        return _not_here(request, path, site_id)
    text = page_markdown(found.as_dict(), disclaimer=chrome.facts_of(site_id)["disclaimer"])
    ids = (str(found.head.document_id), *(tie.document_id for tie in found.ties))
    return respond(request, Answer(text, ids, ("site",), reading.newest_entry_at().first(), CONTENT_TYPE))


def _not_here(request: HttpRequest, path: str, site_id: int) -> HttpResponse:
    target = reading.moved_to(path, site_id=site_id)
    if target is not None and target != path:
        return respond(request, Moved(markdown_path(target)))
    status = 410 if reading.was_public(path=path, site_id=site_id) else 404
    headers = {"Cache-Control": "public, max-age=10"}
    return HttpResponse(_ERRORS[status], status=status, content_type=CONTENT_TYPE, headers=headers)
