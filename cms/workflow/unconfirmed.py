"""Overrides that nobody has confirmed yet: which they are, and the alarm when their time is over."""

import datetime
from typing import Any

from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry

from cms.workflow import approval
from cms.workflow.models import Override
from cms.workflow.override_mail import address_of, tell

_OVERDUE = "attest.override.overdue"


def waiting() -> list[Override]:
    """Overrides that nobody confirmed and whose words the public still sees, newest first.

    The matter is settled by a confirmation, by other words, by taking the page down, and by every approval that the page
    needs, given to these words in an ordinary review.
    """
    pages = Page.objects.filter(live=True)
    unconfirmed = Override.objects.filter(
        confirmation__isnull=True, revision_id__in=pages.values("live_revision_id")
    ).select_related("user")
    shown = {
        page.live_revision_id: page for page in pages.filter(live_revision__in=[o.revision_id for o in unconfirmed])
    }
    return [override for override in unconfirmed if not _is_approved(override, shown[override.revision_id].specific)]


def overdue(now: datetime.datetime) -> list[Override]:
    """Those of ``waiting`` whose time for a confirmation is over at ``now``."""
    return [override for override in waiting() if override.confirm_by <= now]


def remind_overdue(now: datetime.datetime) -> list[int]:
    """Tell, once for each, of overrides whose time for a confirmation is over; their primary keys.

    Nothing is taken down: a correction that vanishes brings back what it corrected (decision 0011).
    """
    told = []
    for key in [override.pk for override in overdue(now)]:
        with transaction.atomic():
            # A second worker waits here, and then finds the line that the first one wrote.
            override = Override.objects.select_for_update().get(pk=key)
            page = Page.objects.filter(pk=override.page_id).first()
            is_told = PageLogEntry.objects.filter(page=override.page_id, action=_OVERDUE, data__override=key).exists()
            if page is None or is_told:
                continue
            log(instance=page, action=_OVERDUE, data=override.logged())
            tell(page, f"Nobody confirmed: {override.title}", _reminder(override))
            told.append(key)
    return told


def _is_approved(override: Override, page: Any) -> bool:
    standing = approval.standing(override.document_id, override.content_digest)
    return set(page.required_stages) <= set(standing)


def _reminder(override: Override) -> str:
    return (
        f"{override.name} published “{override.title}” in an emergency on {override.at:%Y-%m-%d %H:%M} UTC, and nobody "
        f"confirmed it in time. The words are still public.\n\nReason: {override.reason}\n\n"
        f"Send the page through review, correct it, or take it down: {address_of(override)}\n"
    )
