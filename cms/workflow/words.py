"""Words at the desk of an emergency: what changed between two contents, line by line, and the form that corrects them."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from wagtail.admin.panels import FieldPanel, ObjectList

from cms.pages.models import PublicPage
from cms.workflow.checks.wording import wording_of


class Line(NamedTuple):
    """One paragraph or line of a page: in both contents (``same``), only in the new one, or only in the old one."""

    mark: Literal["same", "added", "removed"]
    field: str
    text: str


def changed_lines(before: PublicPage | None, after: PublicPage) -> list[Line]:
    """Every line of ``after`` in reading order, with what is gone from ``before`` where it stood; all added without one."""
    old = _lines(before) if before else []
    new = _lines(after)
    found: list[Line] = []
    for what, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found += [Line("same", *line) for line in new[new_start:new_end]]
        else:
            found += [Line("removed", *line) for line in old[start:end]]
            found += [Line("added", *line) for line in new[new_start:new_end]]
    return found


def correction_panel(page_class: type[PublicPage], streams: Iterable[str]) -> Any:
    """Title, summary, the blocks of these ``streams`` of ``page_class`` and the note to readers, as a panel of Wagtail's."""
    panels = [*(FieldPanel(name) for name in ("title", "summary", *streams)), *page_class.change_panels]
    return ObjectList(panels, base_form_class=page_class.base_form_class).bind_to_model(page_class)


def _lines(page: PublicPage) -> list[tuple[str, str]]:
    return [(str(_label(page, piece.field)), piece.text) for piece in wording_of(page)]


def _label(page: PublicPage, field: str) -> Any:
    return page._meta.get_field(field).verbose_name if field != "treatment_links" else "treatments"
