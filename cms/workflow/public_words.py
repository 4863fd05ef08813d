"""The words that the public sees of a page now, as they were recorded when they were admitted.

Wagtail's tables do not tell: autosave rewrites the revision that ``live_revision`` points to, and a row can be marked live
that the ledger never admitted. The ledger knows the digest of what it shows, and answers through a hook, because the workflow
knows no ledger; the words with that digest are on the approval or the override under which they became public.
"""

import json
from typing import Any

from wagtail import hooks

from cms.pages.document import digest_of
from cms.pages.models import PublicPage
from cms.workflow.models import Approval, Override

HOOK = "public_content_digest"


class WordsNotOnFile(Exception):
    """The public sees a content that is neither on an approval, nor on an override, nor in the live row."""


def public_content(page: PublicPage) -> dict[str, Any] | None:
    """The canonical content of ``page`` that the public sees; ``None`` when it sees none.

    Raises ``WordsNotOnFile`` when it sees words that nobody can show: then nothing may be said to be the same or new.
    """
    digest = next((digest for ask in hooks.get_hooks(HOOK) if (digest := ask(page))), None)
    if digest is None:
        return None
    for model in (Approval, Override):
        content = model.objects.filter(content_digest=digest).values_list("content", flat=True).first()
        if content is not None:
            return json.loads(content)
    # The words of an alias are approved at its source, under another address.
    words = page.authored_bytes()
    if digest_of(words) != digest:
        raise WordsNotOnFile
    return json.loads(words)
