"""Preview tokens: one draft shown to whoever holds an address, for a while.

A token opens nothing but its page, on the preview address, for reading. It dies by its time, by hand, with its page, and with
its issuer's right to edit that page: rights are asked at every use. Whatever it died of, it answers like one that never was.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from cms.api.models import PreviewToken
from cms.pages.models import PublicPage
from cms.workflow import approval

# How long a token may live. Unit: hours. Source: reliability requirements, “tokens”: 1 by default, 24 at most.
HOURS = (1, 8, 24)


@dataclass(frozen=True)
class Opened:
    """What a token shows: a draft as an object, and the revision that it is of."""

    page: PublicPage
    revision_id: int | None


def issue(page: PublicPage, *, issuer: Any, hours: int, is_fixed: bool, now: datetime) -> tuple[PreviewToken, str]:
    """A new token for a draft of ``page`` and its text, which cannot be had again.

    ``is_fixed`` shows the newest revision as it stands now and no later words. Raises ``ValueError`` for hours that are not
    one of ``HOURS``, and ``PermissionDenied`` for a page that ``issuer`` may not edit.
    """
    if hours not in HOURS:
        raise ValueError(f"Hours are one of: {', '.join(map(str, HOURS))}.")
    if not page.permissions_for_user(issuer).can_edit():
        raise PermissionDenied
    revision = page.get_latest_revision() if is_fixed else None
    text = secrets.token_urlsafe(32)
    token = PreviewToken.objects.create(
        page_id=page.pk,
        revision_id=revision.pk if revision else None,
        content_digest=revision.as_object().content_digest() if revision else "",
        issuer=issuer,
        issued_at=now,
        expires_at=now + timedelta(hours=hours),
        token_digest=_digest_of(text),
    )
    log(instance=page, action="attest.preview.shared", user=issuer, data={"hours": hours})
    return token, text


def open_with(text: str) -> Opened | None:
    """The draft that the token ``text`` shows now; ``None`` for every token that shows nothing.

    One query decides for unknown, malformed, expired and revoked tokens alike, so that time tells nothing either.
    """
    token = working(timezone.now()).select_related("issuer").filter(token_digest=_digest_of(text)).first()
    if token is None:
        return None
    page = Page.objects.filter(pk=token.page_id).first()
    page = page.specific if page else None
    if not isinstance(page, PublicPage) or not page.permissions_for_user(token.issuer).can_edit():
        return None
    if token.revision_id is None:
        return Opened(approval.draft_of(page), page.latest_revision_id)
    revision = Revision.page_revisions.filter(pk=token.revision_id, object_id=str(page.pk)).first()
    draft = revision.as_object() if revision else None
    if draft is None or draft.content_digest() != token.content_digest:
        return None
    return Opened(draft, token.revision_id)


def working(now: datetime) -> Any:
    """Tokens that are neither expired nor revoked at ``now`` and whose issuer still has a login."""
    return PreviewToken.objects.filter(expires_at__gt=now, revoked_at__isnull=True, issuer__is_active=True)


def revoke(token: PreviewToken, page: PublicPage, *, user: Any) -> None:
    """End ``token`` of ``page`` at once."""
    if PreviewToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        log(instance=page, action="attest.preview.ended", user=user)


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
