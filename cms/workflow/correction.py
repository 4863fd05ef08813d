"""Corrections beside a pending draft: the public words changed, and the draft that somebody works on stays the newest one.

A correction's revision has a higher number than the revisions of that draft, although it comes before them in meaning. What
counts from "the words that are public" therefore counts from what was public when the draft was begun.
"""

import uuid
from collections.abc import Collection

from wagtail.models import Page, Revision

from cms.pages.models import PublicPage
from cms.workflow.models import Override


def pending_draft(page: PublicPage) -> Revision | None:
    """The newest draft of a live ``page`` when it has to outlast a correction; ``None`` when nothing would be lost.

    It has to when it says something else than the public words, is in review, or waits for its time.
    """
    newest = page.get_latest_revision()
    if newest is None or newest.pk == page.live_revision_id:
        return None
    is_awaited = page.current_workflow_state is not None or newest.approved_go_live_at is not None
    has_other_words = newest.as_object().content_digest() != page.content_digest()
    return newest if is_awaited or has_other_words else None


def baseline(page: Page) -> int | None:
    """The number of the revision from which drafts of a live ``page`` count; ``None`` when it has none."""
    begun = Override.objects.filter(revision_id=page.live_revision_id, corrected_from__isnull=False).first()
    return begun.corrected_from if begun else page.live_revision_id


def corrections_after(page: Page, number: int) -> set[int]:
    """Numbers of the revisions of ``page`` that corrected the public words of revision ``number`` beside a draft."""
    made = Override.objects.filter(page_id=page.pk, corrected_from=number)
    return set(made.values_list("revision_id", flat=True))


def changed_words(contents: Collection[tuple[uuid.UUID, str]]) -> dict[tuple[uuid.UUID, str], Override]:
    """The correction that is public now, for each of these contents that is a draft from before it.

    Each content is a document id and a content digest, of a page's own or of an alias's source.
    """
    documents = {document_id for document_id, _digest in contents}
    made = list(Override.objects.filter(document_id__in=documents, corrected_from__isnull=False).order_by("at", "pk"))
    if not made:
        return {}
    public = Page.objects.filter(live=True, live_revision__in=[correction.revision_id for correction in made])
    shown = set(public.values_list("live_revision_id", flat=True))
    current = {correction.document_id: correction for correction in made if correction.revision_id in shown}
    return {
        (document_id, digest): current[document_id]
        for document_id, digest in contents
        if document_id in current and current[document_id].content_digest != digest
    }
