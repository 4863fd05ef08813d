"""Withdrawing: a page that waits for review goes back to being a draft.

Approvals that were given stay on file as what they are: of exactly those words. Once a word changes they mean nothing, and
whoever submits the page again asks every stage again.
"""

from typing import Any

from wagtail.log_actions import log

from cms.pages.models import PublicPage
from cms.workflow import approval
from cms.workflow.refusal import ReviewRefused, noted


def may_withdraw(page: PublicPage, user: Any) -> bool:
    """Whether ``user`` may withdraw ``page``, if it waits: who submitted it, who wrote the draft, who may publish it."""
    return not _objections(page, user)


def withdraw(page: PublicPage, *, user: Any, reason: str = "") -> None:
    """End the review of ``page`` without a decision. Raises ``ReviewRefused`` when it does not wait, or ``user`` may not."""
    with noted(page, action="attest.review.refused", user=user, act="withdraw"):
        step = page.current_workflow_task_state
        if step is None:
            raise ReviewRefused(["This page does not wait for a review."])
        step = approval.locked_step(step, page)
        if reasons := _objections(page, user):
            raise ReviewRefused(reasons)
        step.workflow_state.cancel(user=user)
        log(instance=page, action="attest.review.withdrawn", user=user, data={"reason": reason})


def _objections(page: PublicPage, user: Any) -> list[str]:
    permissions = page.permissions_for_user(user)
    if not permissions.can_edit():
        return ["You may not edit this page."]
    if page.locked and page.locked_by_id != user.pk:
        return ["Somebody locked this page. It has to be unlocked first."]
    state = page.current_workflow_state
    is_submitter = state is not None and state.requested_by_id == user.pk
    if is_submitter or permissions.can_publish() or approval.has_written(page, user):
        return []
    return [
        "Only who submitted this page, who wrote the draft, or who may publish it, withdraws it. Ask for changes instead."
    ]
