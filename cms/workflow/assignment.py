"""Who has a review: named from the start, claimed, given to somebody else, given back, and due on a day.

An assignment is a help for people and no right. Whoever is entitled to a stage may decide there, assigned or not: a colleague
who is ill must not hold up a correction, and the gate asks who signed, not who was asked to. Every act locks the step, so of
two people at the same moment the second is told; what is refused changes nothing and stands in the page's history.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import TaskState

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval, notifications
from cms.workflow.approval import Obstacle
from cms.workflow.models import Assignment
from cms.workflow.refusal import ReviewRefused, noted

# What is said of somebody else; ``Obstacle`` says it to the person.
_SAID_OF_OTHERS = {
    Obstacle.INACTIVE: "the login is not active",
    Obstacle.NOT_ENTITLED: "holds no role that gives {stage} approvals",
    Obstacle.WROTE: "changed this page since it was last published",
    Obstacle.NO_CREDENTIALS: "has no valid credentials and licence number on file",
    Obstacle.GAVE_THE_OTHER: "gave the other approval of these words",
}


class AssignmentRefused(ReviewRefused):
    """Somebody may not claim, give, give back or date a review; ``reasons`` says why, one sentence each."""


@dataclass(frozen=True)
class OpenStage:
    """One stage that a page waits for, and who has it."""

    stage: Stage
    assigned_to: Any = None
    assigned_by: Any = None
    assigned_at: datetime.datetime | None = None
    due_at: datetime.datetime | None = None
    is_overdue: bool = False


@dataclass(frozen=True)
class Waiting:
    """What a page waits for. A step that collects two approvals has up to two open stages, each with its own reviewer."""

    step: TaskState
    since: datetime.datetime
    open: tuple[OpenStage, ...]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that are still open."""
        return tuple(one.stage for one in self.open)

    @property
    def due_at(self) -> datetime.datetime | None:
        """When the first of the open stages is due."""
        return min((one.due_at for one in self.open if one.due_at), default=None)

    @property
    def assigned_to(self) -> Any:
        """Who has the first open stage that somebody has; ``None`` when nobody has any."""
        return next((one.assigned_to for one in self.open if one.assigned_to), None)

    @property
    def is_overdue(self) -> bool:
        """Whether an open stage should have been decided by now."""
        return any(one.is_overdue for one in self.open)


