"""The cells of the matrix: people, the states in which they find a page, what each of them sends, and what it would change.

The table itself is ``matrix.toml``. Here is only how a person, a state and an action are made; what is allowed stands there.
"""

import datetime
import hashlib
import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Comment, Page, PageLogEntry, PageViewRestriction, Revision, TaskState, WorkflowState

from cms.accounts.models import User
from cms.api.models import PreviewToken
from cms.pages.stages import Stage
from cms.publishing import capture
from cms.publishing.models import Entry, Head
from cms.workflow import approval, emergency
from cms.workflow.models import Approval, Assignment, ChangeRequest, Override, OverrideConfirmation
from tests.factories import Clinic, all_ticked, draft, make_clinician, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

REASON = "The dose was given as 500 mg; it is 50 mg."
# The roles of the people, by the names of the table. Who wrote is decided by the states: “author” and those named for it.
GROUPS: dict[str, tuple[str, ...]] = {
    "anonymous": (),
    "stranger": (),
    "author": ("Author",),
    "other_author": ("Author",),
    "editor": ("Editor",),
    "editor_who_wrote": ("Editor",),
    "clinician": ("Clinician",),
    "expired_clinician": ("Clinician",),
    "publisher": ("Publisher",),
    "administrator": ("Administrator",),
    "superuser": (),
    "superuser_who_wrote": (),
}


@dataclass
class Scene:
    """A page in some state, and everybody in front of a browser."""

    clinic: Clinic
    page: Any = None
    people: dict[str, User] = field(default_factory=dict)
    browsers: dict[str, Client] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    digest: str = ""
    step: TaskState | None = None
    old: Revision | None = None
    override: Override | None = None
    request: int = 0
    editor: User | None = None  # gave the approval at editorial review, and is nobody of the table

    def step_key(self) -> int:
        """The step that waits, or one that there was; a number that none has in a page that never was in review."""
        return self.step.pk if self.step else 999_999


def people(clinic: Clinic) -> Scene:
    """Everybody, logged in."""
    scene = Scene(clinic)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    made = {
        "author": clinic.author,
        "clinician": make_clinician("carl", licence_number="MO-7"),
        "expired_clinician": make_clinician("cora", licence_number="MO-8", credentials_expire_on=yesterday),
        "superuser": make_user("sue", is_superuser=True),
        "superuser_who_wrote": make_user("sam", is_superuser=True),
    }
    for name, groups in GROUPS.items():
        if name != "anonymous":
            scene.people[name] = made.get(name) or make_user(f"the-{name.replace('_', '-')}", *groups)
    scene.browsers = {name: desk.login(user) for name, user in scene.people.items()} | {"anonymous": Client()}
    scene.editor = clinic.editor
    return scene


# --- The states of a page --------------------------------------------------------------------------------------------


def in_draft(scene: Scene) -> None:
    """Written by the author, then by an editor and a superuser."""
    scene.page = scene.clinic.article_draft("subject")
    for number, name in enumerate(("editor_who_wrote", "superuser_who_wrote", "author")):
        draft(scene.page, user=scene.people[name], summary=f"The summary in its version {number}.")
        scene.old = scene.old or fresh(scene.page).get_latest_revision()


def in_editorial_review(scene: Scene) -> None:
    in_draft(scene)
    _submit(scene)


def in_clinical_review(scene: Scene) -> None:
    in_editorial_review(scene)
    _approve(scene, Stage.EDITORIAL, scene.editor)


def changes_requested(scene: Scene) -> None:
    in_editorial_review(scene)
    page = fresh(scene.page)
    approval.request_changes(page.current_workflow_task_state, page=page, user=scene.editor, comment="Which nights?")
    scene.request = ChangeRequest.objects.get().pk


def approved(scene: Scene) -> None:
    """Both approvals are given, outside of a workflow: anybody who may publish could do it now."""
    in_draft(scene)
    scene.clinic.approve(scene.page)


def scheduled(scene: Scene) -> None:
    in_draft(scene)
    draft(scene.page, user=scene.people["author"], go_live_at=timezone.now() + datetime.timedelta(days=1))
    _submit(scene)
    _approve(scene, Stage.EDITORIAL, scene.editor)
    _approve(scene, Stage.CLINICAL, scene.clinic.clinician)
    assert fresh(scene.page).scheduled_revision


