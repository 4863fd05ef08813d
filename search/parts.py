"""What of a public document is searched: its parts, its names, and its ties."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cms.pages.words import searchable_text
from cms.publishing.models import Head, HeadRelation

# Ties by which results are counted and narrowed: the facet, by the kind of tie. What a condition says of a service is one too.
FACET_OF_KIND = {"condition": "condition", "service": "service", "treatment": "service", "topic": "topic"}
FACETS = ("condition", "service", "topic")
# What is read out besides the title: other names of a condition, codes, and what a person is.
_NAMES = ("also_known_as", "icd10", "role", "credentials")
# Keys whose texts stand above others, wherever they are in a document.
_HEADINGS = {"title", "question"}


@dataclass(frozen=True)
class Searched:
    """A public document as search sees it: texts by part, names (the title first), ids of tied documents by facet."""

    head: Head
    parts: dict[str, str]
    names: tuple[str, ...]
    ties: dict[str, list[str]]


def searched_of(head: Head, ties: Iterable[HeadRelation]) -> Searched:
    """What is searched of the document that ``head`` shows."""
    document = json.loads(head.document)
    also = [name for name in document.get("also_known_as", ()) if name.strip()]
    parts = {
        "title": head.title,
        "names": "\n".join(_texts(document.get(name) for name in _NAMES)),
        "headings": "\n".join(_headings(document)),
        "summary": document.get("summary", ""),
        "body": head.text,
        "references": searchable_text([one.get("citation", "") for one in document.get("references", ())]),
    }
    tied: dict[str, list[str]] = {}
    for tie in ties:
        if tie.kind in FACET_OF_KIND:
            tied.setdefault(FACET_OF_KIND[tie.kind], []).append(str(tie.target_id))
    return Searched(head, parts, (head.title, *also), {name: sorted(set(ids)) for name, ids in sorted(tied.items())})


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, str))


def _headings(document: dict[str, Any]) -> Iterator[str]:
    """Headings, questions and titles of blocks; not the document's own title, nor those of pictures."""
    for name, value in document.items():
        if isinstance(value, list | dict) and name not in {"seo", "image", "references", "relations"}:
            yield from _inner_headings(value)


def _inner_headings(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _inner_headings(one)
    elif isinstance(value, dict):
        if value.get("type") == "heading":
            yield searchable_text(value.get("value"))
            return
        for name, inner in value.items():
            if name in _HEADINGS and isinstance(inner, str):
                yield searchable_text(inner)
            elif name != "image":
                yield from _inner_headings(inner)
