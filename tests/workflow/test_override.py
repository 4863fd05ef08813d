"""An emergency: words go out past the gate, bound to their digest, under two names, and nothing else is lost by it."""

import datetime
import json
from importlib import import_module

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from cms.publishing import scheduling, verifying
from cms.publishing.models import Entry, Head, ScheduleFailure
from cms.workflow import approval, emergency, gate, override, unconfirmed
from cms.workflow.models import Override, OverrideConfirmation
from cms.workflow.override import OverrideRefused
from tests.factories import draft, make_user, publish
from tests.workflow import desk
from tests.workflow.desk import fresh

REASON = "The dose was given as 500 mg; it is 50 mg."
NOT_APPROVED = ["Editorial review has not approved this text.", "Clinical review has not approved this text."]
DENIED = "Sorry, you do not have permission to access this area."


def everything():
    """All that a refused attempt must leave alone."""
    return desk.matters() | {
        "overrides": list(Override.objects.values_list("pk", "content_digest")),
        "confirmations": list(OverrideConfirmation.objects.values_list("pk", "user_id")),
        "revisions": desk.revisions(),
        "drafts": list(Page.objects.order_by("pk").values_list("pk", "latest_revision_id", "has_unpublished_changes")),
    }


def digest_of_draft(page):
    return approval.draft_of(fresh(page)).content_digest()


def emergency_url(page):
    return reverse("emergency_publish", args=[page.pk])


def press(user, page, reason=REASON, digest=None):
    """``user`` sends the form of an emergency for the newest draft, or for the words with ``digest``."""
    sent = {"reason": reason, "content_digest": digest or digest_of_draft(page)}
    return desk.login(user).post(emergency_url(page), sent)


def press_confirm(user, given, **options):
    return desk.login(user).post(reverse("override", args=[given.pk]), **options)


def document_of(page):
    return Client().get(f"/api/v1/{page.document_type}s/{page.slug}").json()


def head_of(page):
    return Head.objects.get(page_id=page.pk)


@pytest.fixture
def administrator(clinic):
    return make_user("ada", "Administrator")


@pytest.fixture
def second(clinic):
    return make_user("petra", "Publisher")


@pytest.fixture
def corrected(clinic):
    """The public article with a draft that corrects it, written by its author."""
    draft(clinic.article, user=clinic.author, summary="Take 50 mg, not 500 mg.")
    return fresh(clinic.article)


# --- Who may -------------------------------------------------------------------------------------------------------------


STATES = ("draft", "changed", "in_review", "scheduled", "unpublished")


def page_in(state, clinic):
    if state in ("draft", "unpublished", "scheduled"):
        page = clinic.article_draft("emergency-case")
        if state == "unpublished":
            page = clinic.publish(page)
            page.unpublish()
            draft(page, user=clinic.author, summary="Other words.")
        if state == "scheduled":
            draft(page, user=clinic.author, go_live_at=timezone.now() + datetime.timedelta(days=3))
        return fresh(page)
    draft(clinic.article, user=clinic.author, summary="Other words.")
    if state == "in_review":
        page = fresh(clinic.article)
        page.get_workflow().start(page, clinic.author)
    return fresh(clinic.article)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", ["publisher", "administrator", "superuser"])
def test_who_may_publishes_at_once(who, state, clinic, administrator):
    user = {"publisher": clinic.publisher, "administrator": administrator}.get(who) or make_user(
        "chief", is_superuser=True
    )
    page = page_in(state, clinic)
    digest = digest_of_draft(page)

    response = press(user, page)

    given = Override.objects.get()
    assert response.status_code == 302
    assert response.url == reverse("override", args=[given.pk])
    assert (given.user, given.content_digest, given.reason) == (user, digest, REASON)
    assert fresh(page).live
    assert head_of(page).content_digest == digest
    assert head_of(page).override["user_id"] == user.pk


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", ["author", "editor", "clinician", "anonymous"])
def test_who_may_not_changes_nothing(who, state, clinic):
    page = page_in(state, clinic)
    before = everything()
    client = Client() if who == "anonymous" else desk.login(getattr(clinic, who))
    sent = {"reason": REASON, "content_digest": digest_of_draft(page)}

    posted = client.post(emergency_url(page), sent)
    opened = client.get(emergency_url(page))
    corrected = client.post(reverse("emergency_correct", args=[page.pk]), sent)

    assert {posted.status_code, opened.status_code, corrected.status_code} == {302}
    assert not Override.objects.exists()
    assert everything() == before
    if who != "anonymous":
        assert desk.refusals(page, "attest.override.refused")[0]["reasons"][0].startswith("You do not hold a role")


