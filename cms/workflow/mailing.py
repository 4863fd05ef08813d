"""Mailing what the inbox holds: the worker's part of notifications.

Everything that is due for one person goes in one mail, so a daily digest is nothing but rows that are due at one hour. Rows
are claimed before they are sent, by an update that only one of two workers can win, and a claim that was never kept is free
again after a while. A mail server that is down costs an attempt and a wait; after the last attempt the row stays in the
admin's list alone.
"""

import datetime
import logging
import smtplib
import uuid
from collections.abc import Iterable
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from wagtail.models import Page, TaskState, WorkflowState

from cms.workflow.inbox import Delivery, Kind, Notification, choices_of
from cms.workflow.notifications import may_open

if TYPE_CHECKING:
    from cms.accounts.models import User

logger = logging.getLogger("attest.mail")

# Waits after failed attempts; unit: minutes. Ten attempts in about three days: longer than a weekend without a mail server.
WAITS_MINUTES = (1, 5, 15, 60, 240, 480, 720, 1440, 1440)
# How long a worker may take over the mail of one person. Longer than any connection with its time-outs.
CLAIM = datetime.timedelta(minutes=10)
# How many notifications one mail lists; the rest is in the admin.
MAX_LINES = 30
# Kinds that are no news any more when the step that they are about is over.
_ABOUT_WAITING = (Kind.SUBMITTED, Kind.ASSIGNED, Kind.OVERDUE)
# How many people one look writes to, so that a worker that was told to stop ends soon.
MAX_MAILS = 50


def send_due(now: datetime.datetime) -> int:
    """Send what is due at ``now``, one mail for each person; how many mails the server took.

    Raises nothing when a mail cannot be sent: the failure is logged, and the rows wait for their next attempt.
    """
    receivers = list(_due(now).order_by("user").values_list("user_id", flat=True).distinct()[:MAX_MAILS])
    if not receivers:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except OSError as failure:
        # Nobody's mail is at fault, but each attempt is counted: an address that is never reached is given up some day.
        logger.warning("The mail server cannot be reached: %s", failure)
        _put_off(_due(now), now)
        return 0
    try:
        return sum(_send_to(user_id, connection, now) for user_id in receivers)
    finally:
        connection.close()


def _due(now: datetime.datetime) -> QuerySet[Notification]:
    is_free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    return Notification.objects.filter(is_free, mail_at__lte=now)


def _send_to(user_id: int, connection: BaseEmailBackend, now: datetime.datetime) -> bool:
    """Claim what is due for one person, and mail it; whether the server took a mail."""
    claim = uuid.uuid4()
    with transaction.atomic():
        # Where rows can be locked, those of another worker are passed over; on SQLite only one transaction writes at a time.
        keys = list(_due(now).filter(user=user_id).select_for_update(skip_locked=True).values_list("pk", flat=True))
        _due(now).filter(pk__in=keys).update(claim=claim, claimed_until=now + CLAIM)
    claimed = Notification.objects.filter(user=user_id, claim=claim)
    user = get_user_model().objects.get(pk=user_id)
    waiting = list(claimed.order_by("at", "pk"))
    wanted = _still_wanted(waiting, user)
    unwanted = {row.pk for row in waiting} - {row.pk for row in wanted}
    claimed.filter(pk__in=unwanted).update(mail_at=None, claim=None, claimed_until=None)
    if not wanted:
        return False
    try:
        _message(wanted, user, connection).send()
    except (OSError, ValueError) as failure:
        reason = type(failure).__name__ if isinstance(failure, smtplib.SMTPException) else failure
        logger.warning("The mail to user %s could not be sent: %s", user_id, reason)
        _put_off(claimed, now)
        return False
    claimed.update(mail_at=None, mailed_at=now, claim=None, claimed_until=None)
    return True


def _still_wanted(rows: list[Notification], user: "User") -> list[Notification]:
    """Those of ``rows`` that are still news: of pages that ``user`` may open, and of steps that still wait."""
    choice = choices_of([user])[user.pk]
    pages = Page.objects.specific(defer=True).in_bulk({row.page_id for row in rows})
    can_open = {key for key, page in pages.items() if may_open(page, user)} if user.email else set()
    waiting = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS, workflow_state__status=WorkflowState.STATUS_IN_PROGRESS
    )
    steps = set(waiting.filter(pk__in=[row.step_id for row in rows if row.step_id]).values_list("pk", flat=True))
    return [
        row
        for row in rows
        if row.page_id in can_open
        and choice.delivery_of(Kind(row.kind)) in (Delivery.AT_ONCE, Delivery.DAILY)
        and (row.step_id in steps or row.step_id is None or row.kind not in _ABOUT_WAITING)
    ]


def _message(rows: list[Notification], user: "User", connection: BaseEmailBackend) -> EmailMultiAlternatives:
    base = settings.WAGTAILADMIN_BASE_URL
    context = {
        "name": user.first_name or user.display_name(),
        "lines": [(row.sentence(), base + row.path()) for row in rows[:MAX_LINES]],
        "more": max(0, len(rows) - MAX_LINES),
        "list_url": base + reverse("notifications"),
        "choices_url": base + reverse("wagtailadmin_account") + "#tab-notifications",
        "site_name": settings.WAGTAIL_SITE_NAME,
    }
    subject = rows[0].sentence().rstrip(".") if len(rows) == 1 else f"{len(rows)} notifications about your pages"
    sender = settings.DEFAULT_FROM_EMAIL
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message = EmailMultiAlternatives(
        f"[{settings.WAGTAIL_SITE_NAME}] {subject}",
        render_to_string("workflow/mail/notifications.txt", context),
        sender,
        [user.email],
        # A worker that dies between the server's yes and ours sends the rows again: by the same id, mail programs see that.
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<notification-{rows[0].pk}-{rows[-1].pk}@{domain}>",
        },
        connection=connection,
    )
    message.attach_alternative(render_to_string("workflow/mail/notifications.html", context), "text/html")
    return message


def _put_off(rows: QuerySet[Notification], now: datetime.datetime) -> None:
    """Count a failed attempt of each of ``rows`` and set its next one; after the last there is none."""
    for attempts, keys in _by_attempts(rows.values_list("pk", "attempts")).items():
        wait = WAITS_MINUTES[attempts] if attempts < len(WAITS_MINUTES) else None
        if wait is None:
            logger.error("%s notifications are given up after %s attempts", len(keys), attempts + 1)
        Notification.objects.filter(pk__in=keys, mailed_at=None).update(
            attempts=attempts + 1,
            mail_at=None if wait is None else now + datetime.timedelta(minutes=wait),
            claim=None,
            claimed_until=None,
        )


def _by_attempts(rows: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for key, attempts in rows:
        found.setdefault(attempts, []).append(key)
    return found
