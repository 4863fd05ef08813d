"""The inbox: what each person was told, and how everybody wants to be told.

A notification is a row that is written in the transaction of what it tells: a rollback takes it back, and a mail server that
is down loses nothing. The row is the entry in the admin's list and the order for the mail at once; the worker sends it.
"""

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from cms.pages.stages import Stage


class Kind(models.TextChoices):
    """What can be told."""

    SUBMITTED = "submitted", "A page waits for my review"
    ASSIGNED = "assigned", "A review is given to me"
    CHANGES_REQUESTED = "changes_requested", "Changes are requested on my page"
    APPROVED = "approved", "My page is approved at a stage"
    PUBLISHED = "published", "My page is published"
    REFUSED = "refused", "A page could not be published"
    OVERDUE = "overdue", "The review of a page is overdue"


class Delivery(models.TextChoices):
    """How a kind of notification reaches a person; everything but ``OFF`` stands in the admin's list."""

    AT_ONCE = "at_once", "By e-mail at once"
    DAILY = "daily", "In a daily e-mail"
    ADMIN = "admin", "Only here in the admin"
    OFF = "off", "Not at all"


class Notification(models.Model):
    """One thing told to one person. ``key`` names what happened, so that nobody is told of it twice.

    ``mail_at`` is when the mail is due, empty when none is wanted or none will be tried any more; ``mailed_at`` is when it
    was sent. A worker that takes mails writes its ``claim`` on them, which others respect until ``claimed_until``.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=120)
    page_id = models.BigIntegerField()
    title = models.CharField(max_length=255)
    stage = models.CharField(max_length=20, blank=True, choices=Stage.choices)
    step_id = models.BigIntegerField(null=True, help_text="The step that waits; when it is over, no mail is needed.")
    actor_name = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notification_told_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="notification_by_user"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(fields=["mail_at"], condition=models.Q(mail_at__isnull=False), name="notification_to_mail"),
            models.Index(fields=["key"], name="notification_by_key"),
        ]

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self) -> str:
        """What happened, in one sentence; of the draft it says the title and nothing else."""
        title = f"“{' '.join(self.title.split())}”"
        stage = self.get_stage_display()
        by = f" by {' '.join(self.actor_name.split())}" if self.actor_name else ""
        return {
            Kind.SUBMITTED: f"{title} waits for {stage.lower()}.",
            Kind.ASSIGNED: f"The {stage.lower()} of {title} was given to you{by}.",
            Kind.CHANGES_REQUESTED: f"{title} needs changes, requested{by or ' by its reviewer'}.",
            Kind.APPROVED: f"{title} passed {stage.lower() or 'review'}, approved{by or ' by its reviewer'}.",
            Kind.PUBLISHED: f"{title} is published.",
            Kind.REFUSED: f"{title} could not be published. Its history says why.",
            Kind.OVERDUE: f"The {stage.lower() or 'review'} of {title} is overdue.",
        }[Kind(self.kind)]

    def path(self) -> str:
        """Where this leads: the page in the editor, in which it is also reviewed."""
        return reverse("wagtailadmin_pages:edit", args=[self.page_id])


class NotificationChoice(models.Model):
    """How one person wants to be told of each kind; whoever never chose has the defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_choice", primary_key=True
    )
    submitted = models.CharField(
        Kind.SUBMITTED.label, max_length=10, choices=Delivery.choices, default=Delivery.AT_ONCE
    )
    assigned = models.CharField(Kind.ASSIGNED.label, max_length=10, choices=Delivery.choices, default=Delivery.AT_ONCE)
    changes_requested = models.CharField(
        Kind.CHANGES_REQUESTED.label, max_length=10, choices=Delivery.choices, default=Delivery.AT_ONCE
    )
    approved = models.CharField(Kind.APPROVED.label, max_length=10, choices=Delivery.choices, default=Delivery.AT_ONCE)
    published = models.CharField(
        Kind.PUBLISHED.label, max_length=10, choices=Delivery.choices, default=Delivery.AT_ONCE
    )
    refused = models.CharField(Kind.REFUSED.label, max_length=10, choices=Delivery.choices, default=Delivery.AT_ONCE)
    overdue = models.CharField(Kind.OVERDUE.label, max_length=10, choices=Delivery.choices, default=Delivery.DAILY)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"choices of {self.user}"

    def delivery_of(self, kind: Kind) -> Delivery:
        """How this person wants to be told of ``kind``."""
        return Delivery(getattr(self, kind.value))

    def mail_at(self, kind: Kind, now: datetime.datetime) -> datetime.datetime | None:
        """When a mail about ``kind`` is due that happens ``now``; ``None`` when none is wanted."""
        delivery = self.delivery_of(kind)
        if delivery == Delivery.AT_ONCE:
            return now
        if delivery != Delivery.DAILY:
            return None
        local = timezone.localtime(now)
        digest = local.replace(hour=settings.NOTIFICATION_DIGEST_HOUR, minute=0, second=0, microsecond=0)
        return digest if digest > local else digest + datetime.timedelta(days=1)


def choices_of(users: Any) -> dict[int, NotificationChoice]:
    """The choices of each of ``users`` by primary key; unsaved defaults for those who never chose."""
    users = list(users)
    found = {choice.user_id: choice for choice in NotificationChoice.objects.filter(user__in=users)}
    return {user.pk: found.get(user.pk) or NotificationChoice(user=user) for user in users}
