"""The demo's texts become what an editor's rich text field would hold: paragraphs, lists, page links, citations."""

import html
import re
from collections.abc import Mapping

from markdown_it import MarkdownIt

_CITATION = re.compile(r"\[@([a-z0-9-]+)\]")
_PAGE_LINK = re.compile(r'<a href="page:([^"]+)">')
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
# Wagtail's editor writes <b> and <i>; the demo's pages should open in it unchanged.
_EDITOR_TAGS = {"<strong>": "<b>", "</strong>": "</b>", "<em>": "<i>", "</em>": "</i>"}


class UnknownTarget(KeyError):
    """A demo text names a page or a source that does not exist."""


class Composer:
    """Turns Markdown into database rich text; knows the pages by path and the sources by key."""

    def __init__(self, pages: Mapping[str, int], references: Mapping[str, tuple[int, str]]) -> None:
        """``pages``: primary key by path. ``references``: primary key and short label by key."""
        self._pages = pages
        self._references = references

    def text(self, markdown: str) -> str:
        """``markdown`` as database rich text. Raises ``UnknownTarget`` for a link or citation that leads nowhere."""
        rendered = _MARKDOWN.render(markdown.strip()).replace("\n", "")
        for tag, editors_tag in _EDITOR_TAGS.items():
            rendered = rendered.replace(tag, editors_tag)
        rendered = _PAGE_LINK.sub(lambda match: f'<a linktype="page" id="{self.page(match.group(1))}">', rendered)
        return _CITATION.sub(self._cite, rendered)

    def page(self, path: str) -> int:
        """The primary key of the page at ``path``."""
        if path not in self._pages:
            raise UnknownTarget(path)
        return self._pages[path]

    def reference(self, key: str) -> int:
        """The primary key of the source with this key."""
        if key not in self._references:
            raise UnknownTarget(key)
        return self._references[key][0]

    def _cite(self, match: re.Match[str]) -> str:
        key = match.group(1)
        if key not in self._references:
            raise UnknownTarget(key)
        pk, label = self._references[key]
        return f'<a linktype="reference" id="{pk}">[{html.escape(label)}]</a>'
