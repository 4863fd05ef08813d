"""The addresses behind the buttons of a review: claim, give, give back, date, withdraw, decide, mark done.

Each takes POST alone, does one thing or refuses it, says so in a message, and leads back to where the person came from.
"""

import datetime
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval_doors, assignment, change_requests, deciding, outcome, withdrawal
from cms.workflow.approval import ApprovalRefused
from cms.workflow.assignment import AssignmentRefused
from cms.workflow.models import ReviewTask
from cms.workflow.refusal import ReviewRefused, noted

# The last minute of a working day that still counts as that day, in the clinic's time zone.
_END_OF_DAY = datetime.time(23, 59, 59)


@require_POST
def claim(request: HttpRequest, page_id: int) -> HttpResponse:
    """Take the review."""
    return _act(request, page_id, _claim)


@require_POST
def assign(request: HttpRequest, page_id: int) -> HttpResponse:
    """Give the review to the person whose primary key is in ``user``."""
    return _act(request, page_id, _assign)


@require_POST
def release(request: HttpRequest, page_id: int) -> HttpResponse:
    """Give the review back."""
    return _act(request, page_id, _release)


@require_POST
def due(request: HttpRequest, page_id: int) -> HttpResponse:
    """Set the day in ``due`` (YYYY-MM-DD) by whose end the review should be done; an empty one takes it back."""
    return _act(request, page_id, _due)


@require_POST
def withdraw(request: HttpRequest, page_id: int) -> HttpResponse:
    """Take the page back to draft; ``reason`` may say why."""
    return _act(request, page_id, _withdraw)


@require_POST
def decide(request: HttpRequest, page_id: int) -> HttpResponse:
    """Approve or ask for changes, as ``action`` says, with ``points``, ``comment``, ``place`` and ``content_digest``."""
    return _act(request, page_id, _decide)


@require_POST
def mark_done(request: HttpRequest, page_id: int) -> HttpResponse:
    """Close the request for changes whose primary key is in ``request``."""
    return _act(request, page_id, _mark_done)


def _act(request: HttpRequest, page_id: int, do: Callable[[HttpRequest, PublicPage], str]) -> HttpResponse:
    """``do`` it and say what came of it; a refusal is said, too, and has changed nothing."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not isinstance(page, PublicPage):
        raise Http404
    try:
        if message := do(request, page):
            messages.success(request, message)
    except ApprovalRefused as refusal:
        return approval_doors.lead_to_review_page(request, page, refusal.reasons)
    except ReviewRefused as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect(outcome.way_back(request, page))


def _claim(request: HttpRequest, page: PublicPage) -> str:
    assignment.claim(page, user=request.user, stage=_stage(request))
    return f"You have the review of “{_title(page)}”."


def _assign(request: HttpRequest, page: PublicPage) -> str:
    to = get_user_model().objects.filter(pk=_number(request.POST.get("user", ""))).first()
    assignment.assign(page, user=request.user, to=to, stage=_stage(request))
    return f"{to.display_name()} has the review of “{_title(page)}”." if to else ""


def _release(request: HttpRequest, page: PublicPage) -> str:
    assignment.release(page, user=request.user, stage=_stage(request))
    return f"Anybody entitled can take the review of “{_title(page)}” now."


def _due(request: HttpRequest, page: PublicPage) -> str:
    with noted(page, action="attest.review.refused", user=request.user, act="due"):
        due_at = _end_of(request.POST.get("due", ""))
    assignment.set_due(page, user=request.user, due_at=due_at, stage=_stage(request))
    if due_at is None:
        return f"The review of “{_title(page)}” has no date any more."
    return f"The review of “{_title(page)}” is due on {due_at:%d %B %Y}."


def _withdraw(request: HttpRequest, page: PublicPage) -> str:
    withdrawal.withdraw(page, user=request.user, reason=request.POST.get("reason", "").replace("\x00", "")[:1000])
    return f"“{_title(page)}” is a draft again."


def _decide(request: HttpRequest, page: PublicPage) -> str:
    step = page.current_workflow_task_state
    task = step.task.specific if step else None
    action = request.POST.get("action", "")
    with noted(page, action="attest.approval.refused", user=request.user):
        if not isinstance(task, ReviewTask):
            raise ReviewRefused(["This page does not wait for a review."])
        if action != deciding.REQUEST_CHANGES and deciding.stage_of(action, task) is None:
            raise ReviewRefused(["Say whether you approve or ask for changes."])
    texts = {name: request.POST.get(name, "") for name in ("comment", "place", "content_digest")}
    task.on_action(step, request.user, action, points=request.POST.getlist("points"), **texts)
    outcome.tell(request, Page.objects.get(pk=page.pk).specific)
    return ""


def _mark_done(request: HttpRequest, page: PublicPage) -> str:
    change_requests.mark_done(page, _number(request.POST.get("request", "")), user=request.user)
    return "Marked as done."


def _number(sent: str) -> int:
    """The primary key that a form sent; 0, which nothing has, for anything else."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 19 else 0


def _stage(request: HttpRequest) -> Stage | None:
    sent = request.POST.get("stage", "")
    return Stage(sent) if sent in Stage.values else None


def _end_of(sent: str) -> datetime.datetime | None:
    """The end of the day that a date field sent. Raises ``AssignmentRefused`` for what is no date."""
    if not sent:
        return None
    try:
        day = parse_date(sent)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2999:
        raise AssignmentRefused(["This is no date. Write it as 2027-01-31."])
    return timezone.make_aware(datetime.datetime.combine(day, _END_OF_DAY))


def _title(page: PublicPage) -> str:
    return str(page.get_admin_display_title())
