"""The words that a reviewer was shown: every approval of a step is bound to them, at whatever door it arrives.

The review page's form carries the digest, and the words themselves, sealed, so that whoever is refused because the draft
changed in the meantime can be shown what changed since. Nothing is kept on the server for a decision that may never be made.
An approval that arrives without a digest says nothing of what was read, so it is refused.
"""

import binascii
import json
import zlib
from typing import Any

from django.core import signing
from wagtail.models import Page

from cms.pages.document import digest_of
from cms.pages.models import PublicPage
from cms.workflow import approval
from cms.workflow.approval import ApprovalRefused

UNREAD = (
    "Nothing was approved: an approval is bound to the words that the person has read. "
    "Read the text on the review page, then approve there."
)

CHANGED = (
    "The draft was changed since you opened this page. Nothing was approved. Read what changed, then decide again."
)
_SALT = "attest.review.shown"


def seal(content: bytes) -> str:
    """``content`` as a value for a form: compressed, and signed so that nobody can be shown words that were never there."""
    return signing.Signer(salt=_SALT).sign_object(content.decode(), compress=True)


def unseal(sealed: str) -> bytes | None:
    """What ``seal`` was given; ``None`` for anything else."""
    try:
        content = signing.Signer(salt=_SALT).unsign_object(sealed)
    except (signing.BadSignature, ValueError, zlib.error, binascii.Error):
        return None
    return content.encode() if isinstance(content, str) else None


def still_shown(page: PublicPage, content_digest: object) -> PublicPage:
    """``page`` as it stands now, locked, when its draft has the words with ``content_digest``, whatever a form sent as that.

    Raises ``ApprovalRefused`` when nothing was sent, or the draft has other words. Call it inside the transaction that signs.
    """
    # A save waits for this lock before it can commit, so the words that are signed are those that are compared.
    locked: PublicPage = Page.objects.select_for_update().get(pk=page.pk).specific
    if objection := objection_to(locked, content_digest):
        raise ApprovalRefused([objection])
    return locked


def objection_to(page: PublicPage, content_digest: object) -> str:
    """Why somebody who was shown the words with ``content_digest`` cannot approve the draft of ``page``; empty when nothing."""
    if not content_digest:
        return UNREAD
    return "" if approval.draft_of(page).content_digest() == content_digest else CHANGED


def content_of(words: bytes) -> tuple[dict[str, Any], str]:
    """The content that ``words`` hold, and its digest."""
    return json.loads(words), digest_of(words)
