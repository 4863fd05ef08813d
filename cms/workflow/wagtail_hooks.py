"""Where the workflow meets Wagtail's admin: wiring only, the rules live in ``gate`` and ``approval``."""

from typing import Any

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.views.account import NotificationsSettingsPanel
from wagtail.log_actions import LogFormatter, log

from cms.pages.findings import Finding
from cms.pages.forms import HOOK
from cms.pages.models import PublicPage
from cms.workflow import (
    gate,
    link_admin,
    notification_admin,
    outcome,
    override_wiring,
    review_page_wiring,
    review_wiring,
)


@hooks.register(HOOK)
def findings_before_publication(page: PublicPage) -> tuple[Finding, ...]:
    """The gate's word on a page that somebody is about to publish; a refusal stands in the page's history."""
    findings = gate.decide(page).blocking
    if findings and page.pk:
        told = [finding.as_json() for finding in findings]
        log(instance=page, action="attest.publication.refused", data={"findings": told})
    return findings


@hooks.register("register_admin_urls")
def register_outcome() -> list[URLPattern]:
    """Where a reviewer is told what the decision led to."""
    return [path("review/<int:page_id>/outcome/", outcome.view, name=outcome.URL_NAME)]


hooks.register("after_edit_page", outcome.after_edit)


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    """Refused attempts stand in the page's history beside what was done, with their reasons."""

    @actions.register_action("attest.approval.refused")
    class ApprovalRefusedLine(LogFormatter):
        """Somebody was not entitled to approve."""

        label = message = "Approval refused"

        def format_comment(self, log_entry: Any) -> str:
            """Why."""
            return " ".join(log_entry.data.get("reasons", []))

    @actions.register_action("attest.publication.refused")
    class PublicationRefusedLine(LogFormatter):
        """The gate did not let a content out."""

        label = message = "Publication refused"

        def format_comment(self, log_entry: Any) -> str:
            """What stood against it."""
            return " ".join(finding["message"] for finding in log_entry.data.get("findings", []))


@hooks.register("register_admin_urls")
def register_notifications() -> list[URLPattern]:
    """The list of notifications, and its button."""
    return [
        path("notifications/", notification_admin.listing, name=notification_admin.LIST_NAME),
        path("notifications/read/", notification_admin.mark_read, name=notification_admin.READ_NAME),
    ]


@hooks.register("register_admin_menu_item")
def register_bell() -> notification_admin.BellItem:
    """The way to the list, with the number of what is unread."""
    return notification_admin.BellItem()


@hooks.register("register_icons")
def register_bell_icon(icons: list[str]) -> list[str]:
    """Wagtail has no bell."""
    return [*icons, "workflow/icons/bell.svg"]


@hooks.register("register_account_settings_panel")
def register_notification_choices(request: Any, user: Any, profile: Any) -> notification_admin.ChoicePanel:
    """How a person wants to be told."""
    return notification_admin.ChoicePanel(request, user, profile)


# Its other choices are about mails of Wagtail's that ours replace.
NotificationsSettingsPanel.form_class = notification_admin.CommentMailForm
NotificationsSettingsPanel.title = "Comments"

override_wiring.register()
review_wiring.register()
link_admin.register()
review_page_wiring.register()
