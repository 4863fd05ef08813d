"""Hostile or merely old HTML on its way in: one pass that reports, one that cleans.

The report cannot be left to the sanitiser, which drops in silence; and the sanitiser cannot be replaced by the report,
which only scans. So the scan walks the source once, writes down what will be lost and on which line, marks every tag
with its line, and the sanitiser (a browser-grade parser) then builds a well-formed tree that still carries the marks.
The scan is our own because the standard library's parser needs minutes for some inputs of 60 kB; this one is linear.
"""

import functools
import html
import re
from collections import Counter
from dataclasses import dataclass, field

import nh3

from articles.importers.inline import LINK_SCHEMES, is_link_allowed
from articles.importers.outline import Remark, Unreadable

LINE_MARK = "data-line"

# Pages that people write stay below 30 levels; what is deeper was made to exhaust a reader.
MAX_DEPTH = 100

HEADING_TAGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
# Boxes without meaning of their own: what is in them is read as if they were not there.
BOX_TAGS = {
    "address", "article", "aside", "center", "dd", "details", "div", "dl", "fieldset", "footer", "form", "header", "hgroup",
    "legend", "main", "menu", "nav", "p", "section",
}  # fmt: skip
BLOCK_TAGS = HEADING_TAGS | {"blockquote", "dt", "figcaption", "figure", "hr", "ol", "pre", "summary", "table", "ul"}
PART_TAGS = {"caption", "col", "colgroup", "li", "tbody", "td", "tfoot", "th", "thead", "tr"}
INLINE_TAGS = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "nobr", "picture", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
}  # fmt: skip
KNOWN_TAGS = BOX_TAGS | BLOCK_TAGS | PART_TAGS | INLINE_TAGS
# The frame of a page, and parts of what is remarked on as a whole; they say nothing to a reader.
_FRAME_TAGS = {"base", "body", "head", "html", "link", "meta", "param", "source", "title", "track"}
# Lost together with what is in them.
_LOST_TAGS = {
    "applet", "audio", "canvas", "frameset", "iframe", "math", "noembed", "noframes", "noscript", "object", "plaintext",
    "script", "select", "style", "svg", "template", "textarea", "video", "xmp",
}  # fmt: skip
# Their content is text to a browser, whatever it looks like, up to their end tag.
_RAW_TEXT_TAGS = {
    "iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"
}  # fmt: skip

_MARKUP_START = re.compile(r"<(?:(?P<comment>!--)|(?P<other>[!?]|/(?![a-zA-Z]))|(?P<end>/)?(?P<name>[a-zA-Z][^\s/>]*))")
_NAME = re.compile(r"[\s/]*(=?[^\s/>=]*)(?:\s*(=)\s*)?")
_UNQUOTED = re.compile(r"[^\s>]*")
_COMMENT_END = re.compile(r"--!?>")
_CLEAN_TAG = re.compile(rf'<(?P<end>/)?(?P<name>[a-z0-9]+)(?: {LINE_MARK}="(?P<line>\d+)")?')
_VOID_TAGS = {"br", "col", "hr", "img", "wbr"}
_LINE_COMMENT = re.compile(r"<!--@(\d+)-->")


@dataclass
class Sanitised:
    """Safe, well-formed HTML whose tags carry ``data-line``; the words of ``<title>``; what was lost."""

    markup: str
    page_title: str = ""
    remarks: list[Remark] = field(default_factory=list)


