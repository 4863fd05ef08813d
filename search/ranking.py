"""In which order documents come: how much the words that somebody typed say about each, in whole numbers.

A word adds its impact times its rarity. Documents with more of the words come first, in effect: what lacks some counts as
the square of its share. Somebody who types the name of a page means that page. Every number is whole, so two databases, or two
machines, never differ in the last digit of a fraction.
"""

from dataclasses import dataclass

from search.postings import Lists, Remembered
from search.understanding import Meant, Understood
from search.weighing import MAX_IMPACT
from search.words import is_stop_word

# What a name within the typed words adds: per cent of what its words could say at most. A title, another name.
_TITLE, _NAME = 60, 60
# A name that is all that was typed adds so many times as much.
_WHOLE = 4
# What a page of this type counts, when somebody searches: who types a symptom wants the page about the condition. Per cent.
_TYPES = {"condition": 120, "service": 112, "topic": 100, "article": 100, "person": 90, "standard": 95, "home": 85}
_OTHER_TYPE = 80
# Of the documents with some of the words, those are kept that have at least this share of the most that any has. Per cent.
_KEPT_SHARE = 60


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document that was found: the number that it is ordered by, and how many of the words it has."""

    document: int
    score: int
    has: int


def ranked(understood: Understood, lists: Lists, named: list[tuple[int, int, bool]]) -> list[Ranked]:
    """Documents that have enough of the words, in no order; before types, expiry and filters are looked at."""
    scores: dict[int, int] = {}
    has: dict[int, int] = {}
    for meant in understood.meant:
        for document, score in _best_ways(understood, lists, meant).items():
            scores[document] = scores.get(document, 0) + score
            has[document] = has.get(document, 0) + 1
    for document, (bonus, covered) in _names(understood, named).items():
        scores[document] = scores.get(document, 0) + bonus
        has[document] = max(has.get(document, 0), covered)
    if not has:
        return []
    words = max(1, len(understood.meant))
    needed = max(1, -(-max(has.values()) * _KEPT_SHARE // 100))
    return [
        Ranked(document, scores[document] * count * count // (words * words), count)
        for document, count in has.items()
        if count >= needed
    ]


def weighed(score: int, document: Remembered) -> int:
    """``score`` as it counts for a page of its type."""
    return score * _TYPES.get(document.type, _OTHER_TYPE) // 100


def _best_ways(understood: Understood, lists: Lists, meant: Meant) -> dict[int, int]:
    best: dict[int, int] = {}
    for way in meant.ways:
        found = [lists.impacts.get(term, {}) for term in way.terms]
        rarities = [understood.rarity.get(term, 0) * way.worth // len(found) for term in way.terms]
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
    worths = {meant.word: _worth(understood, meant) for meant in understood.meant}
    for key, document, is_title in named:
        words = understood.names[key]
        telling = {word for word in words if not is_stop_word(word, locale)}
        worth = sum(worths.get(word, 0) for word in telling) or 100
        bonus = worth * MAX_IMPACT * (_TITLE if is_title else _NAME)
        if words == understood.typed.words:
            bonus *= _WHOLE
        if bonus > found.get(document, (0, 0))[0]:
            found[document] = (bonus, max(1, len(telling)))
    return found


def _worth(understood: Understood, meant: Meant) -> int:
    ways = meant.ways
    return max((max(understood.rarity.get(term, 0) for term in way.terms) for way in ways), default=0)
