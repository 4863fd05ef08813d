"""The words around a match, as HTML that is safe anywhere: everything escaped, only ``<mark>`` added."""

import html
import re

from search.folding import folded_letters
from search.marking import Marks

# How much text is shown, and how much of it before the first match. Unit: characters.
SHOWN = 200
BEFORE = 60
# So much of a text is folded at a time: most matches are near its beginning. Unit: characters.
_PIECE = 500
_BETWEEN = r"[\W_]+"
# What stands behind the first letter of a word: that no letter stood before it. A pattern that began with this would be tried
# at every place of a text; one that begins with a letter is only where that letter is, which is thirty times as quick.
_BEGINS = r"(?<![^\W_].)"
_ENDS = r"(?![^\W_])"


def phrase_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """What finds these folded words, one after the other, in a folded text."""
    first, *others = words
    return re.compile(_BETWEEN.join([_letters(first, _BEGINS), *map(_letters, others)]) + _ENDS, re.DOTALL)


def highlighted(text: str, marks: Marks) -> str:
    """A piece of ``text`` around the first match, each match marked."""
    first, looked_at = _first_match(text, marks)
    start, end = _window(text, first)
    before = "… " if start else ""
    after = " …" if end < len(text) else ""
    return f"{before}{_marked(text, marks, start, end, looked_at)}{after}"


def marked(text: str, marks: Marks) -> str:
    """The whole of ``text``, each match marked."""
    return _marked(text, marks, 0, len(text))


def _first_match(text: str, marks: Marks) -> tuple[int, tuple[int, str]]:
    """Where the first match begins, 0 when there is none; and where the piece begins in which that is, and it folded.

    Words are whole, so a text can be looked through in pieces.
    """
    begin = 0
    while begin != -1:
        space = text.find(" ", begin + _PIECE)
        folded = folded_letters(text[begin:] if space == -1 else text[begin:space])
        first = marks.first(folded)
        if first != -1:
            return begin + first, (begin, folded)
        begin = space
    return 0, (0, "")


def _marked(text: str, marks: Marks, start: int, end: int, looked_at: tuple[int, str] = (0, "")) -> str:
    """``text`` from ``start`` to ``end``, each match marked; ``looked_at`` is a piece that is folded already, where it begins."""
    offset, folded = looked_at
    # With the character before it, which may be a letter of the same word.
    if not (offset < start or offset == 0) or end > offset + len(folded):
        offset = max(0, start - 1)
        folded = folded_letters(text[offset:end])
    shown = text[start:end]
    escape = html.escape if _is_escaped(shown) else None
    pieces = []
    place = start
    for first, last in marks.spans(folded, start - offset, end - offset):
        before, match = text[place : first + offset], text[first + offset : last + offset]
        pieces.append(f"{escape(before)}<mark>{escape(match)}</mark>" if escape else f"{before}<mark>{match}</mark>")
        place = last + offset
    if not pieces:
        return escape(shown) if escape else shown
    pieces.append(escape(text[place:end]) if escape else text[place:end])
    return "".join(pieces)


def _letters(word: str, behind_first: str = "") -> str:
    # In words apostrophes are left out, and the dot in a code.
    between = r"\.?" if any(letter.isdigit() for letter in word) else "'?"
    first, *others = map(re.escape, word)
    return between.join([f"{first}{behind_first}", *others])


def _is_escaped(text: str) -> bool:
    """Whether ``html.escape`` would change anything, which is true of few texts."""
    return "&" in text or "<" in text or ">" in text or '"' in text or "'" in text


def _window(text: str, first: int) -> tuple[int, int]:
    """Where to begin and end, between words, so that ``first`` is inside."""
    start = max(0, first - BEFORE)
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space != -1 else start
    end = min(len(text), start + SHOWN)
    if end < len(text):
        space = text.rfind(" ", max(start, first + 1), end)
        end = space if space != -1 else end
    return start, end
