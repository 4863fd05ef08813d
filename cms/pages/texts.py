"""The texts inside blocks, told apart by what they are: rich text has markup, plain text has none.

Two things need the difference. A digest must not change when the editor gives paragraphs new random keys, which it does on
every opening; and a check must see the ``<p>`` that somebody typed into a plain field, which a tag stripper would hide.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock

from cms.pages.document import JSON

# In stored rich text every “<” of the writer's is escaped, so a tag here is a tag. Both patterns fit what the editor writes
# and nothing looser: what they leave out is not signed, so no reader may ever see any of it.
_BLOCK_KEY = re.compile(r'(<[a-z][a-z0-9]*) data-block-key="[^"<>]*"')
_CITATION_LABEL = re.compile(
    r"""(<a\ (?:linktype="reference"\ id="\d{1,18}"|id="\d{1,18}"\ linktype="reference")>)
        (?:<(?:b|i|strong|em|sup|sub)>)* [^<]* (?:</(?:b|i|strong|em|sup|sub)>)*
        (</a>)""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True)
class Text:
    """One piece of text as it is stored."""

    source: str
    is_rich: bool


def canonical_rich_text(source: str) -> str:
    """Rich text without what the editor changes by itself: paragraph keys, and the labels that stand for references."""
    text = _CITATION_LABEL.sub(r"\1\2", _BLOCK_KEY.sub(r"\1", source))
    # A text that was left empty is an empty paragraph once the editor has opened it.
    return "" if text == "<p></p>" else text


def canonical_value(block: blocks.Block, value: Any) -> JSON:
    """``value`` of ``block`` for a digest: what was authored, without random ids."""
    if isinstance(block, blocks.RichTextBlock):
        return canonical_rich_text(value.source) if value else ""
    if isinstance(block, TypedTableBlock):
        if value is None:
            return None
        rows = [[canonical_value(cell.block, cell.value) for cell in row] for row in value.rows]
        return {"caption": value.caption, "columns": [column["heading"] for column in value.columns], "rows": rows}
    if isinstance(block, blocks.StructBlock):
        return {name: canonical_value(child, value.get(name)) for name, child in block.child_blocks.items()}
    if isinstance(block, blocks.ListBlock):
        return [canonical_value(block.child_block, item) for item in value]
    if isinstance(block, blocks.StreamBlock):
        return [{"type": child.block_type, "value": canonical_value(child.block, child.value)} for child in value]
    prepared: JSON = block.get_prep_value(value)
    return prepared


def texts_in(block: blocks.Block, value: Any) -> Iterator[Text]:
    """The texts of ``value`` that readers will see, in order; choices, addresses and keys are not texts."""
    if value is None:
        return
    if isinstance(block, blocks.RichTextBlock):
        yield Text(value.source, is_rich=True)
    elif isinstance(block, TypedTableBlock):
        yield Text(value.caption or "", is_rich=False)
        yield from (Text(column["heading"] or "", is_rich=False) for column in value.columns)
        for row in value.rows:
            for cell in row:
                yield from texts_in(cell.block, cell.value)
    elif isinstance(block, blocks.StructBlock):
        for name, child in block.child_blocks.items():
            if name != "url":
                yield from texts_in(child, value.get(name))
    elif isinstance(block, blocks.ListBlock):
        for item in value:
            yield from texts_in(block.child_block, item)
    elif isinstance(block, blocks.StreamBlock):
        for child in value:
            yield from texts_in(child.block, child.value)
    elif isinstance(block, blocks.CharBlock | blocks.TextBlock):
        yield Text(str(value), is_rich=False)
