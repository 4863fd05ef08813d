"""A Word file before anything parses it for good: is it safe to open, and what in it will the converter pass over?

A .docx is a ZIP archive of XML. Both can be made to unfold into far more than they weigh, so sizes, ratio, depth and
number of elements are known before a tree is built, and document type declarations (which the format forbids, and which
carry every XML attack) are refused. The same walk notes what the converter drops without a word: tracked changes, headers and
footers, charts, hidden text.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from articles.importers.outline import Remark, Unreadable

# Units: bytes, files, and how many times larger than packed. Sources: the reliability targets for imported archives.
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_ENTRIES = 10_000
MAX_RATIO = 100
# A 200-page book has about 250,000 elements, 15 deep.
MAX_ELEMENTS = 500_000
MAX_XML_DEPTH = 100

_OLD_WORD = b"\xd0\xcf\x11\xe0"
_CHANGES = {
    "del": "a tracked deletion was carried out",
    "moveFrom": "a tracked move was carried out",
    "ins": "a tracked insertion was taken as text",
    "vanish": "hidden text became visible text",
}
_DRAWINGS = {"chart": "a chart was left out", "relIds": "a diagram was left out", "oMath": "an equation was left out"}
_LOST_PARTS = {"hdr": "the page header", "ftr": "the page footer"}


def inspect_package(content: bytes) -> list[Remark]:
    """Remarks on what the converter will pass over, with paragraph numbers. Raises ``Unreadable`` for unsafe archives.

    Paragraphs count from 1 in the order of the document, empty ones and those in tables included.
    """
    remarks: list[Remark] = []
    elements_left = MAX_ELEMENTS
    for entry in _xml_entries(content):
        part = _Part(elements_left)
        part.read(entry)
        elements_left -= part.element_count
        remarks += part.remarks()
    return remarks


def _xml_entries(content: bytes) -> Iterator[bytes]:
    if content.startswith(_OLD_WORD):
        raise Unreadable("it is protected by a password, or an old .doc file; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise Unreadable(f"it holds {len(entries):,} files; at most {MAX_ENTRIES:,} are allowed")
            if any(entry.flag_bits & 1 for entry in entries):
                raise Unreadable("it is protected by a password")
            # The archive's own figures are safe to add up: reading an entry never yields more than it declares.
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_UNPACKED_BYTES:
                raise Unreadable(f"it unfolds to more than {MAX_UNPACKED_BYTES // 1024**2} MB")
            if unpacked > MAX_RATIO * len(content):
                raise Unreadable(f"it unfolds to more than {MAX_RATIO} times its size")
            for entry in entries:
                with archive.open(entry) as opened:
                    head = opened.read(64)
                    if head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
                        yield head + opened.read()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("it is no Word document: its archive is damaged") from None


class _Part:
    """One XML file of the archive, walked without building a tree."""

    def __init__(self, max_elements: int) -> None:
        self.element_count = 0
        self._max_elements = max_elements
        self._names: list[str] = []
        self._paragraph_count = 0
        self._found: dict[str, tuple[int, int]] = {}
        self._choices: list[bool] = []
        self._root = ""
        self._words: list[str] = []

    def read(self, xml: bytes) -> None:
        """Walk ``xml``. Raises ``Unreadable``."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(xml, True)
        except expat.ExpatError as error:
            raise Unreadable(f"it is no Word document: its XML is damaged ({error})") from None

    def remarks(self) -> Iterator[Remark]:
        """What will be passed over in this part; what occurs often is named once."""
        if self._root in _LOST_PARTS and (words := " ".join("".join(self._words).split())):
            yield Remark(None, f"{_LOST_PARTS[self._root]} was left out: “{words[:200]}”")
        if self._root == "document":
            for message, (paragraph, count) in self._found.items():
                yield Remark(paragraph, message if count == 1 else f"{message} ({count} times)")

    def _refuse_doctype(self, *_declaration: Any) -> None:
        raise Unreadable("its XML declares a document type, which no Word document does")

    def _start(self, qualified: str, _attributes: dict[str, str]) -> None:
        name = qualified.rpartition(" ")[2]
        self.element_count += 1
        self._root = self._root or name
        self._names.append(name)
        if self.element_count > self._max_elements:
            raise Unreadable(f"it has more than {MAX_ELEMENTS:,} elements; split it into several files")
        if len(self._names) > MAX_XML_DEPTH:
            raise Unreadable(f"its elements are nested deeper than {MAX_XML_DEPTH} levels")
        if name == "AlternateContent":
            self._choices.append(False)
        elif name == "Fallback" and self._choices:
            self._choices[-1] = True
        if "Choice" in self._names:
            return
        if name == "p":
            self._paragraph_count += 1
        elif name == "del" and self._names[-3:-1] == ["pPr", "rPr"]:
            self._paragraph_count -= 1  # its words join the next paragraph
        if name in _CHANGES and "pPr" not in self._names:
            self._note(_CHANGES[name])
        elif name in _DRAWINGS:
            self._note(_DRAWINGS[name])

    def _end(self, _qualified: str) -> None:
        name = self._names.pop()
        if name == "AlternateContent" and not self._choices.pop():
            self._note("a drawing or text box without a plain twin was left out")

    def _text(self, text: str) -> None:
        if self._names[-1:] == ["t"] and self._root in _LOST_PARTS:
            self._words.append(text)

    def _note(self, message: str) -> None:
        paragraph, count = self._found.get(message, (self._paragraph_count, 0))
        self._found[message] = (paragraph, count + 1)
