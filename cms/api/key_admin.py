"""API keys at the desk: a list, a form, the secret shown once, and the end of a key. What a key is stands in ``keys``."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.template.defaultfilters import date
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timesince import timesince
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import AdminDateTimeInput

from cms.api import keys
from cms.api.models import ApiKey, Scope


class KeyForm(forms.ModelForm):
    """What somebody decides about a new key."""

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="What the key allows. Give only what the program needs.",
    )

    class Meta:
        model = ApiKey
        fields: ClassVar = ["name", "scopes", "expires_at"]
        widgets: ClassVar = {"expires_at": AdminDateTimeInput}

    def clean_expires_at(self) -> datetime | None:
        """A key that is over before it begins is a slip of the finger."""
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise forms.ValidationError("Choose a time that is still to come.")
        return moment


class _IndexView(generic.IndexView):
    template_name = "api/admin/keys.html"
    list_per_page = 50

    def get_base_queryset(self) -> QuerySet[ApiKey]:
        is_working = Exists(keys.working(timezone.now()).filter(pk=OuterRef("pk")))
        return super().get_base_queryset().select_related("owner").annotate(is_working=is_working)

    def get_list_more_buttons(self, instance: Any) -> list[MenuItem]:
        """Revoking, for a key that is not revoked yet and somebody who may."""
        if instance.revoked_at or not (url := self.get_delete_url(instance)):
            return []
        return [MenuItem("Revoke", url=url, icon_name="cross", priority=10)]


class _CreateView(generic.CreateView):
    def form_valid(self, form: KeyForm) -> HttpResponse:
        """The key in this very answer: kept for a next page, it would lie in a session for as long."""
        given = form.cleaned_data
        key, text = keys.issue(given["name"], given["scopes"], owner=self.request.user, expires_at=given["expires_at"])
        context = {
            **self.get_context_data(form=form),
            "key": key,
            "text": text,
            "page_title": "API key",
            "header_title": f"API key: {key.name}",
            "index_url": self.get_success_url(),
        }
        return TemplateResponse(self.request, "api/admin/key_created.html", context)


class _RevokeView(generic.DeleteView):
    page_title = "Revoke"
    template_name = "api/admin/key_revoke.html"
    success_message = "%(object)s is revoked and opens nothing any more."

    def delete_action(self) -> None:
        """The row stays, to tell what the key was."""
        keys.revoke(self.object, user=self.request.user)


class KeyViewSet(ModelViewSet):
    """API keys under Settings, for whoever holds the permission."""

    model = ApiKey
    name = "api_keys"
    icon = "key"
    menu_label = "API keys"
    menu_order = 700
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = _IndexView
    add_view_class = _CreateView
    delete_view_class = _RevokeView

    @property
    def list_display(self) -> list[Any]:
        """On a phone the headings go, so every value says by itself what it is."""
        return [
            "name",
            Column("prefix", label="Begins with", accessor=lambda key: f"attest_{key.prefix}_…"),
            Column("scopes", label="Scopes", accessor=lambda key: ", ".join(key.scopes)),
            Column("last_used_at", label="Last use", accessor=_last_use_of, sort_key="last_used_at"),
            Column("last_refused_at", label="Refused", accessor=_refusals_of, sort_key="last_refused_at"),
            Column("expires_at", label="Expiry", accessor=_expiry_of, sort_key="expires_at"),
            Column("owner", label="Made", accessor=lambda key: f"by {key.owner or 'the command line'}"),
            StatusTagColumn("state", label="State", accessor=_state_of, primary=lambda key: key.is_working),
        ]

    def get_form_class(self, for_update: bool = False) -> type[KeyForm]:
        """Keys are made, never changed."""
        return KeyForm

    def get_edit_handler(self) -> None:
        """No panels: the form is small and plain."""
        return

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """No addresses for what is not done to keys."""
        nowhere = {"edit_url_name": None, "history_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**{**nowhere, **kwargs})

    def register_admin_url_finder(self) -> None:
        """Histories lead to no form for a key: there is none."""

    def get_urlpatterns(self) -> list[URLPattern]:
        """A list, a form, and the end of a key."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("new/", self.add_view, name="add"),
            path("revoke/<int:pk>/", self.delete_view, name="delete"),
        ]


def _last_use_of(key: ApiKey) -> str:
    return f"used {timesince(key.last_used_at, depth=1)} ago" if key.last_used_at else "never used"


def _refusals_of(key: ApiKey) -> str:
    """When it was last refused, why, and how often in all."""
    if key.last_refused_at is None:
        return "never refused"
    times = "once" if key.refused_count == 1 else f"{key.refused_count:,} times"
    return f"refused {timesince(key.last_refused_at, depth=1)} ago ({key.get_last_refusal_display()}), {times} in all"


def _expiry_of(key: ApiKey) -> str:
    if key.expires_at is None:
        return "does not expire"
    moment = date(timezone.localtime(key.expires_at), "j M Y, H:i")
    return f"expires {moment}" if key.expires_at > timezone.now() else f"expired {moment}"


def _state_of(key: Any) -> str:
    """In one word; suspended is a key whose maker may not make keys any more."""
    if key.revoked_at:
        return "revoked"
    if key.is_working:
        return "active"
    return "expired" if key.expires_at and key.expires_at <= timezone.now() else "suspended"
