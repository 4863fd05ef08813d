"""Markdown manuscripts: CommonMark with tables and struck-out words, HTML between the lines included."""

import html
import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from articles.importers.markup import outline_from_html
from articles.importers.outline import Outline, Unreadable
from articles.importers.pictures import PictureShelf
from articles.importers.sanitising import LINE_MARK, MAX_DEPTH

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]")


def outline_from_markdown(text: str, shelf: PictureShelf) -> Outline:
    """The outline of ``text`` with the line numbers of ``text``. Raises ``Unreadable``."""
    fields, body = _without_front_matter(text)
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    # Deeper text would be dropped in silence; the HTML reader refuses it aloud instead.
    markdown.options["maxNesting"] = MAX_DEPTH + 50
    # Every link passes: our own reader drops the bad ones and says so.
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    environment: dict[str, dict[str, dict[str, str]]] = {}
    try:
        tokens = markdown.parse(body, environment)
        for token in tokens:
            _mark_line(token)
        source = markdown.renderer.render(tokens, markdown.options, environment)
    except RecursionError:
        raise Unreadable(f"lists or quotations are nested deeper than {MAX_DEPTH} levels") from None
    outline = outline_from_html(source, shelf, is_marked=True)
    for number, line in enumerate(body.split("\n"), start=1):
        for mark in _FOOTNOTE.findall(line):
            outline.remark(number, f"the footnote mark {mark} was kept as text; turn it into a reference")
    _remark_unused(environment, tokens, outline)
    _apply_front_matter(fields, outline)
    return outline


def _mark_line(token: Token) -> None:
    if token.map is None or token.nesting < 0:
        return
    line = token.map[0] + 1
    if token.type == "html_block":
        token.content = f"<!--@{line}-->{token.content}"
    elif token.type in {"fence", "code_block"}:
        token.type, token.content = "html_block", f"<!--@{line}--><pre>{html.escape(token.content, quote=False)}</pre>"
    elif token.type != "inline":
        token.attrSet(LINE_MARK, str(line))


def _remark_unused(environment: dict[str, dict[str, dict[str, str]]], tokens: list[Token], outline: Outline) -> None:
    """Link definitions that no link uses: to the author they were sources, to the reader they are nothing."""
    used = {
        str(child.attrs.get(name))
        for token in tokens
        for child in token.children or []
        for name in ("href", "src")
        if name in child.attrs
    }
    for definition in environment.get("references", {}).values():
        if definition["href"] not in used:
            outline.remark(None, f"a link that nothing in the text uses was left out: {definition['href'][:200]}")


def _without_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Fields between two lines of dashes at the very top, and the text with blank lines in their place."""
    match = _FRONT_MATTER.match(text)
    if match is None or ":" not in match[1]:
        return {}, text
    lines = (
        line.partition(":") for line in match[1].split("\n") if line and not line.startswith((" ", "#", "-", "\t"))
    )
    fields = {name.strip().lower(): value.strip().strip("\"'") for name, colon, value in lines if colon}
    return fields, "\n" * match[0].count("\n") + text[match.end() :]


def _apply_front_matter(fields: dict[str, str], outline: Outline) -> None:
    for name, value in fields.items():
        if name == "title" and outline.title is None and value:
            outline.title = value
        elif name != "title" or value != outline.title:
            outline.remark(1, f"the field “{name}: {value[:200]}” at the top of the file was left out")
