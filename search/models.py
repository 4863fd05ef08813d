"""The tables of the search, each in the module of its subject."""

from search.misses import SearchCount
from search.vocabulary import Notice, PromotedPage, Promotion, Synonym

__all__ = ["Notice", "PromotedPage", "Promotion", "SearchCount", "Synonym"]
