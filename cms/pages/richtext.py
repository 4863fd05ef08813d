"""Rich text on its way out: from the editor's database form to HTML that is safe on any page.

One sanitiser guards every sentence. Links go by allow-list: to pages that the public can see, to files, to web, mail and
telephone addresses. A link to a page that is hidden keeps its words and loses its address, so nothing hidden shows.
"""

import html
import re
from typing import TYPE_CHECKING

import nh3
from bs4 import BeautifulSoup, Tag

from cms.media.models import ClinicFile

if TYPE_CHECKING:
    from cms.pages.rendering import Rendering

TAGS = {"p", "br", "b", "strong", "i", "em", "a", "ul", "ol", "li", "sup", "sub"}
ATTRIBUTES = {"a": {"href", "data-page-id"}, "sup": {"data-reference"}}
SCHEMES = {"http", "https", "mailto", "tel"}
# Where a paragraph, an item, a heading or a cell ends.
_BLOCK_END = re.compile(r"</(?:p|li|h\d|ul|ol|td|th|tr)>|<br ?/?>")
# What is changed before the sanitiser sees it; most paragraphs have neither.
_LINKED = re.compile(r"<(?:a|embed)\b", re.IGNORECASE)


def public_html(source: str, rendering: "Rendering") -> str:
    """``source`` (Wagtail's database HTML) as safe HTML with public addresses and numbered references."""
    if "<" not in source:
        return f"<p>{html.escape(source, quote=False)}</p>" if source.strip() else ""
    return nh3.clean(
        _with_public_links(source, rendering) if _LINKED.search(source) else source,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
        generic_attribute_prefixes=set(),
    ).strip()


def _with_public_links(source: str, rendering: "Rendering") -> str:
    soup = BeautifulSoup(source, "html.parser")
    for link in soup.find_all("a"):
        _make_public(link, rendering)
    for embed in soup.find_all("embed"):
        embed.decompose()
    return str(soup)


def plain_text(fragment: str) -> str:
    """The words of an HTML fragment, with block ends as spaces; citation marks are left out."""
    return " ".join(plain_texts(fragment))


def plain_texts(fragment: str) -> list[str]:
    """The words of each paragraph, item, heading and cell of an HTML fragment that has any; citation marks are left out."""
    without_marks = re.sub(r"<sup data-reference=[^>]*>.*?</sup>", "", fragment)
    blocks = _BLOCK_END.split(without_marks)
    texts = (re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", block))).strip() for block in blocks)
    return [text for text in texts if text]


def key_of(text: str) -> int | None:
    """A primary key out of an attribute; ``None`` for what cannot be one, such as “²” or a number of forty digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _make_public(link: Tag, rendering: "Rendering") -> None:
    kind = str(link.attrs.get("linktype", ""))
    key = str(link.attrs.get("id", ""))
    if kind == "reference":
        _number(link, key, rendering)
    elif kind == "page":
        neighbour = rendering.neighbour(pk) if (pk := key_of(key)) else None
        if neighbour is None:
            link.unwrap()
        else:
            link.attrs = {"href": neighbour.path, "data-page-id": str(neighbour.document_id)}
    elif kind == "document":
        file = ClinicFile.objects.filter(pk=key_of(key) or 0).first()
        if file is None:
            link.unwrap()
        else:
            link.attrs = {"href": rendering.file_url(file)}
    elif not link.attrs.get("href"):
        link.unwrap()


def _number(mark: Tag, key: str, rendering: "Rendering") -> None:
    number = rendering.number_of(rendering.world.reference(key_of(key) or 0))
    if number is None:
        mark.decompose()
        return
    mark.name = "sup"
    mark.attrs = {"data-reference": str(number)}
    mark.string = str(number)