@dataclass(frozen=True)
class Reviewer:
    """Somebody who holds a role for a stage, and what keeps him from this page; possible when nothing does."""

    user: Any
    reasons: tuple[str, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Whether the review can be given to this person."""
        return not self.reasons


def waiting_of(page: PublicPage, *, now: datetime.datetime | None = None) -> Waiting | None:
    """What ``page`` waits for, or ``None`` when no review is in progress. ``now`` judges what is overdue."""
    step = page.current_workflow_task_state
    if step is None or not hasattr(step.task.specific, "stages"):
        return None
    now = now or timezone.now()
    people = step.assignments.select_related("assigned_to", "assigned_by")
    rows = {row.stage: row for row in people}
    return Waiting(step, step.started_at, tuple(_open(stage, rows, now) for stage in approval.open_stages(step, page)))


def possible_reviewers(page: PublicPage, stage: Stage) -> list[Reviewer]:
    """Everybody who holds a role for ``stage``, by name: who could review the newest draft of ``page``, and why others cannot."""
    holders = list(notifications.holders_of(stage))
    writers = approval.writers_among(page, holders)
    found = []
    for user in sorted(holders, key=lambda user: (user.display_name().casefold(), user.pk)):
        obstacles = approval.obstacles(page, stage=stage, user=user, writers=writers)
        reasons = [_SAID_OF_OTHERS[obstacle].format(stage=stage.label.lower()) for obstacle in obstacles]
        if not user.has_perm("wagtailadmin.access_admin"):
            reasons.append("has no access to the admin")
        found.append(Reviewer(user, tuple(reasons)))
    return found


def may_arrange(page: PublicPage, user: Any) -> bool:
    """Whether ``user`` may give the review of ``page`` to people: reviewers of an open stage, and who may publish the page."""
    waiting = waiting_of(page)
    if waiting is None or not user.is_active:
        return False
    is_reviewer = any(user.has_perm(f"workflow.give_{stage.value}_approval") for stage in waiting.stages)
    return is_reviewer or page.permissions_for_user(user).can_publish()


def claim(page: PublicPage, *, user: Any, stage: Stage | None = None) -> None:
    """``user`` takes the review of ``page`` at ``stage`` (or at the first open stage that he could give).

    Raises ``AssignmentRefused`` for whoever could not approve there, and when somebody else has it already.
    """
    with _arranging(page, user, "claim", stage) as waiting:
        asked = [one for one in waiting.open if stage in (None, one.stage)]
        able = [one for one in asked if not approval.objections(page, stage=one.stage, user=user)]
        if not able:
            raise AssignmentRefused(approval.objections(page, stage=asked[0].stage, user=user))
        chosen = next((one for one in able if one.assigned_to in (None, user)), able[0])
        if chosen.assigned_to not in (None, user):
            raise AssignmentRefused([f"{chosen.assigned_to.display_name()} has this review already."])
        if chosen.assigned_to is None:
            _give(waiting.step, chosen.stage, to=user, by=user)
            _note(page, user, "claimed", chosen.stage)


def assign(page: PublicPage, *, user: Any, to: Any, stage: Stage | None = None) -> None:
    """``user`` gives the review of ``page`` at ``stage`` to somebody who could approve there, who is told.

    Raises ``AssignmentRefused`` for whoever may not give reviews, and with the reasons why ``to`` cannot have it.
    """
    with _arranging(page, user, "assign", stage) as waiting:
        chosen = next(one for one in waiting.open if stage in (None, one.stage))
        if not (may_arrange(page, user) or user == chosen.assigned_to):
            raise AssignmentRefused(
                ["Only reviewers of this stage, and who may publish the page, give reviews to people."]
            )
        if to is None:
            raise AssignmentRefused(["Choose who gets the review."])
        known = {one.user.pk: one for one in possible_reviewers(page, chosen.stage)}
        stranger = Reviewer(to, (_SAID_OF_OTHERS[Obstacle.NOT_ENTITLED].format(stage=chosen.stage.label.lower()),))
        reviewer = known.get(to.pk, stranger)
        if not reviewer.is_possible:
            raise AssignmentRefused([f"{to.display_name()} cannot have this review: {', '.join(reviewer.reasons)}."])
        if to == chosen.assigned_to:
            return
        given = _give(waiting.step, chosen.stage, to=to, by=user)
        _note(page, user, "assigned", chosen.stage, to=to.display_name(), to_id=to.pk)
        notifications.tell_assigned(waiting.step, user=to, actor=user, stage=chosen.stage, at=given.assigned_at)


def release(page: PublicPage, *, user: Any, stage: Stage | None = None) -> None:
    """``user`` gives a review back, so that anybody entitled can take it: his own, or anybody's if he may publish the page.

    Raises ``AssignmentRefused`` when nobody has it, and for anybody else.
    """
    with _arranging(page, user, "release", stage) as waiting:
        taken = [one for one in waiting.open if one.assigned_to and stage in (None, one.stage)]
        if not taken:
            raise AssignmentRefused(["Nobody has this review."])
        chosen = next((one for one in taken if one.assigned_to == user), taken[0])
        if chosen.assigned_to != user and not page.permissions_for_user(user).can_publish():
            name = chosen.assigned_to.display_name()
            raise AssignmentRefused(
                [f"{name} has this review. Only who has it, or may publish the page, gives it back."]
            )
        _give(waiting.step, chosen.stage, to=None, by=user)
        _note(page, user, "released", chosen.stage, of=chosen.assigned_to.display_name())


def set_due(page: PublicPage, *, user: Any, due_at: datetime.datetime | None, stage: Stage | None = None) -> None:
    """``user`` says by when ``page`` should be reviewed at ``stage``; ``None`` takes the date back.

    The submitter may say so, too. Raises ``AssignmentRefused`` for anybody else, and for a moment that has passed.
    """
    with _arranging(page, user, "due", stage) as waiting:
        chosen = next(one for one in waiting.open if stage in (None, one.stage))
        if not (may_arrange(page, user) or user.pk == waiting.step.workflow_state.requested_by_id):
            raise AssignmentRefused(
                ["Only reviewers of this stage, the submitter, and who may publish the page, set a date."]
            )
        if due_at is not None and due_at <= timezone.now():
            raise AssignmentRefused(["The date has passed. Choose one that is still to come."])
        Assignment.objects.update_or_create(step=waiting.step, stage=chosen.stage, defaults={"due_at": due_at})
        _note(page, user, "due_set", chosen.stage, due_at=due_at.isoformat() if due_at else None)


def name_reviewers(step: TaskState, *, page: PublicPage, submitter: Any) -> None:
    """A step begins: who had it in the round before has it again; clinical review goes to the reviewer whom the page names.

    Only to somebody who could approve. Nobody is told more than that the page waits for review, which is told anyway.
    """
    before = Assignment.objects.filter(step__workflow_state=step.workflow_state, step__task=step.task)
    for stage in step.task.specific.stages:
        had = before.filter(stage=stage, assigned_to__isnull=False).exclude(step=step).order_by("-step__pk").first()
        user = had.assigned_to if had else _named_by(page, stage)
        if user is not None and not approval.obstacles(page, stage=stage, user=user):
            _give(step, stage, to=user, by=had.assigned_by if had else submitter)


def _named_by(page: PublicPage, stage: Stage) -> Any:
    """The login of the clinician whom an author chose on the page itself."""
    person = getattr(approval.draft_of(page), "clinical_reviewer", None) if stage == Stage.CLINICAL else None
    return getattr(person, "user", None)


def _open(stage: Stage, rows: dict[str, Assignment], now: datetime.datetime) -> OpenStage:
    row = rows.get(stage)
    if row is None:
        return OpenStage(stage)
    is_overdue = row.due_at is not None and row.due_at < now
    return OpenStage(stage, row.assigned_to, row.assigned_by, row.assigned_at, row.due_at, is_overdue)


@contextmanager
def _arranging(page: PublicPage, user: Any, act: str, stage: Stage | None) -> Iterator[Waiting]:
    """One transaction with the step locked; refused when the page, or the stage, does not wait."""
    with noted(page, action="attest.review.refused", user=user, act=act, stage=stage.value if stage else ""):
        step = page.current_workflow_task_state
        if step is None or not hasattr(step.task.specific, "stages"):
            raise AssignmentRefused(["This page does not wait for a review."])
        approval.locked_step(step, page)
        waiting = waiting_of(page)
        if waiting is None or (stage is not None and stage not in waiting.stages):
            raise AssignmentRefused(["This review is not open any more."])
        yield waiting


def _give(step: TaskState, stage: Stage, *, to: Any, by: Any) -> Assignment:
    values = {"assigned_to": to, "assigned_by": by, "assigned_at": timezone.now() if to else None}
    return Assignment.objects.update_or_create(step_id=step.pk, stage=stage, defaults=values)[0]


def _note(page: PublicPage, user: Any, act: str, stage: Stage, **more: Any) -> None:
    log(instance=page, action=f"attest.review.{act}", user=user, data={"stage": stage.value, **more})
