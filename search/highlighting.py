"""The words around a match, as HTML that is safe anywhere: everything escaped, only ``<mark>`` added."""

import html
import re
import unicodedata

from search.folding import fold

# How much text is shown, and how much of it before the first match. Unit: characters.
SHOWN = 200
BEFORE = 60


def highlighted(text: str, words: list[str]) -> str:
    """A piece of ``text`` around the first of ``words`` (folded) that occurs in it, each occurrence marked."""
    comparable = _folded_letters(text)
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
    first = pattern.search(comparable)
    start, end = _window(text, first.start() if first else 0)
    pieces = ["… " if start else ""]
    place = start
    for match in pattern.finditer(comparable, start, end):
        pieces.append(html.escape(text[place : match.start()]))
        pieces.append(f"<mark>{html.escape(text[match.start() : match.end()])}</mark>")
        place = match.end()
    pieces.append(html.escape(text[place:end]))
    pieces.append(" …" if end < len(text) else "")
    return "".join(pieces)


def _folded_letters(text: str) -> str:
    """``text`` folded letter by letter, so that places in it are places in ``text``."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded
    return "".join(fold(unicodedata.normalize("NFC", letter))[:1] or " " for letter in text)


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
