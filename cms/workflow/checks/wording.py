"""The words of a page, piece by piece, each with the field and block where an editor finds it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wagtail.blocks import StreamValue

from cms.pages.models import PublicPage
from cms.pages.richtext import plain_text

# Fields of text whose words readers see. The slug and addresses are not sentences.
_TEXT_FIELDS = (
    "title",
    "seo_title",
    "search_description",
    "summary",
    "hero_title",
    "hero_text",
    "disclaimer",
    "action_title",
    "action_text",
    "action_label",
    "also_known_as",
    "role",
    "credentials",
)


@dataclass(frozen=True)
class Wording:
    """One piece of text: ``source`` as stored (rich text keeps its tags), ``text`` as a reader sees it."""

    source: str
    text: str
    field: str
    block_id: str = ""


def wording_of(page: PublicPage) -> list[Wording]:
    """Every piece of text of ``page`` that a reader will see, in the order of the editor's form."""
    return [piece for piece in _pieces(page) if piece.text]


def _pieces(page: PublicPage) -> Iterator[Wording]:
    for name in _TEXT_FIELDS:
        value = getattr(page, name, None)
        if value:
            yield _wording(str(value), name)
    for name in page.stream_field_names():
        stream: StreamValue = getattr(page, name)
        for child in stream:
            for source in _strings(child.block.get_prep_value(child.value)):
                yield _wording(source, name, str(child.id or ""))
    for link in page.treatment_links.all():
        if link.evidence:
            yield _wording(link.evidence, "treatment_links")


def _wording(source: str, field: str, block_id: str = "") -> Wording:
    return Wording(source, plain_text(source), field, block_id)


def _strings(value: Any) -> Iterator[str]:
    """The texts inside a stored block value; ids and names of types are not texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name not in ("id", "type", "level", "kind", "url"):
                yield from _strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)
