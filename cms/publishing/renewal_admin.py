"""The desk of a renewed review: the exact public text in full, a tick, and a signature."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from wagtail import hooks
from wagtail.log_actions import log
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.publishing import reading, renewal
from cms.publishing.models import Head
from cms.publishing.renewal import RenewalRefused
from cms.workflow import checklists
from cms.workflow.deciding import PointsField, label_of

URL_NAME = "renew_review"
REPORT_NAME = "reviews_due"
# Whoever writes documents out as text answers this hook: a document as plain values, its text as safe HTML.
TEXT_HOOK = "public_text"


class RenewalForm(forms.Form):
    """What the clinician says, and of which document: its digest is of what is shown."""

    # Without it somebody sends the form of a page that the public does not see: refused with the rest.
    document_digest = forms.CharField(widget=forms.HiddenInput, required=False)
    comment = forms.CharField(
        label="Note for colleagues",
        help_text="Optional. It stands in the page’s history; the public does not see it.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    points = PointsField(label="I confirm", required=False, widget=forms.CheckboxSelectMultiple)
    is_read = forms.BooleanField(
        label="I read the whole page as the public sees it, and nothing has to change.",
        error_messages={"required": "Tick this when you have read the whole page."},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.checklist = checklists.points_of(Stage.CLINICAL)
        self.fields["points"].choices = [(point.key, label_of(point)) for point in self.checklist]  # type: ignore[attr-defined]
        if not self.checklist:
            del self.fields["points"]

    def clean_points(self) -> list[str]:
        """What is missing is said beside the checklist."""
        ticked = self.cleaned_data["points"]
        for missing in checklists.missing_of(self.checklist, ticked):
            self.add_error("points", missing)
        return ticked


def renew(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show the public words and what stands against a signature; sign them when the form is sent."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not isinstance(page, PublicPage):
        raise Http404
    if not request.user.has_perm(renewal.PERMISSION):
        if request.method == "POST":
            reasons = ["You do not hold a role that gives clinical approvals."]
            log(instance=page, action="attest.review.refused", user=request.user, data={"reasons": reasons})
        raise PermissionDenied
    form = RenewalForm(request.POST or None)
    refusals: list[str] = []
    if request.method == "POST" and form.is_valid():
        sent = {name: form.cleaned_data[name] for name in ("document_digest", "comment")}
        sent["ticked"] = form.cleaned_data.get("points", [])
        try:
            given = renewal.renew(page, user=request.user, **sent)
            due = page.review_due(given.at)
            until = f" The next review is due by {timezone.localtime(due):%d %B %Y}." if due else ""
            messages.success(request, f"You reviewed “{page.title}”.{until}")
            return redirect(reverse(REPORT_NAME))
        except RenewalRefused as refusal:
            refusals = refusal.reasons
    head = renewal.shown(page)
    if request.method != "POST" or refusals:
        # The document may be another one by now: the person reads it, and ticks for that one.
        form = RenewalForm(
            initial={"document_digest": head.digest if head else "", "comment": request.POST.get("comment")}
        )
    return _answer(request, page, head, form, refusals)


def _answer(
    request: HttpRequest, page: PublicPage, head: Head | None, form: RenewalForm, refusals: list[str]
) -> HttpResponse:
    document = _document_of(head) if head else None
    objections = renewal.objections(page, head, user=request.user)
    title = "Reviewed, nothing to change"
    context = {
        "page": page,
        "form": form,
        "head": head,
        "document": document,
        "text": mark_safe(_text_of(document)) if document else "",  # noqa: S308 - documents are sanitised when rendered
        "refusals": refusals,
        "objections": [reason for reason in objections if reason not in refusals],
        "may_sign": not objections,
        "has_draft": page.has_unpublished_changes,
        "today": timezone.localdate(),
        "reviewer": request.user,
        "report_url": reverse(REPORT_NAME),
        "header_title": title,
        "header_icon": "check",
        "breadcrumbs_items": [
            {"url": reverse(REPORT_NAME), "label": "Reviews due"},
            {"url": "", "label": page.title},
        ],
    }
    return TemplateResponse(request, "publishing/renewal.html", context)


def _document_of(head: Head) -> dict[str, Any] | None:
    found = reading.documents([reading.key_of(head.document_id)])
    return found[0].as_dict() if found else None


def _text_of(document: dict[str, Any]) -> str:
    return "".join(write(document) for write in hooks.get_hooks(TEXT_HOOK))
