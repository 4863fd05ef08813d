"""Acts that Wagtail leaves out without saying no: a batch skips what one may not touch, a form saves instead of publishing.

The page's history tells of those, too, and of Publish pressed while something stood against the page.
"""

from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.log_actions import LogFormatter, log
from wagtail.models import Page

from cms.publishing import denied


def register() -> None:
    """Register everything, once, when Wagtail looks for hooks."""
    hooks.register("register_log_actions", _log_actions)
    hooks.register("before_bulk_action", _before_batch)
    hooks.register("before_edit_page", _before_edit)


def _log_actions(actions: Any) -> None:
    class Line(LogFormatter):
        """What the history says of it."""

        label = message = "Refused: no permission"

        def format_comment(self, log_entry: Any) -> str:
            """What was tried: the name of the address, and the act where the address has several."""
            return " ".join(part for part in (log_entry.data.get("address"), log_entry.data.get("act")) if part)

    actions.register_action(denied.ACTION)(Line)


def _before_batch(request: HttpRequest, action_type: str, objects: list[Any], action: Any) -> None:
    """Note each page of a batch that the person may not do this to; the others go on."""
    if request.method == "POST" and action.model is Page:
        _objects, left_out = action.get_actionable_objects()
        for page in left_out["items_with_no_access"]:
            _note(page, request, "wagtail_bulk_action", action_type)


def _before_edit(request: HttpRequest, page: Page) -> None:
    """Note Publish sent by somebody who may not; the form is saved as a draft then, where that is allowed."""
    is_publishing = request.method == "POST" and request.POST.get("action-publish")
    if is_publishing and not page.permissions_for_user(request.user).can_publish():
        _note(page, request, "wagtailadmin_pages:edit", "publish")


def _note(page: Page, request: HttpRequest, address: str, act: str) -> None:
    log(instance=page, action=denied.ACTION, user=request.user, data={"address": address, "act": act})
