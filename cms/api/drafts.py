"""Drafts as documents: rendered like a publication, in the world as it is now, and recorded nowhere.

Everything around a draft is what the public can see: pages it is related to show only when they are public, exactly as they
would if the draft were published this moment. Its ``attestation`` says how far it is: the approvals that stand for these
words so far, and neither position nor digest, because the ledger knows nothing of it.
"""

import json
import uuid
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from wagtail.models import Page, Site

from cms.api import scope, sparse
from cms.api.access import PRIVATE, require_scope
from cms.api.models import Scope
from cms.api.problem_details import Problem
from cms.api.query import DocumentQuery, SingleQuery
from cms.pages.identity import document_id_from, document_id_of
from cms.pages.models import PublicPage
from cms.publishing import dates, ledger, reading, reconcile
from cms.publishing.models import Entry, Head
from cms.publishing.public_document import PublicDocument, Recorded, Tie
from cms.publishing.world import LedgerWorld
from cms.workflow import approval

# How many articles a person's document names at most, as in published ones.
_MAX_ARTICLES = 100


def are_wanted(request: HttpRequest, query: SingleQuery) -> bool:
    """Whether ``query`` asks for a draft; raises ``Problem`` 401 or 403 when ``request`` may not have one."""
    if query.status != "draft":
        return False
    require_scope(request, Scope.CONTENT_PREVIEW)
    return True


def by_slug(kind: str, slug: str, query: DocumentQuery) -> HttpResponse:
    """The newest draft of the page of type ``kind`` called ``slug``, by its own name or by the one its draft gives it."""
    pages = _pages(query).filter(pk__in=_model_of(kind).objects.values("pk"))
    return _answer(pages.filter(slug=slug).first() or pages.filter(latest_revision__content__slug=slug).first(), query)


def by_id(document_id: str, query: DocumentQuery) -> HttpResponse:
    """The newest draft of the page with this document id.

    The id is computed, so a page that was never public is found by trying: 10,000 pages take about 50 milliseconds.
    """
    try:
        key = uuid.UUID(document_id)
    except ValueError:
        raise Problem(404) from None
    pages = _pages(query)
    known = Entry.objects.filter(document_id=key).order_by("-position").values_list("page_id", flat=True)[:1]
    page = pages.filter(pk__in=list(known)).select_related("locale").first()
    if page is None or document_id_of(page) != key:
        rows = pages.values_list("pk", "translation_key", "locale__language_code")
        found = (pk for pk, translation_key, code in rows.iterator() if document_id_from(translation_key, code) == key)
        page = pages.filter(pk=next(found, None)).first()
    return _answer(page, query)


def by_path(path: str, query: DocumentQuery) -> HttpResponse:
    """The newest draft of the page at ``path``, or of the page whose draft would stand there."""
    whole = path if path.endswith("/") else f"{path}/"
    roots = Site.objects.filter(pk__in=scope.sites_named(query.site)).values_list("root_page__url_path", flat=True)
    pages = _pages(query)
    page = pages.filter(url_path__in=[f"{root.rstrip('/')}{whole}" for root in roots]).first()
    if page is None:
        slug = whole.rstrip("/").rpartition("/")[2]
        renamed = pages.filter(latest_revision__content__slug=slug) if slug else ()
        world = LedgerWorld()
        page = next((one for one in renamed if world.path_of(approval.draft_of(one.specific)) == whole), None)
    return _answer(page, query)


def document_of(page: PublicPage, *, revision_id: int | None = None) -> dict[str, Any]:
    """The document that ``page`` would become if it were published now; ``page`` is a draft as an object.

    ``revision_id`` is the revision it comes from, ``None`` for what is in a form and not saved yet.
    """
    world = LedgerWorld()
    moment = timezone.now()
    standing = approval.standing(document_id_of(page), page.content_digest()) if page.pk else {}
    approvals = reconcile.recorded(standing[stage] for stage in page.required_stages if stage in standing)
    seen = dates.last_seen([document_id_of(page)]).get(document_id_of(page)) if page.pk else None
    its_dates = dates.dates_of(page, page.content_digest(), seen, now=moment)
    rendered = page.render(
        world,
        signatures=reconcile.signatures_of(approvals),
        published_at=its_dates.published_at,
        updated_at=its_dates.updated_at,
        material_change=its_dates.material_change,
    )
    place = ledger.Place(
        document_id_of(page),
        page.pk or 0,
        page.document_type,
        page.locale.language_code,
        world.site_of(page) or 0,
        page.translation_key,
    )
    whole = ledger.document_of(place, rendered)
    relations: list[Any] = whole.pop("relations")  # type: ignore[assignment]  # ledger.document_of puts a list there
    targets = {relation["id"] for relation in relations}
    public = reading.visible(moment, site_id=place.site_id)
    heads = {str(head.document_id): head for head in public.filter(document_id__in=targets)}
    ties = [_tie(relation, heads[relation["id"]]) for relation in relations if relation["id"] in heads]
    if place.type == "person":
        ties += _articles_by(place.document_id, public)
    head = Recorded(
        document_id=place.document_id,
        type=place.type,
        site_id=place.site_id,
        position=0,
        digest="",
        revision_id=revision_id,
        approvals=approvals,
        override=None,
        document=json.dumps(whole, ensure_ascii=False),
    )
    document = PublicDocument(head, tuple(ties)).as_dict()
    document["attestation"] |= {"position": None, "digest": None}
    return document


def respond(document: dict[str, Any]) -> HttpResponse:
    """``document`` as an answer for whoever asked, and for no cache and no search engine."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Cache-Control": PRIVATE, "X-Robots-Tag": "noindex", "Content-Length": str(len(body))}
    return HttpResponse(body, content_type="application/json", headers=headers)


def _answer(page: Page | None, query: DocumentQuery) -> HttpResponse:
    """The newest draft of ``page``; raises ``Problem`` 404 for none, and for one that only some visitors may see."""
    if page is None:
        scope.require_site(query.site)
        raise Problem(404)
    specific = page.specific
    is_restricted = bool(reconcile.restricted_among([specific]))
    draft = approval.draft_of(specific) if isinstance(specific, PublicPage) and not is_restricted else None
    if draft is None:
        raise Problem(404)
    document = document_of(draft, revision_id=specific.latest_revision_id)
    tree = query.tree()
    return respond(sparse.pick(document, tree) if tree else document)


def _pages(query: DocumentQuery) -> Any:
    """Pages on the site and in the language of ``query``, whether the public sees them or not."""
    inside = Q(pk__in=[])
    for root in Page.objects.filter(sites_rooted_here__in=scope.sites_named(query.site)):
        inside |= Q(path__startswith=root.path)
    pages = Page.objects.filter(inside).order_by("path")
    return pages if query.locale is None else pages.filter(locale__language_code=query.locale)


def _model_of(kind: str) -> Any:
    # By name of the type: the API does not import content apps.
    models = (model for model in apps.get_models() if issubclass(model, PublicPage))
    return next(model for model in models if model.document_type == kind)


def _articles_by(person: uuid.UUID, public: Any) -> list[Tie]:
    """A person's articles, as ``reading`` joins them: found from their end."""
    written = public.filter(type="article", relations__kind="author", relations__target_id=person)
    newest = written.order_by("-published_at", "document_id")[:_MAX_ARTICLES]
    return [_tie({"kind": "article", "note": "", "id": str(head.document_id)}, head) for head in newest]


def _tie(relation: dict[str, str], head: Head) -> Tie:
    return Tie(
        relation["kind"],
        relation["note"],
        relation["id"],
        head.type,
        head.title,
        head.slug,
        head.path,
        head.card,
    )
