"""A whole page in one text: Markdown for people and programs that read pages without a browser, HTML for feeds.

What makes a health page trustworthy goes along: its sources, who reviewed it and when, and the disclaimer.
"""

import html
from collections.abc import Iterator, Mapping
from typing import Any

from cms.api.formats.bodies import footnote_of
from cms.api.formats.markdown import escaped, markdown_of
from cms.api.formats.markup import heading
from cms.api.formats.reading_order import html_of_document, people, reference_html

# Related pages by their name in the document, with what stands above them.
_NEIGHBOURS = {
    "featured": "Worth reading",
    "providers": "Who you will meet",
    "conditions": "Conditions",
    "services": "Services",
    "articles": "Articles",
    "topics": "Topics",
    "related": "Read next",
}


def page_markdown(document: Mapping[str, Any], *, disclaimer: str) -> str:
    """``document`` as a Markdown page; ``disclaimer`` is the site's, for documents without one of their own."""
    also = ", ".join(document.get("also_known_as") or ())
    parts = [
        f"# {escaped(document['title'])}",
        escaped(document["summary"]),
        f"Also called {escaped(also)}" if also else "",
        markdown_of(html_of_document(document)),
        *_neighbours(document),
        *_sources(document),
        "\n".join(f"- {markdown_of(line)}" for line in _provenance(document)),
        escaped(document["disclaimer"] or disclaimer),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def feed_html(document: Mapping[str, Any], *, disclaimer: str) -> str:
    """What ``document`` says below its title, as safe HTML with its sources, its review and the disclaimer."""
    parts = [html_of_document(document)]
    if document["references"]:
        items = "".join(f"<li>{reference_html(reference)}</li>" for reference in document["references"])
        parts += [heading(2, "References"), f"<ol>{items}</ol>"]
    # Documents from before there were notes on changes have no such name.
    if change := document.get("material_change"):
        parts.append(f"<p>{_change(change)}</p>")
    if document["reviewed_at"]:
        parts.append(f"<p>{_review(document)}</p>")
    if words := document["disclaimer"] or disclaimer:
        parts.append(f"<p>{html.escape(words)}</p>")
    return "\n".join(part for part in parts if part)


def markdown_path(path: str) -> str:
    """Where the Markdown of the page at ``path`` is: ``/conditions/insomnia.md``, and ``/index.md`` for the first page."""
    return f"{path.rstrip('/') or '/index'}.md"


def _neighbours(document: Mapping[str, Any]) -> Iterator[str]:
    """Pages that this one names, kind by kind."""
    for name, title in _NEIGHBOURS.items():
        if document.get(name):
            yield f"## {title}"
            yield "\n".join(f"- {markdown_of(people([card]))}" for card in document[name])


def _sources(document: Mapping[str, Any]) -> list[str]:
    if not document["references"]:
        return []
    return ["## References", "\n".join(footnote_of(reference) for reference in document["references"])]


def _provenance(document: Mapping[str, Any]) -> list[str]:
    """Who wrote and who reviewed it, and when, each as a line of HTML."""
    lines = [f"Written by {people(document['authors'])}"] if document["authors"] else []
    lines += [_review(document)] if document["reviewed_at"] else []
    if document["published_at"]:
        lines.append(f"Published {document['published_at'][:10]}, last changed {document['updated_at'][:10]}")
    change = document.get("material_change")
    lines += [_change(change)] if change else []
    return [*lines, f'Source: <a href="{html.escape(document["url"])}">{html.escape(document["url"])}</a>']


def _review(document: Mapping[str, Any]) -> str:
    by = f" by {people(document['reviewers'])}" if document["reviewers"] else ""
    due = f"; next review due {document['review_due'][:10]}" if document["review_due"] else ""
    return f"Clinically reviewed{by} on {document['reviewed_at'][:10]}{due}"


def _change(change: Mapping[str, Any]) -> str:
    return f"Changed on {change['at'][:10]}: {html.escape(change['note'])}"
