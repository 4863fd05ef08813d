"""Every act of a review, and every refused attempt at one, has its line: in the page’s history, and where the public is
concerned in the ledger."""

import datetime

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, PageViewRestriction

from cms.pages.stages import Stage
from cms.publishing import scheduling
from cms.publishing.models import Entry
from cms.workflow import approval, assignment, emergency, override, withdrawal
from cms.workflow.models import Override
from cms.workflow.override import OverrideRefused
from cms.workflow.refusal import ReviewRefused
from tests.factories import all_ticked, draft, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

REASON = "The dose was given as 500 mg; it is 50 mg."


@pytest.fixture
def page(clinic):
    """The public article with a newer draft by its author."""
    draft(clinic.article, user=clinic.author, title="Newer words")
    return fresh(clinic.article)


def submit(clinic, page):
    page.get_workflow().start(page, clinic.author)


def submitted(act):
    def run(clinic, page):
        submit(clinic, page)
        act(clinic, fresh(page))

    return run


def approve(clinic, page, user=None, stage=Stage.EDITORIAL):
    step = page.current_workflow_task_state
    approval.approve_task(step, page=page, stage=stage, user=user or clinic.editor, ticked=all_ticked(stage))


def approve_twice(clinic, page):
    approve(clinic, page)
    approve(clinic, fresh(page), clinic.clinician, Stage.CLINICAL)


def ask_for_changes(clinic, page):
    step = page.current_workflow_task_state
    approval.request_changes(step, page=page, user=clinic.editor, comment="Which nights?")


def release(clinic, page):
    assignment.claim(page, user=clinic.editor)
    assignment.release(page, user=clinic.editor)


def set_due(clinic, page):
    assignment.set_due(page, user=clinic.editor, due_at=timezone.now() + datetime.timedelta(days=2))


def cancel(clinic, page):
    page.current_workflow_state.cancel(user=clinic.author)


def publish(clinic, page):
    clinic.publish(page)


def schedule(clinic, page):
    draft(page, user=clinic.author, go_live_at=timezone.now() + datetime.timedelta(days=1))
    clinic.publish(page)


def go_live(clinic, page):
    clinic.approve(page)
    revision = page.get_latest_revision()
    revision.approved_go_live_at = timezone.now()
    revision.save()
    assert scheduling.run_due(timezone.now()).published == (page.pk,)


def expire(clinic, page):
    moment = timezone.now() + datetime.timedelta(minutes=1)
    draft(page, user=clinic.author, expire_at=moment)
    clinic.publish(page)
    scheduling.run_due(moment)


def override_gate(clinic, page):
    digest = approval.draft_of(page).content_digest()
    emergency.publish_draft(page, user=clinic.publisher, reason=REASON, content_digest=digest, now=timezone.now())


def confirm(clinic, page):
    override_gate(clinic, page)
    override.confirm(Override.objects.get(), user=make_user("petra", "Publisher"), now=timezone.now())


def make_private(clinic, page):
    with transaction.atomic():
        PageViewRestriction(page=page, restriction_type="login").save(user=clinic.publisher)


def move(clinic, page):
    shelf = clinic.add(clinic.home, type(clinic.articles)(title="More", slug="more", summary="More articles."))
    Page.objects.get(pk=page.pk).move(Page.objects.get(pk=shelf.pk), pos="last-child", user=clinic.publisher)


# What is done: the line in the history, and kind or reason of the newest entry of the page; empty where nothing is public.
DONE = {
    "edit": (lambda clinic, page: draft(page, user=clinic.author, title="Again"), "wagtail.edit", ""),
    "submit": (submit, "wagtail.workflow.start", ""),
    "claim": (submitted(lambda clinic, page: assignment.claim(page, user=clinic.editor)), "attest.review.claimed", ""),
    "assign": (
        submitted(lambda clinic, page: assignment.assign(page, user=clinic.publisher, to=clinic.editor)),
        "attest.review.assigned",
        "",
    ),
    "give back": (submitted(release), "attest.review.released", ""),
    "date": (submitted(set_due), "attest.review.due_set", ""),
    "withdraw": (
        submitted(lambda clinic, page: withdrawal.withdraw(page, user=clinic.author, reason="Later.")),
        "attest.review.withdrawn",
        "",
    ),
    "cancel": (submitted(cancel), "wagtail.workflow.cancel", ""),
    "request changes": (submitted(ask_for_changes), "wagtail.workflow.reject", ""),
    "approve": (submitted(approve), "wagtail.workflow.approve", ""),
    "last approval": (submitted(approve_twice), "wagtail.publish", "updated"),
    "publish": (publish, "wagtail.publish", "updated"),
    "schedule": (schedule, "wagtail.publish.schedule", ""),
    "go live on schedule": (go_live, "wagtail.publish", "updated"),
    "expire": (expire, "wagtail.unpublish.scheduled", "expired"),
    "unpublish": (lambda clinic, page: page.unpublish(user=clinic.publisher), "wagtail.unpublish", "unpublished"),
    "emergency": (override_gate, "attest.override.given", "updated"),
    "confirm an emergency": (confirm, "attest.override.confirmed", "updated"),
    "make private": (make_private, "wagtail.view_restriction.create", "restricted"),
    "move": (move, "wagtail.move", "moved"),
    "delete": (lambda clinic, page: page.delete(user=clinic.publisher), "wagtail.delete", "deleted"),
}


