"""Approving: who may, what exactly is approved, and what approvals stand for a content.

``approve`` is the only writer of approvals. It refuses, and writes nothing, whenever ``objections`` has something to say.
"""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import PageLogEntry, Revision, TaskState

from cms.pages.document import digest_of
from cms.pages.identity import document_id_of
from cms.pages.locking import lock_pages
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import correction
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


def has_written(page: PublicPage, user: Any) -> bool:
    """Whether ``user`` changed the words of ``page`` since the words that are public, or made a page that never was public.

    Revisions name their author, but can be purged; the page's log names who edited, and cannot be deleted in the admin: both
    are asked. A revision that left the words as they were, a comment for example, makes nobody an author: reviewers comment.
    """
    number = correction.baseline(page) if page.live else None
    public = Revision.objects.filter(pk=number).first() if number else None
    revisions = page.revisions.order_by("pk")
    entries = PageLogEntry.objects.filter(page=page.pk, action__in=_AUTHORING_ACTIONS, user=user.pk)
    corrections = correction.corrections_after(page, public.pk) if public else set()
    if corrections:
        # Public already, beside the draft that is judged here: nobody becomes that draft's author by them.
        revisions = revisions.exclude(pk__in=corrections)
        entries = entries.exclude(revision__in=corrections)
    if public:
        # By number, not by time: a scheduled revision can become public after later ones were written.
        revisions = revisions.filter(pk__gt=public.pk)
        entries = entries.filter(Q(revision__gt=public.pk) | Q(revision__isnull=True, timestamp__gt=public.created_at))
    elif page.owner_id == user.pk:
        return True
    if entries.exclude(revision__in=revisions).exists():
        return True
    return any(has_changed_words(page, revision, corrections) for revision in revisions.filter(user=user.pk))


def has_changed_words(page: PublicPage, revision: Revision, corrections: Collection[int] = ()) -> bool:
    """Whether ``revision`` has other words than the draft before it; what has nothing before it is new.

    ``corrections`` are primary keys of revisions that corrected the public words beside the draft.
    """
    before = page.revisions.filter(pk__lt=revision.pk).exclude(pk__in=corrections).order_by("-pk").first()
    return before is None or before.as_object().content_digest() != revision.as_object().content_digest()


def objections(page: PublicPage, *, stage: Stage, user: Any) -> list[str]:
    """Why ``user`` may not approve the newest draft of ``page`` at ``stage``; empty when nothing speaks against it."""
    reasons = []
    if not user.is_active:
        reasons.append("This login is not active.")
    if not user.has_perm(f"workflow.give_{stage.value}_approval"):
        reasons.append(f"You do not hold a role that gives {stage.label.lower()} approvals.")
    if has_written(page, user):
        reasons.append(
            "You changed this page since it was last published. Somebody who did not write it has to approve."
        )
    if stage == Stage.CLINICAL and not user.has_valid_credentials(today=timezone.localdate()):
        reasons.append("Clinical approval needs credentials and a licence number on file that have not expired.")
    return reasons


def approve(page: PublicPage, *, stage: Stage, user: "User", comment: str = "") -> Approval:
    """Record that ``user`` approves the newest draft of ``page`` at ``stage``.

    Raises ``ApprovalRefused`` with every reason when ``objections`` has any; nothing is written then but a line in the
    page's history.
    """
    with _refusal_logged(page, stage, user):
        return _sign(page, stage, user, comment)


def approve_task(task_state: TaskState, *, page: PublicPage, user: "User", comment: str = "") -> Approval:
    """Approve at the stage of ``task_state`` and move the workflow on; the last stage ends it.

    Raises ``ApprovalRefused``, also when the step is no longer the one that waits.
    """
    stage = Stage(task_state.task.specific.stage)
    with _refusal_logged(page, stage, user):
        step = _waiting(task_state, page)
        given = _sign(page, stage, user, comment)
        _bring_up_to_newest(step, page, given)
        step.approve(user=user, comment=comment)
        return given


