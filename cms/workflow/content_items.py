"""A content, which is canonical JSON, as sections that a person can read: by tab and field of the editor, block by block.

Approvals keep the words as canonical JSON, with numbers where pages, pictures and references are named. Everything that is
compared or signed is read from that form, on both sides, so nothing can be signed that was not shown. Names are looked up at
once for both sides; the numbers themselves are what is compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst
from wagtail import blocks
from wagtail.admin.panels import InlinePanel
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.fields import RichTextField

from cms.pages.fields import BlocksField
from cms.pages.models import PublicPage
from cms.workflow.content_names import LABEL, NAME, Names, lines_of_rich_text
from cms.workflow.differences import Difference, Item, Line, Token, compare, tokens_of

Content = Mapping[str, Any]
_BULLET = Token("• ", LABEL)


@dataclass(frozen=True)
class Place:
    """A field or a panel of rows, as the editor's form has it: its tab, and the words beside it."""

    name: str
    label: str
    tab: str


@dataclass(frozen=True)
class Section:
    """One place with what is on both sides of it, compared.

    ``is_same`` is whether the contents themselves are: a change that no word shows, an empty line for example, is one all
    the same.
    """

    place: Place
    differences: list[Difference]
    is_same: bool

    @property
    def changes(self) -> list[Difference]:
        """What is not the same on both sides."""
        return [difference for difference in self.differences if difference.what != "same"]

    @property
    def has_unseen_change(self) -> bool:
        """Whether something changed that the words do not show."""
        return not self.is_same and not self.changes


def compared(page: PublicPage, old: Content | None, new: Content, block_ids: Mapping[str, list[str]]) -> list[Section]:
    """Every place of ``page`` that holds something on either side, in the order of the editor's form.

    ``old`` is ``None`` when nothing is public. ``block_ids`` are the ids of the new side's blocks by field, in their order.
    """
    names = Names()
    places = _places_of(page, {*new, *(old or {})})
    for _ in range(2):
        # The first round only learns which names are needed.
        sides = [_sides(page, place, old, new, names) for place in places]
        names.look_up()
    sections = []
    for place, (before, after) in zip(places, sides, strict=True):
        located = _located(after, block_ids.get(place.name, []))
        is_same = old is not None and old.get(place.name) == new.get(place.name)
        is_empty = not (before or located)
        if not is_empty or (old is not None and not is_same):
            sections.append(Section(place, compare(before, located), is_same))
    return [*sections, *_cited(old, new, names)]


def _sides(
    page: PublicPage, place: Place, old: Content | None, new: Content, names: Names
) -> tuple[list[Item], list[Item]]:
    before = items_of(page, place, (old or {}).get(place.name), names)
    return before, items_of(page, place, new.get(place.name), names)


def items_of(page: PublicPage, place: Place, value: Any, names: Names) -> list[Item]:
    """What stands at ``place`` as items: one for each block or row, one for a plain field, none for an empty one."""
    known = {one.name: one for one in page._meta.get_fields()}
    model_field = known.get(place.name)
    if value in (None, "", [], False):
        return []
    if isinstance(model_field, BlocksField):
        children = model_field.stream_block.child_blocks
        return [
            Item(
                _label(children.get(child["type"]), child["type"]),
                tuple(_block_lines(children.get(child["type"]), child["value"], names)),
            )
            for child in value
        ]
    if isinstance(model_field, models.ManyToOneRel) and isinstance(value, list):
        return [_row(model_field.related_model, row, names) for row in value]
    if isinstance(value, list):
        target = getattr(model_field, "related_model", None)
        return [Item(place.label, (_named(target, key, names),)) for key in value]
    return [Item(place.label, tuple(_field_lines(model_field, value, names)))]


def _places_of(page: PublicPage, names: set[str]) -> list[Place]:
    """The places of the editor's form that ``names`` fill, then those that are in no form."""
    places: dict[str, Place] = {}
    known = {one.name: getattr(one, "verbose_name", "") for one in page._meta.get_fields()}
    labels = {name: capfirst(str(known.get(name) or name.replace("_", " "))) for name in names}

    def walk(panel: Any, tab: str) -> None:
        name = getattr(panel, "field_name", None)
        if isinstance(panel, InlinePanel):
            name = panel.relation_name
        if name in names:
            places.setdefault(name, Place(name, str(panel.heading or labels[name]), tab))
        for child in getattr(panel, "children", ()):
            walk(child, tab)

    for tab in page.get_edit_handler().children:
        walk(tab, str(tab.heading))
    for name in sorted(names - set(places)):
        places[name] = Place(name, labels[name], "More")
    return list(places.values())


