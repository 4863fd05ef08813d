"""The checklist beside the editor: findings as of the last save, how far the review is, and why a button is not there.

Wagtail's own Checks panel says what a browser can see in the preview (accessibility, readability); this one says what the
gate sees, and leads to the other. It is its own panel because Wagtail counts its issues in its panel's badge, and would
overwrite ours. After each autosave the panel asks for a fresh fragment; scripts do no more than put it in place.
"""

import functools
from typing import Any

from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView

from cms.pages.models import PublicPage
from cms.workflow import review_facts
from cms.workflow.review_page import page_to_open

FRAGMENT_NAME = "review_checklist"
_METHOD = "get_side_panels"
_VIEWS = (CreateView, EditView)


class ChecklistSidePanel(BaseSidePanel):
    """The panel and its badge, which counts what blocks. ``is_followed``: whether saves happen, and refresh it, by themselves."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        """The button at the head of the editor."""

        aria_label = "Toggle review checklist"
        icon_name = "list-ul"
        counter_classname = "w-bg-critical-200"

        def get_context_data(self, parent_context: Any) -> dict[str, Any]:
            """How many findings block."""
            facts = self.panel.facts
            return super().get_context_data(parent_context) | {"count": len(facts.blocking) if facts else 0}

    name = "checklist"
    title = "Review checklist"
    template_name = "workflow/review/panel.html"
    order = 150

    def __init__(self, page: PublicPage, request: HttpRequest, *, is_followed: bool) -> None:
        super().__init__(page, request)
        self.is_followed = is_followed

    @cached_property
    def facts(self) -> review_facts.Facts | None:
        """What there is to tell; ``None`` before the first save."""
        return review_facts.facts_of(type(self.object).objects.get(pk=self.object.pk)) if self.object.pk else None

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """The facts, and where fresh ones are."""
        context = super().get_context_data(parent_context)
        context["is_followed"] = self.is_followed
        context["url"] = reverse(FRAGMENT_NAME, args=[self.object.pk]) if self.object.pk else ""
        return context | (context_of(self.object, self.facts, self.request) if self.facts else {})

    class Media:
        js = ["workflow/checklist.js"]
        css = {"all": ["workflow/review.css"]}


@require_safe
def fragment(request: HttpRequest, page_id: int) -> HttpResponse:
    """The inside of the panel for the newest draft, for those who may open the page."""
    page = page_to_open(request, page_id)
    context = context_of(page, review_facts.facts_of(page), request)
    return TemplateResponse(request, "workflow/review/checklist.html", context)


def context_of(page: PublicPage, facts: review_facts.Facts, request: HttpRequest) -> dict[str, Any]:
    """What the inside of the panel shows: facts, and why this person cannot publish or approve."""
    return {
        "page": page,
        "facts": facts,
        "is_published": page.live and not page.has_unpublished_changes,
        "approve": review_facts.objections_of(page, facts, request.user),
        "publish": review_facts.obstacles_to_publishing(page, facts, request.user),
    }


def register_check(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """A system check: the method that the panel is added in must exist, or editors would miss the panel silently."""
    return [
        checks.Error(f"Wagtail's {view.__name__} has no {_METHOD}: the checklist has no place.", id="workflow.E001")
        for view in _VIEWS
        if not callable(getattr(view, _METHOD, None))
    ]


def install() -> None:
    """Add the panel to the editors of pages; Wagtail has no hook for it. Installing twice changes nothing."""
    checks.register(register_check)
    for view in _VIEWS:
        method = getattr(view, _METHOD, None)
        if method is not None and not hasattr(method, "has_checklist"):
            setattr(view, _METHOD, _with_checklist(method))


def _with_checklist(method: Any) -> Any:
    @functools.wraps(method)
    def get_side_panels(self: Any) -> MediaContainer:
        panels = list(method(self))
        # An answer to an autosave renders panels, too; ours is asked for on its own, when it is open or counted.
        if isinstance(self.page, PublicPage) and not self.expects_json_response:
            panels.append(ChecklistSidePanel(self.page, self.request, is_followed=self.autosave_enabled))
        return MediaContainer(panels)

    get_side_panels.has_checklist = True  # type: ignore[attr-defined]  # marks what is installed already
    return get_side_panels
