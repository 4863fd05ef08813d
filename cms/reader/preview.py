"""A draft as readers would see it: the draft's document in the readers' templates."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cms.api import drafts
from cms.pages.models import PublicPage
from cms.reader import chrome


def render_preview(request: HttpRequest, page: PublicPage) -> HttpResponse:
    """The reader's page of a draft, marked as a preview, stored by nobody on the way."""
    document = drafts.document_of(page)
    context: dict[str, Any] = {"document": document, "children": [], "pagination": None}
    response = render(request, f"reader/{page.document_type}.html", context | chrome.context(request, is_preview=True))
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