def test_permission_without_a_right_to_the_page_is_not_enough(clinic, corrected):
    stranger = make_user("stan", "Author")
    stranger.user_permissions.add(*_permission())
    before = everything()

    response = press(stranger, corrected)

    assert response.status_code == 302
    assert everything() == before


def _permission():
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename="override_gate")


@pytest.mark.parametrize("reason", ["", "Wrong dose", " " * 40])
def test_superuser_without_a_reason_changes_nothing(reason, clinic, corrected):
    chief = make_user("chief", is_superuser=True)
    before = everything()

    response = press(chief, corrected, reason=reason)

    assert response.status_code == 200
    assert everything() == before


def test_reason_of_spaces_is_refused_below_the_form_too(clinic, corrected):
    before = everything()

    with pytest.raises(OverrideRefused, match="at least 20 characters"):
        emergency.publish_draft(
            corrected,
            user=clinic.publisher,
            reason="x" + " " * 40,
            content_digest=digest_of_draft(corrected),
            now=timezone.now(),
        )

    assert everything() == before


def test_reading_changes_nothing(clinic, corrected):
    before = everything()

    response = desk.login(clinic.publisher).get(emergency_url(corrected))

    page = desk.shown(response)
    assert everything() == before
    assert "Take 50 mg, not 500 mg." in page
    assert all(message in page for message in NOT_APPROVED)
    assert "Told by mail: Anton Made-Up" in page
    assert "<del>A short summary of the article.</del>" in response.content.decode()
    assert "<ins>Take 50 mg, not 500 mg.</ins>" in response.content.decode()


def test_form_without_a_token_against_forgery_is_refused(clinic, corrected):
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinic.publisher)
    before = everything()

    response = client.post(emergency_url(corrected), {"reason": REASON, "content_digest": digest_of_draft(corrected)})

    assert response.status_code == 403
    assert everything() == before


# --- For exactly these words ---------------------------------------------------------------------------------------------


def test_words_that_changed_since_they_were_read_are_refused(clinic, corrected):
    seen = digest_of_draft(corrected)
    draft(corrected, user=clinic.author, summary="Take 5000 mg.")
    before = everything()

    response = press(clinic.publisher, corrected, digest=seen)

    assert "The draft was changed since you opened this page" in desk.shown(response)
    assert "Take 5000 mg." in desk.shown(response)
    assert everything() == before


@pytest.mark.parametrize("path", ["shell", "editor", "bulk", "schedule"])
def test_any_edit_after_an_override_is_blocked_on_every_path(path, clinic, corrected):
    press(clinic.publisher, corrected)
    draft(corrected, user=clinic.author, summary="Take 50 mg, not 500 mg!")
    before = desk.matters()

    _publish_by(path, clinic, fresh(corrected))

    assert desk.matters() == before


@pytest.mark.parametrize("path", ["shell", "editor", "bulk", "schedule"])
def test_overridden_words_pass_on_every_path(path, clinic, corrected):
    press(clinic.publisher, corrected)
    fresh(corrected).unpublish()
    assert not Head.objects.filter(page_id=corrected.pk).exists()

    _publish_by(path, clinic, fresh(corrected))

    assert head_of(corrected).override["reason"] == REASON
    assert head_of(corrected).approvals == []


