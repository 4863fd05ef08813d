"""Where the workflow meets Wagtail's admin: wiring only, the rules live in ``gate`` and ``approval``."""

from typing import Any

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from cms.pages.findings import Finding
from cms.pages.forms import HOOK
from cms.pages.models import PublicPage
from cms.workflow import gate, outcome


@hooks.register(HOOK)
def findings_before_publication(page: PublicPage) -> tuple[Finding, ...]:
    """The gate's word on a page that somebody is about to publish."""
    return gate.decide(page).blocking


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
