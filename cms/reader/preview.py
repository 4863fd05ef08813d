"""A draft as readers would see it: rendered like a publication, in the world as it is now, and recorded nowhere."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.publishing import ledger, reading
from cms.publishing.models import Head
from cms.publishing.world import LedgerWorld
from cms.reader import chrome


def render_preview(request: HttpRequest, page: PublicPage) -> HttpResponse:
    """The reader's page of a draft, marked as a preview, stored by nobody on the way."""
    document = draft_document(page)
    context: dict[str, Any] = {"document": document, "children": [], "pagination": None}
    response = render(request, f"reader/{page.document_type}.html", context | chrome.context(request, is_preview=True))
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def draft_document(page: PublicPage) -> dict[str, Any]:
    """The document that ``page`` would become, with relations to pages that are public now, and no attestation yet."""
    world = LedgerWorld()
    moment = timezone.now()
    rendered = page.render(world, published_at=page.first_published_at or moment, updated_at=moment)
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
    heads = {str(head.document_id): head for head in reading.visible(moment).filter(document_id__in=targets)}
    ties = tuple(_tie(relation, heads[relation["id"]]) for relation in relations if relation["id"] in heads)
    head = reading.Recorded(
        document_id=place.document_id,
        type=page.document_type,
        site_id=place.site_id,
        position=0,
        digest="",
        revision_id=None,
        approvals=[],
        override=None,
        document=json.dumps(whole, ensure_ascii=False),
    )
    return reading.PublicDocument(head, ties).as_dict()


def _tie(relation: dict[str, str], head: Head) -> reading.Tie:
    return reading.Tie(
        relation["kind"],
        relation["note"],
        relation["id"],
        head.type,
        head.title,
        head.slug,
        head.path,
        head.card,
    )
