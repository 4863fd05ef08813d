"""Texts as one string: HTML, Markdown and plain text say what the blocks say, and words survive whatever they look like."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pydantic import TypeAdapter

from cms.api import schemas
from cms.api.formats.bodies import body_in, document_in
from cms.api.formats.markdown import escaped, markdown_of
from cms.api.formats.markup import html_of
from cms.api.formats.plain_text import text_of
from cms.api.formats.whole_page import page_markdown
from tests.api.conftest import Reader

BASE = "https://clinic.example"
REFERENCE = {
    "number": 3, "citation": "Rubin DI. Pain_and *more*. Neurol Clin 2007;25(2).", "doi": "10.1016/j(1)", "pmid": "17",
    "url": "https://doi.org/10.1016/j(1)", "accessed": "2026-01-02", "kind": "study",
}  # fmt: skip
IMAGE = {"src": f"{BASE}/media/a.jpg", "alt": "A [quiet] room", "width": 8, "height": 4, "credit": "Nobody"}
BLOCKS: list[tuple[str, Any, str, str, str]] = [
    (
        "heading", {"level": 3, "text": "What # helps #", "anchor": "what-helps"},
        '<h2 id="what-helps">What # helps #</h2>', "## What \\# helps \\#", "What # helps #",
    ),
    (
        "paragraph", '<p>Rest <b>helps</b><sup data-reference="3">3</sup>, see <a href="/team/" data-page-id="1">us</a>.</p>',
        f'<p>Rest <b>helps</b><sup data-reference="3">3</sup>, see <a href="{BASE}/team/" data-page-id="1">us</a>.</p>',
        f"Rest **helps**[^3], see [us]({BASE}/team/).", f"Rest helps[3], see us ({BASE}/team/).",
    ),
    (
        "image", {"image": IMAGE, "caption": "<p>A room</p>"},
        f'<figure><img src="{BASE}/media/a.jpg" alt="A [quiet] room" width="8" height="4">'
        "<figcaption><p>A room</p><p>Picture: Nobody</p></figcaption></figure>",
        f"![A \\[quiet\\] room]({BASE}/media/a.jpg)\n\nA room\n\nPicture: Nobody",
        "[Picture: A [quiet] room]\n\nA room\n\nPicture: Nobody",
    ),
    (
        "quote", {"text": "So quiet.\n1. So good.", "attribution": "A visitor"},
        "<figure><blockquote><p>So quiet.<br>1. So good.</p></blockquote><figcaption>— A visitor</figcaption></figure>",
        "> So quiet.\\\n> 1\\. So good.\n\n— A visitor", "So quiet.\n1. So good.\n\n— A visitor",
    ),
    (
        "callout", {"kind": "warning", "title": "Ask first", "html": "<p>Tell us.</p>"},
        '<aside data-kind="warning"><p><strong>Warning: Ask first</strong></p><p>Tell us.</p></aside>',
        "> **Warning: Ask first**\n>\n> Tell us.", "Warning: Ask first\n\nTell us.",
    ),
    (
        "steps", {"title": "Steps", "items": [{"title": "One", "html": "<p>Eat.</p>"}, {"title": "Two", "html": ""}]},
        "<h2>Steps</h2><ol><li><p><strong>One</strong></p><p>Eat.</p></li><li><p><strong>Two</strong></p></li></ol>",
        "## Steps\n\n1. **One**\n\n   Eat.\n\n2. **Two**", "Steps\n\n1. One\n   Eat.\n2. Two",
    ),
    (
        "list", {"ordered": False, "items": ["<p>Rest.</p>", "<p>H<sub>2</sub>O</p>"]},
        "<ul><li><p>Rest.</p></li><li><p>H<sub>2</sub>O</p></li></ul>", "- Rest.\n- H<sub>2</sub>O", "- Rest.\n- H₂O",
    ),
    (
        "table", {"caption": "Visits", "columns": ["Visit", "a|b"], "rows": [["<p>First</p>", "<p>1</p><p>|</p>"]]},
        '<table><caption>Visits</caption><thead><tr><th scope="col">Visit</th><th scope="col">a|b</th></tr></thead>'
        "<tbody><tr><td><p>First</p></td><td><p>1</p><p>|</p></td></tr></tbody></table>",
        "**Visits**\n\n| Visit | a&#124;b |\n| --- | --- |\n| First | 1<br>&#124; |", "Visits:\n- Visit: First; a|b: 1 |",
    ),
    (
        "faq", {"title": "Questions", "items": [{"question": "Why?", "answer": "<p>So.</p>"}]},
        "<h2>Questions</h2><h3>Why?</h3>\n<p>So.</p>", "## Questions\n\n### Why?\n\nSo.", "Questions\n\nWhy?\n\nSo.",
    ),
    (
        "key_facts", {"title": "In short", "items": ["<p>One.</p>"]},
        "<h2>In short</h2><ul><li><p>One.</p></li></ul>", "## In short\n\n- One.", "In short\n\n- One.",
    ),
    (
        "statistic", {"figure": "80 %", "label": "of people", "reference": 3},
        '<p><strong>80 %</strong> of people<sup data-reference="3">3</sup></p>', "**80 %** of people[^3]", "80 % of people[3]",
    ),
    (
        "embed", {"url": "https://video.example/1", "provider": "Video", "title": "A film", "html": ""},
        '<p><a href="https://video.example/1">A film</a> (on Video)</p>', "[A film](https://video.example/1) (on Video)",
        "A film (https://video.example/1) (on Video)",
    ),
    (
        "document", {"id": 1, "title": "Leaflet", "url": f"{BASE}/documents/1/", "size_bytes": 2048, "extension": "pdf"},
        f'<p><a href="{BASE}/documents/1/">Leaflet</a> (PDF, 2.0 KB)</p>', f"[Leaflet]({BASE}/documents/1/) (PDF, 2.0 KB)",
        f"Leaflet ({BASE}/documents/1/) (PDF, 2.0 KB)",
    ),
    (
        "call_to_action", {"title": "Questions?", "text": "Call.", "label": "417", "url": "tel:417"},
        '<h2>Questions?</h2><p>Call.</p><p><a href="tel:417">417</a></p>', "## Questions?\n\nCall.\n\n[417](tel:417)",
        "Questions?\n\nCall.\n\n417",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "html", "markdown", "text"), BLOCKS, ids=[row[0] for row in BLOCKS])
def test_each_block_in_each_format(kind: str, value: Any, html: str, markdown: str, text: str) -> None:
    written = html_of([{"id": "a", "type": kind, "value": value}], base_url=BASE)

    assert (written, markdown_of(written), text_of(written)) == (html, markdown, text)


def test_headings_never_skip_a_level() -> None:
    blocks = [{"type": "heading", "value": {"level": level, "text": "A", "anchor": ""}} for level in (4, 4, 2, 4)]

    assert [html_of(blocks, base_url="", level=level).count(f"<h{level + 1}") for level in (1, 2)] == [2, 2]
    assert html_of(blocks, base_url="", level=2).startswith("<h3>A</h3>\n<h4>")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("paragraph", "<script>alert(1)</script><p onclick=x style=y>Hi<img src=x onerror=alert(1)></p>"),
        ("quote", {"text": "<script>alert(1)</script>Hi", "attribution": "<img onerror=alert(1)>"}),
        ("embed", {"url": "javascript:alert(1)", "provider": "", "title": "Hi", "html": "<script>"}),
        ("call_to_action", {"title": "", "text": "", "label": "Hi", "url": '"><script>alert(1)</script>'}),
        ("callout", {"kind": '"><script>', "title": "", "html": "<p>Hi</p></aside><iframe src=x>"}),
    ],
)
def test_nothing_that_acts_comes_out(kind: str, value: Any) -> None:
    soup = BeautifulSoup(html_of([{"type": kind, "value": value}], base_url=BASE), "html.parser")

    assert "Hi" in soup.text
    assert {tag.name for tag in soup.find_all(True)} <= {"p", "img", "a", "aside", "figure", "blockquote", "figcaption"}
    names = {name for tag in soup.find_all(True) for name in tag.attrs}
    assert not [name for name in names if name.startswith("on") or name == "style"]
    assert not [tag for tag in soup.find_all("a") if str(tag.get("href", "")).startswith("javascript")]


def test_a_type_that_is_gone_and_a_file_that_is_gone_are_left_out() -> None:
    assert html_of([{"type": "retired", "value": "x"}, {"type": "document", "value": None}], base_url="") == ""


# Words and texts of every kind, through Markdown, a CommonMark parser, and back.
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_NASTY = st.sampled_from([
    "*", "**", "_", "__", "`", "~~", "#", "# ", "1.", "1. ", "12) ", "- ", "+ ", "> ", "---", "===", "[", "]", "](",
    "[a](b)", "![", "!", "<", "<b>", "</p>", "<!--", "&", "&amp;", "&#35;", "&copy", "\\", "\\\\", "|", "| - |",
    ":-:", ":", "(", ")", "[^1]", "[^1]: a", "a", "é", "日", " ", "\u00a0", "“", "€", "\u200b",
    "https://a.example/b_c_d", "www.a.example", "<https://a.example>", "a@b.example", "    x", "\t", "$x$", "H\u0301",
    "😀", "{", "}", "^", "'", "\"", "-", "=", "+", ".", "1", "x",
])  # fmt: skip
_TEXT = st.lists(_NASTY | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4), max_size=5).map("".join)
_INLINE_TAGS = ["b", "i", "strong", "em", "sup", "sub", "a"]


@st.composite
def _inline(draw: st.DrawFn, depth: int = 3, is_link: bool = False) -> str:
    if depth == 0 or draw(st.booleans()):
        return _html_escape(draw(_TEXT))
    if draw(st.integers(0, 9)) == 0:
        return "<br>"
    tag = draw(st.sampled_from(_INLINE_TAGS if not is_link else _INLINE_TAGS[:-1]))
    inside = "".join(draw(st.lists(_inline(depth=depth - 1, is_link=is_link or tag == "a"), max_size=3)))
    href = draw(st.sampled_from(["/a", "/a?b=1&copy;=2&c", "/(a)_b*", "/a b", "mailto:a@b.example", "/a\\b`|"]))
    return f'<a href="{_html_escape(href)}">{inside}</a>' if tag == "a" else f"<{tag}>{inside}</{tag}>"


def _html_escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


_LINE = st.lists(_inline(), max_size=4).map("".join)


@st.composite
def _blocks(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for _number in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["p", "p", "p", "h2", "h4", "ul", "ol", "blockquote", "table"]))
        if kind in {"p", "h2", "h4"} or depth == 0:
            parts.append(f"<{kind}>{draw(_LINE)}</{kind}>" if kind == "p" or depth else f"<p>{draw(_LINE)}</p>")
        elif kind == "table":
            row = st.lists(_LINE.map(lambda cell: f"<td><p>{cell}</p></td>"), min_size=2, max_size=2).map("".join)
            parts.append(f"<table><tr>{'</tr><tr>'.join(draw(st.lists(row, min_size=2, max_size=3)))}</tr></table>")
        elif kind == "blockquote":
            parts.append(f"<blockquote>{draw(_blocks(depth=depth - 1))}</blockquote>")
        else:
            items = draw(st.lists(st.one_of(_LINE, _blocks(depth=depth - 1)), min_size=1, max_size=3))
            parts.append(f"<{kind}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>")
    return "".join(parts)


_SAME = {"strong": "b", "em": "i"}
_STRUCTURE = {"blockquote", "ul", "ol", "h2", "h4", "td", "th", "b", "i", "a", "sup", "sub"}


def _letters(html: str) -> list[tuple[str, tuple[str, ...], frozenset[str]]]:
    """Each letter that is no space, with the blocks around it in order and what marks it."""
    soup = BeautifulSoup(html, "html.parser")
    return list(_walk(soup, (), frozenset()))


def _walk(node: Any, blocks: tuple[str, ...], marks: frozenset[str]) -> Iterator[Any]:
    for child in node.children:
        if type(child) is NavigableString:
            yield from ((letter, blocks, marks) for letter in child if not letter.isspace())
        elif isinstance(child, Tag):
            name = _SAME.get(child.name, child.name)
            if name in {"blockquote", "ul", "ol", "h2", "h4"}:
                yield from _walk(child, (*blocks, name), marks)
            elif name in {"td", "th"}:
                yield from _walk(child, (*blocks, "cell"), marks)
            elif name == "a":
                yield from _walk(child, blocks, marks | {unquote(str(child["href"]))})
            elif name in {"b", "i", "sup", "sub"}:
                yield from _walk(child, blocks, marks | {name})
            else:
                yield from _walk(child, blocks, marks)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(html=_blocks())
def test_texts_survive_markdown_letter_by_letter(html: str) -> None:
    markdown = markdown_of(html)

    assert _letters(_PARSER.render(markdown)) == _letters(html), markdown


@settings(max_examples=100, deadline=None, derandomize=True)
@given(words=_TEXT)
def test_plain_words_survive_markdown(words: str) -> None:
    line = escaped(words)

    assert "\n" not in line
    rendered = BeautifulSoup(_PARSER.render(line), "html.parser")
    assert rendered.text.split() == words.split()
    assert {tag.name for tag in rendered.find_all(True)} <= {"p"}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(html=_blocks().filter(lambda html: "<table" not in html))
def test_plain_text_keeps_every_word_and_no_markup(html: str) -> None:
    words = [letter for letter in BeautifulSoup(html.replace("<", " <"), "html.parser").text if letter.isalpha()]
    text = text_of(html)

    found = iter(text)
    raised = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", "0123456789n", strict=True))
    assert all(any(raised.get(other, other) == letter for other in found) for letter in words)


DOCUMENT: dict[str, Any] = {
    "id": "1", "type": "condition", "path": "/c/a/", "url": f"{BASE}/c/a/", "title": "A * title", "summary": "1. Short.",
    "also_known_as": ["x_y"], "body": [{"id": "1", "type": "paragraph", "value": '<p>Rest.<sup data-reference="3">3</sup></p>'}],
    "overview": [{"id": "2", "type": "heading", "value": {"level": 2, "text": "Inside", "anchor": "i"}}], "symptoms": [],
    "when_to_seek_care": {"emergency": ['<p>Call.<sup data-reference="3">3</sup></p>'], "soon": []},
    "faqs": [{"question": "Why?", "answer": "<p><b>So.</b></p>"}],
    "treatments": [{"service": {"title": "Needles", "url": f"{BASE}/s/"}, "evidence": "<p><i>Some.</i></p>"}],
    "references": [REFERENCE], "authors": [{"title": "Anton", "url": f"{BASE}/t/"}], "disclaimer": "",
    "reviewers": [{"title": "Clara", "credentials": "M.D.", "url": f"{BASE}/r/"}], "published_at": "2026-01-02T00:00:00Z",
    "updated_at": "2026-01-03T00:00:00Z", "reviewed_at": "2026-01-04T00:00:00Z", "review_due": "2027-01-04T00:00:00Z",
}  # fmt: skip
NOTE = (
    "[^3]: Rubin DI. Pain\\_and \\*more\\*. Neurol Clin 2007;25(2). [doi:10.1016/j(1)](https://doi.org/10.1016/j%281%29) "
    "[PubMed 17](https://pubmed.ncbi.nlm.nih.gov/17/) Accessed 2026-01-02"
)


def test_a_format_holds_for_every_text_of_a_document() -> None:
    read = json.loads(document_in(json.dumps(DOCUMENT), "markdown"))

    changed = {name: value for name, value in read.items() if value != DOCUMENT[name]}
    assert changed == {
        "body": f"Rest.[^3]\n\n{NOTE}",
        "overview": "### Inside",
        "symptoms": "",
        "when_to_seek_care": {"emergency": ["Call.[^3]"], "soon": []},
        "faqs": [{"question": "Why?", "answer": "**So.**"}],
        "treatments": [{**DOCUMENT["treatments"][0], "evidence": "_Some._"}],
    }
    assert list(read) == list(DOCUMENT)


def test_blocks_are_the_recorded_text_itself() -> None:
    assert document_in('{"a": 1}', "blocks") == '{"a": 1}'
    assert json.loads(body_in(DOCUMENT, "blocks")) == DOCUMENT["body"]
    assert json.loads(body_in(json.dumps(DOCUMENT), "text")) == "Rest.[3]"


def test_a_whole_page_in_markdown() -> None:
    assert (
        page_markdown(DOCUMENT, disclaimer="Ask a clinician.")
        == f"""\
