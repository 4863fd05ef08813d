"""What the review page and the checklist tell of a page: its findings with their places, and how far its review is.

Read from the newest draft, as the last save left it. Nothing here decides: the gate does.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from cms.pages.document import digest_of
from cms.pages.findings import Finding
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval, assignment, change_requests, gate
from cms.workflow.assignment import OpenStage, Waiting
from cms.workflow.models import Approval, ChangeRequest

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
class Asked:
    """An open request for changes, and the address of what it is about; no label: the page as a whole."""

    request: ChangeRequest
    url: str
    label: str


@dataclass(frozen=True)
class StageProgress:
    """How far one stage is: approved, waiting, to come, or not begun; where it waits, since when and for whom."""

    stage: Stage
    state: str
    given: Approval | None = None
    since: datetime.datetime | None = None
    waits: OpenStage | None = None
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
    requests: list[Asked]
    waiting: Waiting | None

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
    decision = gate.decide(draft, with_advice=True)
    found = [finding for finding in decision.findings if finding.code not in _APPROVALS]
    places = [_place(page, finding) for finding in found]
    waiting = assignment.waiting_of(page)
    return Facts(
        draft=draft,
        words=draft.authored_bytes(),
        saved_at=newest.created_at if newest else None,
        blocking=[place for place in places if place.finding.is_blocking],
        advice=[place for place in places if not place.finding.is_blocking],
        progress=_progress_of(page, waiting, {Stage(given.stage): given for given in decision.approvals}),
        waiting=waiting,
        requests=[_asked(page, draft, request) for request in change_requests.changes_requested_of(page)],
    )


def _progress_of(page: PublicPage, waiting: Waiting | None, standing: dict[Stage, Approval]) -> list[StageProgress]:
    """Each stage that ``page`` needs, in order, with its approval of exactly these words or its wait for one."""
    open_stages = {one.stage: one for one in waiting.open} if waiting else {}
    found = []
    for stage in page.required_stages:
        given, waits = standing.get(stage), open_stages.get(stage)
        today = timezone.localdate()
        is_lapsed = bool(given and stage == Stage.CLINICAL and not given.user.has_valid_credentials(today=today))
        if waits and waiting:
            found.append(StageProgress(stage, "waiting", given, waiting.since, waits, is_lapsed))
        elif given and not is_lapsed:
            found.append(StageProgress(stage, "approved", given))
        else:
            found.append(StageProgress(stage, "to come" if waiting else "not begun", given, is_lapsed=is_lapsed))
    return found


def objections_of(page: PublicPage, facts: Facts, user: Any) -> list[str]:
    """Why ``user`` cannot approve at any stage that waits; empty for whoever can at one, and for who reviews nothing."""
    reasons = []
    for stage in facts.waiting.stages if facts.waiting else ():
        if user.has_perm(f"workflow.give_{stage.value}_approval"):
            found = approval.objections(page, stage=stage, user=user)
            if not found:
                return []
            reasons += found
    return list(dict.fromkeys(reasons))


def obstacles_to_publishing(page: PublicPage, facts: Facts, user: Any) -> list[str]:
    """Why the newest draft cannot be published by ``user`` now: missing approvals, findings that block, rights."""
    reasons = [_missing(one) for one in facts.progress if one.state != "approved"]
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


def label_of(page: PublicPage, field: str) -> str:
    """What an editor calls ``field``."""
    known: Any = next((one for one in page._meta.get_fields() if one.name == field), None)
    words = getattr(known, "verbose_name", None) or field.removesuffix("_links").replace("_", " ")
    return str(words)[:1].upper() + str(words)[1:]


def _missing(one: StageProgress) -> str:
    if one.state != "waiting":
        return f"{one.stage.label} has to approve this text."
    holder = one.waits.assigned_to if one.waits else None
    return f"{one.stage.label} has not approved this text yet" + (
        f"; {holder.display_name()} has it." if holder else "."
    )


def _place(page: PublicPage, finding: Finding) -> Place:
    label = label_of(page, finding.field) if finding.field else ""
    return Place(finding, _address(page, finding.field, finding.block_id), label)


def _asked(page: PublicPage, draft: PublicPage, request: ChangeRequest) -> Asked:
    """A place that is gone leads to its field, or to the page."""
    block_id = request.block_id if change_requests.is_place(draft, request.field, request.block_id) else ""
    label = label_of(page, request.field) if request.field else ""
    return Asked(request, _address(page, request.field, block_id), label)


def _address(page: PublicPage, field: str, block_id: str) -> str:
    """Where an editor finds this field or block: Wagtail opens its tab, scrolls there and focuses it."""
    return reverse("wagtailadmin_pages:edit", args=[page.pk]) + change_requests.anchor_of(field, block_id)