def _publish_by(path, clinic, page):
    client = desk.login(clinic.publisher)
    if path == "shell":
        try:
            publish(page, clinic.publisher)
        except gate.GateBlocked:
            assert not gate.decide(approval.draft_of(page)).is_admitted
    elif path == "editor":
        client.post(desk.edit_url(page), {**desk.opened(client, page), "action-publish": "1"})
    elif path == "bulk":
        url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        client.post(f"{url}?id={page.pk}", {"include_descendants": ""})
    else:
        revision = page.get_latest_revision()
        type(revision).objects.filter(pk=revision.pk).update(approved_go_live_at=timezone.now())
        scheduling.run_due(timezone.now())


def test_override_opens_the_gate_for_its_time_only(clinic, corrected):
    press(clinic.publisher, corrected)
    given = Override.objects.get()
    document_id, digest = given.document_id, given.content_digest

    assert given.confirm_by - given.at == datetime.timedelta(hours=24)
    assert override.standing_among([(document_id, digest)], now=given.at) == {(document_id, digest): given}
    assert override.standing_among([(document_id, digest)], now=given.confirm_by) == {}
    assert override.standing_among([(document_id, "0" * 64)], now=given.at) == {}


def test_public_words_stay_when_the_time_is_over(clinic, corrected, monkeypatch):
    press(clinic.publisher, corrected)
    entries = Entry.objects.count()
    _let_the_time_pass(monkeypatch)

    fresh(corrected).save()

    assert Entry.objects.count() == entries
    assert head_of(corrected).override["reason"] == REASON
    assert not gate.decide(fresh(corrected)).is_admitted


def _let_the_time_pass(monkeypatch, hours=25):
    later = timezone.now() + datetime.timedelta(hours=hours)
    monkeypatch.setattr(timezone, "now", lambda: later)


def test_damaged_words_are_held_back(clinic, corrected):
    draft(corrected, user=clinic.author, summary="Take 50 mg (source).")
    before = everything()

    response = press(clinic.publisher, corrected)

    assert "“(source)” is a placeholder." in desk.shown(response)
    assert everything() == before


def test_judgement_of_a_check_is_overridden_and_kept(clinic, corrected):
    draft(corrected, user=clinic.author, summary="")

    press(clinic.publisher, corrected)

    codes = [finding["code"] for finding in Override.objects.get().findings]
    assert codes == ["not_approved_editorial", "not_approved_clinical", "missing_summary"]
    assert document_of(corrected)["summary"] == ""


def test_draft_that_the_gate_admits_needs_no_override(clinic, corrected):
    clinic.approve(corrected)
    before = everything()

    response = press(clinic.publisher, corrected)

    assert "Nothing stands against this draft." in desk.shown(response)
    assert everything() == before


def test_alias_cannot_be_overridden(clinic, administrator):
    alias = clinic.article.create_alias(parent=clinic.home, update_slug="alias")
    before = everything()

    response = desk.login(administrator).post(
        emergency_url(alias), {"reason": REASON, "content_digest": alias.content_digest()}
    )

    assert response.status_code == 302
    assert everything() == before


# --- What everybody sees -------------------------------------------------------------------------------------------------


def test_public_reads_the_reason_and_no_name(clinic, corrected):
    press(clinic.publisher, corrected)

    document = document_of(corrected)
    given = Override.objects.get()
    shown = document["attestation"]["override"]
    assert shown == {"reason": REASON, "at": shown["at"]}
    assert datetime.datetime.fromisoformat(shown["at"]) == given.at.replace(microsecond=0)
    assert document["attestation"]["approvals"] == []
    assert document["reviewed_at"] is None
    assert document["reviewers"] == []
    assert "Paula" not in json.dumps(document)


def test_ledger_names_both_people(clinic, corrected, second):
    press(clinic.publisher, corrected)
    position = head_of(corrected).position

    press_confirm(second, Override.objects.get())

    first, last = Entry.objects.filter(page_id=corrected.pk).order_by("-position")[:2][::-1]
    assert (first.position, first.override["confirmed_by"]) == (position, None)
    assert (last.kind, last.override["confirmed_by"], last.override["name"]) == (
        "updated",
        second.pk,
        "Paula Made-Up",
    )
    assert last.document == first.document
    assert list(verifying.problems()) == []