def sanitise(source: str, *, is_marked: bool = False) -> Sanitised:
    """``source`` without anything that could do harm.

    ``is_marked`` says that ``source`` was made by a reader of another format, which marked tags with the line (or the
    paragraph) of the original, or put a comment ``<!--@12-->`` before them; otherwise lines are those of ``source``.
    Raises ``Unreadable`` where a tag or comment never ends, because a browser would swallow the rest of the text there.
    """
    scan = _Scan(source.replace("\r\n", "\n").replace("\r", "\n"), is_marked=is_marked)
    scan.run()
    markup = nh3.clean(
        "".join(scan.pieces),
        tags=KNOWN_TAGS,
        clean_content_tags=_LOST_TAGS | {"title"},
        attributes={
            "*": {LINE_MARK},
            "a": {"href"},
            "img": {"src", "alt"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan"},
            "ol": {"start"},
        },
        url_schemes=LINK_SCHEMES | {"data"},
        link_rel=None,
    )
    _refuse_depth(markup)
    return Sanitised(markup, scan.page_title, scan.remarks())


def _refuse_depth(markup: str) -> None:
    """Raise ``Unreadable`` for tags nested deeper than ``MAX_DEPTH``, before a tree is built of them."""
    depth, line = 0, ""
    for tag in _CLEAN_TAG.finditer(markup):
        line = tag["line"] or line
        if tag["end"]:
            depth -= 1
        elif tag["name"] not in _VOID_TAGS:
            depth += 1
        if depth > MAX_DEPTH:
            raise Unreadable(f"line {line}: tags are nested deeper than {MAX_DEPTH} levels")


class _Scan:
    def __init__(self, source: str, *, is_marked: bool) -> None:
        self.source = source
        self.is_marked = is_marked
        self.pieces: list[str] = []
        self.page_title = ""
        self._remarks: list[Remark] = []
        self._counted: Counter[str] = Counter()
        self._first_line: dict[str, int | None] = {}
        self._line: int | None = None if is_marked else 1
        # Whether tags without a line of their own are on the current one: not so beside tags that another reader marked.
        self._is_inherited = not is_marked
        self._counted_to = 0

    def remarks(self) -> list[Remark]:
        """What was lost; what is lost often is named once, with its number."""
        many = [
            Remark(self._first_line[message], message if count == 1 else f"{message} ({count} times)")
            for message, count in self._counted.items()
        ]
        return [*self._remarks, *many]

    def run(self) -> None:
        """Walk the source once, from markup to markup."""
        copied = position = 0
        while match := _MARKUP_START.search(self.source, position):
            start = match.start()
            self._advance(start)
            if match["comment"]:
                position = self._comment(start)
            elif match["other"]:
                position = self._closing(start, ">", "declaration")
                if not self.source[start : start + 9].lower().startswith(("<!doctype", "<?xml")):
                    self._count("markup that is no tag was left out")
            else:
                name = match["name"].lower()
                position, attributes = self._attributes(match.end(), start)
                if match["end"]:
                    continue
                if self.is_marked and attributes.get(LINE_MARK, "").isdigit():
                    self._line, self._is_inherited = int(attributes[LINE_MARK]), False
                elif self._is_inherited:
                    self.pieces += [self.source[copied : match.end()], f' {LINE_MARK}="{self._line}"']
                    copied = match.end()
                self._report(name, attributes)
                if name in _RAW_TEXT_TAGS:
                    position = self._raw_text(name, position)
                elif name in _LOST_TAGS:
                    position = self._after_lost(name, position)
        self.pieces.append(self.source[copied:])

    def _advance(self, start: int) -> None:
        if not self.is_marked:
            self._line = (self._line or 1) + self.source.count("\n", self._counted_to, start)
            self._counted_to = start

    def _closing(self, start: int, end: str, what: str) -> int:
        found = self.source.find(end, start)
        if found < 0:
            raise Unreadable(f"line {self._line}: a {what} begins here and never ends")
        return found + len(end)

    def _comment(self, start: int) -> int:
        if self.is_marked and (mark := _LINE_COMMENT.match(self.source, start)):
            self._line, self._is_inherited = int(mark[1]), True
            return mark.end()
        end = _COMMENT_END.search(self.source, start + 2)
        if end is None:
            raise Unreadable(f"line {self._line}: a comment begins here and never ends")
        self._count("a comment was left out")
        return end.end()

    def _raw_text(self, name: str, position: int) -> int:
        end = _end_of(name).search(self.source, position)
        if end is None or name == "plaintext":
            raise Unreadable(f"line {self._line}: <{name}> begins here and never ends")
        if name == "title" and not self.page_title:
            self.page_title = " ".join(html.unescape(self.source[position : end.start()]).split())
        return end.start()

    def _after_lost(self, name: str, position: int) -> int:
        """Where to go on after a lost tag: what is in it needs no remarks of its own."""
        if self.source.startswith("/>", position - 2) and name in {"math", "svg"}:
            return position
        end = _end_of(name).search(self.source, position)
        if end is None:
            raise Unreadable(f"line {self._line}: <{name}> begins here and never ends")
        return end.start()

    def _attributes(self, position: int, start: int) -> tuple[int, dict[str, str]]:
        """Attributes from ``position`` on, the first of each name, and where their tag ends."""
        found: dict[str, str] = {}
        while True:
            match = _NAME.match(self.source, position)
            name, equals = match.groups() if match else ("", None)
            position = match.end() if match else len(self.source)
            value = ""
            if equals:
                quote = self.source[position : position + 1]
                if quote in {'"', "'"}:
                    end = self._closing(position + 1, quote, "quoted attribute")
                    value, position = self.source[position + 1 : end - 1], end
                else:
                    bare = _UNQUOTED.match(self.source, position)
                    value = bare[0] if bare else ""
                    position += len(value)
            if name:
                found.setdefault(name.lower(), html.unescape(value))
            if self.source[position : position + 1] == ">":
                return position + 1, found
            if position >= len(self.source):
                raise Unreadable(
                    f"line {self._line}: a tag begins here and never ends: {self.source[start : start + 40]!r}"
                )

    def _report(self, name: str, attributes: dict[str, str]) -> None:
        if name in _LOST_TAGS or name == "embed":
            source = attributes.get("src") or attributes.get("data") or ""
            shown = f" ({source[:200]})" if source and not source.startswith("data:") else ""
            self._remarks.append(Remark(self._line, f"<{name}>{shown} was left out"))
        elif name in {"form", "input"}:
            self._remarks.append(Remark(self._line, f"<{name}> was left out; words around it were kept"))
        elif name in {"s", "strike", "del"}:
            self._remarks.append(Remark(self._line, "struck-out words were kept as ordinary words"))
        elif name not in KNOWN_TAGS | _FRAME_TAGS:
            self._count(f"<{name[:40]}> is not a tag that can be placed; its words were kept")
        elif name == "a" and attributes.get("href") and not is_link_allowed(attributes["href"]):
            message = f"the link to “{attributes['href'][:200]}” was dropped, its words were kept"
            self._remarks.append(Remark(self._line, message))

    def _count(self, message: str) -> None:
        self._counted[message] += 1
        self._first_line.setdefault(message, self._line)


@functools.cache
def _end_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{re.escape(name)}(?=[\s/>])", re.IGNORECASE)
