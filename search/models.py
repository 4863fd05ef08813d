"""The tables of search; Django looks for them here."""

from search.index_models import IndexedDocument, Name, Posting, Spelling, Word

__all__ = ["IndexedDocument", "Name", "Posting", "Spelling", "Word"]