def test_ordinary_publication_afterwards_is_an_ordinary_one(clinic, corrected):
    press(clinic.publisher, corrected)
    draft(corrected, user=clinic.author, summary="Take 50 mg at night.")

    clinic.publish(fresh(corrected))

    assert document_of(corrected)["attestation"]["override"] is None
    assert len(head_of(corrected).approvals) == 2
    assert unconfirmed.waiting() == []


def test_the_same_words_approved_later_are_ordinary_too(clinic, second):
    page = fresh(clinic.topic)
    draft(page, user=clinic.author, summary="All about good sleep.")
    press(clinic.publisher, page)

    clinic.publish(fresh(page))

    assert head_of(page).override is None
    assert unconfirmed.waiting() == []


def test_owner_and_administrators_are_told_after_the_commit(
    clinic, corrected, administrator, django_capture_on_commit_callbacks
):
    make_user("silent", "Administrator", is_active=False)

    with django_capture_on_commit_callbacks() as callbacks:
        press(clinic.publisher, corrected)
    assert mail.outbox == []
    for callback in callbacks:
        callback()

    given = Override.objects.get()
    assert [message.to for message in mail.outbox] == [["anton@example.org"], ["ada@example.org"]]
    assert mail.outbox[0].subject == "Published in an emergency: Sleeping better"
    assert REASON in mail.outbox[0].body
    assert "- Clinical review has not approved this text." in mail.outbox[0].body
    assert f"http://localhost/admin/overrides/{given.pk}/" in mail.outbox[0].body


def test_mail_server_that_is_down_stops_nothing(clinic, corrected, django_capture_on_commit_callbacks):
    with (
        override_settings(EMAIL_BACKEND="no.such.Backend"),
        django_capture_on_commit_callbacks(execute=True),
    ):
        response = press(clinic.publisher, corrected)

    assert response.status_code == 302
    assert head_of(corrected).override["reason"] == REASON


