"""Who is told of what: Wagtail's workflow signals and our own acts become notifications.

Wagtail's own mails know only tasks of groups and are sent inside the request, before anything is committed. Here a row is
written in the same transaction, and the worker mails it (``mailing``). Nobody is told of what he did himself, nor of a page
that he may not open in the admin.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page, PageLogEntry, TaskState, WorkflowState
from wagtail.permissions import page_permission_policy
from wagtail.signals import (
    page_published,
    task_approved,
    task_rejected,
    task_submitted,
    workflow_approved,
    workflow_rejected,
    workflow_submitted,
)

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval
from cms.workflow.inbox import Delivery, Kind, Notification, choices_of
from cms.workflow.models import ReviewTask

_is_quiet: ContextVar[bool] = ContextVar("attest_notifications_quiet", default=False)

# Wagtail's mails about whole reviews, by the names under which it connects them; what is said there is said here.
_WAGTAILS_MAILS = {
    "workflow_state_submitted_email_notification": workflow_submitted,
    "workflow_state_rejected_email_notification": workflow_rejected,
    "workflow_state_approved_email_notification": workflow_approved,
}


@contextmanager
def quietly() -> Iterator[None]:
    """Inside, nobody is told of anything: for loading content that people did not just work on."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def may_open(page: Page, user: Any) -> bool:
    """Whether ``user`` may open ``page`` in the admin at this moment; reviewers may while it waits for them."""
    has_access = user.is_active and user.has_perm("wagtailadmin.access_admin")
    return has_access and page.permissions_for_user(user).can_edit()


def tell_assigned(
    step: TaskState, *, user: Any, actor: Any, stage: Stage | None = None, at: datetime.datetime | None = None
) -> None:
    """Tell ``user`` that ``actor`` gave the review of ``stage`` at ``step`` to him, at the moment ``at``.

    ``stage`` has to be said where a step collects several. One act is told once, however often it is repeated; who gets a
    review back after somebody else had it is told again.
    """
    page = _page_of(step)
    stage = stage or step.task.specific.stages[0]
    if page and _fit(page, step, [user], stage):
        key = f"assigned:{step.pk}:{stage.value}" + (f":{at.astimezone(datetime.UTC).isoformat()}" if at else "")
        _tell([user], Kind.ASSIGNED, page, key=key, actor=actor, step=step, stage=stage)


def tell_approved(step: TaskState, *, stage: Stage, actor: Any) -> None:
    """Tell the authors that ``actor`` approved at ``stage``, where a step collects several and is not over by one."""
    if page := _page_of(step):
        authors = _openers(page, _authors(page, step.workflow_state))
        key = f"approved:{step.pk}:{stage.value}:{timezone.now().isoformat()}"
        _tell(authors, Kind.APPROVED, page, key=key, actor=actor, step=step, stage=stage)


def tell_due(step: TaskState, *, stage: Stage, due_at: datetime.datetime, assigned_to: Any = None) -> int:
    """Tell that the review of ``stage`` at ``step`` was due: who has it, or all who could give it; and the submitter.

    Returns how many people were told now; nobody is told twice of one date.
    """
    page = _page_of(step)
    if page is None:
        return 0
    reviewers = [assigned_to] if assigned_to else list(holders_of(stage))
    fit = _fit(page, step, reviewers, stage)
    submitter = _openers(page, [step.workflow_state.requested_by])
    key = f"due:{step.pk}:{stage.value}:{due_at.astimezone(datetime.UTC).isoformat()}"
    before = Notification.objects.filter(key=key).count()
    _tell([*fit, *submitter], Kind.OVERDUE, page, key=key, step=step, stage=stage)
    return Notification.objects.filter(key=key).count() - before


def tell_refused(page: Page, *, actor: Any = None) -> None:
    """Tell the owner of ``page`` and those who may publish it that the gate did not let it out."""
    publishers = page_permission_policy.users_with_permission_for_instance("publish", page)
    newest = page.latest_revision_id
    key = f"refused:{page.pk}:{newest}:{timezone.now().isoformat()}"
    _tell(_openers(page, [page.owner, *publishers]), Kind.REFUSED, page, key=key, actor=actor)


