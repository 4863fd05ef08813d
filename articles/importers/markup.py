"""The outline of an HTML text. Markdown and Word manuscripts pass through here too, as the HTML that they amount to."""

import re
from collections.abc import Iterable
from dataclasses import replace

from bs4 import BeautifulSoup, Tag

from articles.importers.flow import Image, Piece, Words, has_blocks, is_blank, line_of, pieces_of
from articles.importers.inline import citation_marks, escaped, paragraphs, stored_html, words_of
from articles.importers.outline import (
    MAX_ATTRIBUTION_CHARACTERS,
    MAX_HEADING_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    Heading,
    Outline,
    Paragraph,
    Picture,
    PointList,
    Quote,
    Table,
)
from articles.importers.pictures import NoPicture, PictureShelf
from articles.importers.sanitising import HEADING_TAGS, sanitise
from articles.importers.tables import is_one_cell, table_from

_SIGNATURE = re.compile(r"^(?:—|–|--)\s*(\S.*)$")

_PLACES = {"td": "a table cell", "th": "a table cell", "li": "a point of a list", "blockquote": "a quotation"}


def outline_from_html(
    source: str, shelf: PictureShelf, *, is_marked: bool = False, has_title_style: bool = False
) -> Outline:
    """The outline of ``source``; pictures come from ``shelf``.

    ``is_marked``: see ``sanitise``. ``has_title_style``: the first ``<h1>`` is a title that was marked as such, so that
    further ones are sections, as they should be, and not worth a remark. Raises ``Unreadable``.
    """
    safe = sanitise(source, is_marked=is_marked)
    root = BeautifulSoup(safe.markup, "html.parser")
    outliner = _Outliner(shelf, has_title_style=has_title_style)
    outline = outliner.outline
    for link in root.find_all("a", href=True):
        if has_blocks(link):
            outline.remark(line_of(link), "the link around whole blocks was dropped, its words were kept")
    outliner.place_all(pieces_of(root))
    for block in outline.blocks:
        if isinstance(block, Table) and not block.caption:
            outline.remark(block.line, "the table has no caption")
    if outline.title is None and 0 < len(safe.page_title) <= MAX_TITLE_CHARACTERS:
        outline.title = safe.page_title
        outline.remark(None, "there is no level-1 heading; the title comes from <title>")
    outline.remarks[:0] = safe.remarks
    return outline


