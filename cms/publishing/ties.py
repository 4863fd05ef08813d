"""Which ties to other documents an entry may record: only those to documents that the public has seen.

A tie is recorded by the id of the document at its other end, and entries are read by consumers of the delta. The id of a
page that never was public would tell them that it exists, and a digest over it could not be checked against what they have.
So such a tie is left out, and the page becomes a dependency instead: when it is published for the first time, the pages tied
to it are rendered again, and get their tie with an ordinary entry. A document that was withdrawn keeps its ties: readers
joined by it once, the id is known, and it may come back.
"""

import uuid
from collections.abc import Container
from dataclasses import replace

from wagtail.models import Page

from cms.pages.identity import document_id_from
from cms.pages.rendering import Dependency, Rendered
from cms.publishing.models import Entry, Head


def with_known_ties(rendered: Rendered, known: Container[int]) -> Rendered:
    """``rendered`` with ties only to documents that have an entry, or will have one in the same transaction.

    ``known`` holds primary keys of pages that are public or become public together with this one. Pages left out are
    dependencies of what is returned. No query where every page is known, three at most.
    """
    unsure = {tie.page_id for tie in rendered.relations if tie.page_id not in known}
    if unsure:
        unsure.difference_update(Head.objects.filter(page_id__in=unsure).values_list("page_id", flat=True))
    unseen = unsure - _withdrawn(unsure) if unsure else set()
    if not unseen:
        return rendered
    return replace(
        rendered,
        relations=tuple(tie for tie in rendered.relations if tie.page_id not in unseen),
        dependencies=rendered.dependencies | {Dependency("page", key) for key in unseen},
    )


def _withdrawn(keys: set[int]) -> set[int]:
    """Those of these pages without a head that were public once."""
    rows = Page.objects.filter(pk__in=keys).values_list("pk", "translation_key", "locale__language_code")
    ids: dict[uuid.UUID, int] = {document_id_from(key, language): pk for pk, key, language in rows}
    recorded = Entry.objects.filter(document_id__in=ids).order_by().values_list("document_id", flat=True).distinct()
    return {ids[document_id] for document_id in recorded}
