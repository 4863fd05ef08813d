"""Citations in rich text: how a mark that names a reference is stored, edited and found again.

Stored, a mark is ``<a linktype="reference" id="12">[Rubin 2007]</a>``: a link, because Wagtail's reference index looks
into links, so every text that cites a reference is known. The words inside are for editors only and are read afresh
each time an editor opens the text. Readers see a number; it depends on the whole document and is given in ``richtext``.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NotRequired, TypedDict

from draftjs_exporter.dom import DOM
from wagtail.admin.rich_text.converters.html_to_contentstate import (
    KEEP_WHITESPACE,
    STRIP_WHITESPACE,
    InlineEntityElementHandler,
)
from wagtail.rich_text import LinkHandler

from cms.pages.references import Reference

FEATURE = "reference"
ENTITY = "REFERENCE"
_MISSING = "[missing reference]"


class Mark(TypedDict):
    """What the editor knows of one mark. ``id`` is the reference's key, ``None`` when what was stored cannot be one."""

    id: int | None
    label: str
    is_missing: NotRequired[bool]


def label_of(reference: Reference) -> str:
    """The words that editors see in place of a citation."""
    return f"[{reference.short_label}]"


class ReferenceLinkHandler(LinkHandler):
    """What Wagtail itself does with a stored mark: it finds the reference, and links to nothing."""

    identifier: ClassVar[str] = FEATURE

    @staticmethod
    def get_model() -> type[Reference]:
        """The model whose rows marks name."""
        return Reference

    @classmethod
    def expand_db_attributes(cls, attrs: Mapping[str, str]) -> str:
        """An anchor without an address: outside a document a mark has no number, and a reference has no page."""
        return "<a>"

    @classmethod
    def extract_references(cls, attrs: Mapping[str, str]) -> Iterator[tuple[type[Reference], str, str, str]]:
        """The reference that a mark names, for the reference index; nothing when its key cannot be one."""
        key = _key_of(attrs.get("id"))
        if key is not None:
            yield Reference, str(key), "", ""


class _MarkHandler(InlineEntityElementHandler):
    """A stored mark on its way into the editor: one indivisible piece that shows the reference's present label."""

    mutability = "IMMUTABLE"

    def get_attribute_data(self, attrs: Mapping[str, str | None]) -> Mark:
        key = _key_of(attrs.get("id"))
        reference = Reference.objects.filter(pk=key).first() if key is not None else None
        if reference is None:
            return {"id": key, "label": _MISSING, "is_missing": True}
        return {"id": reference.pk, "label": label_of(reference)}

    def handle_endtag(self, name: str, state: Any, contentstate: Any) -> None:
        """Put the present label in place of the stored words, and stretch styles within the mark over all of it."""
        mark = state.current_entity_ranges.pop()
        label = contentstate.entity_map[mark.key].data["label"]
        block = state.current_block
        block.text = block.text[: mark.offset] + label
        mark.length = len(label)
        for style in block.inline_style_ranges:
            is_within = style.offset >= mark.offset and style not in state.current_inline_styles
            if is_within and style.length:
                style.offset, style.length = mark.offset, mark.length
        if state.leading_whitespace == STRIP_WHITESPACE:
            # The stored words were empty; a space after the mark must count all the same.
            state.leading_whitespace = KEEP_WHITESPACE


def _stored_mark(props: Mapping[str, Any]) -> Any:
    """A mark on its way from the editor into the database. A browser sends it, so its key is read with suspicion."""
    return DOM.create_element("a", {"linktype": FEATURE, "id": _key_of(props.get("id"))}, props["children"])


CONVERSION = {
    "from_database_format": {f'a[linktype="{FEATURE}"]': _MarkHandler(ENTITY)},
    "to_database_format": {"entity_decorators": {ENTITY: _stored_mark}},
}


def _key_of(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
