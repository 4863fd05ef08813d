"""The words around a match, as HTML that is safe anywhere: everything escaped, only ``<mark>`` added."""

import html
import re
from collections.abc import Collection
from functools import lru_cache

from search.folding import folded_letters

# How much text is shown, and how much of it before the first match. Unit: characters.
SHOWN = 200
BEFORE = 60
# So many words are marked.
_MAX_WORDS = 100
_BETWEEN = r"[\W_]+"
_NOTHING = re.compile(r"(?!)")


def marks_of(words: Collection[str]) -> re.Pattern[str]:
    """What finds these folded words, each as a whole, in a text that is folded letter by letter."""
    kept = sorted(set(words) - {""}, key=lambda word: (-len(word), word))[:_MAX_WORDS]
    return _compiled(tuple(kept))


def phrase_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """What finds these folded words, one after the other, in a folded text."""
    return re.compile(rf"(?<![^\W_]){_BETWEEN.join(_letters(word) for word in words)}(?![^\W_])")


def highlighted(text: str, marks: re.Pattern[str]) -> str:
    """A piece of ``text`` around the first match, each match marked."""
    comparable = folded_letters(text)
    first = marks.search(comparable)
    start, end = _window(text, first.start() if first else 0)
    before = "… " if start else ""
    after = " …" if end < len(text) else ""
    return f"{before}{_marked(text, comparable, marks, start, end)}{after}"


def marked(text: str, marks: re.Pattern[str]) -> str:
    """The whole of ``text``, each match marked."""
    return _marked(text, folded_letters(text), marks, 0, len(text))


def _marked(text: str, comparable: str, marks: re.Pattern[str], start: int, end: int) -> str:
    pieces = []
    place = start
    for match in marks.finditer(comparable, start, end):
        pieces.append(html.escape(text[place : match.start()]))
        pieces.append(f"<mark>{html.escape(text[match.start() : match.end()])}</mark>")
        place = match.end()
    pieces.append(html.escape(text[place:end]))
    return "".join(pieces)


@lru_cache(maxsize=256)
def _compiled(words: tuple[str, ...]) -> re.Pattern[str]:
    if not words:
        return _NOTHING
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(_letters(word) for word in words)})(?![^\W_])")


def _letters(word: str) -> str:
    # In words apostrophes are left out, and the dot in a code.
    between = r"\.?" if any(letter.isdigit() for letter in word) else "'?"
    return between.join(re.escape(letter) for letter in word)


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