def request_changes(task_state: TaskState, *, page: PublicPage, user: Any, comment: str) -> None:
    """Send the page back to its author. Raises ``ApprovalRefused`` without a right to the stage or without a reason."""
    stage = Stage(task_state.task.specific.stage)
    with _refusal_logged(page, stage, user):
        step = _waiting(task_state, page)
        if not user.has_perm(f"workflow.give_{stage.value}_approval"):
            raise ApprovalRefused([f"You do not hold a role that gives {stage.label.lower()} approvals."])
        if not comment:
            raise ApprovalRefused(["Say what has to change: the author sees only your words."])
        step.reject(user=user, comment=comment)


@contextmanager
def _refusal_logged(page: PublicPage, stage: Stage, user: Any) -> Iterator[None]:
    """One transaction; what it refuses is undone, and then noted in the page's history."""
    try:
        with transaction.atomic():
            # Who edits or publishes at the same moment comes before this decision or after it.
            lock_pages([page.pk])
            yield
    except ApprovalRefused as refusal:
        log(
            instance=page,
            action="attest.approval.refused",
            user=user,
            data={"stage": stage.value, "reasons": refusal.reasons},
        )
        raise


def _waiting(task_state: TaskState, page: PublicPage) -> TaskState:
    """The step as it stands now, locked: of two people who decide at the same moment, the second is told."""
    step = TaskState.objects.select_for_update().get(pk=task_state.pk)
    if step.status != TaskState.STATUS_IN_PROGRESS or page.current_workflow_task_state != step:
        raise ApprovalRefused(["This step is no longer waiting for a decision."])
    return step


def _sign(page: PublicPage, stage: Stage, user: "User", comment: str) -> Approval:
    draft = draft_of(page)
    reasons = objections(page, stage=stage, user=user)
    if stage not in page.required_stages:
        reasons.append(f"Pages of this type need no {stage.label.lower()}.")
    if reasons:
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


def _bring_up_to_newest(step: TaskState, page: PublicPage, given: Approval) -> None:
    """Note the newest revision on this step, and on the earlier ones whose approval stands for the same words.

    Wagtail asks every stage again when a revision came after its decision. A save that changed no word makes such a
    revision, too; what was approved is the content.
    """
    newest = page.get_latest_revision()
    signed = standing(given.document_id, given.content_digest)
    step.revision = newest
    step.save(update_fields=["revision"])
    for earlier in step.workflow_state.task_states.filter(status=TaskState.STATUS_APPROVED):
        if getattr(earlier.task.specific, "stage", None) in signed:
            earlier.revision = newest
            earlier.save(update_fields=["revision"])


def draft_of(page: PublicPage) -> PublicPage:
    """The newest draft of ``page`` as an object; the page itself when it has no revision."""
    latest = page.get_latest_revision()
    return latest.as_object() if latest else page.specific


def standing(document_id: uuid.UUID, content_digest: str) -> dict[Stage, Approval]:
    """The approval of each stage for exactly this content, given by somebody whose login still stands.

    The newest one counts; of clinical approvals, the newest by somebody whose credentials are still valid.
    """
    return standing_among([(document_id, content_digest)])[document_id, content_digest]


def standing_among(contents: Collection[tuple[uuid.UUID, str]]) -> dict[tuple[uuid.UUID, str], dict[Stage, Approval]]:
    """As ``standing``, for many contents in one query: each is a document id and a content digest."""
    today = timezone.localdate()
    found: dict[tuple[uuid.UUID, str], dict[Stage, Approval]] = {content: {} for content in contents}
    rows = Approval.objects.filter(
        document_id__in={document_id for document_id, _digest in found},
        content_digest__in={digest for _document_id, digest in found},
    )
    for given in rows.select_related("user"):
        # The two lists can meet crosswise: one document's id with the words of another one's approval.
        by_stage = found.get((given.document_id, given.content_digest))
        if by_stage is None or not given.user.is_active:
            continue
        stage = Stage(given.stage)
        has_lapsed = stage == Stage.CLINICAL and not given.user.has_valid_credentials(today=today)
        if not (has_lapsed and stage in by_stage):
            by_stage[stage] = given
    return found
