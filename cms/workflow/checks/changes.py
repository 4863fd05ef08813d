"""What readers are told of a change that matters to them.

Source: the International Committee of Medical Journal Editors' recommendations on corrections: a change of substance is
described where readers of the text find it, with its date.
"""

from collections.abc import Iterator

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.wording import Wording


def missing_change_note(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A change that matters is told to those who read the page before. Source: the ICMJE's recommendations on corrections."""
    if page.is_material_change and not page.change_note.strip():
        message = "Readers should know of this change: say what changed in the note to readers, or take the mark away."
        yield Finding("missing_change_note", message, field="change_note")


def unmarked_change_note(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A note to readers is shown only with its mark: without it, what somebody wrote for them stays unread."""
    if page.change_note.strip() and not page.is_material_change:
        message = (
            "There is a note to readers, but no mark that they should know of this change: nobody will see the note."
        )
        yield Finding("unmarked_change_note", message, is_blocking=False, field="change_note")
