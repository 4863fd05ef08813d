"""What a page must have before readers rely on it: a summary, named people, relations, words, alternative texts.

Source: what good health publishers do (named author, named reviewer with credentials, signs of danger first), and WCAG 2.2
success criterion 1.1.1 for pictures.
"""

from collections.abc import Iterator

from wagtail.blocks import StreamValue

from cms.pages.findings import Finding
from cms.pages.models import ClinicalPage, PublicPage
from cms.workflow.checks.wording import Wording

# A page type's stream fields that hold its main words; one of them has to be filled.
_MAIN_FIELDS = {
    "article": ("body",),
    "condition": ("overview", "body"),
    "service": ("what_to_expect", "body"),
    "topic": (),
    "person": ("biography",),
}


def missing_summary(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Lists, search and sharing show the summary; an empty one shows nothing."""
    if not page.summary.strip():
        yield Finding("missing_summary", "Write a summary: one or two sentences for lists and search.", field="summary")


def missing_author(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Readers must be able to see who wrote a health text."""
    if isinstance(page, ClinicalPage) and not page.author_links.all():
        yield Finding("missing_author", "Name at least one author (tab People).", field="author_links")


def missing_clinical_reviewer(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A health text needs a clinician who answers for it, and who is not its author."""
    if not isinstance(page, ClinicalPage):
        return
    reviewer = page.clinical_reviewer
    if reviewer is None:
        message = "Name the clinical reviewer (tab People)."
        yield Finding("missing_clinical_reviewer", message, field="clinical_reviewer")
    elif any(link.person_id == reviewer.pk for link in page.author_links.all()):
        message = "The clinical reviewer may not be an author of the page."
        yield Finding("reviewer_is_author", message, field="clinical_reviewer")


def missing_relation(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """An article without a condition, service or topic cannot be found by the reader who needs it."""
    if page.document_type != "article":
        return
    if not (page.condition_links.all() or page.service_links.all() or page.topic_links.all()):
        message = "Relate the article to at least one condition, service or topic (tab Relations)."
        yield Finding("missing_relation", message, field="condition_links")


def missing_words(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A page of a type that informs must inform."""
    fields = _MAIN_FIELDS.get(page.document_type, ())
    if fields and not any(getattr(page, name) for name in fields):
        yield Finding("missing_words", "The page has no text yet.", field=fields[0])


def missing_alt_text(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Every picture that says something says it to people who cannot see it, too."""
    if page.image and page.image.lacks_alt_text():
        yield Finding("missing_alt_text", _alt_message(page.image.title), field="image")
    for name in page.stream_field_names():
        stream: StreamValue = getattr(page, name)
        for child in stream:
            picture = child.value.get("image") if child.block_type == "image" else None
            if picture and picture.lacks_alt_text():
                yield Finding("missing_alt_text", _alt_message(picture.title), field=name, block_id=str(child.id or ""))


def missing_when_to_seek_care(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A condition page says first when waiting could harm."""
    if page.document_type == "condition" and not (page.emergency_signs or page.soon_signs):
        message = "Say when to seek care: at least one sign that needs help at once or soon."
        yield Finding("missing_when_to_seek_care", message, field="emergency_signs")


def _alt_message(title: str) -> str:
    return f"The picture “{title}” has no description. Write one, or mark it as only decorating."
