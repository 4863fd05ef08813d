"""Two people act on one page at the same moment: what each of them sends, how they meet, and what must hold afterwards.

A race starts from an article whose newest draft waits for a clinician. Every request is made ready before any is sent, as in
tabs that were opened at the same time; then all are sent at once, each from a thread with a database connection of its own,
with small delays by a seeded die at the points where the outcome is decided.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction

from articles.models import ArticleIndexPage, ArticlePage
from cms.accounts.models import User
from cms.pages.document import digest_of
from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.publishing import ledger, reconcile, scheduling
from cms.publishing.models import Entry, Head
from cms.workflow import approval, gate
from cms.workflow.models import Approval, Override
from tests.factories import Clinic, all_ticked, draft, make_clinician, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

PATIENCE_SECONDS = 60
# Where an outcome is decided: a thread may be held up for a moment just before.
POINTS: tuple[tuple[Any, str], ...] = (
    (gate, "decide_each"),
    (approval, "draft_of"),
    (approval, "objections"),
    (approval, "standing_among"),
    (PublicPage, "save_revision"),
    (ledger, "lock_clock"),
    (reconcile, "gather"),
)
_LONGEST_DELAY_SECONDS = 0.06


@dataclass(frozen=True)
class Sent:
    """One request; ``title`` are the words that it saves, empty when it saves none."""

    client: Client
    url: str
    form: dict[str, Any]
    title: str = ""
    writer: User | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = ""


@dataclass(frozen=True)
class Answered:
    """What came back: the status, 599 for an exception that nobody handled, and the revision that a save was told of."""

    sent: Sent
    status: int
    is_saved: bool
    revision: int | None = None
    error: str = ""


class Track:
    """People with open browsers, and the articles on which they meet."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.rival = make_clinician("carl", licence_number="MO-3")
        self.second_publisher = make_user("petra", "Publisher")
        # Not the one who approves: whoever wrote anything since the last publication may not.
        self.second_editor = make_user("emil", "Editor")
        people = (
            clinic.author,
            clinic.clinician,
            clinic.publisher,
            self.rival,
            self.second_publisher,
            self.second_editor,
        )
        self.browsers = {user.pk: desk.login(user) for user in people}
        self.elsewhere = clinic.add(clinic.home, ArticleIndexPage(title="More", slug="more", summary="More articles."))
        self.pages = [clinic.article, clinic.article_draft("lying-down"), clinic.article_draft("getting-up")]
        self.forms: dict[int, dict[str, str]] = {}
        self.writers: dict[str, User] = {}
        self.races = 0

    def race(self) -> "Race":
        """The next race: another article in turn, and every seventh time one that was never public."""
        self.races += 1
        if self.races % 7 == 0:
            self.pages[1] = self.clinic.article_draft(f"new-{self.races}")
        page = self.pages[self.races % len(self.pages)]
        with transaction.atomic():
            PageViewRestriction.objects.all().delete()
        return Race(self, page)


class Race:
    """One article whose newest draft an editor has approved, so that a clinician's approval would publish it."""

    def __init__(self, track: Track, page: ArticlePage) -> None:
        self.track, self.clinic = track, track.clinic
        self.title = f"Words {track.races}"
        track.writers[self.title] = self.clinic.author
        with transaction.atomic():
            page = fresh(page)
            if page.current_workflow_state:
                page.current_workflow_state.cancel()
            draft(page, user=self.clinic.author, title=self.title)
            page = fresh(page)
            page.get_workflow().start(page, self.clinic.author)
            page = fresh(page)
            step, points = page.current_workflow_task_state, all_ticked(Stage.EDITORIAL)
            approval.approve_task(step, page=page, stage=Stage.EDITORIAL, user=self.clinic.editor, ticked=points)
        self.page = fresh(page)
        self.step = self.page.current_workflow_task_state
        self.newest = self.page.get_latest_revision()
        self.digest = self.newest.as_object().content_digest()

    def browser(self, user: User) -> Client:
        """A browser of ``user``; one for each request, since two tabs send independently."""
        client = Client()
        client.cookies = self.track.browsers[user.pk].cookies
        return client

    def form(self, title: str = "") -> dict[str, str]:
        """What the editing form, opened at the start of the race, would send; with another title when there is one."""
        if self.page.pk not in self.track.forms:
            self.track.forms[self.page.pk] = desk.opened(self.browser(self.clinic.publisher), self.page)
        loaded = {
            "loaded_revision_id": str(self.newest.pk),
            "loaded_revision_created_at": self.newest.created_at.isoformat(),
        }
        return self.track.forms[self.page.pk] | loaded | {"title": title or self.title}


Act = Callable[[Race], Sent]


