"""HTML of a text as Markdown: CommonMark, with GitHub's tables and footnotes.

Written here rather than by a library because words must survive: a sentence that looks like Markdown (“1. May”, “*”, a table
that somebody drew with bars) has to come out as that sentence in every parser. Property tests read the result with a
CommonMark parser and compare it letter by letter.
"""

import re
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup, NavigableString, PageElement, Tag

from cms.api.formats.inline import line_of

_BLOCKS = {"p", "ul", "ol", "blockquote", "aside", "figure", "figcaption", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
_LISTS = {"ul", "ol"}
# Two neighbouring lists would become one: every other one has the other mark.
_MARKS = {"ul": ("-", "*"), "ol": (".", ")")}


def markdown_of(fragment: str) -> str:
    """``fragment`` (the HTML that ``markup`` writes) as Markdown, without a line break at its end.

    Citations become footnote marks (``[^3]``); whoever puts the text somewhere adds ``footnote_of`` for each.
    """
    return "\n\n".join(_blocks(BeautifulSoup(fragment, "html.parser")))


def escaped(words: str) -> str:
    """Plain ``words`` as one line of Markdown that reads the same."""
    return line_of([NavigableString(words)])


def footnotes_in(fragment: str) -> list[int]:
    """The numbers of the references that ``fragment`` cites, each once, in ascending order."""
    return sorted({int(number) for number in re.findall(r'<sup data-reference="(\d{1,9})">', fragment)})


def _blocks(parent: Tag) -> list[str]:
    """What stands in ``parent``, block by block; words outside of any block are a paragraph."""
    found: list[str] = []
    previous, turn = "", 0
    for part in _parts(parent):
        if not isinstance(part, Tag):
            written, name = line_of(part), "p"
        else:
            name = part.name
            turn = 1 - turn if name in _LISTS and name == previous else 0
            written = _block(part, turn)
        if written:
            found.append(written)
            previous = name
    return found


def _parts(parent: Tag) -> Iterator[Tag | list[PageElement]]:
    """The blocks in ``parent``, and between them what is no block, run by run."""
    run: list[PageElement] = []
    for child in parent.children:
        if isinstance(child, Tag) and child.name in _BLOCKS:
            if run:
                yield run
            yield child
            run = []
        else:
            run.append(child)
    if run:
        yield run


def _block(tag: Tag, turn: int) -> str:
    if tag.name in _LISTS:
        return _list(tag, _MARKS[tag.name][turn])
    if tag.name in {"blockquote", "aside"}:
        return _prefixed("\n\n".join(_blocks(tag)), "> ", "> ", ">")
    if tag.name == "table":
        return _table(tag)
    if tag.name[0] == "h":
        words = line_of(tag.children, line_break=" ", place="heading")
        return f"{'#' * int(tag.name[1])} {words}" if words else ""
    # A paragraph, or a figure and its caption: paragraphs of their own.
    return "\n\n".join(_blocks(tag))


def _list(tag: Tag, mark: str) -> str:
    items: list[str] = []
    is_loose = False
    for child in tag.find_all("li", recursive=False):
        blocks = _blocks(child)
        if not blocks:
            continue
        inner = [part.name if isinstance(part, Tag) else "p" for part in _parts(child)]
        is_compact = len(blocks) == 1 or set(inner[1:]) <= _LISTS
        is_loose = is_loose or not is_compact
        start = f"{len(items) + 1}{mark} " if tag.name == "ol" else f"{mark} "
        items.append(_prefixed(("\n" if is_compact else "\n\n").join(blocks), start, " " * len(start)))
    return ("\n\n" if is_loose else "\n").join(items)


def _prefixed(text: str, first: str, others: str, empty: str = "") -> str:
    """``text`` with something before each line: before the first, the others, and the empty ones."""
    lines = text.split("\n") if text else []
    return "\n".join(f"{first if not number else others}{line}" if line else empty for number, line in enumerate(lines))


def _table(tag: Tag) -> str:
    rows = [[_cell(cell) for cell in row.find_all(["th", "td"])] for row in tag.find_all("tr")]
    if not rows:
        return ""
    width = len(rows[0])
    lines = [_row(row + [""] * (width - len(row))) for row in (rows[0], ["---"] * width, *rows[1:])]
    caption = tag.find("caption")
    title = line_of(caption.children) if isinstance(caption, Tag) else ""
    return "\n".join([*([f"**{title}**", ""] if title else []), *lines])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Tag) -> str:
    return "<br>".join(line for line in _lines(cell) if line)


def _lines(parent: Tag) -> Iterator[str]:
    """A cell takes no blocks: each becomes a line."""
    for part in _parts(parent):
        if not isinstance(part, Tag):
            yield line_of(part, line_break="<br>", place="cell")
        elif part.name in _LISTS:
            yield from (line for item in part.find_all("li", recursive=False) for line in _lines(item))
        else:
            yield from _lines(part)
