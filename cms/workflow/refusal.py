"""A refusal in a review: what is not allowed is said in sentences, and noted in the page's history."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Page

from cms.pages.locking import lock_pages


class ReviewRefused(PermissionDenied):
    """Somebody may not do this in a review; ``reasons`` says why, one sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


@contextmanager
def noted(page: Page, *, action: str, user: Any, **more: Any) -> Iterator[None]:
    """One transaction; what it refuses is undone, and then noted in the history of ``page`` as ``action``."""
    try:
        with transaction.atomic():
            # Who edits or publishes at the same moment comes before this act or after it.
            lock_pages([page.pk])
            yield
    except ReviewRefused as refusal:
        log(instance=page, action=action, user=user, data={**more, "reasons": refusal.reasons})
        raise
