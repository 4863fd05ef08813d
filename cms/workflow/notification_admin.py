"""Notifications in the admin: the list behind the bell in the menu, and how each person wants to be told.

Looking at the list changes nothing; a button marks as read what was shown, so that what arrives in between stays unread.
"""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.forms.account import NotificationPreferencesForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.views.account import BaseSettingsPanel, notifications_tab
from wagtail.models import Page

from cms.workflow.inbox import Kind, Notification, NotificationChoice, choices_of
from cms.workflow.notifications import may_open

LIST_NAME = "notifications"
READ_NAME = "notifications_read"
# How many notifications the list shows.
SHOWN = 50


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The newest notifications of the person who asks, each a link to its page if he may open that now."""
    _require_admin(request)
    rows = list(Notification.objects.filter(user=request.user.pk)[:SHOWN])
    pages = Page.objects.specific(defer=True).in_bulk({row.page_id for row in rows})
    open_pages = {key for key, page in pages.items() if may_open(page, request.user)}
    return TemplateResponse(
        request,
        "workflow/notifications.html",
        {
            "page_title": "Notifications",
            "header_title": "Notifications",
            "header_icon": "bell",
            "rows": [(row, row.path() if row.page_id in open_pages else "") for row in rows],
            "newest": max((row.pk for row in rows), default=0),
            "unread": unread_of(request.user),
            "shown": SHOWN,
            "choices_url": reverse("wagtailadmin_account") + "#tab-notifications",
        },
    )


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark as read everything up to the newest notification that the list showed."""
    _require_admin(request)
    newest = request.POST.get("newest", "")
    if newest.isdecimal() and len(newest) < 19:
        unread = Notification.objects.filter(user=request.user.pk, read_at=None, pk__lte=int(newest))
        unread.update(read_at=timezone.now())
    return redirect(LIST_NAME)


def unread_of(user: Any) -> int:
    """How many notifications ``user`` has not marked as read."""
    return Notification.objects.filter(user=user.pk, read_at=None).count()


class BellItem(MenuItem):
    """The menu's way to the list, with the number of unread notifications in its name."""

    def __init__(self) -> None:
        super().__init__("Notifications", reverse(LIST_NAME), name="notifications", icon_name="bell", order=50)

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        """The item for the person who asks; the number is part of its text, so that it is read aloud, too."""
        unread = unread_of(request.user)
        label = f"{self.label} ({unread})" if unread else self.label
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name)


class ChoiceForm(forms.ModelForm):
    """One choice for each kind of notification."""

    class Meta:
        model = NotificationChoice
        fields = [kind.value for kind in Kind]


class ChoicePanel(BaseSettingsPanel):
    """The choices among the settings of the person's own account."""

    name = "notification_choice"
    title = "Pages and reviews"
    tab = notifications_tab
    order = 50
    form_class = ChoiceForm

    def get_form(self) -> ChoiceForm:
        """The form for the person's choices; the row is made when it is saved for the first time."""
        instance = choices_of([self.user])[self.user.pk]
        return ChoiceForm(self.request.POST or None, instance=instance, prefix=self.name)


class CommentMailForm(NotificationPreferencesForm):
    """Wagtail's own choices without those of mails that are not sent any more: comments are left."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in set(self.fields) - {"updated_comments_notifications"}:
            del self.fields[name]


def _require_admin(request: HttpRequest) -> None:
    if not request.user.has_perm("wagtailadmin.access_admin"):
        raise PermissionDenied
