"""What a page has around it and how it is put together: headings, other pages, pictures, people, risks.

All of it is advice, each for its own reason. Links are judged in ``links``.
"""

import re
from collections.abc import Iterator

from django.utils import timezone
from wagtail.models import Page

from cms.pages.findings import Finding
from cms.pages.models import ClinicalPage, PublicPage
from cms.workflow.checks.tuning import limit
from cms.workflow.checks.wording import Wording

_BENEFIT = re.compile(
    r"\b(?:acupuncture|acupressure|needl\w+|massage|chiropractic|manipulation|adjustments?|cupping|therap(?:y|ies)|treatments?"
    r"|supplements?|herbs?|medicines?)\b[^.;!?]{0,80}\b(?:helps?|eases?|reliev\w+|relief|reduc\w+|improv\w+|benefits?|effective"
    r"|promotes?|boosts?|lowers?)\b",
    re.IGNORECASE,
)
_RISK = re.compile(
    r"\b(?:risks?|side[\s-]effects?|harms?|harmful|complications?|precautions?|unsafe|caution|reactions?|bruis\w+|bleed\w*|sore\w*"
    r"|infections?|blood\s+thinners?|not\s+(?:safe|suitable|for\s+everyone)|should\s+not\s+have)\b",
    re.IGNORECASE,
)


def heading_order(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Headings are a table of contents to a screen reader. Source: WCAG 2.2, criterion 1.3.1, technique G141."""
    above = 1
    for child in page.body:
        if child.block_type != "heading":
            continue
        level = int(child.value["level"] or 2)
        if level > above + 1:
            message = f"“{child.value['text']}” is a heading of level {level} under one of level {above}: a level is left out."
            yield Finding("heading_order", message, field="body", block_id=str(child.id or ""))
        above = level


def same_title(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Two pages with one title cannot be told apart in a list. Source: WCAG 2.2, criterion 2.4.2."""
    others = Page.objects.live().filter(depth__gt=1, title=page.title, locale=page.locale_id, alias_of=None)
    twin = others.exclude(pk=page.pk).first() if page.title and not page.alias_of_id else None
    if twin:
        message = f"Another public page has this title: {twin.url_path}. Readers cannot tell them apart in lists."
        yield Finding("same_title", message, field="title")


def small_images(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """What people share is seen by its picture. Source: the Open Graph guides of the large networks."""
    field = "og_image" if page.og_image else "image"
    picture = page.og_image or page.image
    least = (limit("share_width"), limit("share_height"))
    if picture and (picture.width < least[0] or picture.height < least[1]):
        message = (
            f"“{picture.title}” is {picture.width} × {picture.height} pixels, too small to share; "
            f"{least[0]} × {least[1]} are needed."
        )
        yield Finding("small_image", message, field=field)


def reviewer_credentials(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """The named reviewer should be able to sign. Advice: the gate judges whoever does sign, who may be somebody else."""
    reviewer = page.clinical_reviewer if isinstance(page, ClinicalPage) else None
    if reviewer is None:
        return
    name, user = reviewer.title, reviewer.user
    if user is None:
        message = f"{name} has no login here, so nobody knows of a licence. Name somebody who can sign."
        yield Finding("reviewer_without_login", message, field="clinical_reviewer")
    elif not user.credentials or not user.licence_number:
        message = f"No credentials and licence of {name} are on file. Name somebody who can sign."
        yield Finding("reviewer_without_credentials", message, field="clinical_reviewer")
    elif not user.has_valid_credentials(today=timezone.localdate()):
        message = f"The licence of {name} has expired. Renew it, or name somebody else."
        yield Finding("reviewer_credentials_expired", message, field="clinical_reviewer")
    if user is not None and page.owner_id == user.pk and not page.live:
        message = f"{name} began this page and cannot sign it. Name somebody who did not write it."
        yield Finding("reviewer_not_independent", message, field="clinical_reviewer")


def benefits_without_risks(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Who reads of a benefit must read of the risks. Source: the FTC's health products guidance, the DISCERN instrument.

    Advice: a word of risk somewhere does not prove that the risks are told, and a block would only teach editors the word.
    """
    if page.document_type not in {"article", "service"} or getattr(page, "precautions", None):
        return
    stated = next((piece for piece in wording if _BENEFIT.search(piece.text)), None)
    if stated and not any(_RISK.search(piece.text) for piece in wording):
        message = (
            "The page tells of a benefit and of no risk. Say what can go wrong, and who should ask a provider first."
        )
        field = "precautions" if page.document_type == "service" else stated.field
        yield Finding(
            "benefit_without_risk", message, field=field, block_id="" if field == "precautions" else stated.block_id
        )
