"""The words that a reviewer was shown: an approval given at the review page is bound to them.

The page's form carries the digest, and the words themselves, sealed, so that whoever is refused because the draft changed in
the meantime can be shown what changed since. Nothing is kept on the server for a decision that may never be made.
"""

import binascii
import json
import zlib
from typing import Any

from django.core import signing
from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Page

from cms.pages.document import digest_of
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval
from cms.workflow.approval import ApprovalRefused

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


def still_shown(page: PublicPage, *, stage: Stage, user: Any, content_digest: str | None) -> PublicPage:
    """``page`` as it stands now, locked, when its draft has the words with ``content_digest``; without one, any words.

    Raises ``ApprovalRefused`` when the draft has other words; a line in the page's history tells of the attempt.
    """
    if content_digest is None:
        return page
    with transaction.atomic():
        # A save waits for this lock before it can commit, so the words that are signed are those that are compared: a
        # request that writes is one transaction, and this one is inside it.
        locked: PublicPage = Page.objects.select_for_update().get(pk=page.pk).specific
    if approval.draft_of(locked).content_digest() != content_digest:
        reasons = {"stage": stage.value, "reasons": [CHANGED]}
        log(instance=locked, action="attest.approval.refused", user=user, data=reasons)
        raise ApprovalRefused([CHANGED])
    return locked


def content_of(words: bytes) -> tuple[dict[str, Any], str]:
    """The content that ``words`` hold, and its digest."""
    return json.loads(words), digest_of(words)
