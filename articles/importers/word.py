"""Word manuscripts: converted to HTML by mammoth, with paragraph numbers, footnotes and pictures kept.

Footnotes are where authors put their sources, so their words are not lost: they become a list under “Notes” at the end and their
marks stay in the text, each with a remark, until an editor has made references of them. Reviewers’ comments were never
meant for readers and only appear in the remarks.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import mammoth
from mammoth import documents
from mammoth.docx.files import InvalidFileReferenceError
from mammoth.raw_text import extract_raw_text_from_element
from mammoth.transforms import element_of_type

from articles.importers.markup import outline_from_html
from articles.importers.outline import Outline, Remark, Unreadable
from articles.importers.pictures import PictureShelf
from articles.importers.sanitising import LINE_MARK
from articles.importers.word_package import inspect_package

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='Block Text'] => blockquote > p:fresh
p[style-name='Caption'] => figcaption:fresh
p[style-name='caption'] => figcaption:fresh
r[style-name='Emphasis'] => em
r[style-name='Intense Emphasis'] => em
r[style-name='Subtle Emphasis'] => em
"""
# Styles that say nothing about what a paragraph is. They are taken off, so that numbered ones still become lists.
_PLAIN_STYLES = {"Body Text", "Compact", "First Paragraph", "List Paragraph", "No Spacing", "Normal (Web)", "Subtitle"}

_MARK = "manuscript-paragraph-"
_MARKED_TAG = re.compile(rf'<(\w+)([^<>]*)><a id="{_MARK}(\d+)"></a>')
_LEFT_MARK = re.compile(rf'<a id="{_MARK}\d+"></a>')
_NOTE_MARK = re.compile(r'<a href="#(?:foot|end)note-[^"]*" id="[^"]*">(\[\d+\])</a>')
_NOTE_RETURN = re.compile(r'\s*<a href="#(?:foot|end)note-ref-[^"]*">↑</a>')
_COMMENT_STYLE = re.compile(r"ID:? Comment")
_ALREADY_SAID = "(already remarked on)"
_CONTENT = (documents.Text, documents.Image, documents.NoteReference, documents.Checkbox)
_NOTES = re.compile(r'<ol>(?=<li id="(?:foot|end)note-)')


def outline_from_word(content: bytes) -> Outline:
    """The outline of a .docx file; lines are paragraph numbers. Raises ``Unreadable``."""
    remarks = inspect_package(content)
    document = _Document()
    try:
        result = mammoth.convert_to_html(
            io.BytesIO(content),
            transform_document=document.number_paragraphs,
            convert_image=mammoth.images.img_element(document.keep_picture),
            style_map=_STYLES,
            include_embedded_style_map=False,  # a file must not choose the tags that its words become
            external_file_access=False,
        )
    except Exception as error:  # damaged documents make the converter raise nearly anything
        raise Unreadable(f"the Word document is damaged ({type(error).__name__}: {error})") from error
    source = _MARKED_TAG.sub(rf'<\1\2 {LINE_MARK}="\3">', result.value)
    source = _NOTE_MARK.sub(r"\1", _NOTE_RETURN.sub("", _LEFT_MARK.sub("", source)))
    source = _NOTES.sub("<h2>Notes</h2><ol>", source)
    outline = outline_from_html(
        source, PictureShelf(attached=document.pictures), is_marked=True, has_title_style=document.has_title
    )
    messages = dict.fromkeys(_sentence(message.message) for message in result.messages)
    outline.remarks[:0] = [*remarks, *document.remarks, *(Remark(None, message) for message in messages if message)]
    return outline


class _Document:
    """What is learnt while the converter walks the document."""

    def __init__(self) -> None:
        self.has_title = False
        self.pictures: dict[str, bytes] = {}
        self.remarks: list[Remark] = []
        self._count = 0
        self._note_count = 0
        self._paragraph_of: dict[int, int] = {}

    def number_paragraphs(self, document: Any) -> Any:
        """``document`` with a mark in every paragraph that holds something; comments and footnotes are remarked on."""
        comments = {comment.comment_id: comment for comment in document.comments}

        def number(paragraph: Any) -> Any:
            self._count += 1
            parts = list(_within(paragraph))
            for part in parts:
                if isinstance(part, documents.CommentReference) and part.comment_id in comments:
                    self._remark_on_comment(comments[part.comment_id])
                elif isinstance(part, documents.NoteReference):
                    self._remark_on_note(document.notes.resolve(part))
                elif isinstance(part, documents.Image):
                    self._paragraph_of[id(part)] = self._count
            self.has_title = self.has_title or paragraph.style_name == "Title"
            if paragraph.style_name in _PLAIN_STYLES:
                paragraph = paragraph.copy(style_id=None, style_name=None)
            if not any(isinstance(part, _CONTENT) for part in parts):
                return paragraph  # empty ones stay empty: the converter drops them and joins the lists around them
            mark = documents.bookmark(f"{_MARK}{self._count}")
            return paragraph.copy(children=[mark, *paragraph.children])

        bare = element_of_type(documents.Bookmark, lambda _bookmark: documents.text(""))(document)
        return element_of_type(documents.Paragraph, number)(bare)

    def keep_picture(self, image: Any) -> dict[str, str]:
        """Keep the bytes of ``image`` and give it an address that only this manuscript knows."""
        try:
            with image.open() as opened:
                source = f"picture-{len(self.pictures) + 1}"
                self.pictures[source] = opened.read()
        except (InvalidFileReferenceError, KeyError):
            message = "a picture was left out: its bytes are not in the document, only a link to them"
            self.remarks.append(Remark(self._paragraph_of.get(id(image)), message))
            raise InvalidFileReferenceError(_ALREADY_SAID) from None
        return {"src": source}

    def _remark_on_comment(self, comment: Any) -> None:
        author = f" by {comment.author_name}" if comment.author_name else ""
        self.remarks.append(Remark(self._count, f"a comment{author} was left out: “{_plain(comment.body)}”"))

    def _remark_on_note(self, note: Any) -> None:
        self._note_count += 1
        message = f"footnote [{self._note_count}] stands under “Notes” at the end; turn it into a reference"
        self.remarks.append(Remark(self._count, f"{message}: “{_plain(note.body)}”"))


def _within(element: Any) -> Iterator[Any]:
    for child in getattr(element, "children", []):
        yield child
        yield from _within(child)


def _plain(body: list[Any]) -> str:
    return " ".join("".join(extract_raw_text_from_element(element) for element in body).split())[:300]


def _sentence(message: str) -> str:
    """A message of the converter for an editor; empty where a remark of ours says it better."""
    if (
        _ALREADY_SAID in message
        or message.startswith("Image of type")
        or "}oMath" in message
        or _COMMENT_STYLE.search(message)
    ):
        return ""
    return f"Word: {message[:1].lower()}{message[1:300]}"
