"""The tables of the search, each in the module of its subject; Django looks for them here."""

from search.index_models import EngineChange, EngineIndex, IndexedDocument, Name, Posting, Spelling, Word
from search.misses import SearchCount
from search.vocabulary import Notice, PromotedPage, Promotion, Synonym

__all__ = [
    "EngineChange",
    "EngineIndex",
    "IndexedDocument",
    "Name",
    "Notice",
    "Posting",
    "PromotedPage",
    "Promotion",
    "SearchCount",
    "Spelling",
    "Synonym",
    "Word",
]