def tell_overdue(pages: Iterable[tuple[int, datetime.datetime]]) -> int:
    """Tell owners and editors of pages (primary key, when review was due) that review is overdue, once for each due time.

    Returns how many pages were told of now.
    """
    keys = {f"overdue:{page_id}:{due.astimezone(datetime.UTC).isoformat()}": page_id for page_id, due in pages}
    told = set(Notification.objects.filter(key__in=keys).values_list("key", flat=True))
    new = {key: page_id for key, page_id in keys.items() if key not in told}
    if not new:
        return 0
    editors = list(holders_of(Stage.EDITORIAL))
    found = Page.objects.select_related("owner").in_bulk(new.values())
    for key, page_id in new.items():
        if page := found.get(page_id):
            _tell(_openers(page, [page.owner, *editors]), Kind.OVERDUE, page, key=key)
    return len(new)


def tell_of_sources(keys: Mapping[str, int]) -> int:
    """Tell owners that their page cites a source which no longer stands, once for each key (key: primary key of the page).

    Returns how many pages were told of now.
    """
    told = set(Notification.objects.filter(key__in=keys).values_list("key", flat=True))
    new = {key: page_id for key, page_id in keys.items() if key not in told}
    found = Page.objects.select_related("owner").in_bulk(new.values()) if new else {}
    for key, page_id in new.items():
        if page := found.get(page_id):
            _tell(_openers(page, [page.owner]), Kind.SOURCE, page, key=key)
    return len(new)


def connect() -> None:
    """Connect to the workflow and take the places of Wagtail's own mails. Called once, when the application starts."""
    task_submitted.connect(_step_began, dispatch_uid="notifications_step_began")
    task_approved.connect(_step_approved, dispatch_uid="notifications_step_approved")
    task_rejected.connect(_step_rejected, dispatch_uid="notifications_step_rejected")
    page_published.connect(_page_published, dispatch_uid="notifications_page_published")
    for name, wagtails in _WAGTAILS_MAILS.items():
        # A name can be connected once: whether Wagtail starts before us or after, its mail is out.
        wagtails.disconnect(sender=WorkflowState, dispatch_uid=name)
        wagtails.connect(_told_elsewhere, sender=WorkflowState, dispatch_uid=name)


def _told_elsewhere(**options: Any) -> None:
    """Stands where Wagtail's mail stood."""


def _step_began(instance: TaskState, user: Any = None, **options: Any) -> None:
    """A stage's turn has come: whoever could approve there is told. Wagtail mails the groups of other tasks itself."""
    page = _page_of(instance)
    if page is None or not isinstance(instance.task.specific, ReviewTask):
        return
    for stage in instance.task.specific.stages:
        fit = _fit(page, instance, list(holders_of(stage)), stage)
        _tell(fit, Kind.SUBMITTED, page, key=f"submitted:{instance.pk}", actor=user, step=instance, stage=stage)


def _step_approved(instance: TaskState, user: Any = None, **options: Any) -> None:
    page = _page_of(instance)
    if page and len(getattr(instance.task.specific, "stages", ())) <= 1:
        # A step of several stages is told of stage by stage (``tell_approved``).
        authors = _openers(page, _authors(page, instance.workflow_state))
        _tell(authors, Kind.APPROVED, page, key=f"approved:{instance.pk}", actor=user, step=instance)


def _step_rejected(instance: TaskState, user: Any = None, **options: Any) -> None:
    if page := _page_of(instance):
        authors = _openers(page, _authors(page, instance.workflow_state))
        _tell(authors, Kind.CHANGES_REQUESTED, page, key=f"changes:{instance.pk}", actor=user, step=instance)


