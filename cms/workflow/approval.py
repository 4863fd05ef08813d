"""Approving: who may, what exactly is approved, and what approvals stand for a content.

Approvals are written here only. ``approve`` refuses, and writes nothing, whenever ``objections`` has something to say;
``approve_public`` is for a renewed review, whose own objections are asked by whoever calls.
"""

import uuid
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import PageLogEntry, Revision, TaskState

from cms.pages.document import digest_of
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import change_requests, checklists, correction
from cms.workflow.authorship import AUTHORING_ACTIONS, wrote_public_words
from cms.workflow.models import Approval
from cms.workflow.refusal import ReviewRefused, noted

if TYPE_CHECKING:
    from cms.accounts.models import User


class ApprovalRefused(ReviewRefused):
    """Somebody may not approve, or ask for changes; ``reasons`` says why, one sentence each."""


class Obstacle(Enum):
    """What keeps a person from approving a page at a stage, as that person is told."""

    INACTIVE = "This login is not active."
    NOT_ENTITLED = "You do not hold a role that gives {stage} approvals."
    WROTE = (
        "You changed this page since it was last published, or wrote its public words. "
        "Somebody who did not write it has to approve."
    )
    NO_CREDENTIALS = "Clinical approval needs credentials and a licence number on file that have not expired."
    GAVE_THE_OTHER = "You gave the other approval of these words. Two people look at a page beside its author."


def has_written(page: PublicPage, user: Any) -> bool:
    """Whether ``user`` changed the words of ``page`` since the words that are public, or made a page that never was public.

    Revisions name their author, but can be purged; the page's log names who edited, and cannot be deleted in the admin: both
    are asked. A revision that left the words as they were, a comment for example, makes nobody an author: reviewers comment.
    """
    number = correction.baseline(page) if page.live else None
    public = Revision.objects.filter(pk=number).first() if number else None
    revisions = page.revisions.order_by("pk")
    entries = PageLogEntry.objects.filter(page=page.pk, action__in=AUTHORING_ACTIONS, user=user.pk)
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
    if any(has_changed_words(page, revision, corrections) for revision in revisions.filter(user=user.pk)):
        return True
    # A draft that only repeats the public words was written by those who wrote them.
    return (
        public is not None
        and wrote_public_words(page, user)
        and draft_of(page).content_digest() == page.content_digest()
    )


def has_changed_words(page: PublicPage, revision: Revision, corrections: Collection[int] = ()) -> bool:
    """Whether ``revision`` has other words than the draft before it; what has nothing before it is new.

    ``corrections`` are primary keys of revisions that corrected the public words beside the draft.
    """
    before = page.revisions.filter(pk__lt=revision.pk).exclude(pk__in=corrections).order_by("-pk").first()
    return before is None or before.as_object().content_digest() != revision.as_object().content_digest()


def writers_among(page: PublicPage, users: Iterable[Any]) -> set[int]:
    """Those of ``users`` who have written the newest draft of ``page`` (``has_written``), by primary key."""
    known = {page.owner_id, *page.revisions.values_list("user_id", flat=True)}
    known |= set(
        PageLogEntry.objects.filter(page=page.pk, action__in=AUTHORING_ACTIONS).values_list("user_id", flat=True)
    )
    return {user.pk for user in users if user.pk in known and has_written(page, user)}


def obstacles(page: PublicPage, *, stage: Stage, user: Any, writers: Collection[int] | None = None) -> list[Obstacle]:
    """What keeps ``user`` from approving the newest draft of ``page`` at ``stage``; empty when nothing does.

    ``writers`` are the primary keys of those who wrote it, when the caller knows them already.
    """
    found = []
    if not user.is_active:
        found.append(Obstacle.INACTIVE)
    if not user.has_perm(f"workflow.give_{stage.value}_approval"):
        found.append(Obstacle.NOT_ENTITLED)
    if has_written(page, user) if writers is None else user.pk in writers:
        found.append(Obstacle.WROTE)
    if stage == Stage.CLINICAL and not user.has_valid_credentials(today=timezone.localdate()):
        found.append(Obstacle.NO_CREDENTIALS)
    if _gave_the_other(page, stage, user):
        found.append(Obstacle.GAVE_THE_OTHER)
    return found


def objections(page: PublicPage, *, stage: Stage, user: Any) -> list[str]:
    """Why ``user`` may not approve the newest draft of ``page`` at ``stage``; empty when nothing speaks against it."""
    return [found.value.format(stage=stage.label.lower()) for found in obstacles(page, stage=stage, user=user)]


def _gave_the_other(page: PublicPage, stage: Stage, user: Any) -> bool:
    """Whether ``user`` approved exactly these words at another stage: one pair of eyes does not count twice."""
    if len(page.required_stages) < 2:
        return False
    given = Approval.objects.filter(document_id=document_id_of(page), user=user.pk).exclude(stage=stage.value)
    digests = set(given.values_list("content_digest", flat=True))
    return bool(digests) and draft_of(page).content_digest() in digests


def approve(
    page: PublicPage, *, stage: Stage, user: "User", comment: str = "", ticked: Collection[str] = ()
) -> Approval:
    """Record that ``user`` approves the newest draft of ``page`` at ``stage``.

    ``ticked`` are the keys of the checklist's points that the person confirmed. Raises ``ApprovalRefused`` with every reason
    when ``objections`` has any or a required point is missing; nothing is written then but a line in the page's history.
    """
    with _refusal_logged(page, stage, user):
        return _sign(page, stage, user, comment, ticked)


