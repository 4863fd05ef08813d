"""Stems: one form for “headache” and “headaches”, by the rules of the language.

The stemmers are Snowball's. A language that they do not know keeps its words as they are; typed words are folded alike, so
nothing is lost but plurals. A stemmer keeps its state in itself, so each thread has its own.
"""

import threading
from functools import lru_cache

from Stemmer import Stemmer

_LANGUAGES = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian",
    "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "sv": "swedish",
}  # fmt: skip
_own = threading.local()


@lru_cache(maxsize=20_000)
def stem(word: str, locale: str) -> str:
    """The stem of the folded ``word`` in the language of ``locale``; words with digits are kept as they are."""
    language = _LANGUAGES.get(locale[:2].lower())
    if language is None or not word.isalpha():
        return word
    stemmers = _own.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        stemmers[language] = Stemmer(language)
    return stemmers[language].stemWord(word)
