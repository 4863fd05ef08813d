"""Approving: who may, what exactly is approved, and what approvals stand for a content.

``approve`` is the only writer of approvals. It refuses, and writes nothing, whenever ``objections`` has something to say.
"""

import uuid
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import PageLogEntry, TaskState

from cms.pages.document import digest_of
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow.models import Approval

if TYPE_CHECKING:
    from cms.accounts.models import User

# Log actions that mean somebody changed the words of a page, or made it.
_AUTHORING_ACTIONS = (
    "wagtail.create",
    "wagtail.edit",
    "wagtail.revert",
    "wagtail.rename",
    "wagtail.copy",
    "wagtail.convert_alias",
    "wagtail.copy_for_translation",
)


class ApprovalRefused(PermissionDenied):
    """Somebody may not approve; ``reasons`` says why, one sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


def authors_since_publication(page: PublicPage) -> set[int]:
    """Primary keys of everybody who changed the words of ``page`` since it was last published, or who created it.

    Revisions name their author, but can be purged; the page's log names who edited, and cannot be deleted in the admin.
    Both are asked.
    """
    revisions = page.revisions.filter(user__isnull=False)
    entries = PageLogEntry.objects.filter(page=page.pk, action__in=_AUTHORING_ACTIONS, user__isnull=False)
    authors: set[int] = set()
    if page.live and page.live_revision_id and page.last_published_at:
        # Revisions up to the public one are settled, unless autosave has rewritten it afterwards.
        revisions = revisions.filter(created_at__gt=page.last_published_at)
        entries = entries.filter(timestamp__gt=page.last_published_at)
    elif page.owner_id:
        authors.add(page.owner_id)
    authors.update(revisions.values_list("user_id", flat=True))
    authors.update(entries.values_list("user_id", flat=True))
    return authors


def objections(page: PublicPage, *, stage: Stage, user: Any) -> list[str]:
    """Why ``user`` may not approve the newest draft of ``page`` at ``stage``; empty when nothing speaks against it."""
    reasons = []
    if not user.is_active:
        reasons.append("This login is not active.")
    if not user.has_perm(f"workflow.give_{stage.value}_approval"):
        reasons.append(f"You do not hold a role that gives {stage.label.lower()} approvals.")
    if user.pk in authors_since_publication(page):
        reasons.append(
            "You changed this page since it was last published. Somebody who did not write it has to approve."
        )
    if stage == Stage.CLINICAL and not user.has_valid_credentials(today=timezone.localdate()):
        reasons.append("Clinical approval needs credentials and a licence number on file that have not expired.")
    return reasons


def approve(page: PublicPage, *, stage: Stage, user: "User", comment: str = "") -> Approval:
    """Record that ``user`` approves the newest draft of ``page`` at ``stage``.

    Raises ``ApprovalRefused`` with every reason when ``objections`` has any; nothing is written then.
    """
    draft = draft_of(page)
    reasons = objections(page, stage=stage, user=user)
    if stage not in page.required_stages:
        reasons.append(f"Pages of this type need no {stage.label.lower()}.")
    if reasons:
        log(instance=page, action="attest.approval.refused", user=user, data={"stage": stage.value, "reasons": reasons})
        raise ApprovalRefused(reasons)
    content = draft.authored_bytes()
    return Approval.objects.create(
        document_id=document_id_of(page),
        page_id=page.pk,
        stage=stage,
        content_digest=digest_of(content),
        content=content.decode(),
        user=user,
        name=user.display_name(),
        credentials=user.credentials,
        comment=comment,
        at=timezone.now(),
    )


@transaction.atomic
def approve_task(task_state: TaskState, *, page: PublicPage, user: "User", comment: str = "") -> Approval:
    """Approve at the stage of ``task_state`` and move the workflow on; the last stage ends it."""
    if task_state.status != TaskState.STATUS_IN_PROGRESS or page.current_workflow_task_state != task_state:
        raise ApprovalRefused(["This step is no longer waiting for a decision."])
    stage = Stage(task_state.task.specific.stage)
    given = approve(page, stage=stage, user=user, comment=comment)
    if task_state.revision_id != page.latest_revision_id:
        # The page was edited while it waited: what was approved is the newest text, and the step says so.
        task_state.revision = page.latest_revision
        task_state.save(update_fields=["revision"])
    task_state.approve(user=user, comment=comment)
    return given


@transaction.atomic
def request_changes(task_state: TaskState, *, page: PublicPage, user: Any, comment: str) -> None:
    """Send the page back to its author. Raises ``ApprovalRefused`` without a right to the stage or without a reason."""
    if task_state.status != TaskState.STATUS_IN_PROGRESS or page.current_workflow_task_state != task_state:
        raise ApprovalRefused(["This step is no longer waiting for a decision."])
    stage = Stage(task_state.task.specific.stage)
    if not user.has_perm(f"workflow.give_{stage.value}_approval"):
        raise ApprovalRefused([f"You do not hold a role that gives {stage.label.lower()} approvals."])
    if not comment:
        raise ApprovalRefused(["Say what has to change: the author sees only your words."])
    task_state.reject(user=user, comment=comment)


def draft_of(page: PublicPage) -> PublicPage:
    """The newest draft of ``page`` as an object; the page itself when it has no revision."""
    latest = page.get_latest_revision()
    return latest.as_object() if latest else page.specific


def standing(document_id: uuid.UUID, content_digest: str) -> dict[Stage, Approval]:
    """The newest approval of each stage for exactly this content, given by somebody whose login still stands."""
    found: dict[Stage, Approval] = {}
    rows = Approval.objects.filter(document_id=document_id, content_digest=content_digest).select_related("user")
    for given in rows:
        if given.user.is_active:
            found[Stage(given.stage)] = given
    return found
