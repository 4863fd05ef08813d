"""Editors see their drafts through the readers' templates; files of private collections are not there for readers."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.models import CollectionViewRestriction

from cms.pages.models import PublicPage
from cms.reader import preview


@hooks.register("render_preview")
def render_preview(request: HttpRequest, page: PublicPage) -> HttpResponse:
    """Answer Wagtail's preview of a page."""
    return preview.render_preview(request, page)


# Before Wagtail's own, which would send readers to a login that only the desk has.
@hooks.register("before_serve_document", order=-1)
def hide_private_file(document: Any, request: HttpRequest) -> None:
    """A file of a private collection answers as one that does not exist, as private pages do."""
    for restriction in CollectionViewRestriction.objects.filter(collection__in=document.collection.get_ancestors(True)):
        if not restriction.accept_request(request):
            raise Http404