def public(scene: Scene) -> None:
    in_clinical_review(scene)
    _approve(scene, Stage.CLINICAL, scene.clinic.clinician)
    assert fresh(scene.page).live


def public_with_a_newer_draft(scene: Scene) -> None:
    public(scene)
    for name in ("editor_who_wrote", "superuser_who_wrote", "author"):
        draft(scene.page, user=scene.people[name], summary=f"Newer words, by {name}.")


def private(scene: Scene) -> None:
    public(scene)
    PageViewRestriction.objects.create(page=scene.page, restriction_type="login")


def published_in_an_emergency(scene: Scene) -> None:
    in_draft(scene)
    page = fresh(scene.page)
    chief, digest = make_user("ada", "Administrator"), approval.draft_of(page).content_digest()
    scene.override = emergency.publish_draft(page, user=chief, reason=REASON, content_digest=digest, now=timezone.now())


STATES: dict[str, Callable[[Scene], None]] = {
    "draft": in_draft,
    "editorial_review": in_editorial_review,
    "clinical_review": in_clinical_review,
    "changes_requested": changes_requested,
    "approved": approved,
    "scheduled": scheduled,
    "public": public,
    "public_with_draft": public_with_a_newer_draft,
    "private": private,
    "emergency": published_in_an_emergency,
}


def prepare(scene: Scene, state: str) -> None:
    """Bring the page into ``state``, and open the form that everybody will send."""
    STATES[state](scene)
    page = fresh(scene.page)
    scene.page, scene.step = page, page.current_workflow_task_state or TaskState.objects.order_by("-pk").first()
    scene.digest = approval.draft_of(page).content_digest()
    scene.form = desk.opened(scene.browsers["superuser"], page)


def _submit(scene: Scene) -> None:
    page = fresh(scene.page)
    page.get_workflow().start(page, scene.people["author"])


def _approve(scene: Scene, stage: Stage, user: Any) -> None:
    page = fresh(scene.page)
    step = page.current_workflow_task_state
    approval.approve_task(step, page=page, stage=stage, user=user, ticked=all_ticked(stage))


