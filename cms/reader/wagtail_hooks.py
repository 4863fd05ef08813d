"""Editors see their drafts through the readers' templates."""

from django.http import HttpRequest, HttpResponse
from wagtail import hooks

from cms.pages.models import PublicPage
from cms.reader import preview


@hooks.register("render_preview")
def render_preview(request: HttpRequest, page: PublicPage) -> HttpResponse:
    """Answer Wagtail's preview of a page."""
    return preview.render_preview(request, page)
