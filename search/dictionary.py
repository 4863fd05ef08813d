"""What editors add to search: words that mean the same, and results that they want first. Nothing, so far."""

import uuid
from collections.abc import Mapping


def synonyms(site_id: int, locale: str) -> Mapping[str, tuple[str, ...]]:
    """For a folded phrase that somebody may type, the phrases that it also means."""
    return {}


def promoted(site_id: int, locale: str) -> Mapping[str, tuple[uuid.UUID, ...]]:
    """For a folded phrase that somebody may type, the documents that editors want first, in order."""
    return {}