@pytest.mark.parametrize("act", DONE)
def test_what_was_done_has_its_line_and_its_entry(act, clinic, page):
    do, line, entry = DONE[act]
    began = PageLogEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    position = Entry.objects.count()

    do(clinic, page)

    lines = PageLogEntry.objects.filter(page=page.pk, pk__gt=began, action=line)
    entries = Entry.objects.filter(page_id=page.pk, position__gt=position).order_by("-position")
    assert lines.exists()
    assert [found.reason or found.kind for found in entries[:1]] == ([entry] if entry else [])


def post(name, sent=None, namespace="wagtailadmin_pages:"):
    def run(clinic, page, user):
        desk.login(user).post(reverse(f"{namespace}{name}", args=[page.pk]), sent or {})

    return run


def press_publish(clinic, page, user):
    client = desk.login(clinic.publisher)
    sent = desk.opened(client, page) | {"action-publish": "1"}
    desk.login(user).post(desk.edit_url(page), sent)


def bulk(clinic, page, user):
    url = reverse("wagtail_bulk_action", args=("wagtailcore", "page", "publish"))
    desk.login(user).post(f"{url}?id={page.pk}", {})


def api(name):
    def run(clinic, page, user):
        url = reverse("wagtailadmin_api:pages:action", args=(page.pk, name))
        desk.login(user).post(url, "{}", content_type="application/json")

    return run


def approve_by_address(clinic, page, user):
    submit(clinic, page)
    desk.login(user).post(
        desk.action_url(page, "approve", fresh(page).current_workflow_task_state), desk.approving(page)
    )


def refused(error, act):
    def run(clinic, page, user):
        with pytest.raises(error):
            act(clinic, page, user)

    return run


def override_too_short(clinic, page, user):
    digest = approval.draft_of(page).content_digest()
    emergency.publish_draft(page, user=user, reason="Wrong.", content_digest=digest, now=timezone.now())


ACCESS = "attest.access.refused"
# What is refused, to whom, and the line that tells of it.
REFUSED = {
    "approve without a right": (approve_by_address, "stranger", ACCESS),
    "approve as an author": (approve_by_address, "author", ACCESS),
    "approve own words": (
        refused(ReviewRefused, lambda clinic, page, user: approval.approve(page, stage=Stage.EDITORIAL, user=user)),
        "author",
        "attest.approval.refused",
    ),
    "claim": (post("review_claim", namespace=""), "author", "attest.review.refused"),
    "withdraw": (post("review_withdraw", namespace=""), "editor", "attest.review.refused"),
    "publish in the editor": (press_publish, "author", ACCESS),
    "publish in the editor against findings": (press_publish, "publisher", "attest.publication.refused"),
    "publish in a batch": (bulk, "author", ACCESS),
    "publish in a batch against findings": (bulk, "publisher", "attest.publication.refused"),
    "publish by the admin API": (api("publish"), "author", ACCESS),
    "publish by the admin API against findings": (api("publish"), "publisher", "attest.publication.refused"),
    "unpublish": (post("unpublish"), "author", ACCESS),
    "unpublish by the admin API": (api("unpublish"), "editor", ACCESS),
    "make private": (post("set_privacy", {"restriction_type": "login"}), "editor", ACCESS),
    "delete": (post("delete"), "author", ACCESS),
    "edit without access": (post("edit"), "stranger", ACCESS),
    "edit as a clinician": (post("edit"), "clinician", ACCESS),
    "emergency": (post("emergency_publish", {"reason": REASON}, namespace=""), "author", "attest.override.refused"),
    "emergency without a reason": (
        refused(OverrideRefused, override_too_short),
        "publisher",
        "attest.override.refused",
    ),
}


@pytest.mark.parametrize("attempt", REFUSED)
def test_what_was_refused_has_its_line_and_changed_nothing(attempt, clinic, page):
    do, who, line = REFUSED[attempt]
    user = make_user("stranger") if who == "stranger" else getattr(clinic, who)
    before = {name: rows for name, rows in desk.matters().items() if name not in ("steps", "reviews", "assignments")}

    do(clinic, page, user)

    lines = PageLogEntry.objects.filter(page=page.pk, action__endswith=".refused")
    assert (line, user.pk) in lines.values_list("action", "user")
    assert set(lines.values_list("user", flat=True)) == {user.pk}
    after = desk.matters()
    assert {name: after[name] for name in before} == before


def test_refusal_of_somebody_without_a_login_is_a_line_of_the_server(client, page, caplog):
    lines = PageLogEntry.objects.count()

    with caplog.at_level("WARNING", logger="attest.access"):
        client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))

    assert PageLogEntry.objects.count() == lines
    assert f"was refused wagtailadmin_pages:unpublish on pages [{page.pk}]" in caplog.text


def test_history_shows_what_was_refused(clinic, page):
    post("unpublish")(clinic, page, clinic.author)

    history = desk.login(clinic.editor).get(reverse("wagtailadmin_pages:history", args=[page.pk]))

    assert "Refused: no permission" in desk.shown(history)
    assert "wagtailadmin_pages:unpublish" in desk.shown(history)