def test_refused_attempt_tells_nobody(clinic, corrected, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        press(clinic.editor, corrected)

    assert mail.outbox == []


# --- The second person ---------------------------------------------------------------------------------------------------


def test_second_person_confirms(clinic, corrected, second):
    press(clinic.publisher, corrected)
    given = Override.objects.get()
    assert unconfirmed.waiting() == [given]

    response = press_confirm(second, given, follow=True)

    confirmation = OverrideConfirmation.objects.get()
    assert (confirmation.override, confirmation.user, confirmation.name) == (given, second, "Petra Made-Up")
    assert "Confirmed by Petra Made-Up" in desk.shown(response)
    assert unconfirmed.waiting() == []


@pytest.mark.parametrize("who", ["first", "author", "editor", "superuser_author"])
def test_others_do_not_confirm(who, clinic, corrected):
    chief = make_user("chief", is_superuser=True)
    draft(corrected, user=chief, summary="Take 50 mg only.")
    clinic.author.user_permissions.add(*_permission())
    press(clinic.publisher, corrected)
    given = Override.objects.get()
    before = everything()
    user, reason = {
        "first": (clinic.publisher, "You published this yourself."),
        "author": (clinic.author, "You wrote these words."),
        "editor": (clinic.editor, "You do not hold a role"),
        "superuser_author": (chief, "You wrote these words."),
    }[who]

    press_confirm(user, given)

    assert everything() == before
    assert desk.refusals(corrected, "attest.override.refused")[-1]["reasons"][0].startswith(reason)


def test_superuser_who_published_does_not_confirm(clinic, corrected):
    chief = make_user("chief", is_superuser=True)
    press(chief, corrected)
    before = everything()

    response = press_confirm(chief, Override.objects.get())

    assert "A second person has to confirm it." in desk.shown(response)
    assert everything() == before


def test_nothing_is_confirmed_twice(clinic, corrected, second, administrator):
    press(clinic.publisher, corrected)
    given = Override.objects.get()
    press_confirm(second, given)
    before = everything()

    response = press_confirm(administrator, given)

    assert "This is confirmed already." in desk.shown(response)
    assert everything() == before


def test_confirmation_after_its_time_is_refused_and_nothing_is_taken_down(clinic, corrected, second):
    press(clinic.publisher, corrected)
    given = Override.objects.get()
    before = everything()

    with pytest.raises(OverrideRefused, match="The time for a confirmation is over"):
        override.confirm(given, user=second, now=given.confirm_by)

    assert everything() == before
    assert head_of(corrected).content_digest == given.content_digest


def test_overdue_override_is_told_once_and_shown_everywhere(
    clinic, corrected, second, administrator, django_capture_on_commit_callbacks
):
    press(clinic.publisher, corrected)
    given = Override.objects.get()
    before = everything()
    assert unconfirmed.remind_overdue(given.confirm_by - datetime.timedelta(seconds=1)) == []

    with django_capture_on_commit_callbacks(execute=True):
        told = [unconfirmed.remind_overdue(given.confirm_by) for _ in range(2)]

    assert told == [[given.pk], []]
    assert [message.subject for message in mail.outbox] == ["Nobody confirmed: Sleeping better"] * 2
    assert everything() == before


def test_verify_and_desk_name_an_overdue_override(clinic, corrected, second, monkeypatch):
    press(clinic.publisher, corrected)
    assert list(verifying.problems()) == []
    client = desk.login(second)
    assert "to be confirmed by" in desk.shown(client.get(desk.HOME))

    _let_the_time_pass(monkeypatch, hours=30)
    client = desk.login(second)

    assert list(verifying.problems()) == [
        f"Page {corrected.pk} “Sleeping better” was published in an emergency, and nobody confirmed it in time."
    ]
    assert "nobody confirmed it in time" in desk.shown(client.get(desk.HOME))
    assert "Overdue" in desk.shown(client.get(reverse("overrides")))


def test_desk_shows_overrides_to_those_who_may_confirm(clinic, corrected, second):
    press(clinic.publisher, corrected)

    assert "Emergency publications to confirm" in desk.shown(desk.login(second).get(desk.HOME))
    assert "Emergency publications to confirm" not in desk.shown(desk.login(clinic.editor).get(desk.HOME))
    assert "Waiting" in desk.shown(desk.login(second).get(reverse("overrides")))
    assert desk.login(clinic.editor).get(reverse("overrides")).status_code == 302
    assert emergency_url(corrected) in desk.login(second).get(desk.edit_url(corrected)).content.decode()
    assert emergency_url(corrected) not in desk.login(clinic.author).get(desk.edit_url(corrected)).content.decode()


# --- The database --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["override", "overrideconfirmation"])
@pytest.mark.parametrize("statement", ["UPDATE workflow_{} SET name = 'x'", "DELETE FROM workflow_{}"])
def test_database_refuses_changes(table, statement, clinic, corrected, second):
    press(clinic.publisher, corrected)
    press_confirm(second, Override.objects.get())
    before = everything()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    assert everything() == before


def test_database_refuses_a_confirmation_by_the_same_person(clinic, corrected):
    press(clinic.publisher, corrected)
    given = Override.objects.get()

    with pytest.raises(DatabaseError, match="nobody confirms their own override"), transaction.atomic():
        OverrideConfirmation.objects.create(override=given, user=clinic.publisher, name="x", at=timezone.now())

    assert not OverrideConfirmation.objects.exists()


def test_database_refuses_a_short_reason(clinic, corrected):
    press(clinic.publisher, corrected)
    row = Override.objects.values().get()

    with pytest.raises(DatabaseError, match="override_has_a_reason"), transaction.atomic():
        Override.objects.create(**row | {"id": None, "reason": "short"})

    assert Override.objects.count() == 1


def test_triggers_can_be_taken_back_and_made_again():
    guard = import_module("cms.workflow.migrations.0009_overrides_append_only")

    assert {name.split()[2] for name in guard.SQLITE if name.startswith("CREATE TRIGGER")} == {
        name.split()[2] for name in guard.UNDO["sqlite"]
    }


# --- Correcting what is public beside a draft ----------------------------------------------------------------------------


def correct(user, page, **changes):
    """``user`` opens the correction of ``page``, changes fields and sends it."""
    client = desk.login(user)
    url = reverse("emergency_correct", args=[page.pk])
    shown = desk.context_of(client, url)
    sent = desk.data_of(shown["edited"]) | desk.data_of(shown["form"])
    return client.post(url, {**sent, "reason": REASON, **changes})


def draft_state(page):
    page = fresh(page)
    newest = page.get_latest_revision()
    return {
        "newest": newest.pk,
        "words": newest.as_object().content_digest(),
        "schedule": newest.approved_go_live_at,
        "title": page.draft_title,
        "unpublished": page.has_unpublished_changes,
        "steps": list(page.workflow_states.values_list("pk", "status", "current_task_state__status")),
        "approvals": desk.matters()["approvals"],
    }


@pytest.fixture(params=["changed", "in_review", "half_approved", "scheduled"])
def pending(request, clinic):
    """The public article with another draft that is drafted, in review, or waits for its time."""
    state = request.param
    fields = {"title": "Sleeping much better", "body": [{"type": "paragraph", "value": "<p>All is new.</p>"}]}
    if state == "scheduled":
        fields["go_live_at"] = timezone.now() + datetime.timedelta(days=2)
    draft(clinic.article, user=clinic.author, **fields)
    page = fresh(clinic.article)
    if state in ("in_review", "half_approved"):
        page.get_workflow().start(page, clinic.author)
    if state == "half_approved":
        step = fresh(page).current_workflow_task_state
        approval.approve_task(step, page=fresh(page), user=clinic.editor, ticked=desk.ticked(step))
    if state == "scheduled":
        clinic.publish(page)
        assert fresh(page).get_latest_revision().approved_go_live_at
    return fresh(page)


def test_correction_loses_nothing_of_the_other_draft(clinic, pending):
    before = draft_state(pending)
    body = head_of(pending).document

    response = correct(clinic.publisher, pending, summary="Take 50 mg, not 500 mg.")

    assert response.status_code == 302
    document = document_of(pending)
    assert (document["title"], document["summary"]) == ("Sleeping better", "Take 50 mg, not 500 mg.")
    assert document["body"] == json.loads(body)["body"]
    assert document["attestation"]["override"]["reason"] == REASON
    assert draft_state(pending) == before
    assert fresh(pending).title == "Sleeping better"
    assert list(verifying.problems()) == []


def test_draft_is_told_of_the_correction(clinic, pending):
    correct(clinic.publisher, pending, summary="Take 50 mg, not 500 mg.")

    findings = gate.decide(approval.draft_of(fresh(pending)), with_advice=True).findings
    assert [finding.is_blocking for finding in findings if finding.code == "public_words_changed"] == [True]
    assert "public_words_changed" not in [finding.code for finding in gate.decide(fresh(pending)).findings]


def test_two_corrections_leave_the_draft_alone_too(clinic, pending):
    before = draft_state(pending)
    correct(clinic.publisher, pending, summary="Take 50 mg, not 500 mg.")

    correct(clinic.publisher, pending, summary="Take 50 mg at night.")

    assert document_of(pending)["summary"] == "Take 50 mg at night."
    assert draft_state(pending) == before
    assert len({given.corrected_from for given in Override.objects.all()}) == 1


def test_author_of_the_pending_draft_still_cannot_approve_it(clinic, pending):
    editor_author = make_user("emil", "Editor")
    draft(pending, user=editor_author, summary="Written by Emil.")
    draft(fresh(pending), user=clinic.author, summary="Written by Anton.")

    correct(clinic.publisher, fresh(pending), summary="Take 50 mg, not 500 mg.")

    page = fresh(pending)
    assert approval.has_written(page, editor_author)
    assert approval.has_written(page, clinic.author)
    assert not approval.has_written(page, clinic.publisher)


def test_approval_after_the_correction_lets_the_draft_out(clinic, pending):
    correct(clinic.publisher, pending, summary="Take 50 mg, not 500 mg.")
    clinic.approve(fresh(pending))

    decision = gate.decide(approval.draft_of(fresh(pending)))

    assert decision.is_admitted
    assert [finding.code for finding in decision.findings if not finding.is_blocking] == ["public_words_changed"]


def test_schedule_does_not_bring_back_what_was_corrected(clinic):
    moment = timezone.now() + datetime.timedelta(days=2)
    draft(clinic.article, user=clinic.author, title="Sleeping much better", go_live_at=moment)
    page = clinic.publish(fresh(clinic.article))
    correct(clinic.publisher, page, summary="Take 50 mg, not 500 mg.")

    run = scheduling.run_due(moment + datetime.timedelta(seconds=1))

    assert run.refused == (page.pk,)
    assert document_of(page)["summary"] == "Take 50 mg, not 500 mg."
    assert [finding["code"] for finding in ScheduleFailure.objects.get().findings] == ["public_words_changed"]


def test_correction_without_another_draft_is_the_newest_draft(clinic):
    response = correct(clinic.publisher, clinic.article, summary="Take 50 mg, not 500 mg.")

    page = fresh(clinic.article)
    assert response.status_code == 302
    assert page.live_revision == page.latest_revision
    assert not page.has_unpublished_changes
    assert Override.objects.get().corrected_from is None


def test_correction_of_the_body_keeps_what_was_not_touched(clinic, pending):
    body = desk.stream(("paragraph", desk.typed("<p>Take 50 mg.</p>")), ("heading", desk.heading("Warning")))

    correct(clinic.publisher, pending, **body)

    document = document_of(pending)
    assert [block["type"] for block in document["body"]] == ["paragraph", "heading"]
    assert document["summary"] == "A short summary of the article."
    assert [person["title"] for person in document["authors"]] == ["Anton Made-Up"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Nothing was corrected"),
        ({"summary": "Take 50 mg (source)."}, "is a placeholder"),
        ({"title": ""}, "Mend what is marked below"),
        ({"summary": "Other", "content_digest": "0" * 64}, "The public words were changed since you opened this page"),
        ({"summary": "Other", "reason": "too short"}, "Correct what the public reads"),
    ],
)
def test_refused_correction_changes_nothing(changes, sentence, clinic, pending):
    before = everything()

    response = correct(clinic.publisher, pending, **changes)

    assert response.status_code == 200
    assert sentence in desk.shown(response)
    assert everything() == before


