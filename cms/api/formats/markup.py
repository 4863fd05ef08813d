"""Blocks as HTML: semantic, without classes, and complete in itself, so that it can stand in a feed, an app or a mail.

Every other format is made from this one, so each type of block is put into words in one place only. What it becomes here is
what readers see on the site, without the decoration: a box of key facts is a heading and a list, a video is a link. One
sanitiser passes over the whole at the end, whatever the document says: nothing leaves here that it would not let in.
"""

import html
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import nh3
from django.template.defaultfilters import filesizeformat

from cms.pages import richtext

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_TAGS = richtext.TAGS | {
    *("aside", "blockquote", "caption", "figcaption", "figure", "img", "table", "tbody", "td", "th", "thead", "tr"),
    *_HEADINGS,
}
_ATTRIBUTES = richtext.ATTRIBUTES | {
    "aside": {"data-kind"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope"},
    **{tag: {"id"} for tag in _HEADINGS},
}
# Boxes whose kind is a message even when the editor gave no title.
_SPOKEN_KINDS = {"warning": "Warning", "emergency": "Emergency"}


def html_of(blocks: Iterable[Mapping[str, Any]], *, base_url: str, level: int = 1) -> str:
    """``blocks`` as safe HTML; ``base_url`` (scheme and host) stands before every address that is a path.

    ``level`` is the heading level that the blocks stand under: 1 below a page's title, 2 inside a section. Headings never
    skip a level. A type that is not known, from a document older than a change of the types, is left out.
    """
    parts = []
    current = level
    for block in blocks:
        value, write = block.get("value"), _WRITERS.get(block["type"])
        if value is None or write is None:
            continue
        if block["type"] == "heading":
            current = max(level + 1, min(int(value["level"]), current + 1))
        parts.append(write(value, current if block["type"] == "heading" else min(current + 1, 5)))
    return clean("\n".join(part for part in parts if part), base_url=base_url)


def clean(fragment: str, *, base_url: str) -> str:
    """``fragment`` with nothing in it but what may stand in a text, and its addresses absolute."""

    def absolute(_tag: str, name: str, value: str) -> str:
        is_path = name in {"href", "src"} and value.startswith("/") and not value.startswith(("//", "/\\"))
        return f"{base_url}{value}" if is_path else value

    return nh3.clean(
        fragment,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=richtext.SCHEMES,
        attribute_filter=absolute,
        link_rel=None,
        generic_attribute_prefixes=set(),
    ).strip()


def link(address: str, words: str) -> str:
    """A link; bare words where there is no address."""
    return f'<a href="{_text(address)}">{_text(words)}</a>' if address else _text(words)


def heading(level: int, words: str, anchor: str = "") -> str:
    """A heading; nothing where there are no words."""
    name = f' id="{_text(anchor)}"' if anchor else ""
    return f"<h{level}{name}>{_text(words)}</h{level}>" if words.strip() else ""


def questions(items: Iterable[Mapping[str, Any]], *, level: int) -> str:
    """Questions as headings of ``level``, each over its answer."""
    return "\n".join(f"{heading(level, item['question'])}\n{item['answer']}" for item in items)


def _text(words: Any) -> str:
    return html.escape(str(words))


def _heading(value: Mapping[str, Any], level: int) -> str:
    return heading(level, value["text"], value["anchor"])


def _paragraph(value: str, level: int) -> str:
    return value


def _image(value: Mapping[str, Any], level: int) -> str:
    image, caption = value["image"], value["caption"]
    credit = f"<p>Picture: {_text(image['credit'])}</p>" if image and image["credit"] else ""
    size = f' width="{_text(image["width"])}" height="{_text(image["height"])}"' if image else ""
    picture = f'<img src="{_text(image["src"])}" alt="{_text(image["alt"])}"{size}>' if image else ""
    words = f"<figcaption>{caption}{credit}</figcaption>" if caption or credit else ""
    return f"<figure>{picture}{words}</figure>" if picture or words else ""


def _quote(value: Mapping[str, Any], level: int) -> str:
    words = "<br>".join(_text(line) for line in value["text"].splitlines())
    speaker = f"<figcaption>— {_text(value['attribution'])}</figcaption>" if value["attribution"] else ""
    return f"<figure><blockquote><p>{words}</p></blockquote>{speaker}</figure>"


def _callout(value: Mapping[str, Any], level: int) -> str:
    label = ": ".join(part for part in (_SPOKEN_KINDS.get(value["kind"], ""), value["title"]) if part)
    title = f"<p><strong>{_text(label)}</strong></p>" if label else ""
    return f'<aside data-kind="{_text(value["kind"])}">{title}{value["html"]}</aside>'


def _steps(value: Mapping[str, Any], level: int) -> str:
    steps = (f"<li><p><strong>{_text(step['title'])}</strong></p>{step['html']}</li>" for step in value["items"])
    return f"{heading(level, value['title'])}<ol>{''.join(steps)}</ol>"


def _points(value: Mapping[str, Any], level: int) -> str:
    tag = "ol" if value["ordered"] else "ul"
    return f"<{tag}>{_items(value['items'])}</{tag}>"


def _table(value: Mapping[str, Any], level: int) -> str:
    if not value["columns"]:
        return ""
    caption = f"<caption>{_text(value['caption'])}</caption>" if value["caption"] else ""
    columns = "".join(f'<th scope="col">{_text(column)}</th>' for column in value["columns"])
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in value["rows"])
    return f"<table>{caption}<thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>"


def _faq(value: Mapping[str, Any], level: int) -> str:
    below = level + 1 if value["title"] else level
    return f"{heading(level, value['title'])}{questions(value['items'], level=below)}"


def _key_facts(value: Mapping[str, Any], level: int) -> str:
    return f"{heading(level, value['title'])}<ul>{_items(value['items'])}</ul>"


def _statistic(value: Mapping[str, Any], level: int) -> str:
    number = value["reference"]
    source = f'<sup data-reference="{int(number)}">{int(number)}</sup>' if number else ""
    return f"<p><strong>{_text(value['figure'])}</strong> {_text(value['label'])}{source}</p>"


def _embed(value: Mapping[str, Any], level: int) -> str:
    if not value["url"]:
        return ""
    where = f" (on {_text(value['provider'])})" if value["provider"] else ""
    return f"<p>{link(value['url'], value['title'] or value['url'])}{where}</p>"


def _document(value: Mapping[str, Any], level: int) -> str:
    size = filesizeformat(value["size_bytes"]).replace("\xa0", " ") if value["size_bytes"] else ""
    facts = ", ".join(part for part in (value["extension"].upper(), size) if part)
    return f"<p>{link(value['url'], value['title'])}{f' ({_text(facts)})' if facts else ''}</p>"


def _call_to_action(value: Mapping[str, Any], level: int) -> str:
    if not value["url"]:
        return ""
    words = f"<p>{_text(value['text'])}</p>" if value["text"] else ""
    return f"{heading(level, value['title'])}{words}<p>{link(value['url'], value['label'])}</p>"


def _items(fragments: Iterable[str]) -> str:
    return "".join(f"<li>{fragment}</li>" for fragment in fragments)


_WRITERS: dict[str, Callable[[Any, int], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "image": _image,
    "quote": _quote,
    "callout": _callout,
    "steps": _steps,
    "list": _points,
    "table": _table,
    "faq": _faq,
    "key_facts": _key_facts,
    "statistic": _statistic,
    "embed": _embed,
    "document": _document,
    "call_to_action": _call_to_action,
}
