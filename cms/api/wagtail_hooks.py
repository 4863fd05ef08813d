"""Where the content API meets Wagtail's admin: wiring only, the rules live in ``keys`` and ``previews``."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogFormatter
from wagtail.models import Page

from cms.api import preview_admin
from cms.api.formats.whole_page import feed_html
from cms.api.key_admin import KeyViewSet
from cms.pages.models import PublicPage


@hooks.register("register_admin_viewset")
def register_keys() -> KeyViewSet:
    """API keys, under Settings."""
    return KeyViewSet()


@hooks.register("register_permissions")
def register_key_permissions() -> QuerySet[Permission]:
    """What can be given to a role at the desk."""
    return Permission.objects.filter(content_type__app_label="api", content_type__model="apikey")


@hooks.register("register_admin_urls")
def register_sharing() -> list[URLPattern]:
    """The page on which a draft is shared."""
    return [
        path("pages/<int:page_id>/share-preview/", preview_admin.share, name=preview_admin.SHARE_NAME),
        path("pages/<int:page_id>/share-preview/<int:token_id>/end/", preview_admin.end, name=preview_admin.END_NAME),
    ]


class ShareItem(ActionMenuItem):
    """The way there, in the menu at the foot of the editor."""

    label = "Share a preview"
    name = "action-share-preview"
    icon_name = "view"

    def is_shown(self, context: dict[str, Any]) -> bool:
        """For pages that are saved already: there is a draft to share."""
        page = context.get("page")
        return context["view"] == "edit" and isinstance(page, PublicPage)

    def get_url(self, parent_context: dict[str, Any]) -> str:
        """The sharing page of this page."""
        return reverse(preview_admin.SHARE_NAME, args=[parent_context["page"].pk])


@hooks.register("register_page_action_menu_item")
def register_share_item() -> ShareItem:
    """Sharing stands after saving and before everything that publishes."""
    return ShareItem(order=5)


@hooks.register("register_page_header_buttons")
def share_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """The same in the header, which a locked page has too."""
    if view_name == "edit" and page.permissions_for_user(user).can_edit():
        url = reverse(preview_admin.SHARE_NAME, args=[page.pk])
        yield Button("Share a preview", url=url, icon_name="view", priority=64)


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    """Keys that ended, and previews that were shared, stand in histories and in the site's report."""
    actions.register_action("attest.key.revoked", "Revoke API key", "API key revoked")
    actions.register_action("attest.preview.ended", "Close preview", "Preview closed")

    @actions.register_action("attest.preview.shared")
    class PreviewSharedLine(LogFormatter):
        """Somebody made an address at which a draft can be read."""

        label = "Share preview"

        def format_message(self, log_entry: Any) -> str:
            """For how long."""
            return f"Preview shared for {log_entry.data.get('hours')} h"


@hooks.register("public_text")
def public_text(document: dict[str, Any]) -> str:
    """What a public document says below its title and summary, as safe HTML: for whoever has to read it at the desk."""
    return feed_html(document, disclaimer="")
