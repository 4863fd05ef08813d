"""Where the workflow meets Wagtail's admin: wiring only, the rules live in ``gate`` and ``approval``."""

from typing import Any

from wagtail import hooks

from cms.pages.findings import Finding
from cms.pages.forms import HOOK
from cms.pages.models import PublicPage
from cms.workflow import gate


@hooks.register(HOOK)
def findings_before_publication(page: PublicPage) -> tuple[Finding, ...]:
    """The gate's word on a page that somebody is about to publish."""
    return gate.decide(page).blocking


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    """Refused attempts stand in the page's history beside what was done."""
    actions.register_action("attest.approval.refused", "Approval refused", "Approval refused")
    actions.register_action("attest.publication.refused", "Publication refused", "Publication refused")
