"""What is meant by what was typed: for each word the stems to look for, typing errors mended by the words of public documents.

A word that no public document has is compared with those that one has: as the beginning of a word when it stands last, as
two words written as one, as a word with a letter or two wrong. Two words that are one elsewhere (“head ache”) are looked for
as one, too. What editors and other names add comes beside the word itself, and counts a little less.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from search import dictionary
from search.parsing import Typed
from search.recent import Recent
from search.scopes import Scope
from search.spelling import distance_between, max_distance, spelling_keys
from search.weighing import rarity_of
from search.words import phrase_key, term_of, words_in

# How much a word counts that stands for the one that was typed. Unit: per cent.
_AS_TYPED, _MENDED, _BEGUN, _MEANT = 100, 90, 80, 70
# So many words that begin with what was typed are looked for.
_MAX_BEGUN = 12
_MIN_BEGUN_LETTERS = 2
# A name of at most so many words may be found within a longer search.
_MAX_NAME_WORDS = 6


@dataclass(frozen=True)
class Way:
    """One way in which a document can have a word: it has all of these terms. ``worth`` is in per cent."""

    terms: tuple[int, ...]
    worth: int


@dataclass
class Meant:
    """One word that was typed, and every way to have it; ``mended`` is the better spelling, when it was misspelt."""

    word: str
    ways: list[Way] = field(default_factory=list)
    mended: str = ""


@dataclass
class Understood:
    """What to look for in one scope: words, how rare each term is, by what forms it shows, and names by their key."""

    scope: Scope
    typed: Typed
    meant: list[Meant] = field(default_factory=list)
    rarity: dict[int, int] = field(default_factory=dict)
    forms: dict[int, list[str]] = field(default_factory=dict)
    # What was typed with its errors mended, and every run of these words that may be a name, by its key.
    words: tuple[str, ...] = ()
    names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    # Words of documents that have expired and are not withdrawn yet: as if they were not there.
    expired: Mapping[str, int] = field(default_factory=dict)

    def terms(self) -> list[int]:
        """Every term that some way needs, the rarest first."""
        needed = {term for meant in self.meant for way in meant.ways for term in way.terms}
        return sorted(needed, key=lambda term: (-self.rarity.get(term, 0), term))

    def shown_forms(self) -> list[str]:
        """The words to mark in a text."""
        shown = {form for term in self.terms() for form in self.forms.get(term, ())}
        return sorted(shown | {meant.mended or meant.word for meant in self.meant})

    def did_you_mean(self) -> str | None:
        """What was typed with its errors mended; ``None`` when there was nothing to mend."""
        mended = {meant.word: meant.mended for meant in self.meant if meant.mended}
        if not mended:
            return None
        return " ".join(mended.get(word, word) for word in self.typed.words)


def understand(typed: Typed, scope: Scope, recent: Recent, expired: Mapping[str, int]) -> Understood:
    """What ``typed`` means in ``scope``; one query for words that are not ``recent``, and another one for unknown words.

    ``expired`` counts words as ``scopes.expired_words`` does.
    """
    telling = typed.telling(scope.locale)
    place = (scope.site_id, scope.locale)
    pairs = zip(typed.words, typed.words[1:], strict=False)
    joined = {(one, other): one + other for one, other in pairs if one in telling or other in telling}
    also = _meanings(typed, scope)
    wanted = {*telling, *joined.values(), *(word for phrases in also.values() for phrase in phrases for word in phrase)}
    understood = Understood(scope, typed, expired=expired)
    _learn(understood, recent.words_of({term_of(*place, word) for word in wanted}))
    unknown = []
    for word in telling:
        meant = Meant(word)
        understood.meant.append(meant)
        if term_of(*place, word) in understood.forms:
            meant.ways.append(Way((term_of(*place, word),), _AS_TYPED))
        else:
            unknown.append(meant)
    for (one, other), whole in joined.items():
        term = term_of(*place, whole)
        if term in understood.forms:
            for meant in understood.meant:
                if meant.word in (one, other):
                    meant.ways.append(Way((term,), _AS_TYPED))
                    unknown = [left for left in unknown if left is not meant]
    for meant in understood.meant:
        for phrase in also.get(meant.word, ()):
            terms = tuple(dict.fromkeys(term_of(*place, word) for word in phrase))
            if terms and all(term in understood.forms for term in terms):
                meant.ways.append(Way(terms, _MEANT))
                unknown = [left for left in unknown if left is not meant]
    unknown = [meant for meant in unknown if meant.word not in typed.quoted]
    if unknown:
        _mend(understood, unknown)
    mended = {meant.word: meant.mended.split() for meant in understood.meant if meant.mended}
    understood.words = tuple(part for word in typed.words for part in mended.get(word, [word]))
    understood.names = _names(understood.words, scope)
    return understood


def _learn(understood: Understood, rows: list[tuple[Any, ...]]) -> None:
    """Learn in which forms public documents have these terms, and how rare each is."""
    counts: dict[int, int] = {}
    for word, term, kept in rows:
        documents = kept - understood.expired.get(word, 0)
        if documents < 1:
            continue
        forms = understood.forms.setdefault(term, [])
        if word not in forms:
            forms.append(word)
        counts[term] = counts.get(term, 0) + documents
    for term, documents in counts.items():
        understood.rarity[term] = rarity_of(documents, understood.scope.documents - understood.expired.get("", 0))


def _mend(understood: Understood, unknown: list[Meant]) -> None:
    """Find what unknown words may be: begun, written together, or misspelt. One query for all of them."""
    scope = understood.scope
    last = understood.typed.words[-1]
    queries: list[str] = []
    values: list[int | str] = []
    columns = "word, term, documents"
    for number, meant in enumerate(unknown):
        word = meant.word
        if word == last and understood.typed.is_unfinished and len(word) >= _MIN_BEGUN_LETTERS:
            queries.append(
                f"SELECT * FROM (SELECT {number} AS number, 'begun' AS why, {columns} FROM search_word WHERE site_id = %s "
                "AND locale = %s AND word >= %s AND word < %s ORDER BY documents DESC, word LIMIT %s) begun"
            )
            values += [scope.site_id, scope.locale, word, f"{word}\uffff", _MAX_BEGUN]
        parts = sorted({part for one, other in _splits(word) for part in (one, other)})
        if parts:
            places = ", ".join(["%s"] * len(parts))
            queries.append(
                f"SELECT {number}, 'part', {columns} FROM search_word WHERE site_id = %s AND locale = %s "
                f"AND word IN ({places})"
            )
            values += [scope.site_id, scope.locale, *parts]
        keys = ",".join(map(str, spelling_keys(scope.site_id, scope.locale, word)))
        if keys:
            queries.append(
                f"SELECT {number}, 'like', {columns} FROM search_word "
                f"WHERE id IN (SELECT word FROM search_spelling WHERE key IN ({keys}))"
            )
    if not queries:
        return
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(queries), values)
        rows = cursor.fetchall()
    for number, meant in enumerate(unknown):
        by_why: dict[str, list[tuple[str, int, int]]] = {"begun": [], "part": [], "like": []}
        for found, why, *row in rows:
            word, term, documents = row
            documents -= understood.expired.get(word, 0)
            if found == number and documents > 0:
                by_why[why].append((word, term, documents))
        for word, term, documents in _used(meant, by_why):
            understood.forms.setdefault(term, []).append(word)
            understood.rarity[term] = rarity_of(documents, understood.scope.documents)


def _used(meant: Meant, by_why: Mapping[str, list[tuple[str, int, int]]]) -> list[tuple[str, int, int]]:
    """Add to ``meant`` the best of what was found, and give the rows that are used for it."""
    begun = sorted(by_why["begun"])
    if begun:
        meant.ways += [Way((term,), _BEGUN) for term in dict.fromkeys(term for _word, term, _documents in begun)]
        return begun
    likes = [
        (distance, word[:1] != meant.word[:1], -documents, word, term)
        for word, term, documents in by_why["like"]
        if (distance := distance_between(meant.word, word)) <= max_distance(meant.word)
    ]
    parts = {word: (word, term, documents) for word, term, documents in by_why["part"]}
    splits = [
        (-min(parts[one][2], parts[other][2]), one, other)
        for one, other in _splits(meant.word)
        if one in parts and other in parts
    ]
    if splits and not (likes and min(likes)[0] == 1):
        _rank, one, other = min(splits)
        meant.ways.append(Way((parts[one][1], parts[other][1]), _MENDED))
        meant.mended = f"{one} {other}"
        return [parts[one], parts[other]]
    if likes:
        _distance, _first, documents, word, term = min(likes)
        meant.ways.append(Way((term,), _MENDED))
        meant.mended = word
        return [(word, term, -documents)]
    return []


def _splits(word: str) -> list[tuple[str, str]]:
    if not word.isalpha() or len(word) > 24:
        return []
    return [(word[:place], word[place:]) for place in range(3, len(word) - 2)]


def _meanings(typed: Typed, scope: Scope) -> dict[str, list[tuple[str, ...]]]:
    """For each word, what the phrases that it is part of also mean, by the editors' dictionary; longer phrases count alone."""
    also = dictionary.synonyms(scope.site_id, scope.locale, version=scope.version)
    meanings: dict[str, list[tuple[str, ...]]] = {}
    if not also:
        return meanings
    start = 0
    while start < len(typed.words):
        for end in range(min(len(typed.words), start + _MAX_NAME_WORDS), start, -1):
            phrases = also.get(" ".join(typed.words[start:end]))
            if phrases:
                for word in typed.words[start:end]:
                    meanings.setdefault(word, []).extend(tuple(words_in(phrase)) for phrase in phrases)
                start = end - 1
                break
        start += 1
    return meanings


def _names(words: tuple[str, ...], scope: Scope) -> dict[int, tuple[str, ...]]:
    return {
        phrase_key(scope.site_id, scope.locale, words[start:end]): words[start:end]
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + _MAX_NAME_WORDS) + 1)
    }
