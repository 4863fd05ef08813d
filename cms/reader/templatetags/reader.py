"""What the readers' templates need beyond Django's own tags.

The templates are given a public document, already safe and complete, and decide only how it looks. So nothing here
asks the database or the settings: every tag is a function of what the document says, and a page renders the same from a
head, from an old entry and from a preview.
"""

import datetime
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from django import template
from django.template.base import NodeList, Parser, Template, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from cms.api.formats.whole_page import markdown_path

register = template.Library()
register.filter(markdown_path)

# A citation as the sanitiser lets it through; see the content API's contract.
_CITATION = re.compile(r'<sup data-reference="(\d+)">\d+</sup>')

# JSON inside <script> must not be able to end it, nor to open a comment; U+2028 and U+2029 end lines in old parsers.
_SCRIPT_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

_TYPE_NAMES = {
    "home": "Home",
    "standard": "Page",
    "person": "Person",
    "article_index": "Articles",
    "article": "Article",
    "topic": "Topic",
    "service_index": "Services",
    "service": "Service",
    "condition_index": "Conditions",
    "condition": "Condition",
}


# Drawings of our own on a grid of 24 by 24, stroked in the color of the words beside them.
_ICONS = {
    "phone": (
        '<path d="M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1.5'
        ' 1.5 0 0 1-1.5 1.5A15.5 15.5 0 0 1 3.5 5.5 1.5 1.5 0 0 1 5 4Z"/>'
    ),
    "menu": '<path d="M4 7h16M4 12h16M4 17h10"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>',
    "chevron": '<path d="m7 10 5 5 5-5"/>',
    "arrow": '<path d="M4 12h15m-6-6 6 6-6 6"/>',
    "back": '<path d="M20 12H5m6-6-6 6 6 6"/>',
    "up": '<path d="M12 19V6m-5 5 5-5 5 5"/>',
    "filter": '<path d="M4 6h16M7 12h10m-7 6h4"/>',
    "cross": '<path d="m6 6 12 12M18 6 6 18"/>',
    "check": (
        '<path d="M12 3c2 2 5 2.5 8 2.5C20 13 18 18 12 21 6 18 4 13'
        ' 4 5.5 7 5.5 10 5 12 3Z"/><path d="m8.5 11.5 2.5 2.5 4.5-5"/>'
    ),
    "warning": '<path d="M12 4 2.5 20h19Z"/><path d="M12 10v5m0 2.5v.1"/>',
    "emergency": '<circle cx="12" cy="12" r="9"/><path d="M12 7v6m0 3.5v.1"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v6m0-9.5v.1"/>',
    "tip": '<path d="M5 19C5 10 10 5 20 4c1 10-4 15-13 14m-2 1c2-5 5-8 9-10"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    "people": (
        '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c0-4 3-6 6.5-6s6.5'
        ' 2 6.5 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.5.5 3.5 2.5 3.5 5.5"/>'
    ),
    "pin": '<path d="M12 21c5-5 7-8 7-11.5A7 7 0 0 0 5 9.5C5 13 7 16 12 21Z"/><circle cx="12" cy="9.5" r="2.5"/>',
    "file": '<path d="M6 3h8l4 4v14H6Z"/><path d="M14 3v4h4M12 11v6m-2.5-2.5L12 17l2.5-2.5"/>',
    "play": '<circle cx="12" cy="12" r="9"/><path d="m10 8.5 6 3.5-6 3.5Z"/>',
    "eye": '<path d="M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7Z"/><circle cx="12" cy="12" r="3"/>',
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon inside the page, hidden from screen readers: the words beside it say what it means.

    Inline because it follows the text's color, and a tag because a page shows dozens: as included templates they took
    half of the time that rendering a page took.
    """
    drawing = _ICONS.get(name, "")
    attributes = 'class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false"'
    return mark_safe(f"<svg {attributes}>{drawing}</svg>")  # noqa: S308 - constants of this module


@register.simple_tag(takes_context=True)
def blocks(
    context: Context, items: Iterable[Mapping[str, Any]] | Mapping[str, Any] | None, level: int = 1
) -> SafeString:
    """``items`` (blocks, or a single one) rendered one after another, each by ``reader/blocks/<type>.html``.

    ``level`` is the heading level that the blocks stand under: 1 below the page's title, 2 inside a section. A heading
    never skips a level, whatever was chosen, because screen readers navigate by them; and titles of boxes stand one
    level below the last heading. Templates find that as ``title_level``. A type without a template is left out: a page
    from an old entry must not fail because a block has since been retired.
    """
    engine = cast("Template", context.template).engine  # set while a template renders, and only then is a tag called
    rendered: list[str] = []
    current = level
    for block in [items] if isinstance(items, Mapping) else items or ():
        value = block.get("value")
        if value is None:
            continue
        if block["type"] == "heading":
            current = max(level + 1, min(int(value["level"]), current + 1))
            heading_level = current
        else:
            heading_level = min(current + 1, 5)
        try:
            found = engine.get_template(f"reader/blocks/{block['type']}.html")
        except template.TemplateDoesNotExist:
            continue
        with context.push(block=block, title_level=heading_level, below_title=heading_level + 1):
            rendered.append(found.render(context))
    return mark_safe("".join(rendered))  # noqa: S308 - the output of templates, which escape by themselves


class ReferenceLinksNode(template.Node):
    """Output of the tag ``reference_links``."""

    def __init__(self, nodelist: NodeList) -> None:
        """``nodelist`` is what stands between the tags."""
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """The content with its citations linked; leaves ``numbered_references`` behind for the list of references."""
        document = context.get("document") or {}
        references = [{**reference, "mentions": []} for reference in document.get("references") or ()]
        by_number = {reference["number"]: reference["mentions"] for reference in references}

        def linked(match: re.Match[str]) -> str:
            number = int(match[1])
            mentions = by_number.get(number)
            if mentions is None:
                return match[0]
            anchor = f"cite-{number}" if not mentions else f"cite-{number}-{len(mentions) + 1}"
            mentions.append(anchor)
            link = f'<a href="#ref-{number}" aria-label="Reference {number}">{number}</a>'
            return f'<sup class="cite" id="{anchor}">{link}</sup>'

        content = _CITATION.sub(linked, self.nodelist.render(context))
        context["numbered_references"] = references
        return mark_safe(content)  # noqa: S308 - rendered templates, with anchors built from digits


@register.tag
def reference_links(parser: Parser, token: Token) -> ReferenceLinksNode:
    """Link every citation between ``{% reference_links %}`` and ``{% endreference_links %}`` to its reference.

    One pass over the finished page rather than a filter on each text: only so can each mention have an id of its own,
    to which the reference leads back.
    """
    nodelist = parser.parse(("endreference_links",))
    parser.delete_first_token()
    return ReferenceLinksNode(nodelist)


@register.filter
def trusted(html: str | None) -> SafeString:
    """HTML of the public document, put out as it is.

    Safe because rich text becomes public only through one sanitiser (``cms.pages.richtext``), which lets an allow-list
    of tags and addresses pass, and because documents come from the ledger, never from a request.
    """
    return mark_safe(html or "")  # noqa: S308 - see the docstring


@register.filter
def json_ld(value: Any) -> SafeString:
    """``value`` as JSON that is safe between ``<script>`` tags."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(_SCRIPT_ESCAPES))  # noqa: S308 - nothing that HTML could read is left


