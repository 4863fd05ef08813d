"""Candidates: every document that has enough of what somebody typed, with the score by which it is ordered.

They are the same on every page of the results, however these are narrowed, so they are kept in the process for one version of
the ledger: whoever turns the page or chooses a condition asks the same words again. Where a page has an end, nothing is kept.
"""

import datetime
from collections import Counter, OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from cms.publishing import reading
from search import dictionary, postings, ranking
from search.folding import fold_parts
from search.highlighting import phrase_pattern
from search.parsing import Typed
from search.scopes import Known, Scope, expired_words
from search.understanding import Understood, understand
from search.words import term_of

# So many of the best candidates are read to see whether a phrase stands in them.
MAX_READ = 200
# So many searches are kept. About 70 KB each.
_MAX_KEPT = 48
# So many of the best candidates are put in order at once: the first pages, which are turned.
_FIRST = 60
# Above every score that words can give.
_PROMOTED = 10**18


@dataclass
class Found:
    """Candidates by their number: the score after everything, and what is known of each. Not changed once it is given out.

    ``is_exact`` is false where a word stands in so many documents that not all of them were looked at. ``forms`` are the words
    to mark in a text; ``better`` is what was typed with its errors mended, ``None`` where there was nothing to mend.
    """

    scores: dict[int, int] = field(default_factory=dict)
    known: dict[int, postings.Remembered] = field(default_factory=dict)
    is_exact: bool = True
    forms: frozenset[str] = frozenset()
    better: str | None = None
    # By what they were counted last, and the counts by facet: the same on every page of the results.
    counted_facets: tuple[object, dict[str, dict[str, int]]] | None = field(default=None, compare=False)
    # What was shown of candidates: of which ledger entry, around the first match, and of the title.
    highlights: dict[str, tuple[int, str, str]] = field(default_factory=dict, compare=False)
    # What editors wanted first when it was last asked for, and the same candidates with that.
    promoted: "tuple[dict[int, int], Found] | None" = field(default=None, compare=False)

    def best(self, count: int, among: Collection[int] | None = None) -> list[int]:
        """The first ``count`` candidates in their order, of all or ``among`` some."""
        if (among is None or among is self.scores) and count <= _FIRST:
            return self._first[:count]
        return self._best(count, self.scores if among is None else among)

    @cached_property
    def _first(self) -> list[int]:
        return self._best(_FIRST, self.scores)

    def _best(self, count: int, among: Collection[int]) -> list[int]:
        scores, known = self.scores, self.known
        chosen = scores if among is scores else {document: scores[document] for document in among}
        if len(chosen) > count:
            # Numbers alone are sorted quickly: only what can be among the first is compared further.
            least = sorted(chosen.values(), reverse=True)[count - 1]
            chosen = {document: score for document, score in chosen.items() if score >= least}
        return sorted(chosen, key=lambda document: (-scores[document], known[document].rank))[:count]

    def counted(self, documents: Collection[int]) -> Counter[str]:
        """How many of ``documents`` have each mark."""
        known = self.known
        return Counter(chain.from_iterable([known[document].marks for document in documents]))

    @cached_property
    def counts(self) -> Counter[str]:
        """How many candidates have each mark."""
        return self.counted(self.scores)


def find(typed: Typed, scopes: Collection[Scope], at: Known, now: datetime.datetime) -> Found:
    """The candidates in all of ``scopes``, what editors promote first; no query when the same was found at this version."""
    key = (typed, typed.quoted, tuple((scope.site_id, scope.locale) for scope in scopes))
    kept: OrderedDict[object, Found] = at.found
    found = kept.get(key)
    if found is None:
        found = _together([_found_in(scope, typed, at, now) for scope in scopes])
        if not at.has_expiring:
            kept[key] = found
            while len(kept) > _MAX_KEPT:
                kept.popitem(last=False)
    # By the time, which no version knows.
    return _with_promoted(found, typed, scopes, at, now)


def _together(parts: list[Found]) -> Found:
    if len(parts) == 1:
        return parts[0]
    found = Found()
    for part in parts:
        # No document is in two scopes.
        found.scores |= part.scores
        found.known |= part.known
        found.is_exact = found.is_exact and part.is_exact
        found.forms |= part.forms
    # Where one of the languages has every word as it was typed, nothing is misspelt.
    better = [part.better for part in parts]
    found.better = better[0] if better and all(better) else None
    return found


