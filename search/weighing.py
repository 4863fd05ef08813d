"""How much a word says about a document: by where it stands, how often, and among how many other words.

It is BM25F with lengths that are fixed instead of averages of the corpus: a weight is then a property of one document, is
kept in the index as a small whole number, and is the same on every database. What the corpus adds, how rare a word is, is
multiplied in when somebody searches (``rarity_of``).
"""

import math
from collections import Counter
from collections.abc import Mapping

from search.stemming import stem
from search.words import indexed_words_in, is_stop_word

# The parts of a document: what a word there counts, how many words are usual, and how much more than usual counts against it.
PARTS: dict[str, tuple[float, int, float]] = {
    "title": (9.0, 4, 0.5),
    "names": (8.0, 12, 0.3),
    "headings": (2.5, 40, 0.5),
    "summary": (2.5, 30, 0.3),
    "body": (1.0, 700, 0.6),
    "references": (0.3, 60, 0.5),
}
# The weight at which a word has half of what it can get.
_SATURATION = 5.0
MAX_IMPACT = 1000


def impacts_of(parts: Mapping[str, str], locale: str) -> tuple[dict[str, int], set[str]]:
    """The impact (1 to ``MAX_IMPACT``) of each stem in a document with these parts, and its words that are no stop words."""
    weights: Counter[str] = Counter()
    words: set[str] = set()
    for part, text in parts.items():
        if not text:
            continue
        weight, usual, strictness = PARTS[part]
        counts = Counter(indexed_words_in(text))
        scale = weight / (1 - strictness + strictness * max(1.0, counts.total() / usual))
        for word, count in counts.items():
            if not is_stop_word(word, locale):
                words.add(word)
                weights[stem(word, locale)] += count * scale  # type: ignore[assignment]  # a Counter adds fractions, too
    impacts = {one: max(1, round(MAX_IMPACT * weight / (_SATURATION + weight))) for one, weight in weights.items()}
    return impacts, words


def rarity_of(documents: int, among: int) -> int:
    """How much a word says that stands in so many ``documents`` ``among`` all: a whole number, so that sums are exact."""
    documents = min(documents, among)
    return round(100 * math.log(1 + (among - documents + 0.5) / (documents + 0.5))) + 20
