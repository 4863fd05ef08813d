"""Where words stand in a folded text, each as a whole.

No regular expression is made of the words: making one takes as long as marking a whole page of results, and each new search has
words of its own. Words that begin alike are looked for together, by what they have in common, as plain text.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from os.path import commonprefix

# So many words are marked.
_MAX_WORDS = 100
# Words that have so many letters in common are looked for together.
_ALIKE = 4


class Marks:
    """Folded words that are marked in texts. In a text apostrophes within a word do not count, nor dots within a code."""

    def __init__(self, words: Collection[str]) -> None:
        kept = sorted(set(words) - {""}, key=lambda word: (-len(word), word))[:_MAX_WORDS]
        alike: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for order, word in enumerate(kept):
            alike.setdefault((_left_out_of(word), word[:_ALIKE]), []).append((order, word))
        # The sign that does not count, what the words have in common, and the words. Of those at one place the first counts.
        self._groups = [
            (sign, commonprefix([word for _order, word in members]), members)
            for (sign, _beginning), members in alike.items()
        ]

    def spans(self, folded: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Where the words stand in ``folded`` between ``start`` and ``end``, in order; none begins within another."""
        end = len(folded) if end is None else end
        found: list[tuple[int, int, int]] = []
        for sign, beginning, members in self._groups:
            bare = folded.replace(sign, "")
            if len(bare) == len(folded):
                place = folded.find(beginning, start, end)
                while place != -1:
                    for order, word in members:
                        last = place + len(word)
                        if folded.startswith(word, place, end) and _is_whole(folded, place, last, end):
                            found.append((place, order, last))
                            break
                    place = folded.find(beginning, place + 1, end)
            elif beginning in bare:
                found += _spans_without(sign, folded, bare, start, end, beginning, members)
        if len(found) > 1:
            return _apart(found)
        return [(first, last) for first, _order, last in found]


def _left_out_of(word: str) -> str:
    return "'" if word.isalpha() or not any(letter.isdigit() for letter in word) else "."


def _is_whole(folded: str, first: int, last: int, end: int) -> bool:
    """Whether no word goes on before ``first`` or, up to ``end``, from ``last`` on."""
    return not (first and folded[first - 1].isalnum()) and not (last < end and folded[last].isalnum())


def _spans_without(
    sign: str,
    folded: str,
    bare: str,
    start: int,
    end: int,
    beginning: str,
    members: Sequence[tuple[int, str]],
) -> list[tuple[int, int, int]]:
    """First, order and last of words between whose letters one ``sign`` may stand; ``bare`` is ``folded`` without any."""
    found: list[tuple[int, int, int]] = []
    signs = _places_of(sign, folded)
    # Where each of them would stand in ``bare``: what comes from there on stands one further in ``folded``.
    before = [place - number for number, place in enumerate(signs)]
    place = bare.find(beginning, start - bisect_left(signs, start))
    while place != -1:
        first = place + bisect_right(before, place)
        if first >= end:
            break
        for order, word in members:
            if not bare.startswith(word, place):
                continue
            inner = place + len(word) - 1
            last = inner + bisect_right(before, inner) + 1
            if last <= end and _is_whole(folded, first, last, end) and sign + sign not in folded[first:last]:
                found.append((first, order, last))
                break
        place = bare.find(beginning, place + 1)
    return found


def _places_of(sign: str, folded: str) -> list[int]:
    places = []
    place = folded.find(sign)
    while place != -1:
        places.append(place)
        place = folded.find(sign, place + 1)
    return places


def _apart(found: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    until = 0
    for first, _order, last in sorted(found):
        if first >= until:
            spans.append((first, last))
            until = last
    return spans
