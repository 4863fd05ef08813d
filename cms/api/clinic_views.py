"""Addresses of what surrounds the content: the clinic, its menus, and search."""

import json
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from wagtail.models import Site

from cms.api import answer_schemas, navigation, searching
from cms.api.conditional import Answer, respond
from cms.api.query import SearchQuery, SiteQuery
from cms.api.responses import responses
from cms.api.scope import require_site, sites_named

router = Router()


@router.get("/site", response=responses(answer_schemas.SiteAnswer), tags=["Clinic"], operation_id="read_site")
def site(request: HttpRequest, query: Query[SiteQuery]) -> HttpResponse:
    """The clinic: name, telephone, address, hours, booking address, profiles, disclaimer, schema.org object."""
    return respond(request, Answer(_json(_clinic(query.site)), tags=("site",)))


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


def _clinic(hostname: str | None) -> dict[str, Any]:
    # By name: the API does not import content apps. Not `for_site`, which writes a row where there is none.
    model = apps.get_model("home", "ClinicSettings")
    found = model.objects.filter(site__in=sites_named(hostname)).first()
    if found is None:
        require_site(hostname)
        found = model(site=Site())
    return found.to_public(settings.PUBLIC_BASE_URL)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
