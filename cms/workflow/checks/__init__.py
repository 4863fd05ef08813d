"""Checks: what the desk says of a page's words before people do. One function per finding rule, each with its reason.

A check takes the *examined* page (its words, where each stands, and the page) and yields findings. Blocking ones keep the
page from the public; advice does not. Which is which is said here, and can be said otherwise in settings (``tuning``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks import (
    changes,
    claims,
    completeness,
    evidence,
    language,
    leftovers,
    links,
    sources,
    surroundings,
    tuning,
)
from cms.workflow.checks.wording import Wording, checked_wording

# What one check says of a page at most; who mends these finds the others at the next save.
MAX_FINDINGS = 50

Check = Callable[[PublicPage, list[Wording]], Iterable[Finding]]


@dataclass(frozen=True)
class Rule:
    """A check and what it does unless settings say otherwise. ``may_block``: whether settings may make it blocking."""

    check: Check
    level: tuning.Level
    may_block: bool = True

    @property
    def name(self) -> str:
        """The name of the check in settings: its function's."""
        return self.check.__name__

    @property
    def reason(self) -> str:
        """Why the check is there, and its source: the first line of its docstring."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


CHECKS: tuple[Rule, ...] = (
    Rule(leftovers.placeholders, "blocking"),
    Rule(leftovers.broken_markup, "blocking"),
    Rule(leftovers.displaced_marks, "blocking"),
    Rule(leftovers.too_long_to_check, "blocking"),
    Rule(claims.cures, "blocking"),
    Rule(evidence.uncited_claims, "blocking"),
    Rule(sources.retracted_references, "blocking"),
    Rule(sources.lost_references, "blocking"),
    Rule(completeness.missing_summary, "blocking"),
    Rule(completeness.missing_author, "blocking"),
    Rule(completeness.missing_clinical_reviewer, "blocking"),
    Rule(completeness.missing_relation, "blocking"),
    Rule(completeness.missing_words, "blocking"),
    Rule(completeness.missing_alt_text, "blocking"),
    Rule(completeness.missing_when_to_seek_care, "blocking"),
    Rule(changes.missing_change_note, "blocking"),
    Rule(sources.incomplete_references, "advice"),
    Rule(sources.superseded_references, "advice"),
    Rule(surroundings.benefits_without_risks, "advice"),
    Rule(surroundings.reviewer_credentials, "advice"),
    Rule(links.links, "advice", may_block=False),
    Rule(surroundings.heading_order, "advice"),
    Rule(surroundings.same_title, "advice"),
    Rule(surroundings.small_images, "advice"),
    Rule(changes.unmarked_change_note, "advice", may_block=False),
    Rule(language.lengths, "advice"),
    Rule(language.reading_grade, "advice", may_block=False),
    Rule(language.stigmatising_words, "advice", may_block=False),
)


def findings_of(page: PublicPage, *, with_advice: bool = True) -> list[Finding]:
    """Everything that the checks say of ``page``, blocking findings first.

    Without advice only what keeps the page from the public is asked for, as settings have it; advice decides nothing.
    """
    wording = checked_wording(page)
    found = []
    for rule in CHECKS:
        level = tuning.level_of(rule.name, rule.level)
        if level == "blocking" or (with_advice and level == "advice"):
            said = islice(rule.check(page, wording), MAX_FINDINGS)
            found += [replace(finding, is_blocking=level == "blocking") for finding in said]
    return sorted(found, key=lambda finding: not finding.is_blocking)


def require_usable_setting() -> None:
    """Raise ``ImproperlyConfigured`` when ``CONTENT_CHECKS`` names a check or a limit that there is not, or an odd value."""
    tuning.require_usable({rule.name: rule.may_block for rule in CHECKS})
