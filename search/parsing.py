"""What somebody typed, taken apart: words, “phrases in quotes”, and ``-words`` that must not occur."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from search.folding import fold
from search.words import is_stop_word, words_in_folded

# More words than this, not counting those that say nothing of their own, are refused.
MAX_WORDS = 10
_PIECE = re.compile(r'(?P<without>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<words>[^\s"]+))')
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))


@dataclass(frozen=True)
class Typed:
    """Folded words in their order; phrases that must occur as they are; words and phrases that must not occur."""

    words: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    is_unfinished: bool = False
    # What stood in quotes, be it one word: it is meant as it was typed, whatever the spelling.
    quoted: frozenset[str] = field(default=frozenset(), compare=False)

    def telling(self, locale: str) -> tuple[str, ...]:
        """The words that say something of their own, each once."""
        return tuple(dict.fromkeys(word for word in self.words if not is_stop_word(word, locale)))


@lru_cache(maxsize=64)
def parse(text: str) -> Typed:
    """``text`` taken apart. Whatever it is, it is read as well as may be; empty where there is no word in it.

    Raises ``ValueError`` for more than ten words that say something.
    """
    words: list[str] = []
    phrases, excluded = [], []
    quoted: set[str] = set()
    for piece in _PIECE.finditer(fold(text.translate(_QUOTES))):
        inner = piece["phrase"] if piece["phrase"] is not None else piece["words"]
        found = tuple(words_in_folded(inner))
        if not found:
            continue
        if piece["without"]:
            excluded.append(found)
            continue
        words += found
        if piece["phrase"] is not None:
            quoted.update(found)
        if piece["phrase"] is not None and len(found) > 1:
            phrases.append(found)
    if len(set(words) | {word for words_out in excluded for word in words_out}) > MAX_WORDS:
        telling = {word for word in words if not is_stop_word(word, "en")}
        if len(telling) + len(excluded) > MAX_WORDS:
            raise ValueError(f"Input should have at most {MAX_WORDS} words")
    is_unfinished = bool(words) and text[-1:].isalnum()
    return Typed(tuple(words), tuple(phrases), tuple(excluded), is_unfinished, frozenset(quoted))