def _page_published(instance: Any, revision: Any = None, alias: bool = False, **options: Any) -> None:
    """Wagtail says so too when a page is scheduled, and for every alias that follows one: neither is news."""
    if not isinstance(instance, PublicPage) or not instance.live or alias or instance.alias_of_id:
        return
    review = instance.workflow_states.order_by("-created_at", "-pk").first()
    actor = get_active_log_context().user
    key = f"published:{instance.pk}:{getattr(revision, 'pk', '')}:{timezone.now().isoformat()}"
    _tell(_openers(instance, _authors(instance, review)), Kind.PUBLISHED, instance, key=key, actor=actor)


def _page_of(step: TaskState) -> PublicPage | None:
    """The page that is reviewed at ``step``; ``None`` for anything else that has a workflow."""
    reviewed = step.workflow_state.content_object
    page = reviewed.specific if isinstance(reviewed, Page) else None
    return page if isinstance(page, PublicPage) else None


def _authors(page: Page, review: WorkflowState | None) -> list[Any]:
    """The owner of ``page``, who submitted it, and who wrote at it since the publication before the newest revision."""
    published = PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish", revision__isnull=False)
    if page.latest_revision_id:
        published = published.exclude(revision=page.latest_revision_id)
    before = published.order_by("-timestamp").values_list("revision_id", flat=True).first() or 0
    written = list(page.revisions.filter(pk__gt=before, user__isnull=False).order_by("pk"))
    authors = {page.owner_id, review.requested_by_id if review else None}
    for user_id in {revision.user_id for revision in written} - authors:
        # A reviewer's comment makes a revision, too, and does not make him an author.
        if any(approval.has_changed_words(page, revision) for revision in written if revision.user_id == user_id):
            authors.add(user_id)
    return list(get_user_model().objects.filter(pk__in=authors - {None}, is_active=True))


def holders_of(stage: Stage) -> QuerySet[Any]:
    """Active people who hold a role that gives approvals at ``stage``."""
    return get_user_model().objects.with_perm(
        f"workflow.give_{stage.value}_approval", backend="django.contrib.auth.backends.ModelBackend"
    )


def _fit(page: PublicPage, step: TaskState, users: Collection[Any], stage: Stage) -> list[Any]:
    """Those of ``users`` who could approve ``stage`` at ``step``, which may be only beginning, and not the page's current one."""
    task = step.task.specific
    writers = approval.writers_among(page, users)
    return [
        user
        for user in users
        if user.has_perm("wagtailadmin.access_admin")
        and task.user_can_access_editor(page, user)
        and not approval.obstacles(page, stage=stage, user=user, writers=writers)
    ]


def _openers(page: Page, users: Iterable[Any]) -> list[Any]:
    return [user for user in users if user is not None and may_open(page, user)]


def _tell(
    users: Iterable[Any],
    kind: Kind,
    page: Page,
    *,
    key: str,
    actor: Any = None,
    step: TaskState | None = None,
    stage: Stage | None = None,
) -> None:
    """Write one row for each of ``users`` who wants to know, the actor left out."""
    actor_id = getattr(actor, "pk", None)
    receivers = {user.pk: user for user in users if user.pk != actor_id}
    if not receivers or _is_quiet.get():
        return
    now = timezone.now()
    newest = page.latest_revision
    stages: tuple[Stage, ...] = getattr(step.task.specific, "stages", ()) if step else ()
    stage = stage or (stages[0] if len(stages) == 1 else None)
    choices = choices_of(receivers.values())
    rows = []
    for user in receivers.values():
        choice = choices[user.pk]
        if choice.delivery_of(kind) == Delivery.OFF:
            continue
        rows.append(
            Notification(
                user=user,
                kind=kind,
                key=key,
                page_id=page.pk,
                title=(newest.object_str if newest else page.title)[:255],
                stage=stage.value if stage else "",
                step_id=step.pk if step else None,
                actor_name=actor.display_name()[:255] if actor_id else "",
                at=now,
                mail_at=choice.mail_at(kind, now) if user.email else None,
            )
        )
    # The constraint keeps two workers, or two signals, from telling one thing twice.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
