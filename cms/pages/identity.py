"""The stable id of a document: the same for ever and in every environment.

Wagtail keeps a page's translation key and language through edits, moves, restores and transfers, gives copies and aliases
a new one, and allows each pair only once. So the id is computed from the pair instead of being stored beside it.
"""

import uuid

from wagtail.models import Page

# The namespace of Attest's documents. Changing it would change every id that consumers keep.
NAMESPACE = uuid.UUID("7d0c1f43-3f0b-5a3e-9a55-6f2e8d1c4b90")


def document_id_from(translation_key: uuid.UUID, language_code: str) -> uuid.UUID:
    """The document id of the page with this translation key in this language."""
    return uuid.uuid5(NAMESPACE, f"{translation_key}:{language_code}")


def document_id_of(page: Page) -> uuid.UUID:
    """The document id of ``page``; no query is made when its locale is loaded."""
    return document_id_from(page.translation_key, page.locale.language_code)
