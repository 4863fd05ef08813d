"""Approvals, the workflow task that collects them, who has a review, what was asked for, and the overrides of an emergency.

An approval is bound to the digest of the content, not to a revision: autosave rewrites revisions in place, so a revision's
id proves nothing about its words. The row keeps the words themselves and the signer's name and credentials as they were;
database triggers refuse to change or delete it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual
from wagtail.models import Task, TaskState, WorkflowState

from cms.pages.stages import Stage
from cms.workflow.checklists import ChecklistPoint  # noqa: F401 - as below
from cms.workflow.inbox import Notification, NotificationChoice  # noqa: F401 - Django finds an app's tables from here
from cms.workflow.link_records import AddressUse, ExternalAddress, LinkHost, LinkReading  # noqa: F401 - as above

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
    checklist = models.JSONField(
        null=True, help_text="The points as they were, and which were ticked; empty from before there were checklists."
    )
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


# One step that collects both approvals, whichever comes first. The stages are named as the field of one stage names it,
# joined by “+”, so that whoever compares a workflow with the stages that a page type requires needs no table of names.
IN_ANY_ORDER = "+".join(Stage.values)


class ReviewTask(Task):
    """A step of a Wagtail workflow: one stage of review, or both of them in any order."""

    stage = models.CharField(
        max_length=20,
        choices=[*Stage.choices, (IN_ANY_ORDER, "Editorial and clinical review, in any order")],
        default=Stage.EDITORIAL,
    )

    admin_form_fields = [*Task.admin_form_fields, "stage"]
    admin_form_readonly_on_edit_fields = [*Task.admin_form_readonly_on_edit_fields, "stage"]

    class Meta:
        verbose_name = "review stage"

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages whose approvals this step collects."""
        return tuple(Stage(value) for value in self.stage.split("+"))

    @classmethod
    def get_description(cls) -> str:
        """What the administrator reads when choosing a kind of task."""
        return "Somebody entitled to this stage, who did not write the page, approves its exact words."

    def start(self, workflow_state: WorkflowState, user: Any = None) -> TaskState:
        """As Wagtail's; what was asked for before is answered by submitting, and whoever is named gets the step."""
        from cms.workflow import assignment, change_requests

        step = super().start(workflow_state, user=user)
        page = workflow_state.content_object.specific
        change_requests.close_open(page, user=user)
        assignment.name_reviewers(step, page=page, submitter=user)
        return step

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        """Reviewers may open the page they review."""
        return self._may_review(user)

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """Nobody is locked out: any edit voids the approvals given so far, so an edit can do no harm."""
        return False

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, str, bool]]:
        """What ``user`` may do: ask for changes when entitled to a stage, approve where nothing speaks against it."""
        from cms.workflow import deciding

        return deciding.actions_of(self, obj.specific, user)

    def get_form_for_action(self, action: str) -> Callable[..., forms.Form]:
        """The form of an approval holds the stage's checklist; that of a change request, the place it is about."""
        from cms.workflow import deciding

        return partial(deciding.form_of(action), action=action, task=self)

    def get_template_for_action(self, action: str) -> str:
        """A request for changes has a form of our own; approving leads to the review page, where the words are read."""
        from cms.workflow import deciding

        return "workflow/approve_there.html" if deciding.stage_of(action, self) else "workflow/decision_modal.html"

    def on_action(self, task_state: TaskState, user: Any, action_name: str, /, **options: Any) -> str:
        """Decide through the functions that may; whatever the form said is asked again there.

        The page is the one that the step belongs to, whatever address was asked. Returns where the outcome is told.
        """
        from cms.workflow import deciding, outcome

        page = task_state.workflow_state.content_object.specific
        deciding.decide(task_state, page=page, user=user, action=action_name, options=options)
        return outcome.url_of(page)

    def get_task_states_user_can_moderate(self, user: Any, **options: Any) -> QuerySet[TaskState]:
        """The steps that wait for ``user``."""
        if not self._may_review(user):
            return TaskState.objects.none()
        return TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS, task=self.task_ptr)

    def _may_review(self, user: Any) -> bool:
        return any(user.has_perm(f"workflow.give_{stage.value}_approval") for stage in self.stages)


class Assignment(models.Model):
    """Who has the review of one stage at one step, and by when. A help for people, and no right: others may decide, too.

    A row of its own and not a column of Wagtail's step: a step that collects two approvals is two people's.
    """

    step = models.ForeignKey(TaskState, on_delete=models.CASCADE, related_name="assignments")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="assigned_reviews"
    )
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    assigned_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["step", "stage"], name="assignment_once_per_stage")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="assignment_by_due")]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} of {self.step}"


class ChangeRequest(models.Model):
    """What a reviewer asked an author to change: on the whole page, or at one field or block. The row stays when it is closed.

    ``field`` and ``block_id`` name the place as a finding does; both are empty for the page as a whole.
    """

    page_id = models.BigIntegerField(db_index=True, help_text="The page as it is numbered here.")
    document_id = models.UUIDField()
    step_id = models.BigIntegerField(help_text="The step at which it was asked for.")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    field = models.CharField(max_length=100, blank=True)
    block_id = models.CharField(max_length=60, blank=True)
    comment = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="change_requests")
    name = models.CharField(max_length=255)
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    is_done = models.BooleanField(default=False, help_text="Somebody marked it done; otherwise submitting closed it.")

    class Meta:
        default_permissions = ()
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(comment=""), name="change_request_says_what"),
            models.CheckConstraint(
                condition=models.Q(block_id="") | ~models.Q(field=""), name="change_request_block_in_field"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.comment[:60]}"


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
