"""The review page: what would change before the public, what stands against it, and the decision, on one page.

Both sides are read from canonical contents: what was recorded when the public words were admitted, and what an approval would
sign. The decision is bound to the digest that the page showed (``shown_words``); who may decide is asked again by ``approval``.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail.models import Page, TaskState

from cms.pages.document import canonical_bytes, digest_of
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import (
    approval,
    assignment,
    change_requests,
    content_items,
    deciding,
    public_words,
    review_facts,
    shown_words,
)
from cms.workflow.approval import ApprovalRefused
from cms.workflow.notifications import may_open

URL_NAME = "review_page"
# How many digits of a digest people are shown: enough to tell two contents apart by eye.
DIGEST_DIGITS = 12


@dataclass(frozen=True)
class Choice:
    """One decision that the person can take, with the form that asks for the rest."""

    action: str
    label: str
    form: forms.Form
    stage: Stage | None

    @property
    def is_approval(self) -> bool:
        """Whether this signs the words."""
        return self.stage is not None

    @property
    def is_clinical(self) -> bool:
        """Whether readers will see who signed."""
        return self.stage == Stage.CLINICAL


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show the page's review; take the decision when the form is sent. 404 for what is no page of ours, 403 for strangers."""
    page = page_to_open(request, page_id)
    if request.method != "POST":
        return _show(request, page)
    waiting = assignment.waiting_of(page)
    step = waiting.step if waiting else None
    if step is None or str(step.pk) != request.POST.get("step"):
        return _show(request, page, refusals=["This step is no longer waiting for a decision."])
    choice = next((one for one in _choices(request, page, step) if one.action == request.POST.get("action")), None)
    form = choice.form if choice else forms.Form(request.POST)
    if not form.is_valid():
        return _show(request, page)
    try:
        return redirect(_decide(request, step, form.cleaned_data))
    except ApprovalRefused as refusal:
        return _show(request, page_to_open(request, page_id), refusals=refusal.reasons)