def approve_task(
    task_state: TaskState,
    *,
    page: PublicPage,
    user: "User",
    stage: Stage | None = None,
    comment: str = "",
    ticked: Collection[str] = (),
) -> Approval:
    """Approve at ``task_state`` and move the workflow on once its stages are approved; the last one ends it.

    ``stage`` has to be said where a step collects several. Raises ``ApprovalRefused``, also when the step is no longer the
    one that waits, or somebody approved these words at that stage already.
    """
    from cms.workflow import notifications

    stages = task_state.task.specific.stages
    stage = stage or stages[0]
    with _refusal_logged(page, stage, user):
        step = locked_step(task_state, page)
        if stage not in open_stages(step, page):
            raise ApprovalRefused([f"{stage.label} is not open at this step: somebody approved these words already."])
        given = _sign(page, stage, user, comment, ticked)
        _bring_up_to_newest(step, page, given)
        if open_stages(step, page) and len(stages) > 1:
            log(
                instance=page,
                action="attest.approval.given",
                user=user,
                data={"stage": stage.value, "comment": comment},
            )
        else:
            step.approve(user=user, comment=comment)
        if len(stages) > 1:
            notifications.tell_approved(step, stage=stage, actor=user)
        return given


def open_stages(step: TaskState, page: PublicPage) -> tuple[Stage, ...]:
    """The stages that ``step`` still needs for the newest words of ``page``; the stage itself where it collects but one.

    What counts was given since the step began: whoever submits a page again asks everybody again.
    """
    stages: tuple[Stage, ...] = step.task.specific.stages
    if len(stages) == 1:
        return stages
    today = timezone.localdate()
    signed = {
        stage
        for stage, given in standing(document_id_of(page), draft_of(page).content_digest()).items()
        if given.at >= step.started_at and (stage != Stage.CLINICAL or given.user.has_valid_credentials(today=today))
    }
    return tuple(stage for stage in stages if stage not in signed)


def request_changes(
    task_state: TaskState, *, page: PublicPage, user: Any, comment: str, field: str = "", block_id: str = ""
) -> None:
    """Send the page back to its author, with ``comment`` about the whole page, or about one field or block.

    Raises ``ApprovalRefused`` without a right to a stage of the step, without a reason, or for a place that there is not.
    """
    stages = task_state.task.specific.stages
    stage = next((one for one in stages if user.has_perm(f"workflow.give_{one.value}_approval")), None)
    with _refusal_logged(page, stage or stages[0], user):
        step = locked_step(task_state, page)
        if stage is None:
            raise ApprovalRefused([f"You do not hold a role that gives {stages[0].label.lower()} approvals."])
        if not comment:
            raise ApprovalRefused(["Say what has to change: the author sees only your words."])
        draft = draft_of(page)
        if not change_requests.is_place(draft, field, block_id):
            raise ApprovalRefused(["The place that your comment is about is not there any more. Choose it again."])
        change_requests.record(step, page=page, stage=stage, user=user, comment=comment, field=field, block_id=block_id)
        step.reject(user=user, comment=comment)


def _refusal_logged(page: PublicPage, stage: Stage, user: Any) -> AbstractContextManager[None]:
    return noted(page, action="attest.approval.refused", user=user, stage=stage.value)


def locked_step(task_state: TaskState, page: PublicPage) -> TaskState:
    """The step as it stands now, locked: of two people who decide at the same moment, the second is told.

    Raises ``ApprovalRefused`` when it is no longer the one that waits.
    """
    step = TaskState.objects.select_for_update().get(pk=task_state.pk)
    if step.status != TaskState.STATUS_IN_PROGRESS or page.current_workflow_task_state != step:
        raise ApprovalRefused(["This step is no longer waiting for a decision."])
    return step


def _sign(page: PublicPage, stage: Stage, user: "User", comment: str, ticked: Collection[str] = ()) -> Approval:
    draft = draft_of(page)
    points = checklists.points_of(stage)
    reasons = objections(page, stage=stage, user=user)
    if stage not in page.required_stages:
        reasons.append(f"Pages of this type need no {stage.label.lower()}.")
    reasons = reasons or checklists.missing_of(points, ticked)
    if reasons:
        raise ApprovalRefused(reasons)
    return _recorded(draft, stage, user, comment, checklists.kept(points, ticked))


def _recorded(
    page: PublicPage, stage: Stage, user: "User", comment: str, checklist: list[checklists.Checked]
) -> Approval:
    """The row of an approval of the words that ``page`` holds in memory, with the signer as they are now."""
    content = page.authored_bytes()
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
        checklist=checklist,
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
        if set(getattr(earlier.task.specific, "stages", [None])) <= set(signed):
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


def approve_public(page: PublicPage, *, user: "User", comment: str = "", ticked: Collection[str] = ()) -> Approval:
    """Record that ``user`` reviewed the words of the live ``page`` once more, as a clinician; drafts are left alone.

    Whoever calls has asked whether ``user`` may, and whether the checklist is complete (``renewal``).
    """
    checklist = checklists.kept(checklists.points_of(Stage.CLINICAL), ticked)
    return _recorded(page, Stage.CLINICAL, user, comment, checklist)