def run(race: Race, acts: Sequence[Act], die: random.Random) -> list[Answered]:
    """Send all at the same moment; the answers in the order of ``acts``."""
    sent = [act(race) for act in acts]
    delays = [die.choice((0, 0, die.uniform(0, _LONGEST_DELAY_SECONDS))) for _ in sent]
    held = [die.choice((None, *range(len(POINTS)))) for _ in sent]
    start = threading.Barrier(len(sent))

    def go(number: int) -> Answered:
        try:
            _held.point = held[number]
            start.wait(PATIENCE_SECONDS)
            time.sleep(delays[number])
            return send(sent[number])
        finally:
            _held.point = None
            connections.close_all()

    with _delays(die.uniform(0, _LONGEST_DELAY_SECONDS)), ThreadPoolExecutor(len(sent)) as pool:
        return [future.result(PATIENCE_SECONDS) for future in [pool.submit(go, number) for number in range(len(sent))]]


def send(sent: Sent) -> Answered:
    """Send one request and read what came of it."""
    options: dict[str, Any] = {"content_type": sent.content_type} if sent.content_type else {}
    try:
        response = sent.client.post(sent.url, sent.form, headers=sent.headers, **options)
    except Exception as error:  # noqa: BLE001 - whatever no layer handled is a 5xx to a client
        return Answered(sent, 599, is_saved=False, error=repr(error))
    if "application/json" in response.headers.get("Content-Type", "") and sent.title:
        answer = response.json()
        return Answered(sent, response.status_code, bool(answer.get("success")), answer.get("revision_id"))
    return Answered(sent, response.status_code, response.status_code == 302 and response.url == sent.url)


_held = threading.local()


@contextmanager
def _delays(seconds: float) -> Iterator[None]:
    """Inside, a thread sleeps just before the point that it is to be held at."""
    with ExitStack() as stack:
        for number, (owner, name) in enumerate(POINTS):
            stack.enter_context(mock.patch.object(owner, name, _slowed(getattr(owner, name), number, seconds)))
        yield


def _slowed(call: Callable[..., Any], number: int, seconds: float) -> Callable[..., Any]:
    def slowed(*args: Any, **options: Any) -> Any:
        if getattr(_held, "point", None) == number:
            time.sleep(seconds)
        return call(*args, **options)

    return slowed


# --- What must hold --------------------------------------------------------------------------------------------------


def faults(race: Race, answers: Sequence[Answered]) -> list[str]:
    """Everything that is wrong after a race, one sentence each."""
    found = [
        f"{answer.sent.url} was answered {answer.status}: {answer.error}" for answer in answers if answer.status > 499
    ]
    for answer in answers:
        if answer.is_saved and answer.sent.title:
            race.track.writers[answer.sent.title] = answer.sent.writer
    found += _lost(race, answers)
    head = Head.objects.filter(page_id=race.page.pk).first()
    page = fresh(race.page)
    if head:
        found += _unapproved(race, head)
        if page.content_digest() != head.content_digest:
            found.append("The public reads other words than the admin calls live.")
        if not page.live:
            found.append("The page is public, but not live.")
    elif page.live and not reconcile.restricted_among([page]):
        found.append("The page is live and open, but the public does not see it.")
    parent = page.get_parent()
    if page.url_path != f"{parent.url_path}{page.slug}/":
        found.append(f"The page’s address {page.url_path} is not below its parent’s, {parent.url_path}.")
    return found


def _lost(race: Race, answers: Sequence[Answered]) -> Iterator[str]:
    """Accepted words that no revision has, and revisions that the editor no longer shows."""
    revisions = list(race.page.revisions.order_by("pk"))
    titles = [revision.content["title"] for revision in revisions]
    for answer in answers:
        if answer.is_saved and answer.sent.title and answer.sent.title not in titles:
            yield f"“{answer.sent.title}” was accepted, and is in no revision."
    corrections = set(Override.objects.filter(corrected_from__isnull=False).values_list("revision_id", flat=True))
    drafts = [revision.pk for revision in revisions if revision.pk not in corrections]
    newest = fresh(race.page).latest_revision_id
    if newest != drafts[-1]:
        yield f"The editor shows revision {newest} as the newest, but {drafts[-1]} is."


def _unapproved(race: Race, head: Head) -> Iterator[str]:
    """What the public reads without a warrant: asked of the rows themselves, not of the gate."""
    entry = Entry.objects.get(position=head.position)
    document = json.loads(entry.document)
    override = Override.objects.filter(document_id=head.document_id, content_digest=entry.content_digest).first()
    if entry.override:
        if override is None or json.loads(override.content)["title"] != document["title"]:
            yield "The public reads words that nobody overrode the gate for."
        return
    for stage in race.page.required_stages:
        given = [
            one
            for one in Approval.objects.filter(
                document_id=head.document_id, content_digest=entry.content_digest, stage=stage
            )
            if digest_of(one.content.encode()) == entry.content_digest
            and json.loads(one.content)["title"] == document["title"]
            and one.user != race.track.writers.get(document["title"], race.clinic.author)
        ]
        if not given:
            yield f"The public reads “{document['title']}” without a valid {stage} approval."


# --- What people send ------------------------------------------------------------------------------------------------


def approve(race: Race) -> Sent:
    url = desk.action_url(race.page, "approve", race.step)
    return Sent(race.browser(race.clinic.clinician), url, desk.approving(race.page, race.step, comment="Read."))


def approve_too(race: Race) -> Sent:
    url = desk.action_url(race.page, "approve", race.step)
    return Sent(race.browser(race.track.rival), url, desk.approving(race.page, race.step))


