"""Sharing a draft from the desk: a page of its own for each page, with a form, the address shown once, and open tokens."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.models import Page

from cms.api import previews
from cms.api.models import PreviewToken
from cms.api.protocol import BASE
from cms.pages.models import PublicPage

SHARE_NAME = "share_preview"
END_NAME = "end_preview"


class ShareForm(forms.Form):
    """For how long, and which words."""

    hours = forms.TypedChoiceField(
        label="Works for",
        choices=[(hours, "1 hour" if hours == 1 else f"{hours} hours") for hours in previews.HOURS],
        coerce=int,
        initial=previews.HOURS[0],
        widget=forms.RadioSelect,
    )
    revision = forms.ChoiceField(
        label="Shows",
        choices=[("latest", "the newest draft, also after later changes"), ("this", "the draft as it is saved now")],
        initial="latest",
        widget=forms.RadioSelect,
    )


def share(request: HttpRequest, page_id: int) -> HttpResponse:
    """The page for sharing; a form that is sent makes a token and shows its address, once."""
    page = _editable(request, page_id)
    form = ShareForm(request.POST or None)
    address = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        is_fixed = given["revision"] == "this"
        _token, text = previews.issue(
            page, issuer=request.user, hours=given["hours"], is_fixed=is_fixed, now=timezone.now()
        )
        address, form = address_of(text), ShareForm()
    return TemplateResponse(request, "api/admin/share_preview.html", _context(page, form, address))


@require_POST
def end(request: HttpRequest, page_id: int, token_id: int) -> HttpResponse:
    """End a token of the page at once, whoever of those who may edit the page made it."""
    page = _editable(request, page_id)
    token = get_object_or_404(PreviewToken, pk=token_id, page_id=page.pk)
    previews.revoke(token, page, user=request.user)
    messages.success(request, "The preview is closed. Its address shows nothing any more.")
    return redirect(reverse(SHARE_NAME, args=[page.pk]))


def address_of(text: str) -> str:
    """Where the draft of the token ``text`` can be seen: on the front end, or in the API where no front end is set."""
    template: str = settings.PREVIEW_URL_TEMPLATE or f"{settings.PUBLIC_BASE_URL}{BASE}/preview?token={{token}}"
    return template.replace("{token}", quote(text, safe=""))


def _editable(request: HttpRequest, page_id: int) -> PublicPage:
    page = get_object_or_404(Page, pk=page_id).specific
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    if not isinstance(page, PublicPage):
        raise Http404
    return page


def _context(page: PublicPage, form: ShareForm, address: str) -> dict[str, Any]:
    edit_url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return {
        "page": page,
        "form": form,
        "address": address,
        "tokens": previews.working(timezone.now()).filter(page_id=page.pk).select_related("issuer"),
        "has_front_end": bool(settings.PREVIEW_URL_TEMPLATE),
        "edit_url": edit_url,
        "header_title": f"Share a preview: {page.get_admin_display_title()}",
        "header_icon": "view",
        "breadcrumbs_items": [
            {"url": edit_url, "label": page.get_admin_display_title()},
            {"url": "", "label": "Share a preview"},
        ],
    }
