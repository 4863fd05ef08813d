"""What the review page and the checklist tell of a page: its findings with their places, and how far its review is.

Read from the newest draft, as the last save left it. Nothing here decides: the gate does.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from wagtail.models import TaskState

from cms.pages.document import digest_of
from cms.pages.findings import Finding
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval, gate
from cms.workflow.models import Approval

_MAX_VOID = 5
# Findings that tell of a missing approval: the stages tell of it, and of who can give it.
_APPROVALS = tuple(f"not_approved_{stage.value}" for stage in Stage)


@dataclass(frozen=True)
class Place:
    """A finding with the address at which it can be mended, and what that place is called."""

    finding: Finding
    url: str
    label: str


@dataclass(frozen=True)
class StageProgress:
    """How far one stage is: approved, waiting, to come, or not begun."""

    stage: Stage
    state: str
    given: Approval | None = None
    since: datetime.datetime | None = None
    is_lapsed: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that is told of one draft."""

    draft: PublicPage
    words: bytes
    saved_at: datetime.datetime | None
    blocking: list[Place]
    advice: list[Place]
    progress: list[StageProgress]

    @property
    def content_digest(self) -> str:
        """The digest of the draft's words: what an approval would sign."""
        return digest_of(self.words)

    @property
    def is_ready(self) -> bool:
        """Whether every approval is there and nothing blocks."""
        return not self.blocking and all(one.state == "approved" for one in self.progress)


def facts_of(page: PublicPage) -> Facts:
    """What there is to tell of the newest draft of ``page``."""
    draft = approval.draft_of(page)
    newest = page.latest_revision
    decision = gate.decide(draft)
    found = [finding for finding in decision.findings if finding.code not in _APPROVALS]
    places = [_place(page, finding) for finding in found]
    return Facts(
        draft=draft,
        words=draft.authored_bytes(),
        saved_at=newest.created_at if newest else None,
        blocking=[place for place in places if place.finding.is_blocking],
        advice=[place for place in places if not place.finding.is_blocking],
        progress=_progress_of(page, {Stage(given.stage): given for given in decision.approvals}),
    )


def _progress_of(page: PublicPage, standing: dict[Stage, Approval]) -> list[StageProgress]:
    """Each stage that ``page`` needs, in order, with its approval of exactly these words or its wait for one."""
    step = page.current_workflow_task_state
    waiting = set(stages_of(step)) if step and step.status == TaskState.STATUS_IN_PROGRESS else set()
    found = []
    for stage in page.required_stages:
        given = standing.get(stage)
        is_lapsed = bool(
            given and stage == Stage.CLINICAL and not given.user.has_valid_credentials(today=timezone.localdate())
        )
        if given and not is_lapsed:
            found.append(StageProgress(stage, "approved", given))
        elif stage in waiting and step:
            found.append(StageProgress(stage, "waiting", given, step.started_at, is_lapsed))
        else:
            found.append(StageProgress(stage, "to come" if step else "not begun", given, None, is_lapsed))
    return found


def stages_of(step: TaskState | None) -> tuple[Stage, ...]:
    """The stages that ``step`` collects; none when it is no review of ours."""
    task: Any = step.task.specific if step else None
    if hasattr(task, "stages"):
        return tuple(task.stages)
    return (Stage(task.stage),) if hasattr(task, "stage") else ()


def objections_of(page: PublicPage, step: TaskState | None, user: Any) -> list[str]:
    """Why ``user`` cannot approve at any stage of ``step``; empty for whoever can at one, and for who reviews nothing."""
    reasons = []
    for stage in stages_of(step):
        if user.has_perm(f"workflow.give_{stage.value}_approval"):
            found = approval.objections(page, stage=stage, user=user)
            if not found:
                return []
            reasons += found
    return list(dict.fromkeys(reasons))


def obstacles_to_publishing(page: PublicPage, facts: Facts, user: Any) -> list[str]:
    """Why the newest draft cannot be published by ``user`` now: missing approvals, findings that block, rights."""
    reasons = [
        f"{one.stage.label} has to approve this text."
        if one.state != "waiting"
        else f"{one.stage.label} has not approved this text yet."
        for one in facts.progress
        if one.state != "approved"
    ]
    if facts.blocking:
        number = len(facts.blocking)
        reasons.append(f"{number} finding{'s block' if number > 1 else ' blocks'} it; see above.")
    if not reasons and not page.permissions_for_user(user).can_publish():
        reasons.append("You do not hold a role that publishes. The last approval publishes by itself.")
    return reasons


def void_approvals(page: PublicPage, content_digest: str, public_digest: str | None) -> list[Approval]:
    """Approvals of other words of ``page`` than these and the public ones, newest first: an edit took their place."""
    given = Approval.objects.filter(document_id=document_id_of(page)).select_related("user")
    others = given.exclude(content_digest__in=[content_digest, public_digest or content_digest])
    public_at = given.filter(content_digest=public_digest).order_by("-at").values_list("at", flat=True).first()
    return list((others.filter(at__gt=public_at) if public_at else others).order_by("-at")[:_MAX_VOID])


def editor_address(page: PublicPage, field: str, block_id: str = "") -> str:
    """Where an editor finds this field or block: Wagtail opens its tab, scrolls there and focuses it."""
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    path = ".".join(part for part in (field, block_id) if part)
    return f"{url}#:w:contentpath={path}" if path else url


def label_of(page: PublicPage, field: str) -> str:
    """What an editor calls ``field``."""
    known: Any = next((one for one in page._meta.get_fields() if one.name == field), None)
    words = getattr(known, "verbose_name", None) or field.removesuffix("_links").replace("_", " ")
    return str(words)[:1].upper() + str(words)[1:]


def _place(page: PublicPage, finding: Finding) -> Place:
    label = label_of(page, finding.field) if finding.field else ""
    return Place(finding, editor_address(page, finding.field, finding.block_id), label)
