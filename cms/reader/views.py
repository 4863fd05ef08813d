"""The readers' pages: HTML from public documents, the very ones that the content API serves.

A site without a front end of its own is a site with these. Nothing here reads Wagtail's pages: what the ledger did not
admit cannot be reached, whatever Wagtail calls live.
"""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cms.publishing import reading
from cms.reader import chrome
from search import query  # noqa

CHILDREN_PER_PAGE = 24
RESULTS_PER_PAGE = 20


@require_safe
@cache_control(public=True, max_age=60, stale_while_revalidate=60)
def page(request: HttpRequest, path: str) -> HttpResponse:
    """The public document at ``path``; where it has moved to; 410 for what was public once; 404 for all else."""
    site_id = chrome.site_id_of(request)
    full_path = f"/{path}"
    found = reading.document(reading.visible(site_id=site_id).filter(path=full_path))
    if found is None:
        return _not_here(request, full_path, site_id)
    document = chrome.document_of(found)
    context = {"document": document, **_children(request, found), **chrome.context(request)}
    return render(request, f"reader/{document['type']}.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search page; works without JavaScript."""
    words = request.GET.get("q", "").replace("\x00", "").strip()
    number = request.GET.get("page", "1")
    page_number = int(number) if number.isdecimal() and len(number) < 6 else 1
    context: dict[str, Any] = {"query": words[:200], "results": [], "count": 0, "pagination": None, "error": ""}
    if len(words) > 200:
        context["error"] = "Please search for fewer words: up to 200 characters."
    elif words:
        offset = (max(1, page_number) - 1) * RESULTS_PER_PAGE
        found = query.search(words, site_id=chrome.site_id_of(request), limit=RESULTS_PER_PAGE, offset=offset)
        context |= {"results": found.items, "count": found.count}
        context["pagination"] = chrome.pagination(
            request, page_number, -(-found.count // RESULTS_PER_PAGE), extra={"q": words}
        )
    return render(request, "reader/search.html", context | chrome.context(request))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for an address that leads nowhere."""
    return render(request, "404.html", status=404)


def _not_here(request: HttpRequest, path: str, site_id: int) -> HttpResponse:
    target = reading.moved_to(path, site_id=site_id)
    if target is not None and target != path:
        return redirect(target, permanent=True)
    was_public = reading.was_public(path=path, site_id=site_id)
    return render(request, "404.html", {"is_gone": was_public}, status=410 if was_public else 404)


def _children(request: HttpRequest, found: reading.PublicDocument) -> dict[str, Any]:
    """Cards of the pages below an index, or under a topic; newest first for articles, by title for the rest."""
    head = found.head
    heads = reading.visible(site_id=head.site_id)
    if head.type == "topic":
        below = heads.filter(relations__kind="topic", relations__target_id=head.document_id).order_by("type", "title")
    elif head.type == "article_index":
        below = heads.filter(parent_id=head.document_id).order_by("-published_at", "document_id")
    elif head.type in ("home", "article", "condition", "service", "person"):
        return {"children": [], "pagination": None}
    else:
        below = heads.filter(parent_id=head.document_id).order_by("title", "document_id")
    per_page = CHILDREN_PER_PAGE if head.type == "article_index" else 500
    paginator = Paginator(below.values_list("card", flat=True), per_page)
    number = request.GET.get("page", "1")
    wanted = paginator.get_page(number if number.isdecimal() and len(number) < 6 else 1)
    return {
        "children": chrome.cards(wanted.object_list),
        "pagination": chrome.pagination(request, wanted.number, paginator.num_pages),
    }
