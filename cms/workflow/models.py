"""Approvals, the workflow task that collects them, and the overrides of an emergency.

An approval is bound to the digest of the content, not to a revision: autosave rewrites revisions in place, so a revision's
id proves nothing about its words. The row keeps the words themselves and the signer's name and credentials as they were;
database triggers refuse to change or delete it.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual
from wagtail.models import Task, TaskState

from cms.pages.stages import Stage
from cms.workflow.inbox import Notification, NotificationChoice  # noqa: F401 - Django finds an app's tables from here

# The shortest reason for an override. Unit: characters. Enough for one sentence that says what was wrong.
MIN_REASON_LENGTH = 20


class Approval(models.Model):
    """One person's approval of exactly one content at one stage. Never changed, never deleted."""

    document_id = models.UUIDField(db_index=True)
    page_id = models.BigIntegerField(help_text="The page as it was numbered here; the approval outlives it.")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    content_digest = models.CharField(max_length=64)
    content = models.TextField(help_text="The words that were approved, as canonical JSON.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals")
    name = models.CharField(max_length=255)
    credentials = models.CharField(max_length=120, blank=True)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["document_id", "content_digest"], name="approval_by_content")]
        permissions = [
            ("give_editorial_approval", "Can approve at editorial review"),
            ("give_clinical_approval", "Can approve at clinical review (needs valid credentials)"),
        ]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_stage_display()} by {self.name}"


class ReviewTask(Task):
    """One stage of review as a step of a Wagtail workflow."""

    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.EDITORIAL)

    admin_form_fields = [*Task.admin_form_fields, "stage"]
    admin_form_readonly_on_edit_fields = [*Task.admin_form_readonly_on_edit_fields, "stage"]

    class Meta:
        verbose_name = "review stage"

    @classmethod
    def get_description(cls) -> str:
        """What the administrator reads when choosing a kind of task."""
        return "Somebody entitled to this stage, who did not write the page, approves its exact words."

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        """Reviewers may open the page they review."""
        return self._may_review(user)

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """Nobody is locked out: any edit voids the approvals given so far, so an edit can do no harm."""
        return False

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, str, bool]]:
        """What ``user`` may do: ask for changes when entitled to the stage, approve when nothing speaks against it."""
        from cms.workflow import approval

        if not self._may_review(user):
            return []
        actions = [("reject", "Request changes", True)]
        if not approval.objections(obj.specific, stage=Stage(self.stage), user=user):
            actions += [("approve", "Approve", False), ("approve", "Approve with comment", True)]
        return actions

    def on_action(self, task_state: TaskState, user: Any, action_name: str, **options: Any) -> str:
        """Approve through the one function that may; ask for changes only with a reason.

        The page is the one that the step belongs to, whatever address was asked. Returns where the outcome is told.
        """
        from cms.workflow import approval, outcome, shown_words

        comment = str(options.get("comment", "")).strip()
        page = task_state.workflow_state.content_object.specific
        if action_name == "approve":
            digest = options.get("content_digest")
            page = shown_words.still_shown(page, stage=Stage(self.stage), user=user, content_digest=digest)
            approval.approve_task(task_state, page=page, user=user, comment=comment)
        elif action_name == "reject":
            approval.request_changes(task_state, page=page, user=user, comment=comment)
        return outcome.url_of(page)

    def get_task_states_user_can_moderate(self, user: Any, **options: Any) -> QuerySet[TaskState]:
        """The steps that wait for ``user``."""
        if not self._may_review(user):
            return TaskState.objects.none()
        return TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS, task=self.task_ptr)

    def _may_review(self, user: Any) -> bool:
        return user.has_perm(f"workflow.give_{self.stage}_approval")


class Override(models.Model):
    """One publication past the gate: which words, why, and by whom. Never changed, never deleted.

    ``revision_id`` carries the words, ``replaced_id`` those that were public until then. ``corrected_from`` is set when another
    draft was pending, which stays the newest one: the revision that was public when that draft was begun.
    """

    document_id = models.UUIDField()
    page_id = models.BigIntegerField(help_text="The page as it was numbered here; the override outlives it.")
    revision_id = models.BigIntegerField()
    replaced_id = models.BigIntegerField(null=True)
    corrected_from = models.BigIntegerField(null=True)
    content_digest = models.CharField(max_length=64)
    content = models.TextField(help_text="The words that were published, as canonical JSON.")
    title = models.CharField(max_length=255)
    findings = models.JSONField(default=list, help_text="What stood against these words.")
    reason = models.TextField(help_text="Why; the public can read it.")
    author_ids = models.JSONField(default=list, help_text="Who wrote these words; none of them may confirm.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="overrides")
    name = models.CharField(max_length=255)
    at = models.DateTimeField()
    confirm_by = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["document_id", "content_digest"], name="override_by_content")]
        constraints = [
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length("reason"), MIN_REASON_LENGTH), name="override_has_a_reason"
            ),
            models.CheckConstraint(condition=models.Q(confirm_by__gt=models.F("at")), name="override_has_a_deadline"),
        ]
        permissions = [("override_gate", "Can publish in an emergency, and confirm what somebody else published so")]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.title} by {self.name}"

    def logged(self, **more: Any) -> dict[str, Any]:
        """What a line in the page's history keeps of this override."""
        return {"override": self.pk, "digest": self.content_digest, **more}


class OverrideConfirmation(models.Model):
    """A second person's word that an override was right. Never changed, never deleted."""

    override = models.OneToOneField(Override, on_delete=models.PROTECT, related_name="confirmation")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="confirmations")
    name = models.CharField(max_length=255)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.override} confirmed by {self.name}"
