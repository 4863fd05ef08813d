"""An outline as the values that the body of a page stores, block by block."""

from collections.abc import Callable, Iterable

from articles.importers.outline import Heading, Paragraph, Picture, PointList, Quote, RawBlock

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]

PlacePicture = Callable[[Picture], int]


def stream_values(blocks: Iterable[RawBlock], place_picture: PlacePicture) -> list[JSON]:
    """``[{"type", "value"}, …]`` in order. ``place_picture`` gives the primary key under which a picture is kept."""
    return [{"type": block.kind, "value": _value_of(block, place_picture)} for block in blocks]


def _value_of(block: RawBlock, place_picture: PlacePicture) -> JSON:
    if isinstance(block, Heading):
        return {"level": str(block.level), "text": block.text}
    if isinstance(block, Paragraph):
        return _as_the_editor_stores(block.html)
    if isinstance(block, PointList):
        return {"ordered": block.ordered, "items": [_as_the_editor_stores(item) for item in block.items]}
    if isinstance(block, Picture):
        return {"image": place_picture(block), "caption": block.caption}
    if isinstance(block, Quote):
        return {"text": block.text, "attribution": block.attribution}
    return {
        "caption": block.caption,
        "columns": [{"type": "text", "heading": heading} for heading in block.columns],
        # The table of the editor takes an empty paragraph for an empty cell, but not nothing.
        "rows": [{"values": [_as_the_editor_stores(cell) or "<p></p>" for cell in row]} for row in block.rows],
    }


def _as_the_editor_stores(html: str) -> str:
    """The editor reads line breaks only in the form in which it writes them."""
    return html.replace("<br>", "<br/>")
