"""The desk of an emergency: publish past the gate, correct what is public, confirm what somebody else did, and see it all.

Nothing here needs a script but the editor of blocks, which is Wagtail's own.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.log_actions import log
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.workflow import approval, correction, emergency, gate, override, unconfirmed
from cms.workflow.models import MIN_REASON_LENGTH, Override
from cms.workflow.override import OverrideRefused
from cms.workflow.override_mail import recipients_of
from cms.workflow.words import Line, changed_lines, correction_panel

_MAX_SHOWN = 200


class ReasonForm(forms.Form):
    """Why, and for which words: the digest is of those that the person sees."""

    content_digest = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="What is wrong, and why it cannot wait",
        help_text=f"At least {MIN_REASON_LENGTH} characters. The public can read it: name no patient and no colleague.",
        min_length=MIN_REASON_LENGTH,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def publish(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show the exact words of the newest draft and what stands against them; publish them when the form is sent."""
    page = _page(page_id)
    _require(page, request)
    draft = approval.draft_of(page)
    form = ReasonForm(request.POST or None, initial={"content_digest": draft.content_digest()})
    refusals: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            given = emergency.publish_draft(page, user=request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]  # the admin asks for a login
            return _published(request, given)
        except OverrideRefused as refusal:
            refusals = refusal.reasons
    decision = gate.decide(draft)
    if refusals:
        # The words may be others by now: the person reads them, and sends the form for those.
        form = ReasonForm(
            initial={"reason": request.POST["reason"], "content_digest": approval.draft_of(page).content_digest()}
        )
    context = {
        "form": form,
        "refusals": refusals,
        "decision": decision,
        "held": emergency.held_findings(decision),
        "lines": changed_lines(page if page.live else None, draft),
        "is_scheduled": bool(draft.go_live_at and draft.go_live_at > timezone.now()),
    }
    return _answer(request, "publish", page, "Publish as an emergency", context)


def correct(request: HttpRequest, page_id: int) -> HttpResponse:
    """Edit title, summary and texts of the public words, and publish them beside the pending draft."""
    page = _page(page_id)
    _require(page, request)
    if not page.live:
        raise Http404
    words = Page.objects.get(pk=page.pk).specific
    # A browser without scripts sends no blocks: what it did not show stays as it is.
    streams = [
        name for name in page.stream_field_names() if request.method != "POST" or f"{name}-count" in request.POST
    ]
    panel = correction_panel(type(page), streams)
    edited = panel.get_form_class()(
        request.POST or None, instance=words, parent_page=page.get_parent(), for_user=request.user
    )
    form = ReasonForm(request.POST or None, initial={"content_digest": page.content_digest()})
    refusals: list[str] = []
    if request.method == "POST" and form.is_valid() and edited.is_valid():
        words = edited.save(commit=False)
        try:
            given = emergency.correct_public(
                page,
                words,
                user=request.user,  # type: ignore[arg-type]  # the admin asks for a login
                now=timezone.now(),
                **form.cleaned_data,
            )
            return _published(request, given)
        except OverrideRefused as refusal:
            refusals = refusal.reasons
    bound = panel.get_bound_panel(request=request, instance=words, form=edited)
    context = {
        "form": form,
        "refusals": refusals,
        "edit_handler": bound,
        "edited": edited,
        "pending": correction.pending_draft(page),
        "media": bound.media + edited.media,
    }
    return _answer(request, "correct", page, "Correct what is public", context)


def show(request: HttpRequest, override_id: int) -> HttpResponse:
    """One override with its words and its state; the second person confirms it here."""
    given = get_object_or_404(Override.objects.select_related("confirmation"), pk=override_id)
    refusals: list[str] = []
    if request.method == "POST":
        try:
            override.confirm(given, user=request.user, now=timezone.now())  # type: ignore[arg-type]  # as above
            messages.success(request, f"You confirmed “{given.title}”.")
            return redirect(reverse("override", args=[given.pk]))
        except OverrideRefused as refusal:
            refusals = refusal.reasons
    _require_permission(request.user)
    page = Page.objects.filter(pk=given.page_id).first()
    context = {
        "override": given,
        "state": _state(given),
        "refusals": refusals,
        "objections": override.objections_to_confirming(given, user=request.user, now=timezone.now()),
        "lines": _lines_of(page, given),
    }
    return _answer(request, "show", page, "Emergency publication", context)


def report(request: HttpRequest) -> HttpResponse:
    """Every override, newest first, with its state."""
    _require_permission(request.user)
    rows = Override.objects.select_related("confirmation")[:_MAX_SHOWN]
    waiting = {given.pk for given in unconfirmed.waiting()}
    context = {"rows": [(given, _state(given, waiting)) for given in rows]}
    return _answer(request, "report", None, "Emergency publications", context)


class WaitingPanel(Component):
    """Overrides that wait for a confirmation, on the desk's first page, for those who may confirm."""

    name = "unconfirmed_overrides"
    template_name = "workflow/override_panel.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """The overrides, each with whether its time is over; none for people who may not confirm."""
        now = timezone.now()
        may_confirm = parent_context["request"].user.has_perm(override.PERMISSION)
        waiting = unconfirmed.waiting() if may_confirm else []
        return {"rows": [(given, given.confirm_by <= now) for given in waiting]}


def _page(page_id: int) -> PublicPage:
    page = get_object_or_404(Page, pk=page_id).specific
    if not isinstance(page, PublicPage):
        raise Http404
    return page


def _require(page: PublicPage, request: HttpRequest) -> None:
    """403 for whoever may not, whatever the form says; an attempt is noted in the page's history."""
    if reasons := override.objections(page, user=request.user):
        if request.method == "POST":
            log(instance=page, action="attest.override.refused", user=request.user, data={"reasons": reasons})
        raise PermissionDenied


def _require_permission(user: Any) -> None:
    if not user.has_perm(override.PERMISSION):
        raise PermissionDenied


def _published(request: HttpRequest, given: Override) -> HttpResponse:
    messages.success(request, f"“{given.title}” is public now. A second person has to confirm it.")
    return redirect(reverse("override", args=[given.pk]))


def _lines_of(page: Page | None, given: Override) -> list[Line]:
    """The words of ``given`` beside those that it replaced, as far as their revisions are still there."""
    revisions = {} if page is None else page.revisions.in_bulk([given.revision_id, given.replaced_id])
    if given.revision_id not in revisions:
        return []
    replaced = revisions.get(given.replaced_id)
    return changed_lines(replaced.as_object() if replaced else None, revisions[given.revision_id].as_object())


def _state(given: Override, waiting: set[int] | None = None) -> str:
    """confirmed, waiting, overdue, or settled: by other words, a review, or taking the page down."""
    if getattr(given, "confirmation", None):
        return "confirmed"
    open_ones = {one.pk for one in unconfirmed.waiting()} if waiting is None else waiting
    if given.pk not in open_ones:
        return "settled"
    return "overdue" if given.confirm_by <= timezone.now() else "waiting"


def _answer(request: HttpRequest, name: str, page: Any, title: str, context: dict[str, Any]) -> HttpResponse:
    steps = []
    if page is not None:
        label = page.get_admin_display_title()
        steps.append({"url": reverse("wagtailadmin_pages:edit", args=[page.pk]), "label": label})
        context |= {"page": page, "told": recipients_of(page)}
    more = {"header_title": title, "header_icon": "warning", "breadcrumbs_items": [*steps, {"url": "", "label": title}]}
    return TemplateResponse(request, f"workflow/override_{name}.html", {**context, **more})
