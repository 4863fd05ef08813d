"""What may be cited: sources that stand, that are whole, and that no newer one has taken the place of."""

import re
from collections.abc import Iterator
from typing import Any

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.pages.references import Reference
from cms.pages.richtext import key_of
from cms.workflow.checks.wording import Wording

# A citation in stored rich text.
MARK = re.compile(r'<a\b[^<>]{0,80}\blinktype="reference"[^<>]{0,80}>')
_MARK_KEY = re.compile(r'\bid="(\d{1,18})"')


def retracted_references(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A withdrawn source supports nothing. Source: the Committee on Publication Ethics' retraction guidelines."""
    cited = citations_in(page, wording)
    retracted = Reference.objects.filter(pk__in=cited, is_retracted=True).values_list("pk", "short_label")
    for key, label in retracted if cited else ():
        field, block_id = cited[key]
        message = f"“{label}” has been retracted. Cite another source, or take back what rests on it."
        yield Finding("retracted_reference", message, field=field, block_id=block_id)


def lost_references(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A citation whose source was deleted: readers would see the statement without its number."""
    cited = citations_in(page, wording)
    known = set(Reference.objects.filter(pk__in=cited).values_list("pk", flat=True)) if cited else set()
    for key, (field, block_id) in cited.items():
        if key not in known:
            message = "A citation here names a source that is no longer in the library. Cite another one."
            yield Finding("lost_reference", message, field=field, block_id=block_id)


def incomplete_references(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A citation needs who, where and when. Source: the ICMJE's recommendations on references."""
    cited = citations_in(page, wording)
    for reference in Reference.objects.filter(pk__in=cited) if cited else ():
        missing = _missing_parts(reference)
        if missing:
            field, block_id = cited[reference.pk]
            message = (
                f"The reference “{reference.short_label}” lacks {' and '.join(missing)}. Complete it under References."
            )
            yield Finding("incomplete_reference", message, field=field, block_id=block_id)


def superseded_references(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Readers should get the newest evidence there is. Source: the DISCERN instrument, question 5 (when it was produced)."""
    cited = citations_in(page, wording)
    found = Reference.objects.filter(pk__in=cited).select_related("superseded_by") if cited else ()
    for reference in found:
        if newer := reference.superseded_with():
            field, block_id = cited[reference.pk]
            message = f"“{reference.short_label}” is superseded by {newer}. Read that, and cite it if it still says so."
            yield Finding("superseded_reference", message, field=field, block_id=block_id)


def citations_in(page: PublicPage, wording: list[Wording]) -> dict[int, tuple[str, str]]:
    """Keys of the references that the page cites, each with the field and block where it comes first."""
    cited: dict[int, tuple[str, str]] = {}
    for piece in wording:
        for mark in MARK.finditer(piece.source):
            found = _MARK_KEY.search(mark.group())
            key = key_of(found.group(1)) if found else None
            if key is not None:
                cited.setdefault(key, (piece.field, piece.block_id))
    for name, child in blocks_of(page):
        if child.block_type == "statistic" and child.value.get("reference"):
            cited.setdefault(child.value["reference"].pk, (name, str(child.id or "")))
    return cited


def blocks_of(page: PublicPage | None) -> Iterator[tuple[str, Any]]:
    """Every block of the page's streams, each with the name of its field."""
    for name in page.stream_field_names() if page else ():
        for child in getattr(page, name):
            yield name, child


def _missing_parts(reference: Reference) -> list[str]:
    parts = {
        "its authors or publisher": reference.authors or reference.source,
        "its year, or the day on which somebody looked at it": reference.year or reference.accessed,
        "a DOI, a PubMed number or an address": reference.doi or reference.pmid or reference.url,
    }
    if reference.kind != Reference.Kind.SECONDARY:
        parts["its journal or publisher"] = reference.source
    return [name for name, value in parts.items() if not value]
