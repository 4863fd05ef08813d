"""Notes to readers on changes that matter, as the editor's form asks for them.

A note belongs to one change. The words that are public keep theirs, so a draft begun from them would carry it on, and the
next publication would seem to be told already. The form therefore begins with the box empty once a note is public; and a
save that changes nothing else leaves the note where it is, so that it changes no digest and voids no approval.
"""

from typing import TYPE_CHECKING, Any

from wagtail.admin.panels import FieldPanel, MultiFieldPanel

if TYPE_CHECKING:
    from cms.pages.models import PublicPage

FIELDS = ("is_material_change", "change_note")


class ChangePanel(MultiFieldPanel):
    """The box and the note, for pages that have been public: before that, there is nothing that changed for anybody."""

    def __init__(self, children: Any = None, heading: str = "Note to readers", **options: Any) -> None:
        super().__init__(children or [FieldPanel(name) for name in FIELDS], heading, **options)

    class BoundPanel(MultiFieldPanel.BoundPanel):
        """The panel for one page."""

        def is_shown(self) -> bool:
            """As usual, and only once the page has been public."""
            return self.instance.first_published_at is not None and super().is_shown()


def is_told(page: "PublicPage") -> bool:
    """Whether the note of the draft ``page`` is public already, so that it tells nothing of what is written next."""
    if not (page.pk and page.is_material_change):
        return False
    public = type(page)._default_manager.filter(pk=page.pk, live=True)
    return public.filter(is_material_change=True, change_note=page.change_note).exists()


class ToldNote:
    """The note of a draft that readers have already: offered empty, and kept when nothing else changes."""

    def __init__(self, page: "PublicPage") -> None:
        self.note = page.change_note
        self.digest = page.content_digest()

    def keep(self, page: "PublicPage") -> None:
        """Give ``page`` its note back if it was left empty and the words are those on file."""
        if page.is_material_change or page.change_note.strip():
            return
        page.is_material_change, page.change_note = True, self.note
        if page.content_digest() != self.digest:
            page.is_material_change, page.change_note = False, ""