def _field_lines(model_field: Any, value: Any, names: Names) -> Iterable[Line]:
    if isinstance(model_field, RichTextField):
        return lines_of_rich_text(str(value), names)
    if isinstance(model_field, models.ForeignKey):
        return [_named(model_field.related_model, value, names)]
    if getattr(model_field, "choices", None):
        return [tokens_of(str(dict(model_field.flatchoices).get(value, value)))]
    return _plain_lines(value)


def _row(model: Any, row: Mapping[str, Any], names: Names) -> Item:
    lines: list[Line] = []
    for name, value in row.items():
        if value in (None, ""):
            continue
        model_field = model._meta.get_field(name)
        lines += _field_lines(model_field, value, names)
    return Item(capfirst(str(model._meta.verbose_name)), tuple(lines))


def _block_lines(block: Any, value: Any, names: Names) -> list[Line]:
    """The lines of one block's value; for a type that is no longer known, what is on file as it is."""
    if value in (None, ""):
        return []
    if isinstance(block, TypedTableBlock):
        return _table_lines(block, value, names)
    if isinstance(block, blocks.StructBlock):
        return _struct_lines(block, value, names)
    if isinstance(block, blocks.ListBlock):
        return [line for item in value for line in _bulleted(_block_lines(block.child_block, item, names))]
    if isinstance(block, blocks.StreamBlock):
        children = block.child_blocks
        return [line for child in value for line in _block_lines(children.get(child["type"]), child["value"], names)]
    if isinstance(block, blocks.RichTextBlock):
        return lines_of_rich_text(str(value), names)
    if isinstance(block, blocks.BooleanBlock):
        return [tokens_of("Yes" if value else "No")]
    if isinstance(block, blocks.ChoiceBlock):
        return [tokens_of(str(dict(block.field.choices).get(value, value)))]
    if isinstance(block, blocks.ChooserBlock):
        return [_named(block.model_class, value, names)]
    return _plain_lines(value)


def _struct_lines(block: blocks.StructBlock, value: Mapping[str, Any], names: Names) -> list[Line]:
    lines: list[Line] = []
    for name, child in block.child_blocks.items():
        part = _block_lines(child, value.get(name), names)
        if part and not isinstance(child, blocks.RichTextBlock | blocks.ListBlock):
            part[0] = (Token(f"{_label(child, name)}: ", LABEL), *part[0])
        lines += part
    return lines


def _table_lines(block: TypedTableBlock, value: Mapping[str, Any], names: Names) -> list[Line]:
    lines = [tokens_of(value["caption"])] if value.get("caption") else []
    lines.append(_joined([tokens_of(heading or "") for heading in value.get("columns", [])]))
    # Every column of our tables holds rich text.
    cell_block = next(iter(block.child_blocks.values()), None)
    for row in value.get("rows", []):
        lines.append(_joined([_joined(_block_lines(cell_block, cell, names), " ") for cell in row]))
    return lines


def _joined(cells: Iterable[Line], between: str = " | ") -> Line:
    joined: list[Token] = []
    for number, cell in enumerate(cells):
        joined += [Token(between, LABEL)] * bool(number)
        joined += cell
    return tuple(joined)


def _bulleted(lines: list[Line]) -> list[Line]:
    return [(_BULLET, *lines[0]), *lines[1:]] if lines else []


def _plain_lines(value: Any) -> list[Line]:
    text = {True: "Yes", False: "No"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return [tokens_of(line) for line in text.splitlines() if line.strip()]


def _named(model: Any, key: Any, names: Names) -> Line:
    return (Token(names.of(model, key), f"{NAME} {key}"),)


def _label(block: Any, name: str) -> str:
    return str(getattr(block, "label", "")) or capfirst(name.replace("_", " "))


def _located(items: list[Item], block_ids: list[str]) -> list[Item]:
    ids = [*block_ids, *[""] * len(items)]
    return [Item(item.kind, item.lines, block_id) for item, block_id in zip(items, ids, strict=False)]


def _cited(old: Content | None, new: Content, names: Names) -> list[Section]:
    """The references that each side cites, in the order of their numbers: what changed in the list at the end of the page."""
    before, after = (names.citations_in(side) for side in (old or {}, new))
    items = [[Item("Reference", (tokens_of(citation),)) for citation in side] for side in (before, after)]
    place = Place("", "References cited", "References")
    return [Section(place, compare(*items), before == after)] if before or after else []