def _found_in(scope: Scope, typed: Typed, at: Known, now: datetime.datetime) -> Found:
    understood = understand(typed, scope, at.recent, expired_words(at, scope, now))
    lists = at.recent.lists_of(understood.terms(), understood.names.keys(), at.engine)
    documents: set[int] = set().union(*lists.impacts.values(), [document for _key, document, _is_title in lists.named])
    known = _unexpired(documents, at, now)
    whole = [known[document] for document in ranking.named_whole(understood, lists.named) if document in known]
    tied = _unexpired(postings.tied_to(whole), at, now) if whole else {}
    known |= tied
    _keep_mended(understood, lists, known)
    found = Found(ranking.ranked(understood, lists, tied.keys(), known), known)
    _keep_matching(found, typed, scope, at, now)
    found.is_exact = found.is_exact and not lists.cut
    found.forms, found.better = frozenset(understood.shown_forms()), understood.did_you_mean()
    return found


def _unexpired(documents: Collection[int], at: Known, now: datetime.datetime) -> dict[int, postings.Remembered]:
    known = postings.remembered(documents)
    if not at.has_expiring:
        return known
    expired = [document for document, row in known.items() if row.expires_at is not None and row.expires_at <= now]
    for document in expired:
        del known[document]
    return known


def _keep_mended(understood: Understood, lists: postings.Lists, known: Collection[int]) -> None:
    """A better spelling is one that finds something."""
    for meant in understood.meant:
        if not meant.mended:
            continue
        having = (lists.impacts.get(term, {}) for way in meant.ways for term in way.terms)
        if not any(document in known for documents in having for document in documents):
            meant.mended = ""


def _keep_matching(found: Found, typed: Typed, scope: Scope, at: Known, now: datetime.datetime) -> None:
    """Keep those that have every phrase as it was typed, and nothing that was excluded; ``is_exact`` if all were looked at."""
    terms = [term_of(scope.site_id, scope.locale, words[0]) for words in typed.excluded if len(words) == 1]
    for document in postings.having_any(terms, found.scores, at.engine):
        found.scores.pop(document, None)
    wanted = [phrase_pattern(phrase) for phrase in typed.phrases]
    unwanted = [phrase_pattern(words) for words in typed.excluded if len(words) > 1]
    if not (found.scores and (wanted or unwanted)):
        return
    looked_at = found.best(MAX_READ)
    rows, _newest_at = reading.texts_of([found.known[document].key for document in looked_at], now=now)
    texts = {key: fold_parts(f"{one.title}\n{one.text}") for key, one in rows.items()}
    found.is_exact = len(looked_at) == len(found.scores)
    found.scores = {
        document: found.scores[document]
        for document in looked_at
        if (text := texts.get(found.known[document].key)) is not None
        and all(pattern.search(text) for pattern in wanted)
        and not any(pattern.search(text) for pattern in unwanted)
    }


def _with_promoted(found: Found, typed: Typed, scopes: Collection[Scope], at: Known, now: datetime.datetime) -> Found:
    """``found`` with what editors want first for exactly these words."""
    words = " ".join(typed.words)
    for scope in scopes:
        of_editors = dictionary.promoted(scope.site_id, scope.locale, version=scope.version)
        if promoted := of_editors.get(words):
            # What editors want first changes with the version, too.
            numbers = at.numbers_of(promoted, scope)
            known = _unexpired(numbers.values(), at, now)
            first = {
                numbers[document_id]: _PROMOTED - place
                for place, document_id in enumerate(promoted)
                if numbers.get(document_id) in known
            }
            found = _promoting(found, first, known)
    return found


def _promoting(found: Found, first: dict[int, int], known: dict[int, postings.Remembered]) -> Found:
    """``found`` with these scores besides: the same object for as long as they are the same, since it knows its order."""
    if found.promoted is None or found.promoted[0] != first:
        both = Found(found.scores | first, found.known | known, found.is_exact, found.forms, found.better)
        found.promoted = (first, both)
    return found.promoted[1]
