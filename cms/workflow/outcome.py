"""What a decision led to, told to the person who made it.

Wagtail says nothing after a workflow action, or “page saved”. But the last approval publishes, or does not when something
still stands against the page, and whoever approved has to know which. What is told is read from the page as it stands now.
"""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from wagtail.models import Page, WorkflowState

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval, gate

URL_NAME = "review_outcome"


def url_of(page: Page) -> str:
    """Where somebody who decided on ``page`` is sent to read what it led to."""
    return reverse(URL_NAME, args=[page.pk])


def view(request: HttpRequest, page_id: int) -> HttpResponse:
    """Tell the outcome and lead back to where the person works; 403 for people who review nothing."""
    if not any(request.user.has_perm(f"workflow.give_{stage.value}_approval") for stage in Stage):
        raise PermissionDenied
    page = get_object_or_404(Page, pk=page_id).specific
    tell(request, page)
    return redirect(way_back(request, page))


def after_edit(request: HttpRequest, page: Page) -> HttpResponse | None:
    """The same after a decision from the editing form, which ends at the page's parent unless that is out of bounds."""
    if not request.POST.get("action-workflow-action"):
        return None
    page = Page.objects.get(pk=page.pk).specific
    tell(request, page)
    if page.get_parent().permissions_for_user(request.user).can_edit():
        return None
    return redirect(way_back(request, page))


def tell(request: HttpRequest, page: Any) -> None:
    """One message: where ``page`` stands in its review, and what keeps it from the public if anything does."""
    state = page.workflow_states.order_by("-created_at", "-pk").first()
    newest = page.get_latest_revision()
    if state is None or newest is None or not isinstance(page, PublicPage):
        return
    title = newest.object_str
    if state.status == WorkflowState.STATUS_IN_PROGRESS:
        messages.success(request, f"Your decision on “{title}” is recorded. {_what_is_next(state, page)}")
    elif state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        messages.success(request, f"“{title}” went back to its author with your comment.")
    elif state.status == WorkflowState.STATUS_APPROVED:
        if newest.approved_go_live_at:
            messages.success(request, f"“{title}” is approved and will be published at its time.")
        elif page.live and page.live_revision_id == newest.pk:
            messages.success(request, f"“{title}” is approved and published.")
        else:
            reasons = " ".join(finding.message for finding in gate.decide(newest.as_object()).blocking)
            messages.warning(request, f"“{title}” is approved, but not published. {reasons}".strip())


def _what_is_next(state: WorkflowState, page: PublicPage) -> str:
    step = state.current_task_state
    if len(getattr(step.task.specific, "stages", ())) < 2:
        return f"Next step: {step.task}."
    return f"Still open: {', '.join(stage.label.lower() for stage in approval.open_stages(step, page))}."


def way_back(request: HttpRequest, page: Page) -> str:
    """Where somebody who did something with ``page`` goes on: the dashboard that he came from, or the page's editor."""
    home = reverse("wagtailadmin_home")
    came_from = urlsplit(request.headers.get("Referer", "")).path
    if came_from == home or not page.permissions_for_user(request.user).can_edit():
        return home
    return reverse("wagtailadmin_pages:edit", args=[page.pk])
