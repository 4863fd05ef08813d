"""Addresses of what surrounds the content: the clinic, its menus, its redirects, and search."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from cms.api import answer_schemas, navigation, redirect_list, searching, suggesting
from cms.api.clinic import facts_of
from cms.api.conditional import Answer, respond
from cms.api.query import SearchQuery, SiteQuery
from cms.api.responses import responses

router = Router()


@router.get("/site", response=responses(answer_schemas.SiteAnswer), tags=["Clinic"], operation_id="read_site")
def site(request: HttpRequest, query: Query[SiteQuery]) -> HttpResponse:
    """The clinic: name, telephone, address, hours, booking address, profiles, disclaimer, schema.org object."""
    return respond(request, Answer(_json(facts_of(query.site)), tags=("site",)))


@router.get(
    "/navigation", response=responses(answer_schemas.NavigationAnswer), tags=["Clinic"], operation_id="read_navigation"
)
def menus(request: HttpRequest, query: Query[SiteQuery]) -> HttpResponse:
    """The menus, as trees."""
    return respond(request, Answer(_json(navigation.menus(query.site)), tags=("navigation",)))


@router.get("/search", response=responses(answer_schemas.SearchAnswer), tags=["Search"], operation_id="search")
def search(request: HttpRequest, query: Query[SearchQuery]) -> HttpResponse:
    """Pages in which every word occurs: those with all words in their title first, then the newest."""
    return respond(request, searching.answer_of(query))


@router.get("/search/suggest", response=responses(suggesting.SuggestAnswer), tags=["Search"], operation_id="suggest")
def suggest(request: HttpRequest, query: Query[suggesting.SuggestQuery]) -> HttpResponse:
    """Up to ten completions for a search box: titles, and other names of conditions."""
    return respond(request, suggesting.answer_of(query))


@router.get(
    "/redirects",
    response=responses(redirect_list.RedirectList),
    tags=["Clinic"],
    operation_id="list_redirects",
    by_alias=True,
)
def redirects(request: HttpRequest, query: Query[redirect_list.RedirectQuery]) -> HttpResponse:
    """The redirects that a front end must honour: those that editors made, and paths whose page has moved.

    Compare paths without the slash at their end. Each leads straight to where it ends: no chains, no loops.
    """
    return respond(request, redirect_list.answer_of(query))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
