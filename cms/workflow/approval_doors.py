"""Wagtail's own doors to an approval: its menu in the editor, its dialogue, and what answers their requests.

None of them shows the words that would be signed, so each leads to the review page, which does. A request that comes through
one of them all the same is judged like any other: without the digest of what was read, nothing is approved (``shown_words``).
"""

import functools
import json
from typing import Any

from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.action_menu import WorkflowMenuItem
from wagtail.admin.views.generic.workflow import WorkflowAction
from wagtail.log_actions import log

from cms.pages.models import PublicPage
from cms.workflow import deciding, shown_words
from cms.workflow.refusal import ReviewRefused

# The name of the address; ``review_page`` itself would be imported in a circle.
REVIEW_PAGE = "review_page"
_METHOD = "post"


def refused_in_editor(request: HttpRequest, page: PublicPage) -> HttpResponse | None:
    """The answer to an editing form that approves words nobody was shown, before anything is saved; ``None`` for others."""
    task = page.current_workflow_task
    stage = deciding.stage_of(request.POST.get("workflow-action-name", ""), task) if hasattr(task, "stages") else None
    if stage is None:
        return None
    sent = json.loads(request.POST.get("workflow-action-extra-data", "{}"))
    objection = shown_words.objection_to(page, sent.get("content_digest"))
    if not objection:
        return None
    log(
        instance=page,
        action="attest.approval.refused",
        user=request.user,
        data={"stage": stage.value, "reasons": [objection]},
    )
    return lead_to_review_page(request, page, [objection])


def without_approvals(items: list[Any]) -> list[Any]:
    """The items of the editor's menu but those that approve; “Review” is among them, and leads to where one can."""
    return [
        item for item in items if not (isinstance(item, WorkflowMenuItem) and item.name.startswith(deciding.APPROVE))
    ]


def lead_to_review_page(request: HttpRequest, page: PublicPage, reasons: list[str]) -> HttpResponse:
    """Say each reason why a decision on ``page`` was refused, and go to where the words are read and decided on."""
    address = reverse(REVIEW_PAGE, args=[page.pk])
    for reason in reasons:
        messages.error(request, reason, buttons=[messages.button(address, "Review page")])
    return redirect(address)


def register_check(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """A system check: the method that says why must exist, or people would read only that they have no permission."""
    if callable(getattr(WorkflowAction, _METHOD, None)):
        return []
    return [checks.Error(f"Wagtail's {WorkflowAction.__name__} has no {_METHOD}.", id="workflow.E002")]


def install() -> None:
    """Let Wagtail's view of decisions say what a rule of ours refused. Installing twice changes nothing."""
    checks.register(register_check)
    post = getattr(WorkflowAction, _METHOD, None)
    if post is not None and not hasattr(post, "says_why"):
        setattr(WorkflowAction, _METHOD, _saying_why(post))


def _saying_why(post: Any) -> Any:
    @functools.wraps(post)
    def widened(self: Any, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            answer: HttpResponse = post(self, request, *args, **options)
            return answer
        except ReviewRefused as refusal:
            answer = lead_to_review_page(request, self.object, refusal.reasons)
            if request.headers.get("x-requested-with") == "XMLHttpRequest":
                answer = self.render_modal_json(request, {"step": "success", "redirect": answer["Location"]})
            return answer

    widened.says_why = True  # type: ignore[attr-defined]  # marks what is installed already
    return widened
