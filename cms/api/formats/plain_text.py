"""HTML of a text as plain text: for a mail, a voice, a count of words, a model that reads.

Nothing is drawn with signs except what people would type themselves: dashes before points, numbers before steps, an address in
brackets behind the words that led to it.
"""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, NavigableString, Tag

_BLOCKS = {"p", "ul", "ol", "blockquote", "aside", "figure", "figcaption", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def text_of(fragment: str) -> str:
    """``fragment`` (the HTML that ``markup`` writes) as plain text; citations are numbers in square brackets."""
    return "\n\n".join(_blocks(BeautifulSoup(fragment, "html.parser")))


def _blocks(parent: Tag) -> list[str]:
    found: list[str] = []
    run = ""
    for child in parent.children:
        if isinstance(child, Tag) and child.name in _BLOCKS:
            found += [_tidy(run), *_block(child)]
            run = ""
        else:
            run += _words(child)
    return [block for block in [*found, _tidy(run)] if block]


def _block(tag: Tag) -> list[str]:
    if tag.name in {"ul", "ol"}:
        return ["\n".join(_points(tag))]
    if tag.name == "table":
        return ["\n".join(_rows(tag))]
    return _blocks(tag)


def _points(tag: Tag) -> Iterator[str]:
    number = 0
    for item in tag.find_all("li", recursive=False):
        lines = [line for block in _blocks(item) for line in block.split("\n")]
        if lines:
            number += 1
            mark = f"{number}. " if tag.name == "ol" else "- "
            yield mark + f"\n{' ' * len(mark)}".join(lines)


def _rows(tag: Tag) -> Iterator[str]:
    """Each row as a sentence: what stands above a cell says what it is, so that a voice can read it."""
    caption = tag.find("caption")
    if isinstance(caption, Tag):
        yield f"{_tidy(_words(caption))}:"
    head, *rows = [[_cell(cell) for cell in row.find_all(["th", "td"])] for row in tag.find_all("tr")]
    for row in rows:
        pairs = zip(head + [""] * (len(row) - len(head)), row, strict=False)
        yield "- " + "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def _cell(cell: Tag) -> str:
    return " ".join(" ".join(_blocks(cell)).split())


def _words(node: object) -> str:
    """The words of something inside a paragraph; a line break is a line break."""
    if type(node) is NavigableString:
        return re.sub(r"\s+", " ", node)
    if not isinstance(node, Tag):
        return ""
    inside = "".join(_words(child) for child in node.children)
    if node.name == "br":
        return "\n"
    if node.name == "img":
        return f"[Picture: {node['alt']}]" if node.get("alt") else ""
    if node.name == "a":
        return _link(inside, str(node.get("href", "")))
    if node.name == "sup":
        return f"[{inside}]" if node.get("data-reference") else _moved(inside, _RAISED, "^")
    return _moved(inside, _LOWERED, "_") if node.name == "sub" else inside


def _link(words: str, address: str) -> str:
    bare = re.sub(r"^(?:mailto|tel):", "", address)
    return words if not address or bare in words else f"{words} ({bare})"


def _moved(words: str, letters: dict[int, int], sign: str) -> str:
    """Raised or lowered ``words``, by letters that are so themselves where there are some."""
    if all(ord(letter) in letters for letter in words):
        return words.translate(letters)
    return f"{sign}({words})"


def _tidy(words: str) -> str:
    return "\n".join(line for line in (" ".join(line.split()) for line in words.split("\n")) if line)
