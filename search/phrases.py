"""A phrase as it is compared: what editors keep in the dictionary, what visitors type, and what is counted.

Capitals, accents, apostrophes, hyphens, punctuation and the width of spaces make no difference: “Can’t  sleep?” and ``cant
sleep`` are one phrase. Everything that looks a phrase up folds it here, so that the dictionary and the search can never disagree.
"""

from collections.abc import Iterable

from search.words import words_in

# The longest phrase that the dictionary takes, and its words: a search has ten at most. Units: characters, words.
MAX_LENGTH = 100
MAX_WORDS = 10


def phrase_of(text: str) -> str:
    """The folded words of ``text``, one space between two: no hyphens, apostrophes and signs. Empty without a word."""
    return " ".join(words_in(text))


def lines_of(text: str) -> list[str]:
    """The lines of ``text`` that say anything, without spaces at their edges."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def problem_with(text: str) -> str:
    """Why ``text`` cannot be a phrase of the dictionary, in a sentence; empty when it can."""
    words = phrase_of(text).split()
    if not words:
        return "Type at least one word."
    if len(text) > MAX_LENGTH:
        return f"“{text[:20]}…” is too long: a phrase has up to {MAX_LENGTH} characters."
    if len(words) > MAX_WORDS:
        return f"“{text}” is too long: a phrase has up to {MAX_WORDS} words."
    return ""


def repeated_in(phrases: Iterable[str]) -> str:
    """The first of ``phrases`` that says the same as one before it; empty when all differ."""
    seen = set()
    for text in phrases:
        folded = phrase_of(text)
        if folded in seen:
            return text
        seen.add(folded)
    return ""
