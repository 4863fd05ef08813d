"""Words as people type them: capitals, accents and curly apostrophes make no difference.

What is indexed is folded before it is written, and what is typed before it is looked up, so both databases see the same words.
Texts of another moment are in no index: there the database is given a pattern, in which each letter of a word stands for itself
or for its relatives, and nothing that somebody typed is read as a pattern's own sign.
"""

import re
import unicodedata
from functools import lru_cache

_MARKS = re.compile("[\u0300-\u036f]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# Before this letter stand Latin ones, no marks, and none that depends on its neighbours.
_BEYOND_LATIN = "\u0250"
_APOSTROPHES = "'\u2019"
# Typographic signs, each by a plain one of the same length: what is left is often ASCII, which is quick to fold.
_PLAIN = (("\u2019", "'"), ("\u2018", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2013", " "), ("\u2014", " "),
          ("\u2011", "-"), ("\u00a0", " "), ("\u2026", "."))  # fmt: skip
# What stands between the parts of every page's text (``cms.pages.words``), by which none of them would be ASCII.
_BETWEEN_PARTS = "\u00b7"
# Letters that may carry accents: Latin-1, Extended-A and -B, Extended Additional; Greek and Cyrillic.
_ACCENTED = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00), *range(0x370, 0x500))


def fold(text: str) -> str:
    """``text`` in small letters without accents, apostrophes straight; as long as ``text`` in the usual alphabets."""
    if not text.isascii():
        for sign, plain in _PLAIN:
            text = text.replace(sign, plain)
    if text.isascii():
        return text.lower()
    letters = set(_BEYOND_ASCII.findall(text))
    if max(letters) >= _BEYOND_LATIN:
        return _fold_all(text)
    # Latin letters are folded each for itself, and a text has few that are not ASCII: many times as quick.
    for letter in letters:
        text = text.replace(letter, _fold_letter(letter))
    return text.lower()


def _fold_all(text: str) -> str:
    folded = text.lower()
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", folded)))


_fold_letter = lru_cache(maxsize=512)(_fold_all)


def fold_parts(text: str) -> str:
    """A page's text folded to be looked through: as by ``fold``, but for the sign between its parts, which is a plain one."""
    text = text.replace(_BETWEEN_PARTS, "|")
    return text.lower() if text.isascii() else fold(text)


def folded_letters(text: str) -> str:
    """A page's text folded letter by letter, so that places in it are places in ``text``."""
    folded = fold_parts(text)
    if len(folded) == len(text):
        return folded
    return "".join(fold(unicodedata.normalize("NFC", letter))[:1] or " " for letter in text)


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