def page_to_open(request: HttpRequest, page_id: int) -> PublicPage:
    """The page with this number, for somebody who may open it in the editor; raises ``Http404`` or ``PermissionDenied``."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not isinstance(page, PublicPage):
        raise Http404
    if not may_open(page, request.user):
        raise PermissionDenied
    return page


def _decide(request: HttpRequest, step: TaskState, cleaned: dict[str, Any]) -> str:
    """Do what was chosen, even when it was not offered: the rules refuse it themselves, and note the attempt."""
    action, digest = request.POST.get("action", ""), request.POST.get("content_digest", "")
    address: str = step.task.specific.on_action(step, request.user, action, **{**cleaned, "content_digest": digest})
    return address


def _show(request: HttpRequest, page: PublicPage, refusals: list[str] | None = None) -> HttpResponse:
    user: Any = request.user
    facts = review_facts.facts_of(page)
    step = facts.waiting.step if facts.waiting else None
    new, digest = shown_words.content_of(facts.words)
    ids = {name: [str(child.id or "") for child in getattr(facts.draft, name)] for name in page.stream_field_names()}
    is_on_file, old = True, None
    try:
        old = public_words.public_content(page)
    except public_words.WordsNotOnFile:
        is_on_file = False
    sections = content_items.compared(page, old, new, ids) if is_on_file else []
    choices = _choices(request, page, step) if step else []
    shows_all, is_side_by_side = request.GET.get("show") != "changes", request.GET.get("view") == "sides"
    context = {
        "page": page,
        "facts": facts,
        "step": step,
        "waiting": facts.waiting,
        "claimable": _claimable(facts, choices),
        # Who could have it is a question about every colleague, so it is asked only when somebody wants to know.
        "shows_people": "people" in request.GET,
        "refusals": refusals or [],
        "is_new": is_on_file and old is None,
        "is_on_file": is_on_file,
        "sections": sections,
        "signed": sections if is_on_file else content_items.compared(page, None, new, ids),
        "changes": sum(len(section.changes) or section.has_unseen_change for section in sections),
        "shows_all": shows_all,
        "is_side_by_side": is_side_by_side,
        "views": _views(shows_all, is_side_by_side),
        "since": _changed_since(request, page, new) if refusals else None,
        "choices": choices,
        "objections": []
        if any(choice.is_approval for choice in choices)
        else review_facts.objections_of(page, facts, user),
        "signature": _signature(user),
        "sealed": shown_words.seal(facts.words),
        "content_digest": digest,
        "digits": digest[:DIGEST_DIGITS],
        "void": review_facts.void_approvals(page, digest, _digest_of(old)),
        "header_title": "Review",
        "header_icon": "check",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_pages:edit", args=[page.pk]), "label": page.get_admin_display_title()},
            {"url": "", "label": "Review"},
        ],
    }
    return TemplateResponse(request, "workflow/review/page.html", context)


def _choices(request: HttpRequest, page: PublicPage, step: TaskState) -> list[Choice]:
    """What the task offers this person, once for each action; the form that was sent comes back as it was filled in."""
    task = step.task.specific
    offered: dict[str, str] = {}
    for action, label, _has_form in task.get_actions(page, request.user):
        offered.setdefault(action, str(label))
    choices = []
    for action, label in offered.items():
        is_sent = request.method == "POST" and request.POST.get("action") == action
        form = task.get_form_for_action(action)(request.POST if is_sent else None, auto_id=f"id_{action}_%s")
        if "place" in form.fields:
            _offer_places(form, approval.draft_of(page))
        choices.append(Choice(action, label, form, deciding.stage_of(action, task)))
    # Approving comes first: it is what the page is read for.
    return sorted(choices, key=lambda choice: not choice.is_approval)


def _claimable(facts: review_facts.Facts, choices: list[Choice]) -> list[Stage]:
    """The stages that this person can approve and nobody has taken."""
    able = {choice.stage for choice in choices}
    free = facts.waiting.open if facts.waiting else ()
    return [one.stage for one in free if one.stage in able and one.assigned_to is None]


def _offer_places(form: forms.Form, draft: PublicPage) -> None:
    """Let the person choose the field or block that a comment is about."""
    places = [("", "The page as a whole"), *((one.value, one.label) for one in change_requests.places_of(draft))]
    form.fields["place"].widget = forms.Select(choices=places)
    form.fields["place"].label = "About"
    form.order_fields(["place"])


def _signature(user: Any) -> dict[str, Any]:
    """How a clinical approval by ``user`` would be shown to readers."""
    person = getattr(user, "person_page", None)
    return {
        "name": person.title if person and person.live else "",
        "own_name": user.display_name(),
        "credentials": user.credentials,
        "today": timezone.localdate(),
    }


def _changed_since(request: HttpRequest, page: PublicPage, new: Any) -> list[content_items.Section] | None:
    """What changed since this person was shown the draft; ``None`` when nothing did, or the form does not tell."""
    words = shown_words.unseal(request.POST.get("shown", ""))
    if words is None:
        return None
    shown, _digest = shown_words.content_of(words)
    sections = content_items.compared(page, shown, new, {})
    return [section for section in sections if section.changes or section.has_unseen_change] or None


def _views(shows_all: bool, is_side_by_side: bool) -> list[list[tuple[str, str, bool]]]:
    """The two pairs of ways to look at the text: address, words, whether it is the present one."""

    def address(show: bool, sides: bool) -> str:
        return f"?show={'all' if show else 'changes'}&view={'sides' if sides else 'inline'}#text"

    return [
        [
            (address(True, is_side_by_side), "Whole text", shows_all),
            (address(False, is_side_by_side), "Only changes", not shows_all),
        ],
        [
            (address(shows_all, False), "In one column", not is_side_by_side),
            (address(shows_all, True), "Side by side", is_side_by_side),
        ],
    ]


def _digest_of(content: Any) -> str | None:
    return digest_of(canonical_bytes(content)) if content is not None else None
