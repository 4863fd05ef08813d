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
        alike: dict[str, dict[str, list[tuple[int, str]]]] = {}
        for order, word in enumerate(kept):
            alike.setdefault(_left_out_of(word), {}).setdefault(word[:_ALIKE], []).append((order, word))
        # By the sign that does not count in them: what words have in common, and the words. Of two at one place the first counts.
        self._groups = [
            (sign, [(commonprefix([word for _order, word in members]), members) for members in by_beginning.values()])
            for sign, by_beginning in alike.items()
        ]

    def first(self, folded: str) -> int:
        """Where the first of the words begins in ``folded``; -1 where there is none."""
        found = self._found(folded, 0, len(folded), 1)
        return min(found)[0] if found else -1

    def spans(self, folded: str, start: int, end: int) -> list[tuple[int, int]]:
        """Where the words stand in ``folded`` between ``start`` and ``end``, in order; none begins within another."""
        found = self._found(folded, start, end, end)
        if len(found) > 1:
            return _apart(found)
        return [(first, last) for first, _order, last in found]

    def _found(self, folded: str, start: int, end: int, most: int) -> list[tuple[int, int, int]]:
        """First, order and last of words: of those that begin alike the first ones, at ``most`` so many."""
        found: list[tuple[int, int, int]] = []
        for sign, groups in self._groups:
            bare = folded.replace(sign, "") if sign in folded else folded
            for beginning, members in groups:
                if beginning not in bare:
                    continue
                if bare is folded:
                    found += _spans(folded, start, end, beginning, members, most)
                else:
                    found += _spans_without(sign, folded, bare, start, end, beginning, members, most)
        return found


def _left_out_of(word: str) -> str:
    return "'" if word.isalpha() or not any(letter.isdigit() for letter in word) else "."


def _spans(
    folded: str, start: int, end: int, beginning: str, members: Sequence[tuple[int, str]], most: int
) -> list[tuple[int, int, int]]:
    """First, order and last of words as they are written."""
    found: list[tuple[int, int, int]] = []
    place = folded.find(beginning, start, end)
    while place != -1:
        if place == 0 or not folded[place - 1].isalnum():
            for order, word in members:
                last = place + len(word)
                if folded.startswith(word, place, end) and not (last < end and folded[last].isalnum()):
                    found.append((place, order, last))
                    if len(found) == most:
                        return found
                    break
        place = folded.find(beginning, place + 1, end)
    return found


def _spans_without(
    sign: str,
    folded: str,
    bare: str,
    start: int,
    end: int,
    beginning: str,
    members: Sequence[tuple[int, str]],
    most: int,
) -> list[tuple[int, int, int]]:
    """First, order and last of words between whose letters one ``sign`` may stand; ``bare`` is ``folded`` without any."""
    found: list[tuple[int, int, int]] = []
    signs = _places_of(sign, folded)
    # Where each of them would stand in ``bare``: what comes from there on stands one further in ``folded``.
    before = [place - number for number, place in enumerate(signs)]
    place = bare.find(beginning, start - bisect_left(signs, start))
    while place != -1 and len(found) < most:
        first = place + bisect_right(before, place)
        if first >= end:
            break
        for order, word in members if first == 0 or not folded[first - 1].isalnum() else ():
            if not bare.startswith(word, place):
                continue
            inner = place + len(word) - 1
            last = inner + bisect_right(before, inner) + 1
            is_whole = last == end or (last < end and not folded[last].isalnum())
            if is_whole and sign + sign not in folded[first:last]:
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
