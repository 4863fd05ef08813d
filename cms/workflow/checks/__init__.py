"""Checks: what the desk says of a page's words before people do. One function per finding rule, each with its reason.

A check takes the *examined* page (its words, where each stands, and the page) and yields findings. Blocking ones keep the
page from the public; advice does not.
"""

from collections.abc import Callable, Iterable

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks import claims, completeness, leftovers
from cms.workflow.checks.wording import Wording, wording_of

Check = Callable[[PublicPage, list[Wording]], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    leftovers.placeholders,
    leftovers.broken_markup,
    leftovers.displaced_marks,
    claims.cures,
    completeness.missing_summary,
    completeness.missing_author,
    completeness.missing_clinical_reviewer,
    completeness.missing_relation,
    completeness.missing_words,
    completeness.missing_alt_text,
    completeness.missing_when_to_seek_care,
)


def findings_of(page: PublicPage) -> list[Finding]:
    """Everything that the checks say of ``page``, blocking findings first."""
    wording = wording_of(page)
    found = [finding for check in CHECKS for finding in check(page, wording)]
    return sorted(found, key=lambda finding: not finding.is_blocking)