# --- What is sent ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """One thing that somebody tries: where it is sent, with what, and which facts show that it happened.

    ``leaves`` are facts that may change although it was refused: a form that publishes also saves, and saving was allowed.
    """

    url: Callable[[Scene], str]
    form: Callable[[Scene], Any]
    shows: tuple[str, ...]
    leaves: tuple[str, ...] = ()
    method: str = "post"
    is_json: bool = False


_DRAFT = ("revisions", "drafts")


def _pages(name: str) -> Callable[[Scene], str]:
    return lambda scene: reverse(f"wagtailadmin_pages:{name}", args=[scene.page.pk])


def _own(name: str) -> Callable[[Scene], str]:
    return lambda scene: reverse(name, args=[scene.page.pk])


def _api(name: str) -> Callable[[Scene], str]:
    return lambda scene: reverse("wagtailadmin_api:pages:action", args=[scene.page.pk, name])


def _bulk(name: str) -> Callable[[Scene], str]:
    url = reverse("wagtail_bulk_action", args=("wagtailcore", "page", name))
    return lambda scene: f"{url}?id={scene.page.pk}"


def _step(name: str) -> Callable[[Scene], str]:
    return lambda scene: reverse("wagtailadmin_pages:workflow_action", args=[scene.page.pk, name, scene.step_key()])


def _sent(**values: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: dict(values)


def _form(**values: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: scene.form | values


def _points(scene: Scene) -> list[str]:
    return desk.ticked(scene.step) if scene.step else sorted(all_ticked(Stage.EDITORIAL))


def _approval(scene: Scene, **more: Any) -> dict[str, Any]:
    """An approval as the review page sends it: every point ticked, bound to the words that the page showed."""
    return {"points": _points(scene), "comment": "", "content_digest": scene.digest, **more}


def _old(scene: Scene) -> str:
    """The digest of the words that the draft began with."""
    return scene.old.as_object().content_digest() if scene.old else ""


def _in_form(scene: Scene, **more: Any) -> dict[str, Any]:
    extra = json.dumps(_approval(scene, **more))
    decision = {"action-workflow-action": "true", "workflow-action-name": "approve"}
    return scene.form | decision | {"workflow-action-extra-data": extra}


def _soon() -> str:
    return f"{timezone.localtime() + datetime.timedelta(days=2):%Y-%m-%d %H:%M}"


ACTIONS: dict[str, Action] = {
    "open": Action(_pages("edit"), _sent(), (), method="get"),
    "history": Action(_pages("history"), _sent(), (), method="get"),
    "save": Action(_pages("edit"), _form(title="Other words"), _DRAFT),
    "submit": Action(_pages("edit"), _form(**{"action-submit": "1"}), ("reviews",), _DRAFT),
    "approve": Action(_step("approve"), lambda scene: _approval(scene), ("approvals",)),
    "approve_with_comment": Action(
        _step("approve"), lambda scene: _approval(scene, comment="Well put."), ("approvals",)
    ),
    "approve_unticked": Action(_step("approve"), lambda scene: _approval(scene, points=[]), ("approvals",)),
    "approve_unread": Action(_step("approve"), lambda scene: _approval(scene, content_digest=""), ("approvals",)),
    "approve_old_words": Action(
        _step("approve"), lambda scene: _approval(scene, content_digest=_old(scene)), ("approvals",)
    ),
    "approve_in_form": Action(_pages("edit"), _in_form, ("approvals",), _DRAFT),
    "approve_in_form_unread": Action(
        _pages("edit"), lambda scene: _in_form(scene, content_digest=""), ("approvals",), _DRAFT
    ),
    "decide": Action(_own("review_decide"), lambda scene: _approval(scene, action="approve"), ("approvals",)),
    "decide_unread": Action(
        _own("review_decide"), lambda scene: _approval(scene, action="approve", content_digest=""), ("approvals",)
    ),
    "decide_on_old_words": Action(
        _own("review_decide"),
        lambda scene: _approval(scene, action="approve", content_digest=_old(scene)),
        ("approvals",),
    ),
    "request_changes": Action(_step("reject"), _sent(comment="Which nights?"), ("requests", "steps")),
    "request_changes_without_comment": Action(_step("reject"), _sent(comment=" "), ("requests", "steps")),
    "mark_done": Action(_own("review_done"), lambda scene: {"request": scene.request}, ("requests",)),
    "cancel": Action(_pages("edit"), _form(**{"action-cancel-workflow": "true"}), ("reviews",), _DRAFT),
    "withdraw": Action(_own("review_withdraw"), _sent(reason="Later."), ("reviews",)),
    "claim": Action(_own("review_claim"), _sent(), ("assignments",)),
    "assign": Action(
        _own("review_assign"),
        lambda scene: {"user": (scene.people["clinician"] if _is_clinical(scene) else scene.editor).pk},
        ("assignments",),
    ),
    "release": Action(_own("review_release"), _sent(), ("assignments",)),
    "due": Action(_own("review_due"), _sent(due="2126-01-31"), ("assignments",)),
    "publish": Action(_pages("edit"), _form(**{"action-publish": "1"}), ("live",), _DRAFT),
    "schedule": Action(
        _pages("edit"),
        lambda scene: scene.form | {"go_live_at": _soon(), "action-publish": "1"},
        ("schedule",),
        _DRAFT,
    ),
    "bulk_publish": Action(_bulk("publish"), _sent(), ("live",)),
    "api_publish": Action(_api("publish"), _sent(), ("live",), is_json=True),
    "unpublish": Action(_pages("unpublish"), _sent(), ("live",)),
    "bulk_unpublish": Action(_bulk("unpublish"), _sent(), ("live",)),
    "api_unpublish": Action(_api("unpublish"), _sent(), ("live",), is_json=True),
    "emergency": Action(
        _own("emergency_publish"), lambda scene: {"reason": REASON, "content_digest": scene.digest}, ("overrides",)
    ),
    "correct": Action(
        _own("emergency_correct"),
        lambda scene: {
            "title": "Corrected",
            "summary": scene.page.summary,
            "reason": REASON,
            "content_digest": scene.page.content_digest(),
        },  # fmt: skip
        ("overrides",),
    ),
    "confirm_emergency": Action(
        lambda scene: reverse("override", args=[scene.override.pk if scene.override else 999_999]),
        _sent(),
        ("confirmations",),
    ),
    "share_preview": Action(_own("share_preview"), _sent(hours="1", revision="latest"), ("shares",)),
    "make_private": Action(
        _pages("set_privacy"), _sent(restriction_type="login", password="", groups=[]), ("restrictions",)
    ),
    "make_open": Action(
        _pages("set_privacy"), _sent(restriction_type="none", password="", groups=[]), ("restrictions",)
    ),
    "move": Action(
        lambda scene: reverse("wagtailadmin_pages:move_confirm", args=[scene.page.pk, scene.clinic.articles.pk]),
        _sent(),
        ("tree",),
    ),
    "lock": Action(_pages("lock"), _sent(), ("drafts",)),
    "copy": Action(
        _pages("copy"),
        lambda scene: {"new_title": "Copy", "new_slug": "copy", "new_parent_page": scene.clinic.articles.pk},
        ("tree",),
    ),
    "api_revert": Action(
        _api("revert_to_page_revision"), lambda scene: {"revision_id": scene.old.pk}, _DRAFT, is_json=True
    ),
    "delete": Action(_pages("delete"), _sent(), ("tree",)),
    "api_delete": Action(_api("delete"), _sent(), ("tree",), is_json=True),
}


def _is_clinical(scene: Scene) -> bool:
    return bool(scene.step and scene.step.task.specific.stages == (Stage.CLINICAL,))


def send(scene: Scene, action: Action, role: str) -> Any:
    """Send what ``action`` says from the browser of ``role``."""
    client, url, form = scene.browsers[role], action.url(scene), action.form(scene)
    if action.method == "get":
        return client.get(url)
    if action.is_json:
        return client.post(url, json.dumps(form), content_type="application/json")
    return client.post(url, form)


# --- What it changed -------------------------------------------------------------------------------------------------


def facts() -> dict[str, str]:
    """Everything that somebody could change, by the facts that the actions name; a digest of each."""
    pages = Page.objects.order_by("pk")
    rows = {
        "approvals": Approval.objects.order_by("pk").values_list("pk", "content_digest", "user_id"),
        "entries": Entry.objects.values_list("position", "chain"),
        "public": Head.objects.order_by("pk").values_list("pk", "digest"),
        "live": pages.filter(live=True).values_list("pk", "title", "live_revision_id", "url_path", "expire_at"),
        "tree": pages.values_list("pk", "path", "numchild"),
        "drafts": pages.values_list("pk", "latest_revision_id", "has_unpublished_changes", "locked", "draft_title"),
        "revisions": Revision.objects.order_by("pk").values_list("pk", "user_id", "content"),
        "schedule": Revision.objects.filter(approved_go_live_at__isnull=False).order_by("pk").values_list(
            "pk", "approved_go_live_at"
        ),
        "steps": TaskState.objects.order_by("pk").values_list("pk", "status", "finished_by_id", "task_id"),
        "reviews": WorkflowState.objects.order_by("pk").values_list("pk", "status"),
        "assignments": Assignment.objects.order_by("pk").values_list("pk", "stage", "assigned_to", "due_at"),
        "requests": ChangeRequest.objects.order_by("pk").values_list("pk", "comment", "closed_at", "is_done"),
        "overrides": Override.objects.order_by("pk").values_list("pk", "content_digest"),
        "confirmations": OverrideConfirmation.objects.order_by("pk").values_list("pk", "user_id"),
        "shares": PreviewToken.objects.order_by("pk").values_list("pk"),
        "restrictions": PageViewRestriction.objects.order_by("pk").values_list("pk", "page_id", "restriction_type"),
        "comments": Comment.objects.order_by("pk").values_list("pk", "text"),
    }  # fmt: skip
    return {name: hashlib.sha256(repr(list(found)).encode()).hexdigest() for name, found in rows.items()}


def refusals(page: Page) -> int:
    """How many refused attempts the history of ``page`` keeps."""
    return PageLogEntry.objects.filter(page=page.pk, action__endswith=".refused").count()


@contextmanager
def undone():
    """What happens inside is taken back, by the database itself: for the ledger, requests end at their real ends."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT cell")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT cell")
            cursor.execute("RELEASE SAVEPOINT cell")
            capture.forget(connection)
