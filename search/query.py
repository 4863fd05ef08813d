"""Search over public documents: which of them somebody means, best first.

The index is asked for candidates, a bounded number of them whatever the words are; scores, filters and counts are made here, so
they are the same on every database (decision 0014). Nothing is given out that heads do not show as public at this moment.
"""

import datetime
import heapq
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from django.utils import timezone

from cms.publishing import reading
from cms.publishing.models import Head
from search import dictionary, postings, ranking
from search.folding import fold, pattern_of
from search.highlighting import highlighted, marked, marks_of, phrase_pattern
from search.index_models import IndexedDocument
from search.parsing import MAX_WORDS, Typed, parse
from search.parts import FACETS
from search.scopes import Scope, expired_words, known, scopes_of, site_ids_of, targets_of
from search.understanding import Understood, understand
from search.words import term_of

__all__ = ["MAX_WORDS", "Hit", "Results", "patterns_of", "search", "words_of"]

# So many of the best candidates are read to see whether a phrase stands in them.
MAX_READ = 200
# Above every score that words can give.
_PROMOTED = 10**18


@dataclass(frozen=True)
class Hit:
    """One document that was found: its card as JSON text, and safe HTML of its title and around the first match."""

    document_id: uuid.UUID
    type: str
    card: str
    highlight: str
    title_highlight: str


@dataclass(frozen=True)
class Results:
    """What was found: one page of hits, how many there are in all, and how many of each kind.

    ``facets`` has counts by type, and by slug of condition, service and topic; each ignores what narrows itself, and nothing
    else. ``is_exact`` is false where a word stands in so many documents that not all of them were looked at: then there are at
    least so many.
    """

    hits: tuple[Hit, ...] = ()
    count: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: {name: {} for name in ("type", *FACETS)})
    did_you_mean: str | None = None
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class _Found:
    """One candidate: its number, score after everything, and what is known of it."""

    document: int
    score: int
    known: postings.Remembered

    def order(self) -> tuple[int, tuple[float, str]]:
        return -self.score, self.known.rank


def search(
    text: str,
    *,
    site_id: int | str | None,
    locale: str | None = None,
    types: Collection[str] = (),
    ties: Mapping[str, Collection[str]] | None = None,
    limit: int = 20,
    offset: int = 0,
) -> Results:
    """Public documents about ``text``, best first: those with all of its words, then those with most.

    ``site_id`` is a site's primary key, a hostname (empty for the default site), or ``None`` for every site. ``types`` and
    ``ties`` (slugs by condition, service or topic) narrow the hits and the count. Raises ``ValueError`` for more than ten words.
    """
    typed = parse(text)
    if not typed.words:
        return Results()
    now = timezone.now()
    at = known()
    scopes = scopes_of(at, None if site_id is None else site_ids_of(at, site_id or None), locale)
    meanings = [understand(typed, scope, expired_words(at, scope, now)) for scope in scopes]
    found, is_exact = _found(meanings, now)
    chosen, facets = _narrowed(found, targets_of(at, {scope.site_id for scope in scopes}, now), set(types), ties or {})
    page = heapq.nsmallest(offset + limit, chosen, key=_Found.order)[offset:]
    shown = sorted({form for understood in meanings for form in understood.shown_forms()})
    return Results(_hits(page, shown, now), len(chosen), facets, _better(meanings), is_exact)


