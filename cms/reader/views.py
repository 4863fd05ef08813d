"""The readers' pages: HTML from public documents, the very ones that the content API serves.

A site without a front end of its own is a site with these. Nothing here reads Wagtail's pages: what the ledger did not
admit cannot be reached, whatever Wagtail calls live.
"""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from cms.publishing import reading
from cms.publishing.public_document import PublicDocument
from cms.reader import chrome, searching

CHILDREN_PER_PAGE = 24
# What the home page lists besides the pages that editors feature.
HOME_SHOWS = ("service", "condition", "article_index", "condition_index", "service_index")


@require_safe
def page(request: HttpRequest, path: str) -> HttpResponse:
    """The public document at ``path``; where it has moved to; 410 for what was public once; 404 for all else."""
    site_id = chrome.site_id_of(request)
    full_path = f"/{path}"
    found = reading.document(site_id, {"path": full_path})
    response = _not_here(request, full_path, site_id) if found is None else _page(request, found)
    # What is not there may be there soon: errors are kept for ten seconds and then asked for again.
    lasting = {"max_age": 60, "stale_while_revalidate": 60} if response.status_code < 400 else {"max_age": 10}
    patch_cache_control(response, public=True, **lasting)
    return response


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search page; works without JavaScript."""
    context = searching.context_of(request, _page_number(request)) | chrome.context(request)
    response = render(request, "reader/search.html", context)
    if context.get("is_unavailable"):
        response.status_code = 503
        response["Retry-After"], response["Cache-Control"] = "5", "no-store"
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for an address that leads nowhere."""
    return render(request, "404.html", status=404)


def _page(request: HttpRequest, found: PublicDocument) -> HttpResponse:
    document = chrome.document_of(found)
    context = {"document": document, **_children(request, found), **chrome.context(request)}
    return render(request, f"reader/{document['type']}.html", context)


def _page_number(request: HttpRequest) -> int:
    """The page that was asked for; the first for anything that is not a small whole number."""
    number = request.GET.get("page", "1")
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1


def _not_here(request: HttpRequest, path: str, site_id: int) -> HttpResponse:
    target = reading.moved_to(path, site_id=site_id)
    if target is not None and target != path:
        return redirect(target, permanent=True)
    was_public = reading.was_public(path=path, site_id=site_id)
    return render(request, "404.html", {"is_gone": was_public}, status=410 if was_public else 404)


def _children(request: HttpRequest, found: PublicDocument) -> dict[str, Any]:
    """Cards of the pages below an index, or under a topic; newest first for articles, by title for the rest."""
    head = found.head
    heads = reading.visible(site_id=head.site_id)
    if head.type == "topic":
        below = heads.filter(relations__kind="topic", relations__target_id=head.document_id).order_by("type", "title")
    elif head.type == "article_index":
        below = heads.filter(parent_id=head.document_id).order_by("-published_at", "document_id")
    elif head.type == "home":
        below = heads.filter(type__in=HOME_SHOWS).order_by("type", "title")
    elif head.type in ("article", "condition", "service", "person"):
        return {"children": [], "pagination": None}
    else:
        below = heads.filter(parent_id=head.document_id).order_by("title", "document_id")
    per_page = CHILDREN_PER_PAGE if head.type == "article_index" else 500
    paginator = Paginator(below.values_list("card", flat=True), per_page)
    wanted = paginator.get_page(_page_number(request))
    return {
        "children": chrome.cards(wanted.object_list),
        "pagination": chrome.pagination(request, wanted.number, paginator.num_pages),
    }
