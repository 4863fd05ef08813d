"""The words inside a paragraph: bold, italic, links, superscript, and nothing else.

The words are built from a parsed tree, escaped as they are written, and then pass the sanitiser once more: two locks,
because what is stored here is shown to the public one day.
"""

import html
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import nh3
from bs4 import NavigableString, PageElement, Tag

LINK_SCHEMES = {"https", "http", "mailto", "tel"}
STORED_TAGS = {"p", "br", "b", "i", "a", "sup", "sub", "ul", "ol", "li"}

# How a tag of a manuscript is stored. What is missing here (underline, font, colour) keeps its words and loses its looks.
_STORED_AS = {"b": "b", "strong": "b", "i": "i", "em": "i", "cite": "i", "sup": "sup", "sub": "sub"}
_WHITE_SPACE = re.compile(r"[ \t\n\r\f]+")
_MARK_AFTER_WORD = re.compile(r"(?:[.,;:!?)\]”’\"]|[^\W\d_]{4})\s?<sup>(\[?\d{1,3}(?:[,–-]\d{1,3})*\]?)</sup>")


def is_link_allowed(href: str) -> bool:
    """Whether ``href`` is a web, mail or telephone address. Addresses without a scheme mean nothing outside their site."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return False
    if parts.scheme.lower() in {"http", "https"}:
        return bool(parts.netloc)
    return parts.scheme.lower() in LINK_SCHEMES and bool(parts.path)


def escaped(text: str) -> str:
    """``text`` as HTML that shows exactly these letters, with runs of white space as one space."""
    return html.escape(_WHITE_SPACE.sub(" ", text), quote=False)


def inline_html(node: PageElement, pictures: list[Tag]) -> str:
    """``node`` as stored HTML, unsanitised. Pictures in it are added to ``pictures``, for the caller to place."""
    if isinstance(node, NavigableString):
        return escaped(str(node))
    if not isinstance(node, Tag):
        return ""
    if node.name == "br":
        return "<br>"
    if node.name == "img":
        pictures.append(node)
        return ""
    inner = "".join(inline_html(child, pictures) for child in node.children)
    if node.name == "a":
        href = str(node.get("href", ""))
        is_link = bool(inner.strip()) and is_link_allowed(href)
        return f'<a href="{html.escape(href.strip())}">{inner}</a>' if is_link else inner
    if node.name == "q":
        return f"“{inner}”"
    stored = _STORED_AS.get(node.name)
    return f"<{stored}>{inner}</{stored}>" if stored and inner.strip() else inner


def stored_html(fragment: str) -> str:
    """``fragment`` sanitised, without white space or line breaks at its ends; empty when it has no words."""
    clean = nh3.clean(fragment, tags=STORED_TAGS, attributes={"a": {"href"}}, url_schemes=LINK_SCHEMES, link_rel=None)
    clean = re.sub(r" ?<br> ?", "<br>", _WHITE_SPACE.sub(" ", clean))
    clean = re.sub(r"^(?:<br>|\s)+|(?:<br>|\s)+$", "", clean)
    return clean if words_of(clean) else ""


def words_of(fragment: str) -> str:
    """The words of stored HTML as plain text; a line break is a space."""
    return html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br>|</p>|</li>", " ", fragment))).strip()


def paragraphs(fragments: Iterable[str]) -> str:
    """Stored fragments, each as a paragraph."""
    return "".join(f"<p>{fragment}</p>" for fragment in fragments if fragment)


def citation_marks(fragment: str) -> list[str]:
    """Raised numbers that follow a word or a full stop: meant as citations, unlike the raised number of a unit."""
    return _MARK_AFTER_WORD.findall(fragment)
