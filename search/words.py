"""Words: what a text is cut into, the same for what is indexed and for what is typed.

Apostrophes are left out (“can't” is ``cant``, “Ménière's” is ``menieres``), hyphens part words, and a code of a
classification of diseases stays in one piece: “G47.00” is ``g4700``, and belongs to ``g47`` too.
"""

import hashlib
import re

from search.folding import fold
from search.stemming import stem

# Longer runs of letters are no words. Unit: characters.
MAX_LENGTH = 40
_CODE = r"[a-z][0-9][0-9a-z]\.[0-9a-z]{1,4}(?![^\W_])"
_WORD = re.compile(rf"{_CODE}|[^\W_]+(?:'[^\W_]+)*")
_COMPOUND = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
# Words that nearly every sentence has: they say nothing about what it is about. Written as they are folded.
_STOP_ENGLISH = """
    a about after all am an and any are arent as at be because been before being but by can cannot cant could couldnt did
    didnt do does doesnt doing done dont for from get gets getting give go got had has hasnt have havent having he hello hers
    her him his how i id if ill im in into is isnt it its ive just know let like may me might mine much must my need of on one
    or our ours please really she should so some someone something such tell than that thats the their them then there theres
    these they thing things this those to too try trying us very want was wasnt we were what whats when where which while who
    why will with without wont would you your yours
"""
_STOP_SPANISH = """
    a al algo ante como con cual cuando de del desde donde el ella ellos en entre era es esta este estoy fue ha hace hay la las
    le les lo los mas me mi mis mucho muy nos o para pero por porque puede que quien se ser si sin sobre son su sus te tengo
    tiene tu un una unos y ya yo
"""
_STOP = {"en": frozenset(_STOP_ENGLISH.split()), "es": frozenset(_STOP_SPANISH.split())}


def words_in(text: str) -> list[str]:
    """The folded words of ``text`` in their order."""
    return words_in_folded(fold(text))


def words_in_folded(folded: str) -> list[str]:
    """The words of a text that is folded already, in their order."""
    found = (match.replace("'", "").replace(".", "") for match in _WORD.findall(folded))
    return [word[:MAX_LENGTH] for word in found]


def indexed_words_in(text: str) -> list[str]:
    """The words of ``text`` as they are indexed: joined forms of what is parted, and categories of codes, among them."""
    folded = fold(text)
    words = words_in_folded(folded)
    if "-" in folded:
        joined = (match.replace("-", "").replace("'", "") for match in _COMPOUND.findall(folded))
        words += [word for word in joined if len(word) <= MAX_LENGTH]
    words += [code[:3] for code in re.findall(_CODE, folded)]
    return words


def is_stop_word(word: str, locale: str) -> bool:
    """Whether the folded ``word`` says nothing of its own in this language."""
    return word in _STOP.get(locale[:2].lower(), ())


def key_of(site_id: int, locale: str, *parts: str) -> int:
    """A number for ``parts`` on one site in one language, of 64 bits: shorter in an index than the words would be.

    That two words share one is as likely as one in a hundred thousand with ten million words.
    """
    text = "\0".join((str(site_id), locale, *parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def term_of(site_id: int, locale: str, word: str) -> int:
    """The number under which documents with ``word``, or another word of its stem, are found."""
    return key_of(site_id, locale, "", stem(word, locale))


def phrase_key(site_id: int, locale: str, words: list[str] | tuple[str, ...]) -> int:
    """The number under which a whole name is found, whatever its endings."""
    return key_of(site_id, locale, "name", *(stem(word, locale) for word in words))
