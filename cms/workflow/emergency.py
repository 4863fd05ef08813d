"""The two acts of an emergency: publish the newest draft now, or correct what is public and leave the draft alone.

Each is one transaction: the override, the publication and the ledger's entry stand or fall together. A refused attempt
changes nothing and leaves a line in the page's history.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry, Revision
from wagtail.signals import page_published, published

from cms.pages.findings import Finding
from cms.pages.locking import lock_pages
from cms.pages.models import PublicPage
from cms.workflow import approval, correction, gate, override
from cms.workflow.models import Override
from cms.workflow.override import OverrideRefused

if TYPE_CHECKING:
    from cms.accounts.models import User


def publish_draft(
    page: PublicPage, *, user: "User", reason: str, content_digest: str, now: datetime.datetime
) -> Override:
    """Publish the newest draft of ``page`` past the gate, at once, also when it has a later go-live time.

    ``content_digest`` is of the words that ``user`` saw. Raises ``OverrideRefused`` when the draft has others by now, when
    nothing has to be overridden, or when something stands against it that no override lifts.
    """
    with _refusal_logged(page, user):
        page = _locked(page)
        draft = approval.draft_of(page)
        if draft.content_digest() != content_digest:
            raise OverrideRefused(
                ["The draft was changed since you opened this page. Read it again before it goes out."]
            )
        decision = gate.decide(draft)
        if decision.is_admitted:
            raise OverrideRefused(["Nothing stands against this draft. Publish it in the editor."])
        _refuse_held(draft, decision, now)
        author_ids = _writers_of(page)
        revision = page.get_latest_revision()
        if revision is None or (draft.go_live_at and draft.go_live_at > now):
            draft.go_live_at = None
            revision = draft.save_revision(user=user, changed=False)
        given = override.record(
            revision,
            page=page,
            user=user,
            reason=reason,
            findings=decision.blocking,
            author_ids=author_ids,
            corrected_from=None,
            now=now,
        )
        PublishPageRevisionAction(revision, user=user).execute(skip_permission_checks=True)
        return given


def correct_public(
    page: PublicPage, words: PublicPage, *, user: "User", reason: str, content_digest: str, now: datetime.datetime
) -> Override:
    """Publish ``words`` in the place of what the public reads of ``page``; its pending draft, review and schedule stay.

    ``words`` is the live row with its corrected fields; ``content_digest`` is of the public words that it started from.
    Raises ``OverrideRefused`` as ``publish_draft`` does, and when nothing is corrected.
    """
    with _refusal_logged(page, user):
        page = _locked(page)
        _refuse_stale(page, words, content_digest)
        decision = gate.decide(words)
        _refuse_held(words, decision, now)
        words.go_live_at = None
        pending = correction.pending_draft(page)
        begun_from = correction.baseline(page) if pending else None
        revision = _revision_beside(words, user) if pending else words.save_revision(user=user, log_action=True)
        given = override.record(
            revision,
            page=page,
            user=user,
            reason=reason,
            findings=decision.blocking,
            author_ids=[user.pk],
            corrected_from=begun_from,
            now=now,
        )
        if pending:
            _publish_beside(revision, user)
        else:
            PublishPageRevisionAction(revision, user=user).execute(skip_permission_checks=True)
        return given


def held_findings(decision: gate.Decision) -> list[Finding]:
    """What no override lifts: somebody has to mend it first."""
    return [finding for finding in decision.blocking if finding.code in gate.HOLDING]


class _PublishBesideDraft(PublishPageRevisionAction):
    """Wagtail's publication without its last step, which would end the review of the draft that stays."""

    def _after_publish(self) -> None:
        page = self.object
        page_published.send(sender=page.specific_class, instance=page.specific, revision=self.revision)
        published.send(sender=type(page), instance=page, revision=self.revision)
        page.update_aliases(revision=self.revision, _content=self.revision.content)


@contextmanager
def _refusal_logged(page: PublicPage, user: Any) -> Iterator[None]:
    """One transaction; what it refuses is undone, and then noted in the page's history."""
    try:
        with transaction.atomic():
            yield
    except OverrideRefused as refusal:
        log(instance=page, action="attest.override.refused", user=user, data={"reasons": refusal.reasons})
        raise


def _locked(page: PublicPage) -> PublicPage:
    """``page`` as it stands now; a second act on it waits until this one is done."""
    lock_pages([page.pk])
    return Page.objects.get(pk=page.pk).specific


def _refuse_stale(page: PublicPage, words: PublicPage, content_digest: str) -> None:
    if not page.live:
        raise OverrideRefused(["This page is not public: there is nothing to correct."])
    if page.content_digest() != content_digest:
        raise OverrideRefused(["The public words were changed since you opened this page. Read them again."])
    if words.content_digest() == content_digest:
        raise OverrideRefused(["Nothing was corrected: these are the words that are public."])


def _refuse_held(words: PublicPage, decision: gate.Decision, now: datetime.datetime) -> None:
    reasons = [finding.message for finding in held_findings(decision)]
    if words.expire_at and words.expire_at <= now:
        reasons.append("The page’s time is over: its words would not be shown. Change the time first.")
    if reasons:
        raise OverrideRefused(reasons)


def _writers_of(page: PublicPage) -> list[int]:
    """Primary keys of everybody who wrote the newest draft of ``page`` since the words that are public."""
    keys = {page.owner_id, *page.revisions.values_list("user_id", flat=True)}
    keys |= set(PageLogEntry.objects.filter(page=page.pk).values_list("user_id", flat=True))
    people = get_user_model().objects.filter(pk__in=keys - {None})
    return [user.pk for user in people if approval.has_written(page, user)]


def _revision_beside(words: PublicPage, user: "User") -> Revision:
    """A revision of ``words`` that does not become the newest draft."""
    words.full_clean()
    return Revision.objects.create(
        content_object=words,
        base_content_type=words.get_base_content_type(),
        user=user,
        content=words.serializable_data(),
        object_str=str(words),
    )


def _publish_beside(revision: Revision, user: "User") -> None:
    """Publish ``revision``; schedules of other revisions, which Wagtail would clear, and the draft's mark stay."""
    page_id = int(revision.object_id)
    scheduled = list(Revision.page_revisions.filter(object_id=revision.object_id, approved_go_live_at__isnull=False))
    _PublishBesideDraft(revision, user=user).execute(skip_permission_checks=True)
    for waiting in scheduled:
        Revision.objects.filter(pk=waiting.pk).update(approved_go_live_at=waiting.approved_go_live_at)
    Page.objects.filter(pk=page_id).update(has_unpublished_changes=True)
