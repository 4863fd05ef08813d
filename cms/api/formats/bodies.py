"""``body_format``: a document whose texts are each one string (HTML, Markdown or plain text) instead of blocks.

A format holds for the whole document alike: for the body, for every named section (overview, symptoms, what to expect, …),
which stays under its name, and for the short texts that are HTML otherwise (answers, signs of danger, evidence, the words at
the top of the home page). All else is as it is with blocks. A text in Markdown carries the definitions of the footnotes that it
uses, so that it can be read on its own; a short text has the marks only, and ``references`` has what they mean.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from cms.api.formats import markdown, markup, plain_text
from cms.api.formats.reading_order import SECTIONS, base_url_of, reference_html

BodyFormat = Literal["blocks", "html", "markdown", "text"]

_WRITERS: dict[str, Callable[[str], str]] = {
    "html": str,
    "markdown": markdown.markdown_of,
    "text": plain_text.text_of,
}


def document_in(document: str | Mapping[str, Any], body_format: BodyFormat) -> str:
    """``document`` (a public document, as JSON text or as plain values) as JSON text with its texts in ``body_format``."""
    if body_format == "blocks":
        return document if isinstance(document, str) else _json(document)
    read = _read(document)
    return _json({name: _formatted(name, value, read, body_format) for name, value in read.items()})


def body_in(document: str | Mapping[str, Any], body_format: BodyFormat) -> str:
    """The JSON text of the body of ``document`` in ``body_format``: a list of blocks, or one string."""
    read = _read(document)
    return _json(read["body"] if body_format == "blocks" else _formatted("body", read["body"], read, body_format))


def footnote_of(reference: Mapping[str, Any]) -> str:
    """The definition of the footnote that cites ``reference``, in Markdown."""
    return f"[^{reference['number']}]: {markdown.markdown_of(reference_html(reference))}"


def _formatted(name: str, value: Any, document: Mapping[str, Any], body_format: BodyFormat) -> Any:
    base_url = base_url_of(document)

    def short(fragment: str) -> str:
        return _WRITERS[body_format](markup.clean(fragment, base_url=base_url))

    if name == "body" or name in SECTIONS:
        html = markup.html_of(value, base_url=base_url, level=1 if name == "body" else 2)
        return _whole(html, document, body_format)
    if name == "when_to_seek_care":
        return {urgency: [short(sign) for sign in signs] for urgency, signs in value.items()}
    if name == "faqs":
        return [{**item, "answer": short(item["answer"])} for item in value]
    if name == "treatments":
        return [{**item, "evidence": short(item["evidence"])} for item in value]
    return {**value, "text": short(value["text"])} if name == "hero" else value


def _whole(html: str, document: Mapping[str, Any], body_format: BodyFormat) -> str:
    written = _WRITERS[body_format](html)
    if body_format != "markdown":
        return written
    cited = set(markdown.footnotes_in(html))
    notes = [footnote_of(reference) for reference in document["references"] if reference["number"] in cited]
    return "\n\n".join(part for part in (written, "\n".join(notes)) if part)


def _read(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    return read


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
