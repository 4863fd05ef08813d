"""Who wrote the words that are public: whoever did does not review them, today or next year.

``approval.has_written`` asks who wrote a draft since the words that are public. Here the public words themselves are asked
about: everybody counts who wrote between the words that were public before and these.
"""

from typing import Any

from django.db.models import Q
from wagtail.models import PageLogEntry, Revision

from cms.pages.models import PublicPage
from cms.workflow import correction
from cms.workflow.models import Override

# Log actions that mean somebody changed the words of a page, or made it: those that a draft is judged by, too.
AUTHORING_ACTIONS = (
    "wagtail.create",
    "wagtail.edit",
    "wagtail.revert",
    "wagtail.rename",
    "wagtail.copy",
    "wagtail.convert_alias",
    "wagtail.copy_for_translation",
)


def wrote_public_words(page: PublicPage, user: Any) -> bool:
    """Whether ``user`` wrote any of the words of a live ``page``, or is named as its author.

    Without the revisions that were public before, everybody counts who ever wrote.
    """
    if any(link.person.user_id == user.pk for link in page.author_links.all()):
        return True
    correcting = Override.objects.filter(revision_id=page.live_revision_id, corrected_from__isnull=False).first()
    if correcting:
        return user.pk in correcting.author_ids
    return _has_written_between(page, _public_before(page), page.live_revision_id, user)


def _public_before(page: PublicPage) -> Revision | None:
    """The revision whose other words were public before those of today; ``None`` when there was none, or it is gone."""
    published = PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish", revision__isnull=False)
    numbers = published.exclude(revision=page.live_revision_id).values("revision")
    today = page.content_digest()
    for revision in page.revisions.filter(pk__in=numbers).order_by("-pk"):
        if revision.as_object().content_digest() != today:
            begun = Override.objects.filter(revision_id=revision.pk, corrected_from__isnull=False).first()
            # A draft that was begun before a correction has lower numbers, and took the correction over.
            return page.revisions.filter(pk=begun.corrected_from).first() if begun else revision
    return None


def _has_written_between(page: PublicPage, before: Revision | None, newest: int | None, user: Any) -> bool:
    revisions = page.revisions.order_by("pk")
    entries = PageLogEntry.objects.filter(page=page.pk, action__in=AUTHORING_ACTIONS, user=user.pk)
    if newest:
        revisions = revisions.filter(pk__lte=newest)
        entries = entries.filter(Q(revision__lte=newest) | Q(revision__isnull=True))
    if before:
        corrections = correction.corrections_after(page, before.pk)
        revisions = revisions.filter(pk__gt=before.pk).exclude(pk__in=corrections)
        entries = entries.exclude(revision__in=corrections)
        entries = entries.filter(Q(revision__gt=before.pk) | Q(revision__isnull=True, timestamp__gt=before.created_at))
    elif page.owner_id == user.pk:
        return True
    if entries.exclude(revision__in=revisions).exists():
        return True
    return any(_has_other_words(page, revision) for revision in revisions.filter(user=user.pk))


def _has_other_words(page: PublicPage, revision: Revision) -> bool:
    before = page.revisions.filter(pk__lt=revision.pk).order_by("-pk").first()
    return before is None or before.as_object().content_digest() != revision.as_object().content_digest()
