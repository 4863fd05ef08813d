"""One way to read a manuscript, whatever it was written in."""

import codecs
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from articles.importers.markdown import outline_from_markdown
from articles.importers.markup import outline_from_html
from articles.importers.outline import Outline, RawBlock, Remark, Unreadable
from articles.importers.pictures import PictureShelf
from articles.importers.plain_text import outline_from_text
from articles.importers.word import outline_from_word

# The limit for uploaded documents holds here too. Unit: bytes.
MAX_FILE_BYTES = 20 * 1024 * 1024

SUFFIXES = (".docx", ".htm", ".html", ".markdown", ".md", ".txt")

_DECLARED_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*((?:iso-8859|windows|koi8|mac|euc|gb|big5|shift)[a-z0-9_-]{0,12})",
    re.IGNORECASE,
)
# Characters that no keyboard types and no database column of ours needs; a null byte marks a file that is no text.
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f\ufeff]")
# Breaks that only some programs count as lines: spaces, so that line numbers mean the same everywhere.
_ODD_BREAKS = {ord(odd): " " for odd in "\x0b\f\x85\u2028\u2029"}


class UnreadableManuscript(Exception):
    """The file at ``path`` cannot be read; ``reason`` is for the person who wrote it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class Manuscript:
    """What a file holds. ``title`` is ``None`` where the file names none; ``digest`` is SHA-256 of its bytes, in hex."""

    title: str | None
    digest: str
    blocks: list[RawBlock] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def read_file(path: Path) -> Manuscript:
    """The manuscript at ``path``: .txt, .md, .markdown, .html, .htm or .docx, at most ``MAX_FILE_BYTES`` long.

    Pictures are taken from inside the file or from its folder, never from the network. Whatever has no place is named in
    ``remarks``. Raises ``UnreadableManuscript``.
    """
    try:
        if path.suffix.lower() not in SUFFIXES:
            raise Unreadable(f"“{path.suffix}” is not a format that can be read; use {', '.join(SUFFIXES)}")
        content = _bytes_of(path)
        outline = _outline_of(path, content)
    except Unreadable as error:
        raise UnreadableManuscript(path, str(error)) from error
    if not outline.blocks:
        outline.remark(None, "the file has no text")
    remarks = sorted(outline.remarks, key=lambda remark: remark.line or 0)
    return Manuscript(outline.title, hashlib.sha256(content).hexdigest(), outline.blocks, remarks)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise Unreadable(f"it is larger than {MAX_FILE_BYTES // 1024**2} MB")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}") from None


def _outline_of(path: Path, content: bytes) -> Outline:
    suffix = path.suffix.lower()
    if suffix == ".docx":
        return outline_from_word(content)
    text, remarks = _decoded(content, may_declare=suffix in {".html", ".htm"})
    if suffix == ".txt":
        outline = outline_from_text(text)
    elif suffix in {".md", ".markdown"}:
        outline = outline_from_markdown(text, PictureShelf(path.parent))
    else:
        outline = outline_from_html(text, PictureShelf(path.parent))
    outline.remarks[:0] = remarks
    return outline


def _decoded(content: bytes, *, may_declare: bool) -> tuple[str, list[Remark]]:
    """The text with line feeds at line ends, and remarks on how it was decoded."""
    remarks = []
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        declared = _DECLARED_CHARSET.search(content[:4096]) if may_declare else None
        encodings = ["utf-8-sig", *([declared[1].decode()] if declared else []), "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        if encoding not in {"utf-8-sig", "utf-16"}:
            remarks.append(
                Remark(None, f"the file is not UTF-8; it was read as {encoding}: check accents and quotation marks")
            )
        break
    else:
        raise Unreadable("its characters are neither UTF-8 nor Windows-1252")
    if "\x00" in text:
        raise Unreadable("it is not a text file")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_ODD_BREAKS)
    text, removed = _CONTROL.subn("", text)
    if removed:
        remarks.append(Remark(None, f"{removed} control characters were removed"))
    return text, remarks
