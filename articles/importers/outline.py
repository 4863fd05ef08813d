"""What a manuscript comes down to, whatever its format: blocks in reading order, and remarks about what did not fit.

Every reader yields this shape and every writer takes it, so a new format costs one reader and nothing else. All HTML in
it is safe already and in the form that the editor's database has: ``<p>`` with bold, italic, links, ``<sup>``, ``<sub>``.
"""

from dataclasses import dataclass, field
from typing import ClassVar

# The longest that the page model and its blocks take. Unit: characters.
MAX_TITLE_CHARACTERS = 255
MAX_HEADING_CHARACTERS = 160
MAX_ATTRIBUTION_CHARACTERS = 160

# A page with more blocks than this is a book: the editor would not open it in any bearable time.
MAX_BLOCKS = 5_000


class Unreadable(ValueError):
    """A manuscript cannot be read; the message is the reason, as the person who wrote it can understand it."""


@dataclass(frozen=True)
class Remark:
    """Something that a person should look at: ``line`` counts from 1, for Word it is the number of the paragraph."""

    line: int | None
    message: str


@dataclass(frozen=True)
class Heading:
    """A heading inside the text; ``level`` is 2, 3 or 4, because level 1 is the title."""

    kind: ClassVar[str] = "heading"
    level: int
    text: str
    line: int | None = None


@dataclass(frozen=True)
class Paragraph:
    """Running text, ``<p>…</p>``; nested lists come as a paragraph too, because only running text can hold them."""

    kind: ClassVar[str] = "paragraph"
    html: str
    line: int | None = None


@dataclass(frozen=True)
class PointList:
    """A flat list; each item is one or more ``<p>…</p>``."""

    kind: ClassVar[str] = "list"
    ordered: bool
    items: tuple[str, ...]
    line: int | None = None


@dataclass(frozen=True)
class Table:
    """A rectangular table: as many cells in each row as there are column headings, each cell ``<p>…</p>`` or empty."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    line: int | None = None


@dataclass(frozen=True)
class Picture:
    """A picture with its bytes, checked to be one of the formats that the site takes."""

    kind: ClassVar[str] = "image"
    data: bytes
    file_name: str
    alt: str = ""
    caption: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Quote:
    """Somebody's words, as plain text."""

    kind: ClassVar[str] = "quote"
    text: str
    attribution: str = ""
    line: int | None = None


RawBlock = Heading | Paragraph | PointList | Table | Picture | Quote


@dataclass
class Outline:
    """What a reader found. ``title`` is ``None`` where the manuscript names none."""

    title: str | None = None
    blocks: list[RawBlock] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, line: int | None, message: str) -> None:
        """Note ``message``, once for each line."""
        remark = Remark(line, message)
        if remark not in self.remarks[-50:]:
            self.remarks.append(remark)

    def add(self, block: RawBlock) -> None:
        """Append ``block``; raises ``Unreadable`` when there are too many."""
        if len(self.blocks) >= MAX_BLOCKS:
            raise Unreadable(f"more than {MAX_BLOCKS:,} blocks; split it into several files")
        self.blocks.append(block)
