"""Where editors see that a schedule failed: on the desk's first page, and at the page itself, with what to do about it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.log_actions import log
from wagtail.models import Page

from cms.publishing import scheduling
from cms.publishing.models import ScheduleFailure
from cms.workflow.notifications import may_open

RETRY_NAME = "schedule_retry"
# How many failures the desk's first page shows.
SHOWN = 10


class FailuresPanel(Component):
    """Schedules that failed, for those who may open the pages."""

    name = "schedule_failures"
    template_name = "publishing/schedule_panel.html"
    order = 40

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """The failures, each with its page, its reasons, and whether the person may publish the page."""
        user = parent_context["request"].user
        rows = [(failure, page) for failure, page in scheduling.open_failures() if may_open(page, user)][:SHOWN]
        return {
            "rows": [
                {
                    "failure": failure,
                    "title": page.get_admin_display_title(),
                    "url": reverse("wagtailadmin_pages:edit", args=[page.pk]),
                    "retry_url": reverse(RETRY_NAME, args=[page.pk]) if _may_retry(page, user) else "",
                }
                for failure, page in rows
            ],
        }


@require_POST
def retry(request: HttpRequest, page_id: int) -> HttpResponse:
    """Publish now what was refused at its time, through the gate like everything else; for those who may publish the page."""
    page = get_object_or_404(Page, pk=page_id)
    if not _may_retry(page, request.user):
        raise PermissionDenied
    if scheduling.retry(page, timezone.now()):
        log(instance=page, action="attest.schedule.retried", user=request.user)
        messages.success(request, f"“{page.get_admin_display_title()}” is public now.")
        return redirect("wagtailadmin_home")
    messages.error(
        request, f"“{page.get_admin_display_title()}” could not be published. What stands against it is below."
    )
    return redirect("wagtailadmin_pages:edit", page.pk)


def register() -> None:
    """Register everything, once, when Wagtail looks for hooks."""
    hooks.register("construct_homepage_panels", _panel)
    hooks.register("register_admin_urls", _addresses)
    hooks.register("before_edit_page", _warn)
    hooks.register("register_log_actions", _log_actions)


def _panel(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(FailuresPanel())


def _addresses() -> list[URLPattern]:
    return [path("schedule/<int:page_id>/retry/", retry, name=RETRY_NAME)]


def _warn(request: HttpRequest, page: Page) -> None:
    """At the page itself: the time that was missed, and why."""
    if request.method != "GET" or not ScheduleFailure.objects.filter(page_id=page.pk).exists():
        return
    for failure, failed in scheduling.open_failures():
        if failed.pk == page.pk:
            reasons = " ".join(finding["message"] for finding in failure.findings)
            moment = timezone.localtime(failure.at)
            messages.warning(
                request,
                f"This page was to go live on {moment:%d %B %Y, %H:%M}, and was not published. {reasons} "
                "Mend it, and send it through review again; or have somebody who may publish it try again.",
            )


def _log_actions(actions: Any) -> None:
    actions.register_action(
        "attest.schedule.retried", "Publish after a failed schedule", "Published after a failed schedule"
    )


def _may_retry(page: Page, user: Any) -> bool:
    return page.permissions_for_user(user).can_publish()
