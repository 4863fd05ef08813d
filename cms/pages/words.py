"""The words of a document or a part of it, without markup: to count and find them, and to show them around a match."""

from collections.abc import Iterator

from cms.pages.document import JSON
from cms.pages.richtext import plain_texts

_SENTENCE_ENDS = (".", "!", "?", ":", "…", "”")
_UNSEARCHED = {"id", "type", "anchor", "kind", "url", "src", "level", "image", "reference", "ordered", "extension"}


def searchable_text(value: JSON) -> str:
    """All words of a document part, without markup and without technical values."""
    return " ".join(_texts_in(value))


def readable_text(value: JSON) -> str:
    """As ``searchable_text``, for people: what is no sentence, as a name or a cell of a table, is set apart by a dot."""
    texts = [f"{text} " if text.endswith(_SENTENCE_ENDS) else f"{text} · " for text in _texts_in(value)]
    return "".join(texts).removesuffix(" · ").rstrip()


def _texts_in(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield from plain_texts(value)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name not in _UNSEARCHED:
                yield from _texts_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts_in(part)
