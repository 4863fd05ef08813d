"""Where the emergency meets Wagtail's admin: addresses, menu items, the panel, the report and the lines of histories."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogFormatter
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.workflow import override, override_admin


class _PublishItem(ActionMenuItem):
    label = "Publish as an emergency…"
    name = "action-emergency-publish"
    icon_name = "warning"
    url_name = "emergency_publish"

    def is_shown(self, context: dict[str, Any]) -> bool:
        """For whoever may, on pages that are saved already; a lock does not stand in the way of an emergency."""
        page = context.get("page")
        if context["view"] != "edit" or not isinstance(page, PublicPage):
            return False
        return not override.objections(page, user=context["request"].user)

    def get_url(self, parent_context: dict[str, Any]) -> str:
        """The page that shows what would go out."""
        return reverse(self.url_name, args=[parent_context["page"].pk])


class _CorrectItem(_PublishItem):
    label = "Correct what is public…"
    name = "action-emergency-correct"
    icon_name = "edit"
    url_name = "emergency_correct"

    def is_shown(self, context: dict[str, Any]) -> bool:
        """As above, for pages that are public."""
        return super().is_shown(context) and context["page"].live


class _ReportItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        """For those who may confirm."""
        return request.user.has_perm(override.PERMISSION)


def _header_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    if (
        view_name == "edit"
        and isinstance(page.specific, PublicPage)
        and not override.objections(page.specific, user=user)
    ):
        items = [_CorrectItem, _PublishItem] if page.live else [_PublishItem]
        for order, item in enumerate(items):
            url = reverse(item.url_name, args=[page.pk])
            yield Button(item.label, url=url, icon_name=item.icon_name, priority=90 + order)


def _log_actions(actions: Any) -> None:
    class Line(LogFormatter):
        """What the history says of it."""

        def format_comment(self, log_entry: Any) -> str:
            """The reason that was given, or why it was refused."""
            return log_entry.data.get("reason") or " ".join(log_entry.data.get("reasons", []))

    for name, label in (
        ("given", "Publish as an emergency"),
        ("confirmed", "Confirm emergency publication"),
        ("refused", "Emergency publication or its confirmation refused"),
        ("overdue", "Nobody confirmed the emergency publication in time"),
    ):
        actions.register_action(f"attest.override.{name}")(
            type(f"Override{name.capitalize()}Line", (Line,), {"label": label, "message": label})
        )


def _addresses() -> list[URLPattern]:
    return [
        path("pages/<int:page_id>/emergency/", override_admin.publish, name=_PublishItem.url_name),
        path("pages/<int:page_id>/correct/", override_admin.correct, name=_CorrectItem.url_name),
        path("overrides/", override_admin.report, name="overrides"),
        path("overrides/<int:override_id>/", override_admin.show, name="override"),
    ]


def _report() -> MenuItem:
    return _ReportItem("Emergency publications", reverse("overrides"), name="overrides", icon_name="warning", order=650)


def _permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="workflow", content_type__model="override")


def _panel(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(override_admin.WaitingPanel())


def register() -> None:
    """Register everything, once, when Wagtail looks for hooks."""
    hooks.register("register_admin_urls", _addresses)
    hooks.register("register_page_action_menu_item", lambda: _PublishItem(order=90))
    hooks.register("register_page_action_menu_item", lambda: _CorrectItem(order=91))
    hooks.register("register_page_header_buttons", _header_buttons)
    hooks.register("register_log_actions", _log_actions)
    hooks.register("register_reports_menu_item", _report)
    hooks.register("register_permissions", _permissions)
    hooks.register("construct_homepage_panels", _panel)