def test_page_that_is_not_public_has_nothing_to_correct(clinic):
    page = clinic.article_draft()

    response = desk.login(clinic.publisher).get(reverse("emergency_correct", args=[page.pk]))

    assert response.status_code == 404


def test_corrector_and_second_person(clinic, pending, second):
    correct(clinic.publisher, pending, summary="Take 50 mg, not 500 mg.")

    press_confirm(second, Override.objects.get())

    assert OverrideConfirmation.objects.get().user == second
    assert head_of(pending).override["confirmed_by"] == second.pk


def test_browser_without_scripts_corrects_the_summary_and_keeps_the_blocks(clinic, pending):
    body = json.loads(head_of(pending).document)["body"]
    sent = {"title": pending.title, "summary": "Take 50 mg, not 500 mg.", "reason": REASON}
    url = reverse("emergency_correct", args=[pending.pk])

    response = desk.login(clinic.publisher).post(url, {**sent, "content_digest": fresh(pending).content_digest()})

    assert response.status_code == 302
    assert (document_of(pending)["summary"], document_of(pending)["body"]) == ("Take 50 mg, not 500 mg.", body)


def test_locked_page_can_be_corrected(clinic, pending):
    Page.objects.filter(pk=pending.pk).update(locked=True, locked_by=clinic.author, locked_at=timezone.now())

    correct(clinic.publisher, fresh(pending), summary="Take 50 mg, not 500 mg.")

    assert document_of(pending)["summary"] == "Take 50 mg, not 500 mg."
    assert fresh(pending).locked