class _Outliner:
    def __init__(self, shelf: PictureShelf, *, has_title_style: bool) -> None:
        self.outline = Outline()
        self.shelf = shelf
        self.has_title_style = has_title_style
        self._level_shift = 0

    def place_all(self, pieces: Iterable[Piece]) -> None:
        """Place ``pieces`` one after the other."""
        for piece in pieces:
            if isinstance(piece, Words):
                self._words(piece)
            elif isinstance(piece, Image):
                self._picture(piece.tag)
            elif piece.name in HEADING_TAGS:
                self._heading(piece)
            else:
                getattr(self, f"_place_{piece.name}")(piece)

    def _words(self, words: Words) -> None:
        for mark in citation_marks(words.html):
            self.outline.remark(words.line, f"the raised “{mark}” looks like a citation; turn it into a reference")
        self.outline.add(Paragraph(f"<p>{words.html}</p>", words.line))

    def _picture(self, tag: Tag) -> None:
        line, alt = line_of(tag), " ".join(str(tag.get("alt", "")).split())
        try:
            data, file_name = self.shelf.take(str(tag.get("src", "")))
        except NoPicture as reason:
            shown = f" (“{alt[:100]}”)" if alt else ""
            self.outline.remark(line, f"a picture{shown} was left out: {reason}")
            return
        if not alt:
            self.outline.remark(line, "a picture has no alternative text")
        if tag.find_parent("a"):
            self.outline.remark(line, "the link around a picture was dropped")
        self.outline.add(Picture(data, file_name, alt, "", line))

    def _heading(self, tag: Tag) -> None:
        line = line_of(tag)
        fragments, pictures = self._squeeze(tag)
        text, level = words_of(" ".join(fragments)), int(tag.name[1])
        if tag.find("a", href=True):
            self.outline.remark(line, "the link in a heading was dropped, its words were kept")
        if not text:
            pass
        elif level == 1 and self.outline.title is None and len(text) <= MAX_TITLE_CHARACTERS:
            self.outline.title = text
        elif len(text) > MAX_HEADING_CHARACTERS:
            limit = f"longer than {MAX_HEADING_CHARACTERS} characters"
            self.outline.remark(line, f"a heading {limit} became a paragraph in bold")
            self.outline.add(Paragraph(f"<p><b>{stored_html(' '.join(fragments))}</b></p>", line))
        else:
            self.outline.add(Heading(self._level_of(level, line), text, line))
        self.place_all(Image(picture) for picture in pictures)

    def _level_of(self, level: int, line: int | None) -> int:
        """2, 3 or 4. After a second level-1 heading all others move down by one, so that sections keep their order."""
        if level == 1:
            self._level_shift = 1
            if not self.has_title_style:
                self.outline.remark(line, "a second heading of level 1 became level 2: level 1 is the title")
            return 2
        lowered = min(level + self._level_shift, 4)
        if level > 4 or level + self._level_shift > 4:
            self.outline.remark(line, f"a heading of level {level} became level 4, the lowest that a page has")
        return lowered

    def _place_dt(self, tag: Tag) -> None:
        fragments, pictures = self._squeeze(tag)
        self.place_all(Words(stored_html(f"<b>{fragment}</b>"), line_of(tag)) for fragment in fragments)
        self.place_all(Image(picture) for picture in pictures)

    _place_summary = _place_dt

    def _place_hr(self, tag: Tag) -> None:
        self.outline.remark(line_of(tag), "a line across the page was left out")

    def _place_pre(self, tag: Tag) -> None:
        line = line_of(tag)
        self.outline.remark(line, "preformatted text became a paragraph without links and emphasis")
        rows = [escaped(row) for row in tag.get_text().strip("\n").split("\n")]
        if html := stored_html("<br>".join(rows)):
            self.outline.add(Paragraph(f"<p>{html}</p>", line))
        self.place_all(Image(picture) for picture in tag.find_all("img"))

    def _place_figure(self, tag: Tag) -> None:
        captions = [caption.extract() for caption in tag.find_all("figcaption")]
        self.place_all(pieces_of(tag))
        for caption in captions:
            self._place_figcaption(caption)

    def _place_figcaption(self, tag: Tag) -> None:
        """A caption belongs to the picture or table just before it; else it is a paragraph."""
        fragments, pictures = self._squeeze(tag)
        last = self.outline.blocks[-1] if self.outline.blocks else None
        if isinstance(last, Picture) and not last.caption:
            self.outline.blocks[-1] = replace(last, caption=paragraphs(fragments))
        elif isinstance(last, Table) and not last.caption:
            self.outline.blocks[-1] = replace(last, caption=words_of(" ".join(fragments)))
        else:
            self.place_all(Words(fragment, line_of(tag)) for fragment in fragments)
        self.place_all(Image(picture) for picture in pictures)

    def _place_blockquote(self, tag: Tag) -> None:
        line = line_of(tag)
        signature = ""
        for signed in tag.find_all(["footer", "cite"]):
            text = (
                words_of(" ".join(self._squeeze(signed)[0])) if signed.name == "footer" or _is_last(signed, tag) else ""
            )
            if text:
                signature = _SIGNATURE.sub(r"\1", text)
                signed.extract()
                break
        if tag.find("a", href=True):
            self.outline.remark(line, "a link in a quotation was dropped, its words were kept")
        fragments, pictures = self._squeeze(tag)
        lines = [words_of(fragment.replace("<br>", "\n")) for fragment in fragments]
        if not signature and len(lines) > 1 and (match := _SIGNATURE.match(lines[-1])):
            signature = match[1]
            lines.pop()
        if len(signature) > MAX_ATTRIBUTION_CHARACTERS:
            self.outline.remark(line, "the attribution of a quotation is too long and stands in the quotation")
            lines.append(f"— {signature}")
            signature = ""
        if any(lines):
            self.outline.add(Quote("\n\n".join(lines), signature, line))
        self.place_all(Image(picture) for picture in pictures)

    def _place_ul(self, tag: Tag) -> None:
        self._place_list(tag)

    def _place_ol(self, tag: Tag) -> None:
        start = str(tag.get("start", "1"))
        if start != "1":
            self.outline.remark(line_of(tag), f"the list began with number {start[:20]}; it now begins with 1")
        self._place_list(tag)

    def _place_list(self, tag: Tag) -> None:
        """A flat list as such; a list with lists in it as running text, the one block that can hold it."""
        line = line_of(tag)
        if tag.find(["ul", "ol"]):
            html, pictures = self._nested_list(tag)
            if html := stored_html(html):
                self.outline.add(Paragraph(html, line))
        else:
            items, pictures = [], []
            for item in _items_of(tag):
                fragments, found = self._squeeze(item)
                items.append(paragraphs(fragments))
                pictures += found
            if any(items):
                self.outline.add(PointList(tag.name == "ol", tuple(item for item in items if item), line))
        self.place_all(Image(picture) for picture in pictures)

    def _nested_list(self, tag: Tag) -> tuple[str, list[Tag]]:
        items: list[str] = []
        pictures: list[Tag] = []
        for item in _items_of(tag):
            is_bare = item.name in {"ul", "ol"}  # a list straight inside a list, without an item around it
            lists = [item] if is_bare else [inner.extract() for inner in item.find_all(["ul", "ol"], recursive=False)]
            fragments, found = ([], []) if is_bare else self._squeeze(item)
            pictures += found
            nested = ""
            for inner in lists:
                html, found = self._nested_list(inner)
                nested += html
                pictures += found
            items.append(f"<li>{'<br>'.join(fragments)}{nested}</li>")
        return f"<{tag.name}>{''.join(items)}</{tag.name}>", pictures

    def _place_table(self, tag: Tag) -> None:
        pictures: list[Tag] = []

        def read(cell: Tag) -> str:
            fragments, found = self._squeeze(cell)
            pictures.extend(found)
            return paragraphs(fragments)

        if is_one_cell(tag):
            self.outline.remark(line_of(tag), "a table with one cell became ordinary text")
            for part in tag.find_all(["caption", "td", "th"]):
                self.place_all(pieces_of(part))
        elif table := table_from(tag, self.outline, read):
            self.outline.add(table)
        if pictures:
            self.outline.remark(line_of(tag), "pictures in a table were placed after it")
        self.place_all(Image(picture) for picture in pictures)

    def _squeeze(self, box: Tag) -> tuple[list[str], list[Tag]]:
        """Everything in ``box`` as paragraphs of words, for places that hold nothing else, and the pictures in it."""
        fragments: list[str] = []
        pictures: list[Tag] = []
        for piece in pieces_of(box):
            if isinstance(piece, Words):
                fragments.append(piece.html)
            elif isinstance(piece, Image):
                pictures.append(piece.tag)
            elif piece.name == "hr":
                self._place_hr(piece)
            else:
                if piece.name in {"table", "ul", "ol"}:
                    what = "table" if piece.name == "table" else "list"
                    self.outline.remark(
                        line_of(piece),
                        f"a {what} inside {_PLACES.get(box.name, 'another block')} became plain paragraphs",
                    )
                inner, found = self._squeeze(piece)
                fragments += [f"<b>{words}</b>" for words in inner] if piece.name in HEADING_TAGS else inner
                pictures += found
        return [stored for fragment in fragments if (stored := stored_html(fragment))], pictures


def _items_of(tag: Tag) -> list[Tag]:
    """The items of a list; words that stand in no item make one of their own."""
    items = []
    for child in list(tag.children):
        if isinstance(child, Tag):
            items.append(child)
        elif not is_blank(child):
            items.append(child.wrap(Tag(name="li")))
    return items


def _is_last(part: Tag, whole: Tag) -> bool:
    """Whether nothing but white space follows ``part`` in ``whole``."""
    words, tail = whole.get_text().strip(), part.get_text().strip()
    return bool(tail) and words != tail and words.endswith(tail)