def patterns_of(text: str) -> list[str]:
    """A regular expression for each word of ``text``: for heads of another moment, which the index does not know.

    Raises ``ValueError`` for more than ten.
    """
    return [pattern_of(word) for word in dict.fromkeys(words_of(text))]


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of ``text``. Raises ``ValueError`` for more than ten that say something."""
    return parse(text).words


def _found(meanings: list[Understood], now: datetime.datetime) -> tuple[list[_Found], bool]:
    """Every candidate, and whether those are all that there are."""
    found: list[_Found] = []
    is_exact = True
    for understood in meanings:
        lists = postings.lists_of(understood.terms())
        named = postings.named(understood.names.keys())
        documents = set(chain(*lists.impacts.values(), (document for _key, document, _is_title in named)))
        known = postings.remembered(documents)
        gone = {document for document in documents if document not in known or _is_expired(known[document], now)}
        if gone:
            for impacts in lists.impacts.values():
                for document in gone:
                    impacts.pop(document, None)
            named = [row for row in named if row[1] not in gone]
        whole = [known[document].document_id for document in ranking.named_whole(understood, named)]
        tied = postings.remembered(postings.tied_to(whole))
        known |= {document: row for document, row in tied.items() if not _is_expired(row, now)}
        candidates = ranking.ranked(understood, lists, named, tied.keys() & known.keys())
        scored = [
            _Found(one.document, ranking.weighed(one.score, known[one.document]), known[one.document])
            for one in candidates
        ]
        scored, are_all = _matching_whole(scored, understood.typed, understood.scope)
        is_exact = is_exact and are_all and not lists.cut
        _keep_mended(understood, lists)
        found += _with_promoted(scored, understood, now)
    return found, is_exact


def _is_expired(known: postings.Remembered, now: datetime.datetime) -> bool:
    return known.expires_at is not None and known.expires_at <= now


def _keep_mended(understood: Understood, lists: postings.Lists) -> None:
    """A better spelling is one that finds something."""
    for meant in understood.meant:
        if meant.mended and not any(lists.impacts.get(term) for way in meant.ways for term in way.terms):
            meant.mended = ""


def _matching_whole(found: list[_Found], typed: Typed, scope: Scope) -> tuple[list[_Found], bool]:
    """Those that have every phrase as it was typed, and nothing that was excluded; and whether all of them were looked at."""
    terms = [term_of(scope.site_id, scope.locale, words[0]) for words in typed.excluded if len(words) == 1]
    if terms:
        having = postings.having_any(terms, [one.document for one in found])
        found = [one for one in found if one.document not in having]
    wanted = [phrase_pattern(phrase) for phrase in typed.phrases]
    unwanted = [phrase_pattern(words) for words in typed.excluded if len(words) > 1]
    if not (wanted or unwanted):
        return found, True
    looked_at = heapq.nsmallest(MAX_READ, found, key=_Found.order)
    ids = [one.known.document_id for one in looked_at]
    rows = Head.objects.filter(document_id__in=ids).values_list("document_id", "title", "text")
    texts = {document_id: fold(f"{title}\n{text}") for document_id, title, text in rows}
    kept = [
        one
        for one in looked_at
        if (text := texts.get(one.known.document_id)) is not None
        and all(pattern.search(text) for pattern in wanted)
        and not any(pattern.search(text) for pattern in unwanted)
    ]
    return kept, len(looked_at) == len(found)


def _with_promoted(found: list[_Found], understood: Understood, now: datetime.datetime) -> list[_Found]:
    """``found`` with what editors want first for exactly these words."""
    scope = understood.scope
    of_editors = dictionary.promoted(scope.site_id, scope.locale, version=scope.version)
    promoted = of_editors.get(" ".join(understood.typed.words), ())
    if not promoted:
        return found
    rows = IndexedDocument.objects.filter(document_id__in=promoted, site_id=scope.site_id, locale=scope.locale)
    keys = dict(rows.values_list("document_id", "pk"))
    known = postings.remembered(keys.values())
    first = [
        _Found(keys[document_id], _PROMOTED - place, known[keys[document_id]])
        for place, document_id in enumerate(promoted)
        if keys.get(document_id) in known and not _is_expired(known[keys[document_id]], now)
    ]
    documents = {one.document for one in first}
    return [*first, *(one for one in found if one.document not in documents)]


def _narrowed(
    found: list[_Found], targets: dict[str, dict[str, str]], types: set[str], ties: Mapping[str, Collection[str]]
) -> tuple[list[_Found], dict[str, dict[str, int]]]:
    """Those of ``found`` that meet every filter; and counts by facet, each without its own filter."""
    filters: dict[str, Callable[[_Found], bool]] = {}
    if types:
        filters["type"] = lambda one: one.known.type in types
    for name, slugs in ties.items():
        ids = {target for target, slug in targets[name].items() if slug in slugs}
        filters[name] = partial(_is_tied, name, ids)
    facets = {"type": _counted(one.known.type for one in _passing(found, filters, "type"))}
    for name in FACETS:
        among = _passing(found, filters, name)
        tied = Counter(chain.from_iterable(one.known.ties.get(name, ()) for one in among))
        shown: Counter[str] = Counter()
        for target, count in tied.items():
            if target in targets[name]:
                shown[targets[name][target]] += count
        facets[name] = dict(sorted(shown.items(), key=lambda item: (-item[1], item[0])))
    return _passing(found, filters), facets


def _passing(found: list[_Found], filters: Mapping[str, Callable[[_Found], bool]], without: str = "") -> list[_Found]:
    asked = [is_met for name, is_met in filters.items() if name != without]
    return [one for one in found if all(is_met(one) for is_met in asked)] if asked else found


def _is_tied(name: str, ids: set[str], one: _Found) -> bool:
    return not ids.isdisjoint(one.known.ties.get(name, ()))


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _better(meanings: list[Understood]) -> str | None:
    """A better spelling; none where one of the languages has every word as it was typed."""
    better = [understood.did_you_mean() for understood in meanings]
    return better[0] if better and all(better) else None


def _hits(page: list[_Found], shown: list[str], now: datetime.datetime) -> tuple[Hit, ...]:
    ids = [one.known.document_id for one in page]
    # Asked again for visibility: since the candidates were read a page may have been withdrawn.
    rows = reading.visible(now).filter(document_id__in=ids).values_list("document_id", "type", "card", "title", "text")
    by_id = {row[0]: row for row in rows}
    marks = marks_of(shown)
    hits = []
    for document_id in ids:
        if document_id in by_id:
            _id, kind, card, title, text = by_id[document_id]
            hits.append(Hit(document_id, kind, card, highlighted(text or title, marks), marked(title, marks)))
    return tuple(hits)
