"""In which order documents come: how much the words that somebody typed say about each, in whole numbers.

A word adds its impact times its rarity. Documents with more of the words come first, in effect: what lacks some counts as
the square of its share. Somebody who types the name of a page means that page. Every number is whole, so two databases, or two
machines, never differ in the last digit of a fraction.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from search.postings import Lists, Remembered
from search.understanding import Meant, Understood
from search.weighing import MAX_IMPACT
from search.words import is_stop_word

# What a name within the typed words adds: per cent of what its words could say at most. A title, another name.
_TITLE, _NAME = 60, 60
# A name that is all that was typed adds so many times as much.
_WHOLE = 4
# What a page adds that is tied to the page whose name was typed, as an article is to its condition.
_TIED = 30
# What a page of this type counts, when somebody searches: who types a symptom wants the page about the condition. Per cent.
_TYPES = {"condition": 120, "service": 112, "topic": 100, "article": 100, "person": 90, "standard": 95, "home": 85}
_OTHER_TYPE = 80
_AS_THEY_ARE = frozenset(kind for kind, share in _TYPES.items() if share == 100)
# Of the documents with some of the words, those are kept that have at least this share of the most that any has. Per cent.
_KEPT_SHARE = 60


def ranked(
    understood: Understood, lists: Lists, tied: Collection[int], known: Mapping[int, Remembered]
) -> dict[int, int]:
    """The numbers by which documents are ordered that have enough of the words, before filters are looked at.

    ``tied`` are those that are tied to the page whose name was typed: they count as having every word of it. Documents that
    are not in ``known`` are left out.
    """
    bests = [_best_ways(understood, lists, meant) for meant in understood.meant]
    names = _names(understood, lists.named)
    words = max(1, len(bests))
    has = _words_had(bests)
    for document, (_bonus, covered) in names.items():
        has[document] = max(has.get(document, 0), covered)
    for document in tied:
        has[document] = max(has.get(document, 0), len(bests))
    if not has.keys() <= known.keys():
        has = {document: count for document, count in has.items() if document in known}
    if not has:
        return {}
    counts = set(has.values())
    needed = max(1, -(-max(counts) * _KEPT_SHARE // 100))
    kept = {count for count in counts if count >= needed}
    if len(counts) > len(kept):
        has = {document: count for document, count in has.items() if count >= needed}
    # Only now: most of what has one of two words is left out.
    scores = _sums(bests, has)
    for document, (bonus, _covered) in names.items():
        if document in scores:
            scores[document] += bonus
    worth = sum(_worth(understood, meant) for meant in understood.meant) if tied else 0
    for document in tied:
        if document in scores:
            scores[document] += worth * MAX_IMPACT * _TIED
    if kept == {words}:
        # Nothing is lacking, and most pages are of a type that counts as it is.
        for document in scores:
            kind = known[document].type
            if kind not in _AS_THEY_ARE:
                scores[document] = scores[document] * _TYPES.get(kind, _OTHER_TYPE) // 100
        return scores
    whole = words * words * 100
    # What so many words count on a page of each type: once for all documents, most of which are alike.
    shares = {count: _shares(count) for count in kept}
    return {
        document: score * shares[has[document]][known[document].type] // whole for document, score in scores.items()
    }


def _words_had(bests: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """How many of the words each document has."""
    return dict.fromkeys(bests[0], 1) if len(bests) == 1 else dict(Counter(chain.from_iterable(bests)))


def _sums(bests: Sequence[Mapping[int, int]], documents: Collection[int]) -> dict[int, int]:
    """What the words say about each of ``documents`` in all."""
    if not bests:
        return dict.fromkeys(documents, 0)
    first, *others = bests
    sums = {document: first.get(document, 0) for document in documents}
    for best in others:
        sums = {document: score + best.get(document, 0) for document, score in sums.items()}
    return sums


def _shares(count: int) -> Mapping[str, int]:
    return defaultdict(
        lambda: count * count * _OTHER_TYPE, {kind: count * count * each for kind, each in _TYPES.items()}
    )


def named_whole(understood: Understood, named: list[tuple[int, int, bool]]) -> set[int]:
    """Documents whose name is all that was typed, but for words that say nothing of their own."""
    locale = understood.scope.locale
    typed = {word for word in understood.words if not is_stop_word(word, locale)}
    return {
        document
        for key, document, _is_title in named
        if typed and typed == {word for word in understood.names[key] if not is_stop_word(word, locale)}
    }


def _best_ways(understood: Understood, lists: Lists, meant: Meant) -> dict[int, int]:
    best: dict[int, int] = {}
    for way in meant.ways:
        found = [lists.impacts.get(term, {}) for term in way.terms]
        rarities = [understood.rarity.get(term, 0) * way.worth // len(found) for term in way.terms]
        if len(found) == 1 and not best and (rarity := rarities[0]):
            best = {document: impact * rarity for document, impact in found[0].items()}
            continue
        for document, impact in min(found, key=len).items():
            if len(found) == 1:
                score = impact * rarities[0]
            elif all(document in others for others in found):
                score = sum(others[document] * rarity for others, rarity in zip(found, rarities, strict=True))
            else:
                continue
            if score > best.get(document, 0):
                best[document] = score
    return best


def _names(understood: Understood, named: list[tuple[int, int, bool]]) -> dict[int, tuple[int, int]]:
    """What documents get for names of theirs among what was typed, and how many of the words such a name covers."""
    found: dict[int, tuple[int, int]] = {}
    locale = understood.scope.locale
    worths = {
        word: _worth(understood, meant) for meant in understood.meant for word in (meant.mended or meant.word).split()
    }
    for key, document, is_title in named:
        words = understood.names[key]
        telling = {word for word in words if not is_stop_word(word, locale)}
        worth = sum(worths.get(word, 0) for word in telling) or 100
        bonus = worth * MAX_IMPACT * (_TITLE if is_title else _NAME)
        if words == understood.words:
            bonus *= _WHOLE
        if bonus > found.get(document, (0, 0))[0]:
            found[document] = (bonus, max(1, len(telling)))
    return found


def _worth(understood: Understood, meant: Meant) -> int:
    ways = meant.ways
    return max((max(understood.rarity.get(term, 0) for term in way.terms) for way in ways), default=0)
