"""A tree of tags as a plain sequence: paragraphs of words, pictures, and the few tags that mean something of their own.

Authors' HTML nests boxes in boxes, words beside blocks, and whole pages inside one ``<b>``. Read as a sequence, all of
that comes to the same, and nothing between two blocks is lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import NavigableString, PageElement, Tag

from articles.importers.inline import inline_html, stored_html
from articles.importers.sanitising import BLOCK_TAGS, BOX_TAGS, LINE_MARK, PART_TAGS

# What ends a paragraph.
_BLOCKS = BLOCK_TAGS | BOX_TAGS | PART_TAGS


@dataclass(frozen=True)
class Words:
    """One paragraph of stored inline HTML, never empty."""

    html: str
    line: int | None


@dataclass(frozen=True)
class Image:
    """A picture tag, after the words among which it stood."""

    tag: Tag


Piece = Words | Image | Tag


def line_of(tag: Tag) -> int | None:
    """The line (or paragraph) of the manuscript at which ``tag`` begins; where no mark says it, the line around it."""
    first = tag if tag.has_attr(LINE_MARK) else tag.find(attrs={LINE_MARK: True})
    marked = first if isinstance(first, Tag) else tag.find_parent(attrs={LINE_MARK: True})
    mark = str(marked.get(LINE_MARK, "")) if isinstance(marked, Tag) else ""
    return int(mark) if mark.isdigit() else None


def has_blocks(tag: Tag) -> bool:
    """Whether anything inside ``tag`` ends a paragraph."""
    return any(isinstance(part, Tag) and part.name in _BLOCKS for part in tag.descendants)


def pieces_of(box: Tag) -> Iterator[Piece]:
    """What is in ``box``, in order. Boxes inside it are opened; two line breaks in a row end a paragraph."""
    words = _Collector(line_of(box))
    for child in list(box.children):
        if isinstance(child, Tag) and (child.name in _BLOCKS or has_blocks(child)):
            yield from words.empty()
            words.line = line_of(child) or words.line
            if child.name in BLOCK_TAGS:
                yield child
            else:
                yield from pieces_of(child)
        elif words.is_paragraph_end(child):
            yield from words.empty()
            words.line = line_of(child) if isinstance(child, Tag) else words.line
        else:
            words.add(child)
    yield from words.empty()


class _Collector:
    """Inline nodes that wait for their paragraph to end. ``line`` is where the paragraph begins, as far as is known."""

    def __init__(self, line: int | None) -> None:
        self.line = line
        self._html: list[str] = []
        self._pictures: list[Tag] = []
        self._last = ""

    def add(self, node: PageElement) -> None:
        if isinstance(node, Tag) and not self._last:
            self.line = line_of(node) or self.line
        html = inline_html(node, self._pictures)
        self._html.append(html)
        self._last = html.strip() or self._last

    def is_paragraph_end(self, node: PageElement) -> bool:
        """Whether ``node`` is the second of two line breaks."""
        return isinstance(node, Tag) and node.name == "br" and self._last == "<br>"

    def empty(self) -> Iterator[Words | Image]:
        if stored := stored_html("".join(self._html)):
            yield Words(stored, self.line)
        yield from (Image(tag) for tag in self._pictures)
        self._html, self._pictures, self._last = [], [], ""


def is_blank(node: PageElement) -> bool:
    """Whether ``node`` is nothing but white space."""
    return isinstance(node, NavigableString) and not node.strip()
