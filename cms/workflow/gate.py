"""The gate: may this content become public? The one home of that rule.

The editor's form asks early, to be kind; the ledger asks last, to be safe. A content passes when every stage that its page
type requires has approved *these words*, by somebody entitled to who did not write them, and no blocking check finds fault.

In an emergency an override opens it for exactly one content (``override``). What protects readers from broken output holds
all the same: ``HOLDING``.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils import timezone

from cms.pages.findings import Finding
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval, override
from cms.workflow.checks import findings_of
from cms.workflow.correction import changed_words
from cms.workflow.models import Approval, Override

# Findings that no override lifts: readers would get something damaged, unfinished or empty, which helps nobody in an
# emergency, and whoever writes the correction mends it in the same form.
HOLDING = frozenset({"broken_markup", "displaced_marks", "placeholder", "missing_words", "source_not_public"})


@dataclass(frozen=True)
class Decision:
    """What the gate says of one content: it is admitted when no blocking finding stands.

    ``override`` is there only when it was needed; what it lifts stands among the findings as advice.
    """

    approvals: tuple[Approval, ...]
    findings: tuple[Finding, ...]
    override: Override | None = None

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that keep the content from the public."""
        return tuple(finding for finding in self.findings if finding.is_blocking)

    @property
    def is_admitted(self) -> bool:
        """Whether the content may become public."""
        return not self.blocking


class GateBlocked(Exception):
    """A content was refused; ``page`` and the ``decision`` say which and why."""

    def __init__(self, page: PublicPage, decision: Decision) -> None:
        self.page = page
        self.decision = decision
        reasons = " ".join(finding.message for finding in decision.blocking)
        super().__init__(f"“{page.title}” may not be published. {reasons}")


def decide(page: PublicPage, *, with_advice: bool = False) -> Decision:
    """What the gate says of ``page`` as it stands in memory: a draft, a revision's object, or the live row.

    An alias is judged by its source: the same words, approved there. The advice of checks is for those who show it; what the
    gate decides does not hang on it.
    """
    return decide_each([(page, page.content_digest())], with_advice=with_advice)[0]


def decide_each(contents: Iterable[tuple[PublicPage, str]], *, with_advice: bool = False) -> list[Decision]:
    """As ``decide``, for many pages with one look at the approvals: each page comes with its own content digest."""
    contents = list(contents)
    signed = [_signed_content(page, content_digest) for page, content_digest in contents]
    standing = approval.standing_among(signed)
    corrections = changed_words(signed)
    judged = [
        _judge(page, standing[content], corrections.get(content), with_advice=with_advice)
        for (page, _digest), content in zip(contents, signed, strict=True)
    ]
    blocked = {content for content, decision in zip(signed, judged, strict=True) if not decision.is_admitted}
    overrides = override.standing_among(blocked, now=timezone.now()) if blocked else {}
    return [
        _lifted(decision, overrides[content]) if content in overrides else decision
        for content, decision in zip(signed, judged, strict=True)
    ]


def admit(page: PublicPage) -> Decision:
    """As ``decide``; raises ``GateBlocked`` when the content is refused."""
    decision = decide(page)
    if not decision.is_admitted:
        raise GateBlocked(page, decision)
    return decision


def _signed_content(page: PublicPage, content_digest: str) -> tuple[uuid.UUID, str]:
    """The document and the digest that approvals of this content carry: for an alias, those of its source."""
    if page.alias_of:
        source = _source_of(page)
        return document_id_of(source), page.content_digest(slug=source.slug)
    return document_id_of(page), content_digest


def _source_of(alias: PublicPage) -> PublicPage:
    """The page that ``alias`` follows in the end: an alias can follow an alias."""
    source, seen = alias.alias_of, {alias.pk}
    while source.alias_of_id and source.alias_of_id not in seen:
        seen.add(source.pk)
        source = source.alias_of
    return source.specific


def _lifted(decision: Decision, given: Override) -> Decision:
    """``decision`` under an override: all but what holds becomes advice. Lapsed approvals are not shown as a review."""
    findings = tuple(replace(finding, is_blocking=finding.code in HOLDING) for finding in decision.findings)
    today = timezone.localdate()
    valid = [
        signed
        for signed in decision.approvals
        if signed.stage != Stage.CLINICAL or signed.user.has_valid_credentials(today=today)
    ]
    return Decision(tuple(valid), findings, given)


def _judge(
    page: PublicPage, standing: dict[Stage, Approval], correction: Override | None, *, with_advice: bool
) -> Decision:
    findings = [*_missing_approvals(page, standing), *findings_of(page, with_advice=with_advice)]
    if correction:
        findings.append(_public_words_changed(correction, standing))
    if page.alias_of and not (source := _source_of(page)).live:
        # An alias would otherwise show today what is approved for tomorrow.
        findings.insert(
            0, Finding("source_not_public", f"The page that this alias follows, “{source.title}”, is not public.")
        )
    return Decision(tuple(standing[stage] for stage in page.required_stages if stage in standing), tuple(findings))


def _public_words_changed(correction: Override, standing: dict[Stage, Approval]) -> Finding:
    """Advice once somebody approved with the correction before their eyes; until then what it corrected must not return."""
    is_known = any(given.at > correction.at for given in standing.values())
    message = (
        f"The public words were corrected in an emergency on {timezone.localtime(correction.at):%d %B %Y, %H:%M}, after this "
        "draft was begun. Take the correction over into this draft, and have it approved again."
    )
    return Finding("public_words_changed", message, is_blocking=not is_known)


def _missing_approvals(page: PublicPage, standing: dict[Stage, Approval]) -> list[Finding]:
    missing = []
    today = timezone.localdate()
    for stage in page.required_stages:
        given = standing.get(stage)
        if given is None:
            missing.append(Finding(f"not_approved_{stage.value}", f"{stage.label} has not approved this text."))
        elif stage == Stage.CLINICAL and not given.user.has_valid_credentials(today=today):
            message = f"The credentials of {given.name}, who gave the clinical approval, are no longer valid."
            missing.append(Finding("credentials_expired", message))
    return missing
