"""Where renewed reviews meet Wagtail's admin: addresses, menu items, the report and the lines of histories."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogFormatter
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.publishing import renewal, renewal_admin, reviews_due


def _is_offered(page: Any, user: Any) -> bool:
    """Whether ``user`` is shown the way: what else stands in it is said there."""
    return (
        isinstance(page, PublicPage)
        and page.live
        and not page.alias_of_id
        and Stage.CLINICAL in page.required_stages
        and user.has_perm(renewal.PERMISSION)
    )


class _RenewItem(ActionMenuItem):
    label = "Reviewed, nothing to change…"
    name = "action-renew-review"
    icon_name = "check"

    def is_shown(self, context: dict[str, Any]) -> bool:
        """For clinicians, on public pages; a lock and a pending draft do not stand in the way."""
        return context["view"] == "edit" and _is_offered(context.get("page"), context["request"].user)

    def get_url(self, parent_context: dict[str, Any]) -> str:
        """The page that shows what would be signed."""
        return reverse(renewal_admin.URL_NAME, args=[parent_context["page"].pk])


class _ReportItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        """For those who may see who approved what."""
        return reviews_due.may_see(request.user)


def _header_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    if view_name == "edit" and _is_offered(page.specific, user):
        url = reverse(renewal_admin.URL_NAME, args=[page.pk])
        yield Button(_RenewItem.label, url=url, icon_name=_RenewItem.icon_name, priority=85)


def _log_actions(actions: Any) -> None:
    @actions.register_action("attest.review.renewed")
    class RenewedLine(LogFormatter):
        """A clinician signed the public words once more."""

        label = "Review renewed"
        message = "Reviewed, nothing to change"

        def format_comment(self, log_entry: Any) -> str:
            """What the clinician noted."""
            return log_entry.data.get("comment", "")

    @actions.register_action("attest.review.refused")
    class RefusedLine(LogFormatter):
        """Somebody could not."""

        label = message = "Renewed review refused"

        def format_comment(self, log_entry: Any) -> str:
            """Why."""
            return " ".join(log_entry.data.get("reasons", []))


def _addresses() -> list[URLPattern]:
    report = reviews_due.ReviewsDueView
    return [
        path("pages/<int:page_id>/reviewed/", renewal_admin.renew, name=renewal_admin.URL_NAME),
        path("reports/reviews-due/", report.as_view(), name=renewal_admin.REPORT_NAME),
        path("reports/reviews-due/results/", report.as_view(results_only=True), name=reviews_due.RESULTS_NAME),
    ]


def _report() -> MenuItem:
    url = reverse(renewal_admin.REPORT_NAME)
    return _ReportItem(
        "Reviews due", url, name="reviews-due", icon_name=reviews_due.ReviewsDueView.header_icon, order=640
    )


def register() -> None:
    """Register everything, once, when Wagtail looks for hooks."""
    hooks.register("register_admin_urls", _addresses)
    hooks.register("register_page_action_menu_item", lambda: _RenewItem(order=80))
    hooks.register("register_page_header_buttons", _header_buttons)
    hooks.register("register_log_actions", _log_actions)
    hooks.register("register_reports_menu_item", _report)
