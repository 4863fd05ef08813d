"""Overriding the gate in an emergency: who may, for which words, for how long, and who confirms it.

A wrong dose must go now, so the first person's act takes effect at once and a second person confirms it afterwards
(decision 0011). An override is bound to the digest of exactly one content, as an approval is; unlike an approval it opens the
gate only for a set time, so that words once forced out cannot come back later without a review.
"""

import datetime
import uuid
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from cms.pages.document import digest_of
from cms.pages.findings import Finding
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.workflow.models import MIN_REASON_LENGTH, Override, OverrideConfirmation
from cms.workflow.override_mail import address_of, tell

if TYPE_CHECKING:
    from cms.accounts.models import User

PERMISSION = "workflow.override_gate"


class OverrideRefused(Exception):
    """Somebody may not override or confirm; ``reasons`` says why, one sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


def objections(page: PublicPage, *, user: Any) -> list[str]:
    """Why ``user`` may not publish ``page`` in an emergency, whatever its words; empty when nothing speaks against it."""
    reasons = []
    if not (user.is_active and user.has_perm(PERMISSION)):
        reasons.append("You do not hold a role that publishes in an emergency.")
    if not page.permissions_for_user(user).can_publish():
        reasons.append("You may not publish this page.")
    if page.alias_of_id:
        reasons.append("This page follows another one. Correct that one; this one changes with it.")
    return reasons


def record(
    revision: Revision,
    *,
    page: PublicPage,
    user: "User",
    reason: str,
    findings: Iterable[Finding],
    author_ids: Iterable[int],
    corrected_from: int | None,
    now: datetime.datetime,
) -> Override:
    """Open the gate for exactly the words of ``revision``, for ``OVERRIDE_CONFIRMATION_HOURS``, and tell who must know.

    ``findings`` are those that are overridden. Raises ``OverrideRefused`` when ``user`` may not, or the reason is too short.
    """
    reason = reason.strip()
    reasons = objections(page, user=user)
    if len(reason) < MIN_REASON_LENGTH:
        reasons.append(f"Say in at least {MIN_REASON_LENGTH} characters what is wrong and why it cannot wait.")
    if reasons:
        raise OverrideRefused(reasons)
    words = revision.as_object()
    content = words.authored_bytes()
    given = Override.objects.create(
        document_id=document_id_of(page),
        page_id=page.pk,
        revision_id=revision.pk,
        replaced_id=page.live_revision_id if page.live else None,
        corrected_from=corrected_from,
        content_digest=digest_of(content),
        content=content.decode(),
        title=words.title,
        findings=[finding.as_json() for finding in findings],
        reason=reason,
        author_ids=sorted(set(author_ids)),
        user=user,
        name=user.display_name(),
        at=now,
        confirm_by=now + datetime.timedelta(hours=settings.OVERRIDE_CONFIRMATION_HOURS),
    )
    log(instance=page, action="attest.override.given", user=user, revision=revision, data=given.logged(reason=reason))
    tell(page, f"Published in an emergency: {given.title}", _announcement(given))
    return given


def objections_to_confirming(override: Override, *, user: Any, now: datetime.datetime) -> list[str]:
    """Why ``user`` may not confirm ``override``; empty when nothing speaks against it."""
    reasons = []
    if not (user.is_active and user.has_perm(PERMISSION)):
        reasons.append("You do not hold a role that confirms emergency publications.")
    if user.pk == override.user_id:
        reasons.append("You published this yourself. A second person has to confirm it.")
    elif user.pk in override.author_ids:
        reasons.append("You wrote these words. Somebody who did not has to confirm them.")
    if OverrideConfirmation.objects.filter(override=override).exists():
        reasons.append("This is confirmed already.")
    elif now >= override.confirm_by:
        reasons.append(
            "The time for a confirmation is over. Send the page through review, correct it, or take it down."
        )
    return reasons


def confirm(override: Override, *, user: "User", now: datetime.datetime) -> OverrideConfirmation:
    """Record that ``user`` stands by ``override``.

    Raises ``OverrideRefused`` with every objection; nothing is written then but a line in the page's history.
    """
    page = Page.objects.filter(pk=override.page_id).first()
    with transaction.atomic():
        # Two people who confirm at the same moment: the second waits here and is told.
        locked = Override.objects.select_for_update().get(pk=override.pk)
        reasons = objections_to_confirming(locked, user=user, now=now)
        given = None
        if not reasons:
            given = OverrideConfirmation.objects.create(override=locked, user=user, name=user.display_name(), at=now)
    if given is None:
        if page:
            log(instance=page, action="attest.override.refused", user=user, data=override.logged(reasons=reasons))
        raise OverrideRefused(reasons)
    if page:
        log(instance=page, action="attest.override.confirmed", user=user, data=override.logged())
    return given


def standing_among(
    contents: Collection[tuple[uuid.UUID, str]], *, now: datetime.datetime
) -> dict[tuple[uuid.UUID, str], Override]:
    """The override that opens the gate now for each of these contents (document id and content digest), where there is one."""
    rows = Override.objects.filter(
        document_id__in={document_id for document_id, _digest in contents},
        content_digest__in={digest for _document_id, digest in contents},
        at__lte=now,
        confirm_by__gt=now,
        user__is_active=True,
    ).select_related("confirmation")
    found: dict[tuple[uuid.UUID, str], Override] = {}
    for given in rows.order_by("at", "pk"):
        if (given.document_id, given.content_digest) in contents:
            found[given.document_id, given.content_digest] = given
    return found


def _announcement(override: Override) -> str:
    findings = "\n".join(f"- {finding['message']}" for finding in override.findings) or "- nothing"
    return (
        f"{override.name} published “{override.title}” without the usual approvals.\n\n"
        f"Reason: {override.reason}\n\nWhat stood against it:\n{findings}\n\n"
        f"A second person has to confirm it by {override.confirm_by:%Y-%m-%d %H:%M} UTC: {address_of(override)}\n"
    )
