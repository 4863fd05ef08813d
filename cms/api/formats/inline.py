"""One line of Markdown: words with emphasis, links, citations and raised letters, escaped so that they read the same.

Emphasis is the hard part. Whether ``**`` or ``_`` opens, closes or is just a sign depends on the letters beside it, which
HTML does not care about. Two rules make every case safe. Spaces are moved out of an emphasis; and a letter right outside of one
is written as a character reference, whose signs are punctuation to the parser.
"""

import re
import string
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bs4 import NavigableString, PageElement, Tag

Place = Literal["text", "heading", "cell"]

_EMPHASES = {"b": "**", "strong": "**", "i": "_", "em": "_"}
_KEPT_TAGS = {"sup", "sub"}
_ESCAPED = set("\\`*_[]<>~|")
_LINE_START = re.compile(r"(?:[-+=:#]|[0-9]{1,9}(?=[.)]))")
_REFERENCE = re.compile(r"&(?=#?[0-9A-Za-z]+;)")
# What would end an address, or mean something else inside of one.
_UNSAFE_IN_ADDRESS = re.compile(r"""[\x00-\x20\x7f<>()\[\]\\^`{|}"*_~]""")


@dataclass
class _Piece:
    """Part of a line: words, ready Markdown, or where an emphasis begins or ends."""

    kind: Literal["words", "ready", "break", "open", "close"]
    text: str


def line_of(nodes: Iterable[PageElement], *, line_break: str = "\\\n", place: Place = "text") -> str:
    """``nodes`` as one line of Markdown; ``line_break`` stands for ``<br>``.

    In a heading a sharp sign at the end would vanish, in a cell a bar would end it.
    """
    _before, inside, _after = _bare(_joined(_pieces(nodes, frozenset(), place)))
    return _written(inside, line_break, place)


def address_of(url: str) -> str:
    """``url`` as the destination of a Markdown link."""
    safe = _UNSAFE_IN_ADDRESS.sub(lambda match: f"%{ord(match[0]):02X}", url)
    return _REFERENCE.sub("&amp;", safe)


def _pieces(nodes: Iterable[PageElement], around: frozenset[str], place: Place) -> list[_Piece]:
    found: list[_Piece] = []
    for node in nodes:
        if isinstance(node, Tag):
            found += _tag(node, around, place)
        elif type(node) is NavigableString:
            found.append(_Piece("words", re.sub(r"[ \t\r\n\f]+", " ", node)))
    return found


def _tag(tag: Tag, around: frozenset[str], place: Place) -> list[_Piece]:
    if tag.name == "br":
        return [_Piece("break", "")]
    if tag.name == "img":
        alt = _written([_Piece("words", str(tag.get("alt", "")))], " ", place)
        return [_Piece("ready", f"![{alt}]({address_of(str(tag.get('src', '')))})")]
    number = str(tag.get("data-reference", ""))
    if tag.name == "sup" and number:
        return [_Piece("ready", f"[^{number}]")]
    mark = _EMPHASES.get(tag.name, "")
    before, inside, after = _bare(_joined(_pieces(tag.children, around | {mark, tag.name}, place)))
    if not inside:
        return [*before, *after]
    if mark and mark not in around:
        inside = [_Piece("open", mark), *inside, _Piece("close", mark)]
    elif tag.name == "a" and tag.get("href") and "a" not in around:
        end = f"]({address_of(str(tag['href']))})"
        inside = [_Piece("ready", "["), *inside, _Piece("ready", end)]
    elif tag.name in _KEPT_TAGS:
        inside = [_Piece("ready", f"<{tag.name}>"), *inside, _Piece("ready", f"</{tag.name}>")]
    return [*before, *inside, *after]


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    """``pieces`` with neighbouring words as one, and an emphasis that ends where the same begins going on."""
    found: list[_Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last and piece.kind == last.kind == "words":
            last.text = re.sub(r"  +", " ", last.text + piece.text)
        elif last and piece.kind == "open" and last == _Piece("close", piece.text):
            found.pop()
        elif piece.text or piece.kind == "break":
            found.append(_Piece(piece.kind, piece.text))
    return found


def _bare(pieces: list[_Piece]) -> tuple[list[_Piece], list[_Piece], list[_Piece]]:
    """``pieces`` without the spaces and breaks at both ends, and those."""
    before: list[_Piece] = []
    after: list[_Piece] = []
    inside = list(pieces)
    while inside and (inside[0].kind == "break" or (inside[0].kind == "words" and inside[0].text[:1].isspace())):
        first = inside.pop(0)
        words = first.text.lstrip()
        before.append(_Piece(first.kind, first.text[: len(first.text) - len(words)]))
        if words:
            inside.insert(0, _Piece("words", words))
    while inside and (inside[-1].kind == "break" or (inside[-1].kind == "words" and inside[-1].text[-1:].isspace())):
        last = inside.pop()
        words = last.text.rstrip()
        after.insert(0, _Piece(last.kind, last.text[len(words) :]))
        if words:
            inside.append(_Piece("words", words))
    return before, inside, after


def _written(pieces: list[_Piece], line_break: str, place: Place) -> str:
    parts: list[str] = []
    is_line_start = True
    for number, piece in enumerate(pieces):
        last = pieces[number - 1] if number else _Piece("break", "")
        following = pieces[number + 1] if number + 1 < len(pieces) else _Piece("break", "")
        if piece.kind == "break":
            parts.append(line_break)
            is_line_start = True
            continue
        if piece.kind == "words":
            text = piece.text
            if last.kind == "break":
                text = text.lstrip(" ")
            if following.kind == "break":
                text = text.rstrip(" ")
            if not text:
                continue
            parts.append(_escaped(text, last, following, is_line_start=is_line_start, place=place))
        else:
            parts.append(piece.text)
        is_line_start = False
    return "".join(parts)


def _escaped(text: str, last: _Piece, following: _Piece, *, is_line_start: bool, place: Place) -> str:
    start = _LINE_START.match(text) if is_line_start else None
    # At the start of a line a sign is escaped itself, a number by the full stop after it.
    escape_at = -1 if start is None else start.end() if text[0].isdigit() else 0
    after_mark = last.kind == "ready" and last.text.endswith("]")
    before_mark = following.kind == "ready" and following.text.startswith("[")
    end = len(text) - 1
    written = []
    for number, letter in enumerate(text):
        is_outside = (number == 0 and last.kind == "close") or (number == end and following.kind == "open")
        if is_outside and not _is_safe_beside_emphasis(letter):
            written.append(f"&#{ord(letter)};")
        elif letter == "|" and place == "cell":
            written.append("&#124;")
        elif (
            letter in _ESCAPED
            or (letter == "#" and place == "heading")
            or number == escape_at
            or (letter == "&" and _REFERENCE.match(text, number))
            or (number == 0 and after_mark and letter in "(:")
            or (number == end and before_mark and letter == "!")
        ):
            written.append(f"\\{letter}")
        else:
            written.append(letter)
    return "".join(written)


def _is_safe_beside_emphasis(letter: str) -> bool:
    return letter.isspace() or letter in string.punctuation or unicodedata.category(letter).startswith("P")