def ask_for_changes(race: Race) -> Sent:
    url = desk.action_url(race.page, "reject", race.step)
    return Sent(race.browser(race.track.rival), url, {"comment": "Which nights?"})


def edit(race: Race) -> Sent:
    title = f"{race.title}, edited"
    return Sent(race.browser(race.clinic.author), desk.edit_url(race.page), race.form(title), title, race.clinic.author)


def editor_edits(race: Race) -> Sent:
    title = f"{race.title}, by the editor"
    writer = race.track.second_editor
    return Sent(race.browser(writer), desk.edit_url(race.page), race.form(title), title, writer)


def autosave(race: Race) -> Sent:
    """The author’s tab rewrites the revision that it made itself: the one that is being approved."""
    title = f"{race.title}, autosaved"
    form = race.form(title) | {"overwrite_revision_id": str(race.newest.pk)}
    headers = {"Accept": "application/json"}
    return Sent(race.browser(race.clinic.author), desk.edit_url(race.page), form, title, race.clinic.author, headers)


def publish(race: Race) -> Sent:
    form = race.form() | {"action-publish": "1"}
    return Sent(race.browser(race.clinic.publisher), desk.edit_url(race.page), form)


def withdraw(race: Race) -> Sent:
    """By the button outside of the form."""
    return Sent(race.browser(race.clinic.author), reverse("review_withdraw", args=[race.page.pk]), {"reason": "Later."})


def cancel(race: Race) -> Sent:
    form = race.form() | {"action-cancel-workflow": "true"}
    return Sent(race.browser(race.clinic.author), desk.edit_url(race.page), form)


def resubmit(race: Race) -> Sent:
    form = race.form() | {"action-restart-workflow": "1"}
    return Sent(race.browser(race.clinic.author), desk.edit_url(race.page), form)


def move(race: Race) -> Sent:
    parents = [race.clinic.articles.pk, race.track.elsewhere.pk]
    other = next(key for key in parents if key != fresh(race.page).get_parent().pk)
    url = reverse("wagtailadmin_pages:move_confirm", args=[race.page.pk, other])
    return Sent(race.browser(race.clinic.publisher), url, {})


def move_the_parent(race: Race) -> Sent:
    """To the end of the menu, or to its beginning: every place below it becomes another."""
    parent = fresh(race.page).get_parent()
    position = 0 if parent.get_prev_sibling() else race.clinic.home.get_children_count() - 1
    url = reverse("wagtailadmin_pages:set_page_position", args=[parent.pk])
    return Sent(race.browser(race.clinic.publisher), f"{url}?position={position}", {})


def make_private(race: Race) -> Sent:
    return _privacy(race, race.page.pk)


def make_the_parent_private(race: Race) -> Sent:
    return _privacy(race, fresh(race.page).get_parent().pk)


def _privacy(race: Race, key: int) -> Sent:
    form = {"restriction_type": "login", "password": "", "groups": []}
    return Sent(race.browser(race.clinic.publisher), reverse("wagtailadmin_pages:set_privacy", args=[key]), form)


def unpublish(race: Race) -> Sent:
    return Sent(race.browser(race.clinic.publisher), reverse("wagtailadmin_pages:unpublish", args=[race.page.pk]), {})


def unpublish_from_above(race: Race) -> Sent:
    url = reverse("wagtailadmin_pages:unpublish", args=[fresh(race.page).get_parent().pk])
    return Sent(race.browser(race.clinic.publisher), url, {"include_descendants": "on"})


def publish_in_bulk(race: Race) -> Sent:
    url = reverse("wagtail_bulk_action", args=("wagtailcore", "page", "publish"))
    keys = "&".join(f"id={page.pk}" for page in reversed(race.track.pages))
    return Sent(race.browser(race.clinic.publisher), f"{url}?{keys}", {"include_descendants": "false"})


def publish_by_admin_api(race: Race) -> Sent:
    url = reverse("wagtailadmin_api:pages:action", args=(race.page.pk, "publish"))
    return Sent(race.browser(race.clinic.publisher), url, {}, content_type="application/json")


def override_gate(race: Race) -> Sent:
    form = {"reason": "The dose was given as 500 mg; it is 50 mg.", "content_digest": race.digest}
    return Sent(race.browser(race.track.second_publisher), reverse("emergency_publish", args=[race.page.pk]), form)


def run_schedule(race: Race) -> Sent:
    """Not a request: the worker, which finds the newest draft due by a hand-written time."""
    return Sent(_Worker(race), "the schedule", {})  # type: ignore[arg-type]  # stands in for a browser


class _Worker:
    """Runs the schedule where a browser would send a request."""

    def __init__(self, race: Race) -> None:
        from django.utils import timezone

        self.now = timezone.now()
        race.newest.approved_go_live_at = self.now
        race.newest.save(update_fields=["approved_go_live_at"])

    def post(self, *args: Any, **options: Any) -> Any:
        scheduling.run_due(self.now)
        return Client().get("/healthz")


def tree_faults() -> list[Any]:
    """What treebeard finds wrong with the tree."""
    return [rows for rows in Page.find_problems() if rows]
