"""Where reviews meet Wagtail's admin: addresses, the lines of histories, the checklists among the settings. Wiring only."""

import datetime
import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from wagtail import hooks
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.log_actions import LogFormatter, log
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.pages.models import PublicPage
from cms.workflow import approval_doors, review_acts, withdrawal
from cms.workflow.checklists import ChecklistPoint

_LABELS = {
    "attest.review.claimed": "Claim review",
    "attest.review.assigned": "Assign review",
    "attest.review.released": "Give review back",
    "attest.review.due_set": "Set date of review",
    "attest.review.withdrawn": "Withdraw from review",
    "attest.review.refused": "Change of a review refused",
    "attest.approval.given": "Approve one of two stages",
    "attest.changes.requested": "Request changes at a place",
    "attest.changes.done": "Mark requested change as done",
}


class ChecklistPointViewSet(SnippetViewSet):
    """The points of the checklists, for administrators."""

    model = ChecklistPoint
    icon = "tasks"
    add_to_settings_menu = True
    menu_label = "Review checklists"
    list_display = ["text", "stage", BooleanColumn("is_required", label="Required"), "position"]
    list_filter = ["stage", "is_required"]
    ordering = ["stage", "position", "pk"]
    search_backend_name = None
    search_fields = ["text", "explanation"]


def _addresses() -> list[URLPattern]:
    acts = {
        "claim": review_acts.claim,
        "assign": review_acts.assign,
        "release": review_acts.release,
        "due": review_acts.due,
        "withdraw": review_acts.withdraw,
        "decide": review_acts.decide,
        "done": review_acts.mark_done,
    }
    return [path(f"review/<int:page_id>/{name}/", view, name=f"review_{name}") for name, view in acts.items()]


def _log_actions(actions: Any) -> None:
    class Line(LogFormatter):
        """What the history says of it."""

        def format_comment(self, log_entry: Any) -> str:
            """Whom or what it was about, and why."""
            data = log_entry.data
            said = [data.get(name) for name in ("to", "of", "comment", "reason")]
            if due_at := data.get("due_at"):
                said.append(f"{timezone.localtime(datetime.datetime.fromisoformat(due_at)):%d %B %Y}")
            if field := data.get("field"):
                said.insert(0, f"{capfirst(field.replace('_', ' '))}:")
            return " ".join([str(part) for part in said if part] + data.get("reasons", []))

    for name, label in _LABELS.items():
        kind = "".join(part.capitalize() for part in name.replace("_", ".").split("."))
        actions.register_action(name)(type(f"{kind}Line", (Line,), {"label": label, "message": label}))


def _permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="workflow", content_type__model="checklistpoint")


def _before_edit(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Ask of Wagtail's own form what its view does not: may this person withdraw, and can the decision be read at all."""
    if request.method != "POST" or not isinstance(page, PublicPage):
        return None
    if request.POST.get("action-workflow-action") and (unusable := _unusable(request, page)):
        log(instance=page, action="attest.approval.refused", user=request.user, data={"reasons": [unusable]})
        messages.error(request, unusable)
        return redirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    if request.POST.get("action-workflow-action") and (answer := approval_doors.refused_in_editor(request, page)):
        return answer
    is_ending = request.POST.get("action-cancel-workflow") or request.POST.get("action-restart-workflow")
    if is_ending and not withdrawal.may_withdraw(page, request.user):
        reasons = ["Only who submitted this page, who wrote the draft, or who may publish it, ends its review."]
        log(
            instance=page,
            action="attest.review.refused",
            user=request.user,
            data={"act": "withdraw", "reasons": reasons},
        )
        messages.error(request, reasons[0])
        return redirect(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    return None


def _action_menu(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """Approving is for the review page. Ending a review without a word, as Wagtail lets reviewers, is for nobody."""
    items[:] = approval_doors.without_approvals(items)
    page = context.get("page")
    if isinstance(page, PublicPage) and page.current_workflow_state and not withdrawal.may_withdraw(page, request.user):
        ending = {"action-cancel-workflow", "action-restart-workflow"}
        items[:] = [item for item in items if item.name not in ending]


def _unusable(request: HttpRequest, page: PublicPage) -> str:
    """Why the decision that the form sent cannot be made at all; Wagtail’s view takes for granted that it can."""
    if page.current_workflow_task is None:
        return "This page does not wait for a decision any more. Nothing was saved."
    has_name = "workflow-action-name" in request.POST
    if has_name and _is_readable(request.POST.get("workflow-action-extra-data", "{}")):
        return ""
    return "This decision could not be read. Make it again."


def _is_readable(sent: str) -> bool:
    try:
        return isinstance(json.loads(sent), dict)
    except (ValueError, RecursionError):
        return False


def register() -> None:
    """Register everything, once, when Wagtail looks for hooks."""
    register_snippet(ChecklistPointViewSet)
    hooks.register("register_admin_urls", _addresses)
    hooks.register("register_log_actions", _log_actions)
    hooks.register("register_permissions", _permissions)
    hooks.register("before_edit_page", _before_edit)
    hooks.register("construct_page_action_menu", _action_menu)
    approval_doors.install()
