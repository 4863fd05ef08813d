"""Words as people type them: capitals, accents and curly apostrophes make no difference.

Python folds what it has at hand. Texts stay in the database, which is given a pattern instead: each letter of a word stands
for itself or for its relatives, nothing that somebody typed is read as a pattern's own sign. On both databases that is the
quickest of what was measured; taking the accents off every text took PostgreSQL two milliseconds for each.
"""

import re
import unicodedata
from functools import lru_cache

_MARKS = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = "'\u2019"
# Letters that may carry accents: Latin-1, Extended-A and -B, Extended Additional; Greek and Cyrillic.
_ACCENTED = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00), *range(0x370, 0x500))


def fold(text: str) -> str:
    """``text`` in small letters without accents, apostrophes straight; as long as ``text`` in the usual alphabets."""
    folded = text.lower().replace("\u2019", "'")
    if folded.isascii():
        return folded
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", folded)))


def pattern_of(word: str) -> str:
    """What finds the folded ``word`` with any capitals and accents: for a regular expression that ignores case."""
    return "".join(_letters_like(letter) for letter in word)


@lru_cache(maxsize=1024)
def _letters_like(letter: str) -> str:
    if letter in _APOSTROPHES:
        return f"[{_APOSTROPHES}]"
    relatives = _relatives().get(letter, "")
    if relatives:
        return f"[{letter}{relatives}]"
    return letter if letter.isalnum() else re.escape(letter)


@lru_cache(maxsize=1)
def _relatives() -> dict[str, str]:
    """For each plain letter those that are folded to it."""
    found: dict[str, str] = {}
    for letter in map(chr, _ACCENTED):
        plain = fold(letter)
        if plain.isalpha() and len(plain) == 1:
            found[plain] = found.get(plain, "") + letter
    return found
