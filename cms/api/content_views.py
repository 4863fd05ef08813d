"""Addresses of content: lists by type, documents by slug, id or path."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from cms.api import answer_schemas, documents, draft_schemas, drafts, listing, schemas
from cms.api.moments import respond_at
from cms.api.protocol import BASE
from cms.api.query import (
    ArticleQuery,
    ConditionQuery,
    FindQuery,
    ListQuery,
    PageListQuery,
    PersonListQuery,
    PersonQuery,
    ServiceQuery,
    SingleQuery,
)
from cms.api.responses import responses

router = Router()


@router.get(
    "/articles", response=responses(answer_schemas.ItemList, 403), tags=["Articles"], operation_id="list_articles"
)
def articles(request: HttpRequest, query: Query[ListQuery]) -> HttpResponse:
    """Articles, newest first."""
    return respond_at(request, query, lambda: listing.answer_of(query, ("article",), f"{BASE}/articles"))


@router.get(
    "/articles/{slug}",
    response=responses(schemas.ArticleDocument | draft_schemas.DraftArticle, 301, 403, 404, 410),
    tags=["Articles"],
    operation_id="read_article",
)
def article(request: HttpRequest, slug: str, query: Query[ArticleQuery]) -> HttpResponse:
    """One article."""
    if drafts.are_wanted(request, query):
        return drafts.by_slug("article", slug, query)
    return respond_at(request, query, lambda: documents.by_slug("article", slug, query, collection="articles"))


@router.get(
    "/services", response=responses(answer_schemas.ItemList, 403), tags=["Services"], operation_id="list_services"
)
def services(request: HttpRequest, query: Query[ListQuery]) -> HttpResponse:
    """Services, newest first."""
    return respond_at(request, query, lambda: listing.answer_of(query, ("service",), f"{BASE}/services"))


@router.get(
    "/services/{slug}",
    response=responses(schemas.ServiceDocument | draft_schemas.DraftService, 301, 403, 404, 410),
    tags=["Services"],
    operation_id="read_service",
)
def service(request: HttpRequest, slug: str, query: Query[ServiceQuery]) -> HttpResponse:
    """One service."""
    if drafts.are_wanted(request, query):
        return drafts.by_slug("service", slug, query)
    return respond_at(request, query, lambda: documents.by_slug("service", slug, query, collection="services"))


@router.get(
    "/conditions", response=responses(answer_schemas.ItemList, 403), tags=["Conditions"], operation_id="list_conditions"
)
def conditions(request: HttpRequest, query: Query[ListQuery]) -> HttpResponse:
    """Conditions, newest first."""
    return respond_at(request, query, lambda: listing.answer_of(query, ("condition",), f"{BASE}/conditions"))


@router.get(
    "/conditions/{slug}",
    response=responses(schemas.ConditionDocument | draft_schemas.DraftCondition, 301, 403, 404, 410),
    tags=["Conditions"],
    operation_id="read_condition",
)
def condition(request: HttpRequest, slug: str, query: Query[ConditionQuery]) -> HttpResponse:
    """One condition."""
    if drafts.are_wanted(request, query):
        return drafts.by_slug("condition", slug, query)
    return respond_at(request, query, lambda: documents.by_slug("condition", slug, query, collection="conditions"))


@router.get("/people", response=responses(answer_schemas.PersonList, 403), tags=["People"], operation_id="list_people")
def people(request: HttpRequest, query: Query[PersonListQuery]) -> HttpResponse:
    """People, newest first."""
    return respond_at(request, query, lambda: listing.answer_of(query, ("person",), f"{BASE}/people"))


@router.get(
    "/people/{slug}",
    response=responses(schemas.PersonDocument | draft_schemas.DraftPerson, 301, 403, 404, 410),
    tags=["People"],
    operation_id="read_person",
)
def person(request: HttpRequest, slug: str, query: Query[PersonQuery]) -> HttpResponse:
    """One person."""
    if drafts.are_wanted(request, query):
        return drafts.by_slug("person", slug, query)
    return respond_at(request, query, lambda: documents.by_slug("person", slug, query, collection="people"))


@router.get("/pages", response=responses(answer_schemas.PageList, 403), tags=["Pages"], operation_id="list_pages")
def pages(request: HttpRequest, query: Query[PageListQuery]) -> HttpResponse:
    """Pages of every type, newest first; `type` narrows."""
    return respond_at(request, query, lambda: listing.answer_of(query, query.types(), f"{BASE}/pages"))


@router.get(
    "/pages/find",
    response=responses(answer_schemas.PageDocument | draft_schemas.DraftDocument, 301, 302, 403, 404, 410),
    tags=["Pages"],
    operation_id="find_page",
)
def find(request: HttpRequest, query: Query[FindQuery]) -> HttpResponse:
    """The document at a path of the site.

    A path that has moved answers 301 with the address of the document in `Location`; so does an editor's redirect (302
    when it is temporary), which may also lead to another site.
    """
    if drafts.are_wanted(request, query):
        return drafts.by_path(query.path, query)
    return respond_at(request, query, lambda: documents.by_path(query.path, query))


@router.get(
    "/pages/{id}",
    response=responses(answer_schemas.PageDocument | draft_schemas.DraftDocument, 403, 404, 410),
    tags=["Pages"],
    operation_id="read_page",
)
def page(request: HttpRequest, id: str, query: Query[SingleQuery]) -> HttpResponse:
    """One document of any type, by its stable id."""
    if drafts.are_wanted(request, query):
        return drafts.by_id(id, query)
    return respond_at(request, query, lambda: documents.by_id(id, query))