@register.filter
def isodate(text: str | None) -> datetime.datetime | datetime.date | None:
    """A time (``2026-03-04T15:00:00Z``) or a day (``2026-03-04``) of the document, for ``|date``; else ``None``."""
    try:
        return (
            datetime.datetime.fromisoformat(text) if text and "T" in text else datetime.date.fromisoformat(text or "")
        )
    except ValueError:
        return None


@register.filter
def isotime(text: str | None) -> datetime.time | None:
    """An hour of the day (``08:00``), for ``|time``; ``None`` when there is none."""
    try:
        return datetime.time.fromisoformat(text or "")
    except ValueError:
        return None


@register.filter
def path_of(url: str | None, page_url: str | None = None) -> str:
    """``url`` without scheme and host when they are those of ``page_url``: such links survive another host."""
    parts, page = urlsplit(url or ""), urlsplit(page_url or "")
    if page.netloc and (parts.scheme, parts.netloc) == (page.scheme, page.netloc):
        return parts._replace(scheme="", netloc="").geturl() or "/"
    return url or ""


@register.filter
def is_around(entry: Mapping[str, Any], document: Mapping[str, Any] | None) -> bool:
    """Whether a menu entry leads to ``document`` or to a page above it."""
    if not document:
        return False
    path, here = path_of(entry.get("url"), document.get("url")), document.get("path") or ""
    return path == here or (path.endswith("/") and path != "/" and here.startswith(path))


@register.filter
def menu_entries(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries under a menu entry, led by the entry's own page unless one of them already goes there."""
    children = list(entry.get("children") or ())
    if not entry.get("url") or any(child.get("url") == entry["url"] for child in children):
        return children
    return [{"title": "Overview", "url": entry["url"], "of": entry["title"]}, *children]


@register.filter
def of_type(cards: Iterable[Mapping[str, Any]] | None, types: str) -> list[Mapping[str, Any]]:
    """The cards whose type is one of ``types`` (separated by commas), in their order."""
    wanted = set(types.split(","))
    return [card for card in cards or () if card.get("type") in wanted]


@register.filter
def not_of_type(cards: Iterable[Mapping[str, Any]] | None, types: str) -> list[Mapping[str, Any]]:
    """The cards whose type is none of ``types`` (separated by commas), in their order."""
    unwanted = set(types.split(","))
    return [card for card in cards or () if card.get("type") not in unwanted]


@register.filter
def type_name(document_type: str) -> str:
    """What readers call a type of page."""
    return _TYPE_NAMES.get(document_type, "Page")


@register.filter
def by_letter(cards: Iterable[Mapping[str, Any]] | None) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Cards by the first letter of their titles, both in alphabetical order; accents do not count."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for card in sorted(cards or (), key=lambda card: _plain(card["title"])):
        first = _plain(card["title"])[:1].upper()
        groups.setdefault(first if first.isalpha() else "#", []).append(card)
    return list(groups.items())


@register.filter
def sections(items: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """The section headings among blocks (``{level, text, anchor}``), for a table of contents."""
    return [block["value"] for block in items or () if block["type"] == "heading" and int(block["value"]["level"]) == 2]


@register.filter
def focal_classes(image: Mapping[str, Any] | None) -> str:
    """Classes that keep an image's subject in view when it is cropped.

    The style sheet knows five steps in each direction, because the content security policy allows no inline styles.
    """
    point = (image or {}).get("focal_point")
    if not point:
        return ""
    return f"focal-x{round(point['x'] * 4)} focal-y{round(point['y'] * 4)}"


def _plain(text: str) -> str:
    """``text`` in lower case and without accents, for sorting and comparing."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
