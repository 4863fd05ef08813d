"""Where the review page and the checklist meet Wagtail's admin: addresses, menu items, the panel beside the editor."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.workflow import assignment, panel, review_page

_LABEL = "Review"


class _ReviewItem(ActionMenuItem):
    label = _LABEL
    name = "action-review"
    icon_name = "check"

    def is_shown(self, context: dict[str, Any]) -> bool:
        """On every page of ours that is saved: whoever may open it may compare it with what is public."""
        return context["view"] == "edit" and isinstance(context.get("page"), PublicPage)

    def get_url(self, parent_context: dict[str, Any]) -> str:
        """The review page."""
        return reverse(review_page.URL_NAME, args=[parent_context["page"].pk])


class AwaitingReviewPanel(WorkflowObjectsToModeratePanel):
    """What waits for this person's review, each a link to where it is read and decided; Wagtail's links to the editor."""

    template_name = "workflow/review/awaiting.html"

    class Media:
        css = {"all": ["workflow/review.css"]}

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """As Wagtail's, each with who has the review and by when; what is overdue or this person's own comes first."""
        context: dict[str, Any] = super().get_context_data(parent_context)
        user = parent_context["request"].user
        for state in context.get("states", ()):
            is_page = isinstance(state["obj"], Page)
            state["waiting"] = assignment.waiting_of(state["obj"].specific) if is_page else None

        def order(state: dict[str, Any]) -> tuple[bool, bool]:
            waiting = state["waiting"]
            is_own = waiting and any(one.assigned_to == user for one in waiting.open)
            return not (waiting and waiting.is_overdue), not is_own

        if "states" in context:
            context["states"].sort(key=order)
        return context


def _header_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    if view_name == "edit" and isinstance(page.specific, PublicPage):
        url = reverse(review_page.URL_NAME, args=[page.pk])
        yield Button(_LABEL, url=url, icon_name="check", priority=80)


def _addresses() -> list[URLPattern]:
    return [
        path("review/<int:page_id>/", review_page.view, name=review_page.URL_NAME),
        path("review/<int:page_id>/checklist/", panel.fragment, name=panel.FRAGMENT_NAME),
    ]


def _panels(request: HttpRequest, panels: list[Any]) -> None:
    for place, one in enumerate(panels):
        if type(one) is WorkflowObjectsToModeratePanel:
            panels[place] = AwaitingReviewPanel()


def register() -> None:
    """Register everything, once, when Wagtail looks for hooks."""
    hooks.register("register_admin_urls", _addresses)
    hooks.register("register_page_action_menu_item", lambda: _ReviewItem(order=35))
    hooks.register("register_page_header_buttons", _header_buttons)
    hooks.register("construct_homepage_panels", _panels)
    panel.install()
