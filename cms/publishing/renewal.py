"""“Reviewed, nothing to change”: a clinician signs the public words once more, in one step.

The signature is an approval like any other, bound to the digest of exactly the words that are public. Nothing else moves: no
revision is made, so a draft that somebody works on, its review and its schedule stay as they are; and the ledger appends the
same document with the new ``reviewed_at`` and ``review_due``. That is why it lives with the ledger: what the public sees is
known only here.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.pages.rendering import time_of
from cms.pages.stages import Stage
from cms.publishing import capture, ledger, reading
from cms.publishing.models import Head
from cms.workflow import approval, checklists
from cms.workflow.authorship import wrote_public_words
from cms.workflow.checks import findings_of
from cms.workflow.models import Approval

PERMISSION = f"workflow.give_{Stage.CLINICAL.value}_approval"


class RenewalRefused(Exception):
    """Somebody may not sign the public words again; ``reasons`` says why, one sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


def shown(page: PublicPage) -> Head | None:
    """What the public sees of ``page`` now."""
    return reading.visible().filter(page_id=page.pk).first()


def objections(page: PublicPage, head: Head | None, *, user: Any) -> list[str]:
    """Why ``user`` may not sign the public words of ``page``, which shows as ``head``; empty when nothing speaks against it."""
    reasons = []
    if not user.is_active:
        reasons.append("This login is not active.")
    if not user.has_perm(PERMISSION):
        reasons.append("You do not hold a role that gives clinical approvals.")
    if not user.has_valid_credentials(today=timezone.localdate()):
        reasons.append("A clinical review needs credentials and a licence number on file that have not expired.")
    if Stage.CLINICAL not in page.required_stages:
        reasons.append("Pages of this type need no clinical review.")
    if page.alias_of_id:
        reasons.append("This page follows another one. Review that one; this one is reviewed with it.")
    if wrote_public_words(page, user):
        reasons.append(
            "You wrote these words, or are named as their author. A clinician who did not has to review them."
        )
    if head is None or head.content_digest != page.content_digest():
        reasons.append("The public does not see these words, so there is nothing to review. Publish the page first.")
    else:
        if any(given["user_id"] == user.pk and given["stage"] != Stage.CLINICAL for given in head.approvals):
            reasons.append("You gave another approval of these words. Two people look at a page beside its author.")
        findings = [finding.message for finding in findings_of(page, with_advice=False)]
        reasons += [f"Something has to change first: {message}" for message in findings]
    return reasons


def renew(
    page: PublicPage, *, user: Any, document_digest: str, comment: str = "", ticked: Collection[str] = ()
) -> Approval:
    """Record that ``user`` reviewed the public words of ``page`` and found nothing to change.

    ``document_digest`` is of the document that the person read, ``ticked`` holds the keys of the clinical checklist's points
    that they confirm. Raises ``RenewalRefused`` with every reason, also when the
    public sees another document by now; nothing is written then but a line in the page's history.
    """
    try:
        with transaction.atomic():
            return _renew(page.pk, user, document_digest, comment, ticked)
    except RenewalRefused as refusal:
        log(instance=page, action="attest.review.refused", user=user, data={"reasons": refusal.reasons})
        raise


def _renew(page_id: int, user: Any, document_digest: str, comment: str, ticked: Collection[str]) -> Approval:
    # In the order in which a publication takes them: of two people at the same moment, the second waits and is told.
    page = Page.objects.select_for_update().get(pk=page_id).specific
    ledger.lock_clock()
    head = shown(page)
    reasons = objections(page, head, user=user)
    if head and head.digest != document_digest:
        reasons.append(_what_changed(head))
    reasons = reasons or checklists.missing_of(checklists.points_of(Stage.CLINICAL), ticked)
    if reasons:
        raise RenewalRefused(reasons)
    given = approval.approve_public(page, user=user, comment=comment, ticked=ticked)
    log(
        instance=page,
        action="attest.review.renewed",
        user=user,
        data={"digest": given.content_digest, "comment": comment, "review_due": time_of(page.review_due(given.at))},
    )
    capture.touch(pages=[page.pk, *_followers(page)])
    return given


def _followers(page: PublicPage) -> Iterable[int]:
    """Public aliases of ``page`` with its words: they show its review."""
    aliases = Page.objects.filter(alias_of=page.pk, live=True).specific()
    heads = dict(Head.objects.filter(page_id__in=[one.pk for one in aliases]).values_list("page_id", "content_digest"))
    return [alias.pk for alias in aliases if heads.get(alias.pk) == alias.content_digest()]


def _what_changed(head: Head) -> str:
    given = next((one for one in head.approvals if one["stage"] == Stage.CLINICAL.value), None)
    who = f" {given['name']} reviewed it last, on {given['at'][:16].replace('T', ' ')} UTC." if given else ""
    return f"What the public sees changed since you opened this page. Read it again.{who}"
