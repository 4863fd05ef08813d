"""Where the ledger meets Wagtail’s admin, and what the desk may ask of it. Wiring only."""

from wagtail import hooks
from wagtail.models import Page

from cms.publishing import reading, refused_acts, renewal_wiring, schedule_desk

refused_acts.register()
renewal_wiring.register()
schedule_desk.register()


@hooks.register("public_content_digest")
def public_content_digest(page: Page) -> str | None:
    """The digest of the content of ``page`` that the public sees at this moment; ``None`` when it sees none."""
    return reading.visible().filter(page_id=page.pk).values_list("content_digest", flat=True).first()