# A \\* title

1\\. Short.

Also called x\\_y

## When to get care

### Emergency: call 911 now

- Call.[^3]

## Overview

### Inside

## Treatments and evidence

### [Needles]({BASE}/s/)

_Some._

Rest.[^3]

## Questions people ask

### Why?

**So.**

## References

{NOTE}

- Written by [Anton]({BASE}/t/)
- Clinically reviewed by [Clara, M.D.]({BASE}/r/) on 2026-01-04; next review due 2027-01-04
- Published 2026-01-02, last changed 2026-01-03
- Source: [{BASE}/c/a/]({BASE}/c/a/)

Ask a clinician.
"""
    )


@pytest.mark.parametrize(
    ("address", "body_format", "name", "text"),
    [
        ("/articles/sleeping-better", "html", "body", "<p>Rest helps many people.</p>"),
        ("/articles/sleeping-better", "markdown", "body", "Rest helps many people."),
        ("/pages/find?path=/articles/sleeping-better/", "text", "body", "Rest helps many people."),
        ("/conditions/insomnia", "markdown", "overview", "Many people sleep badly at times."),
        ("/conditions/insomnia", "text", "when_to_seek_care", {"emergency": [], "soon": ["You have slept badly for weeks."]}),
        ("/services/acupuncture", "text", "what_to_expect", "You lie down and rest."),
        ("/people/anton", "html", "biography", "<p>A made-up person.</p>"),
    ],
)  # fmt: skip
def test_a_document_is_given_in_the_format_that_is_asked_for(
    api: Reader, address: str, body_format: str, name: str, text: Any
) -> None:
    document = api.json(f"{address}{'&' if '?' in address else '?'}body_format={body_format}")

    assert document[name] == text
    assert document["attestation"] == api.json(address)["attestation"]
    TypeAdapter(schemas.AnyDocument).validate_json(json.dumps(document))


def test_bodies_in_lists_have_the_format_too(api: Reader) -> None:
    listed = api.json("/articles?include=body&body_format=markdown")

    assert listed["items"][0]["body"] == "Rest helps many people."
    assert "body" not in api.json("/articles?body_format=markdown")["items"][0]
    assert api.json("/articles?fields=body&body_format=text")["items"] == [{"body": "Rest helps many people."}]


def test_the_next_page_has_the_same_format(api: Reader) -> None:
    first = api.json("/pages?limit=1&include=body&body_format=text")

    assert "body_format=text" in first["next"]
    assert isinstance(api.json(first["next"].removeprefix("/api/v1"))["items"][0]["body"], str)


def test_blocks_may_be_named_and_an_unknown_format_is_refused(api: Reader) -> None:
    assert (
        api.get("/articles/sleeping-better?body_format=blocks").content == api.get("/articles/sleeping-better").content
    )
    assert api.errors("/articles/sleeping-better?body_format=pdf") == [["query", "body_format"]]


def test_a_format_takes_no_query_more(api: Reader, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        api.json("/conditions/insomnia?body_format=markdown")
