"""The names of what a content names by number, and rich text as lines of tokens."""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from wagtail.models import Page

from cms.pages.references import Reference
from cms.pages.richtext import key_of
from cms.workflow.differences import Line, Ordinal, Token, tokens_of

# How tokens look. What they name by number, or where they lead, follows after a space.
LABEL = "label"
NAME = "name"
LINK = "link"
CITATION = "citation"
_STYLES = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "sup": "raised", "sub": "lowered"}
_TARGETS = {"page": "wagtailcore.Page", "document": "media.ClinicFile"}
_BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "br"}
# In canonical rich text, the two attributes of a citation stand in either order.
_CITED = re.compile(r'<a (?:linktype=\\"reference\\" id=\\"(\d{1,18})\\"|id=\\"(\d{1,18})\\" linktype=\\"reference\\")')
_STATISTIC = re.compile(r'"reference":(\d{1,18})')


class Names:
    """Names by model and key. Until ``look_up``, a name is only noted; then each model is asked once for all of its keys."""

    def __init__(self) -> None:
        self._wanted: dict[Any, set[Any]] = {}
        self._found: dict[Any, dict[Any, Any]] = {}

    def of(self, model: Any, key: Any) -> str:
        """What people call the row ``key`` of ``model``; its number with a word of warning when it is gone."""
        self._wanted.setdefault(model, set()).add(key)
        row = self._found.get(model, {}).get(key)
        return f"{model._meta.verbose_name} {key}, which is not on file any more" if row is None else _name_of(row)

    def label_of(self, key: int) -> str:
        """The short label of the reference ``key``."""
        name = self.of(Reference, key)
        row = self._found.get(Reference, {}).get(key)
        return row.short_label if row else name

    def citations_in(self, content: Mapping[str, Any]) -> list[str]:
        """The citations of ``content`` in the order of their first mention; the names must have been looked up."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        marks = [(match.start(), key_of(match.group(1) or match.group(2))) for match in _CITED.finditer(text)]
        figures = [(match.start(), key_of(match.group(1))) for match in _STATISTIC.finditer(text)]
        keys = dict.fromkeys(key for _place, key in sorted(marks + figures) if key)
        rows = self._found.get(Reference, {})
        return [rows[key].citation() if key in rows else self.of(Reference, key) for key in keys]

    def look_up(self) -> None:
        """Ask for every name that was noted; nothing is asked again that is known."""
        for model, keys in self._wanted.items():
            missing = keys - set(self._found.setdefault(model, {}))
            if missing:
                self._found[model] |= _titled(model).in_bulk(missing)
        self._wanted.clear()


def lines_of_rich_text(source: str, names: Names) -> list[Line]:
    """The paragraphs and points of stored rich text, each with its words, how they look and where they lead."""
    reader = _Reader(names)
    reader.feed(source)
    reader.close()
    return reader.lines()


class _Reader(HTMLParser):
    def __init__(self, names: Names) -> None:
        super().__init__(convert_charrefs=True)
        self._names = names
        self._lines: list[list[Token]] = [[]]
        self._styles: list[str] = []
        self._links: list[str] = []
        # Of each list that is open, the number of the next point; 0 where points have none.
        self._lists: list[int] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _BLOCKS:
            self._lines.append([])
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else 0)
        if tag == "li":
            self._lines[-1].append(Token(self._point(), LABEL))
        if tag in _STYLES:
            self._styles.append(_STYLES[tag])
        if tag == "a":
            self._open_link(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        if _STYLES.get(tag) in self._styles:
            self._styles.remove(_STYLES[tag])
        if tag == "a" and self._links:
            self._links.pop()

    def handle_data(self, data: str) -> None:
        link = self._links[-1] if self._links else ""
        if link != CITATION:
            self._lines[-1] += tokens_of(data, " ".join(filter(None, [*dict.fromkeys(self._styles), link])))

    def _point(self) -> str:
        """What stands before the next point of the list that is open."""
        number = self._lists[-1] if self._lists else 0
        if not number:
            return "• "
        self._lists[-1] += 1
        return Ordinal(f"{number}. ")

    def lines(self) -> list[Line]:
        return [tuple(line) for line in self._lines if any(token.text.strip() for token in line)]

    def _open_link(self, attributes: dict[str, str | None]) -> None:
        kind, key = attributes.get("linktype"), key_of(attributes.get("id") or "")
        if kind == "reference":
            self._links.append(CITATION)
            label = self._names.label_of(key) if key else "no reference"
            self._lines[-1].append(Token(f"[{label}]", f"{CITATION} {key}"))
        elif kind in _TARGETS and key:
            # The number too: two pages can have one title.
            self._links.append(f"{LINK} {self._names.of(apps.get_model(_TARGETS[kind]), key)} ({kind} {key})")
        else:
            self._links.append(f"{LINK} {attributes.get('href') or 'nothing'}")


def _titled(model: Any) -> models.QuerySet[Any]:
    """Rows of ``model`` with no more than their names need."""
    if issubclass(model, Page):
        return Page.objects.only("pk", "title", "url_path")
    return model._default_manager.all()


def _name_of(row: Any) -> str:
    if hasattr(row, "alt_text"):
        spoken = "only decorating" if row.is_decorative else row.alt_text() or "no description"
        return f"{row.title} ({spoken})"
    if isinstance(row, Page):
        return row.title
    if isinstance(row, get_user_model()):
        return row.display_name()
    return str(row)
