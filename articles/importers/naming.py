"""A title from a file name, for manuscripts that do not name one."""

import re

# Written small inside a title, as American style guides do: articles, conjunctions, short prepositions.
_SMALL_WORDS = {
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "if", "in", "into", "nor", "of", "off", "on", "onto", "or",
    "over", "per", "than", "the", "to", "up", "via", "vs", "with", "yet",
}  # fmt: skip


def title_from_file_name(name: str) -> str:
    """The title that ``name`` spells: “acupuncture-for-back-pain.txt” → “Acupuncture for Back Pain”.

    Words with a capital of their own (“TMJ”, “McKenzie”) stay as they are.
    """
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", name)
    words = re.sub(r"[-_\s]+", " ", stem).strip().split(" ")
    last = len(words) - 1
    return " ".join(_cased(word, is_edge=position in {0, last}) for position, word in enumerate(words))


def _cased(word: str, *, is_edge: bool) -> str:
    if word != word.lower() or (word in _SMALL_WORDS and not is_edge):
        return word
    return word[:1].upper() + word[1:]
