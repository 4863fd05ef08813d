"""Search over public documents: which of them somebody means, best first.

The index is asked for candidates, a bounded number of them whatever the words are; scores, filters and counts are made here, so
they are the same on every database (decision 0014). Nothing is given out that heads do not show as public at this moment.
"""

import datetime
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from django.utils import timezone

from cms.publishing import reading
from search import dictionary, postings
from search.dictionary import Shown as Notice
from search.finding import Found, find
from search.folding import pattern_of
from search.highlighting import highlighted, marked
from search.marking import Marks
from search.parsing import MAX_WORDS, parse
from search.parts import FACETS
from search.scopes import known, scopes_of, site_ids_of, targets_of

# So many highlights are kept with what was found, and as many again as a page shows. About 500 bytes each.
_MAX_HIGHLIGHTS = 40

__all__ = ["MAX_WORDS", "Hit", "Results", "patterns_of", "search", "words_of"]


class Hit(NamedTuple):
    """One document that was found: its id, its card as JSON text, and safe HTML of its title and around the first match."""

    document_id: str
    type: str
    card: str
    highlight: str
    title_highlight: str


@dataclass(frozen=True)
class Results:
    """What was found: one page of hits, how many there are in all, and how many of each kind.

    ``facets`` has counts by type, and by slug of condition, service and topic; each ignores what narrows itself, and nothing
    else. ``is_exact`` is false where a word stands in so many documents that not all of them were looked at: then there are at
    least so many. ``newest_at`` is when anything public last changed; ``None`` where there are no hits.
    ``notices`` are what to show above the hits to somebody who may have an emergency.
    """

    hits: tuple[Hit, ...] = ()
    count: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: {name: {} for name in ("type", *FACETS)})
    did_you_mean: str | None = None
    is_exact: bool = True
    newest_at: datetime.datetime | None = None
    notices: tuple[Notice, ...] = ()


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
    sites = None if site_id is None else site_ids_of(at, site_id or None)
    scopes = scopes_of(at, sites, locale)
    found = find(typed, scopes, at, now)
    targets = targets_of(at, frozenset(scope.site_id for scope in scopes), now)
    chosen, facets = _narrowed(found, targets, set(types), ties or {})
    page = found.best(offset + limit, chosen)[offset:]
    hits, newest_at = _hits(found, [found.known[document].key for document in page], now)
    among: list[int | None] = [None] if sites is None else [*sites]
    noticed = chain.from_iterable(dictionary.notices(text, one, locale, version=at.version) for one in among)
    notices = tuple(dict.fromkeys(noticed))
    return Results(hits, len(chosen), facets, found.better, found.is_exact, newest_at, notices)


def patterns_of(text: str) -> list[str]:
    """A regular expression for each word of ``text``: for heads of another moment, which the index does not know.

    Raises ``ValueError`` for more than ten.
    """
    return [pattern_of(word) for word in dict.fromkeys(words_of(text))]


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of ``text``. Raises ``ValueError`` for more than ten that say something."""
    return parse(text).words


def _narrowed(
    found: Found, targets: Mapping[str, Mapping[str, str]], types: set[str], ties: Mapping[str, Collection[str]]
) -> tuple[Collection[int], dict[str, dict[str, int]]]:
    """Those of ``found`` that meet every filter; and counts by facet, each without its own filter."""
    if not types and not ties:
        if found.counted_facets is None or found.counted_facets[0] is not targets:
            found.counted_facets = (targets, _facets(found, targets, found.counts, {}))
        return found.scores, found.counted_facets[1]
    filters: dict[str, frozenset[str]] = {}
    if types:
        filters["type"] = frozenset(postings.mark_of("type", kind) for kind in types)
    for name, slugs in ties.items():
        filters[name] = frozenset(mark for mark, slug in targets[name].items() if slug in slugs)
    chosen = _passing(found, filters.values())
    return chosen, _facets(found, targets, found.counted(chosen), filters)


def _facets(
    found: Found,
    targets: Mapping[str, Mapping[str, str]],
    counted: Counter[str],
    filters: Mapping[str, frozenset[str]],
) -> dict[str, dict[str, int]]:
    """How many have each value of each facet: of those that were ``counted``, but for filters of the facet itself."""
    facets = _shown(counted, targets)
    for name in filters:
        others = _passing(found, [marks for other, marks in filters.items() if other != name])
        facets[name] = _shown(found.counted(others), targets)[name]
    return facets


def _shown(counts: Counter[str], targets: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """Counts by facet: types in their order, and slugs with the most first."""
    shown: dict[str, dict[str, int]] = {name: {} for name in ("type", *FACETS)}
    for mark, count in counts.items():
        name, _space, value = mark.partition(" ")
        slug = value if name == "type" else targets[name].get(mark)
        if slug is not None:
            shown[name][slug] = shown[name].get(slug, 0) + count
    for name, facet in shown.items():
        ordered = sorted(facet.items())
        if name != "type":
            ordered.sort(key=itemgetter(1), reverse=True)
        shown[name] = dict(ordered)
    return shown


def _passing(found: Found, filters: Collection[frozenset[str]]) -> Collection[int]:
    if not filters:
        return found.scores
    known = found.known
    return [
        document for document in found.scores if all(not marks.isdisjoint(known[document].marks) for marks in filters)
    ]


def _hits(
    found: Found, keys: Sequence[str], now: datetime.datetime
) -> tuple[tuple[Hit, ...], datetime.datetime | None]:
    """What is shown of these documents, and when anything public last changed; one query, rarely two."""
    if not keys:
        return (), None
    # Asked again for visibility: since the candidates were read a page may have been withdrawn.
    if all(map(found.highlights.__contains__, keys)):
        rows, newest_at = reading.cards_of(keys, now=now)
        if all(row.position == found.highlights[key][0] for key, row in rows.items()):
            return tuple([_hit(key, rows[key], found.highlights[key]) for key in keys if key in rows]), newest_at
    rows, newest_at = reading.texts_of(keys, now=now)
    marks = Marks(found.forms)
    made = {
        key: (row.position, highlighted(row.text or row.title, marks), marked(row.title, marks))
        for key, row in rows.items()
    }
    if len(found.highlights) < _MAX_HIGHLIGHTS:
        found.highlights |= made
    return tuple([_hit(key, rows[key], made[key]) for key in keys if key in rows]), newest_at


def _hit(key: str, row: reading.Excerpt, made: tuple[int, str, str]) -> Hit:
    return Hit(reading.id_of(key), row.type, row.card, made[1], made[2])
