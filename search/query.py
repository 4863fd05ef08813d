"""Search over public documents: which of them hold every word, best first.

It asks the database to look into every text, which is right for thousands of documents and wrong for millions; what is
asked and what comes back (``search``) would stay the same over an index. Only heads that the public can see are looked at,
so nothing hidden shows in items, counts or facets.
"""

import datetime
import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from cms.publishing import reading
from cms.publishing.models import Head
from search.folding import fold, pattern_of
from search.highlighting import highlighted

MAX_WORDS = 10
_EDGES = '"“”„«».,;:!?()[]{}<>*+~^|/\\'
_NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Hit:
    """One document that was found: its card as JSON text, and safe HTML around the first match."""

    document_id: uuid.UUID
    type: str
    card: str
    highlight: str


@dataclass(frozen=True)
class Results:
    """What was found: one page of hits, how many there are in all, and how many of each type whatever ``types`` said."""

    hits: tuple[Hit, ...]
    count: int
    facets: Mapping[str, int]
    did_you_mean: str | None = None


def search(
    text: str,
    *,
    site_id: int | QuerySet | None,
    locale: str | None = None,
    types: Collection[str] = (),
    limit: int = 20,
    offset: int = 0,
) -> Results:
    """Public documents in which every word of ``text`` occurs; those with all words in the title first, then newest.

    ``site_id`` is a site's primary key, or a query that gives it; ``None`` looks on every site. ``types`` narrows the hits
    and the count, not the facets. Two queries. Raises ``ValueError`` for more than ten words.
    """
    words = words_of(text)
    if not words:
        return Results((), 0, {})
    heads = reading.visible()
    if isinstance(site_id, int):
        heads = heads.filter(site_id=site_id)
    elif site_id is not None:
        heads = heads.filter(site_id__in=site_id)
    if locale:
        heads = heads.filter(locale=locale)
    rows = list(matching(heads, text).values_list("document_id", "type", "title", "published_at"))
    facets = Counter(kind for _id, kind, _title, _at in rows)
    wanted = [
        (all(word in fold(title) for word in words), published_at or _NEVER, document_id)
        for document_id, kind, title, published_at in rows
        if not types or kind in types
    ]
    wanted.sort(key=lambda row: row[2])
    wanted.sort(key=lambda row: row[:2], reverse=True)
    page = [document_id for _in_title, _at, document_id in wanted[offset : offset + limit]]
    return Results(_hits(page, words), len(wanted), dict(sorted(facets.items())))


def matching(heads: QuerySet[Head], text: str) -> QuerySet[Head]:
    """Those of ``heads`` in whose title or text every word of ``text`` occurs; none when there is no word in it."""
    patterns = patterns_of(text)
    if not patterns:
        return heads.none()
    for pattern in patterns:
        heads = heads.filter(Q(title__iregex=pattern) | Q(text__iregex=pattern))
    return heads


def patterns_of(text: str) -> list[str]:
    """A regular expression for each word of ``text``; a document matches when all of them do. Empty without a word.

    Raises ``ValueError`` for more than ten.
    """
    return [pattern_of(word) for word in words_of(text)]


def words_of(text: str) -> list[str]:
    """The folded words of ``text``, each once, without punctuation at their edges.

    Raises ``ValueError`` for more than ten.
    """
    bare = (word.strip(_EDGES) for word in fold(text).split())
    words = list(dict.fromkeys(word for word in bare if any(letter.isalnum() for letter in word)))
    if len(words) > MAX_WORDS:
        raise ValueError(f"Input should have at most {MAX_WORDS} words")
    return words


def _hits(page: list[uuid.UUID], words: list[str]) -> tuple[Hit, ...]:
    # Asked again for visibility: between the two queries a page may have been withdrawn.
    heads = reading.visible().filter(document_id__in=page).only("document_id", "type", "card", "title", "text")
    by_id = {head.document_id: head for head in heads}
    found = (by_id[key] for key in page if key in by_id)
    return tuple(
        Hit(head.document_id, head.type, head.card, highlighted(head.text or head.title, words)) for head in found
    )
