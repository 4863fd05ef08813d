"""Deciding on a step: what a reviewer can choose, the forms that ask for the rest, and what arrives from them.

Wagtail's forms are a kindness to the person at the keyboard. The editor passes on whatever the browser sent without asking a
form, so nothing here is believed: ``approval`` asks everything again.
"""

from typing import Any

from django import forms
from django.utils.html import format_html
from wagtail.models import TaskState

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval, checklists, shown_words
from cms.workflow.models import ReviewTask
from cms.workflow.refusal import noted

APPROVE = "approve"
REQUEST_CHANGES = "reject"
MAX_COMMENT_LENGTH = 5000


class PointsField(forms.MultipleChoiceField):
    """The points of a checklist, by their keys."""

    def valid_value(self, value: Any) -> bool:
        """A key that is none any more ticks nothing; what it leaves unticked is said."""
        return True


class ApprovalForm(forms.Form):
    """The stage's checklist, and a comment that need not be."""

    points = PointsField(label="I confirm", required=False, widget=forms.CheckboxSelectMultiple)
    comment = forms.CharField(
        label="Comment", required=False, max_length=MAX_COMMENT_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
    )
    # Whatever was sent: a form that complains of it would refuse without a line in the history.
    content_digest = forms.Field(required=False, widget=forms.HiddenInput)
    # Sent by our own form: only there can something be put right. Any other request is judged, and noted, by ``approval``.
    is_shown = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, action: str, task: ReviewTask, **options: Any) -> None:
        super().__init__(*args, **options)
        stage = stage_of(action, task)
        self.checklist = checklists.points_of(stage) if stage else []
        self.fields["points"].choices = [(point.key, label_of(point)) for point in self.checklist]  # type: ignore[attr-defined]
        if not self.checklist:
            del self.fields["points"]

    def clean(self) -> dict[str, Any]:
        """Complain of what is missing where the person can see it."""
        cleaned = super().clean() or {}
        ticked = cleaned.get("points", [])
        missing = checklists.missing_of(self.checklist, ticked)
        if missing and cleaned.get("is_shown"):
            self.add_error("points", " ".join(missing))
        cleaned.pop("is_shown", None)
        return cleaned


class ChangesForm(forms.Form):
    """What has to change, and where."""

    comment = forms.CharField(
        label="What has to change",
        required=False,
        max_length=MAX_COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "required": True}),
    )
    place = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    is_shown = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, action: str, task: ReviewTask, **options: Any) -> None:
        super().__init__(*args, **options)

    def clean(self) -> dict[str, Any]:
        """As above."""
        cleaned = super().clean() or {}
        if cleaned.get("is_shown") and not cleaned.get("comment"):
            self.add_error("comment", "Say what has to change: the author sees only your words.")
        cleaned.pop("is_shown", None)
        return cleaned


def actions_of(task: ReviewTask, page: PublicPage, user: Any) -> list[tuple[str, str, bool]]:
    """What ``user`` may do at ``task``, as Wagtail asks for it: name, words on the button, whether a form follows."""
    if not any(user.has_perm(f"workflow.give_{stage.value}_approval") for stage in task.stages):
        return []
    actions = [(REQUEST_CHANGES, "Request changes", True)]
    for stage in _open_stages(task, page):
        if approval.objections(page, stage=stage, user=user):
            continue
        name, label = APPROVE, "Approve"
        if len(task.stages) > 1:
            name, label = f"{APPROVE}_{stage.value}", f"Approve ({stage.label.lower()})"
        # Never by one press: Wagtail's own button would send nothing of what was read.
        actions.append((name, label, True))
    return actions


def form_of(action: str) -> type[ApprovalForm] | type[ChangesForm]:
    """The form that asks for what ``action`` needs."""
    return ChangesForm if action == REQUEST_CHANGES else ApprovalForm


def stage_of(action: str, task: ReviewTask) -> Stage | None:
    """The stage at which ``action`` approves; ``None`` when it approves nothing, or nothing of this task."""
    if action == APPROVE:
        return task.stages[0] if len(task.stages) == 1 else None
    return next((stage for stage in task.stages if action == f"{APPROVE}_{stage.value}"), None)


def decide(task_state: TaskState, *, page: PublicPage, user: Any, action: str, options: dict[str, Any]) -> None:
    """Do what ``action`` says with what a form, or a request that skipped it, sent along in ``options``.

    Raises ``ApprovalRefused``. An action that there is not does nothing: Wagtail has refused it already.
    """
    task = task_state.task.specific
    comment = _text(options.get("comment"))
    if action == REQUEST_CHANGES:
        field, _colon, block_id = _text(options.get("place")).partition(":")
        field = _text(options.get("field")) or field
        block_id = _text(options.get("block_id")) or block_id
        approval.request_changes(
            task_state, page=page, user=user, comment=comment, field=field[:100], block_id=block_id[:60]
        )
    elif stage := stage_of(action, task):
        sent = options.get("points")
        ticked = {point for point in sent if isinstance(point, str)} if isinstance(sent, list | tuple) else set()
        with noted(page, action="attest.approval.refused", user=user, stage=stage.value):
            page = shown_words.still_shown(page, options.get("content_digest"))
            approval.approve_task(task_state, page=page, user=user, stage=stage, comment=comment, ticked=ticked)


def _open_stages(task: ReviewTask, page: PublicPage) -> tuple[Stage, ...]:
    """What is open at the page's current step, when that is a step of ``task``; otherwise all that the task collects."""
    if len(task.stages) == 1:
        return task.stages
    step = page.current_workflow_task_state
    return approval.open_stages(step, page) if step and step.task_id == task.pk else task.stages


def label_of(point: checklists.ChecklistPoint) -> str:
    """The words of a point beside its box, with what to look at below them."""
    required = "" if point.is_required else " (if it applies)"
    if not point.explanation:
        return format_html("{}{}", point.text, required)
    # One element, since the admin lays a label's parts out side by side.
    return format_html("<span>{}{}<br><small>{}</small></span>", point.text, required, point.explanation)


def _text(value: Any) -> str:
    """``value`` as text that every database takes: no half characters, no zeros, nothing endless."""
    text = str(value or "").replace("\x00", "").encode("utf-8", "ignore").decode()
    return text.strip()[:MAX_COMMENT_LENGTH]
