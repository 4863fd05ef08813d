"""The schedule: pages go live and expire at their time, each in its own transaction, so that one bad page delays no other.

Wagtail's own command stops at the first page that cannot be published, and so would never reach those behind it. Here a
refusal is recorded, shown to the page's owner, and the page waits for somebody to mend it.
"""

import datetime
import logging
from dataclasses import dataclass

from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from cms.pages.findings import Finding
from cms.pages.locking import lock_pages
from cms.publishing.models import ScheduleFailure
from cms.workflow import notifications
from cms.workflow.gate import GateBlocked

logger = logging.getLogger("attest.schedule")


@dataclass(frozen=True)
class ScheduleRun:
    """What one look at the schedule did: primary keys of pages published, expired and refused."""

    published: tuple[int, ...]
    expired: tuple[int, ...]
    refused: tuple[int, ...]


def run_due(now: datetime.datetime) -> ScheduleRun:
    """Publish every approved revision whose time has come and take down every page whose time is over."""
    expired = [key for key in _due_to_expire(now) if _expire(key, now)]
    published: list[int] = []
    refused: list[int] = []
    for key in _due_to_go_live(now):
        outcome = _go_live(key, now)
        if outcome is not None:
            page_id, is_published = outcome
            (published if is_published else refused).append(page_id)
    return ScheduleRun(tuple(published), tuple(expired), tuple(refused))


def _due_to_go_live(now: datetime.datetime) -> list[int]:
    due = Revision.page_revisions.filter(approved_go_live_at__lte=now)
    return list(due.order_by("approved_go_live_at", "pk").values_list("pk", flat=True))


def _due_to_expire(now: datetime.datetime) -> list[int]:
    return list(Page.objects.filter(live=True, expire_at__lte=now).order_by("expire_at").values_list("pk", flat=True))


def _go_live(revision_id: int, now: datetime.datetime) -> tuple[int, bool] | None:
    """Publish one revision; page key and whether it went live, ``None`` when another worker was faster."""
    page_id = int(Revision.objects.filter(pk=revision_id).values_list("object_id", flat=True).first() or 0)
    try:
        with transaction.atomic():
            # The lock makes a second worker wait here; when it comes through, the revision is no longer due.
            lock_pages([page_id])
            revision = Revision.objects.filter(pk=revision_id, approved_go_live_at__lte=now).first()
            if revision is None:
                return None
            # Whoever wrote it need not hold the right to publish: the approvals are that right, and the gate asks for them.
            revision.publish(user=revision.user, skip_permission_checks=True)
    except GateBlocked as refusal:
        _record_refusal(revision_id, refusal, now)
        return page_id, False
    except Exception:
        # Whatever is wrong with this page, the others have their times too. It stays due and is tried again.
        logger.exception("Page %s could not be published on schedule", page_id)
        _record_breakdown(revision_id, page_id, now)
        return page_id, False
    ScheduleFailure.objects.filter(page_id=page_id).delete()
    logger.info("Page %s went live on schedule", page_id)
    return page_id, True


def _record_refusal(revision_id: int, refusal: GateBlocked, now: datetime.datetime) -> None:
    findings = [finding.as_json() for finding in refusal.decision.blocking]
    with transaction.atomic():
        if not Revision.objects.filter(pk=revision_id, approved_go_live_at__isnull=False).update(
            approved_go_live_at=None
        ):
            return  # another worker was refused at the same moment, and has told
        ScheduleFailure.objects.update_or_create(
            revision_id=revision_id, defaults={"page_id": refusal.page.pk, "findings": findings, "at": now}
        )
        log(instance=refusal.page, action="attest.publication.refused", data={"findings": findings, "scheduled": True})
        notifications.tell_refused(refusal.page)
    logger.warning("Page %s was refused on schedule: %s", refusal.page.pk, refusal)


def _record_breakdown(revision_id: int, page_id: int, now: datetime.datetime) -> None:
    """Say once that a page could not be published for a reason that no editor can see; it is tried again all the while."""
    finding = Finding(
        "breakdown", "The page could not be published for a technical reason. It is tried again until it can."
    )
    try:
        with transaction.atomic():
            values = {"page_id": page_id, "findings": [finding.as_json()], "at": now}
            _failure, is_new = ScheduleFailure.objects.get_or_create(revision_id=revision_id, defaults=values)
            page = Page.objects.filter(pk=page_id).first()
            if is_new and page is not None:
                log(
                    instance=page,
                    action="attest.publication.refused",
                    data={**values, "at": now.isoformat(), "scheduled": True},
                )
                notifications.tell_refused(page)
    except Exception:
        logger.exception("Page %s: the failure could not be recorded", page_id)


def open_failures() -> list[tuple[ScheduleFailure, Page]]:
    """Schedules that failed and that nobody has settled, newest first, each with its page.

    Settled means that the page was published since, waits for another time, or is gone.
    """
    failures = list(ScheduleFailure.objects.order_by("-at"))
    pages = Page.objects.in_bulk({failure.page_id for failure in failures})
    waiting = Revision.page_revisions.filter(
        object_id__in=[str(key) for key in pages], approved_go_live_at__isnull=False
    ).values_list("object_id", "pk")
    rescheduled = {int(key) for key, pk in waiting if not any(failure.revision_id == pk for failure in failures)}
    return [
        (failure, page)
        for failure in failures
        if (page := pages.get(failure.page_id)) is not None
        and page.pk not in rescheduled
        and not (page.last_published_at and page.last_published_at > failure.at)
    ]


def retry(page: Page, now: datetime.datetime) -> bool:
    """Publish now what was refused on schedule, if the gate admits it by now; whether it went live.

    A refusal is recorded anew, with what stands against the page today.
    """
    failure = next((failure for failure, failed in open_failures() if failed.pk == page.pk), None)
    if failure is None:
        return False
    if not Revision.objects.filter(pk=failure.revision_id).update(approved_go_live_at=now):
        return False  # the revision was purged
    outcome = _go_live(failure.revision_id, now)
    return outcome is not None and outcome[1]


def _expire(page_id: int, now: datetime.datetime) -> bool:
    """Take one page down; ``False`` when another worker was faster, or when it could not be done."""
    try:
        with transaction.atomic():
            lock_pages([page_id])
            page = Page.objects.filter(pk=page_id, live=True, expire_at__lte=now).first()
            if page is None:
                return False
            page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    except Exception:
        # Readers do not see it any more, whatever happens here: its time is judged when it is read. It stays due.
        logger.exception("Page %s could not be taken down on schedule", page_id)
        return False
    logger.info("Page %s expired on schedule", page_id)
    return True
