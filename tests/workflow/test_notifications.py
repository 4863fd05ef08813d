"""Who is told of what, how, and how often: by mail and in the admin."""

import datetime
import logging
import os
import signal
import threading
from unittest import mock

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission

from cms.publishing import reminders, scheduling
from cms.publishing.models import Head
from cms.workflow import approval, gate, mailing, notifications
from cms.workflow.inbox import Delivery, Kind, Notification, NotificationChoice
from home.models import StandardPage
from tests.factories import add_draft, draft, make_clinician, make_user
from tests.factories import approve as approve_words
from tests.publishing.test_ledger import PATIENCE_SECONDS, at_once
from tests.workflow import desk
from tests.workflow.desk import fresh

NOW = timezone.now()
LATER = NOW + datetime.timedelta(days=2)


class DownBackend(EmailBackend):
    """A mail server that cannot be reached."""

    def open(self):
        raise ConnectionRefusedError("no mail server")


class RefusingBackend(EmailBackend):
    """A mail server that takes mail for everybody but the editor."""

    def send_messages(self, messages):
        if any("edda@example.org" in message.to for message in messages):
            raise OSError("refused")
        return super().send_messages(messages)


class NosyBackend(EmailBackend):
    """A mail server during whose answer a second worker looks."""

    second = None

    def send_messages(self, messages):
        NosyBackend.second = mailing.send_due(timezone.now())
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def nobody_was_told_yet(request):
    if "committed_clinic" not in request.fixturenames:
        request.getfixturevalue("clinic")
        Notification.objects.all().delete()


@pytest.fixture
def article(clinic):
    return clinic.article_draft("rest", title="Rest well")


def submit(page, user):
    page.get_workflow().start(page, user)


def step_of(page):
    return fresh(page).current_workflow_task_state


def approve(page, user):
    approval.approve_task(step_of(page), page=fresh(page), user=user, ticked=desk.ticked(step_of(page)))


def told():
    """Who was told of what: kinds by login, in order of time."""
    found = {}
    for row in Notification.objects.select_related("user").order_by("pk"):
        found.setdefault(row.user.username, []).append(row.kind)
    return found


def mailed():
    """Who got mail, with the subject of each."""
    return sorted((message.to[0].split("@")[0], message.subject) for message in mail.outbox)


# --- What happens, and who is told -----------------------------------------------------------------------------------


def is_submitted(clinic, article):
    submit(article, clinic.author)


def passes_editorial_review(clinic, article):
    submit(article, clinic.author)
    Notification.objects.all().delete()
    approve(article, clinic.editor)


def is_published(clinic, article):
    submit(article, clinic.author)
    approve(article, clinic.editor)
    Notification.objects.all().delete()
    approve(article, clinic.clinician)


def needs_changes(clinic, article):
    submit(article, clinic.author)
    Notification.objects.all().delete()
    approval.request_changes(step_of(article), page=fresh(article), user=clinic.editor, comment="Mend it.")


def is_refused_on_schedule(clinic, article):
    draft(article, user=clinic.author, go_live_at=NOW + datetime.timedelta(hours=1))
    clinic.publish(article)
    clinic.clinician.credentials = ""
    clinic.clinician.save()
    Notification.objects.all().delete()
    assert scheduling.run_due(NOW + datetime.timedelta(hours=2)).refused == (article.pk,)


def is_refused_after_the_last_approval(clinic, article):
    draft(article, user=clinic.author, summary="")
    submit(article, clinic.author)
    approve(article, clinic.editor)
    Notification.objects.all().delete()
    approve(article, clinic.clinician)
    assert fresh(article).live is False


def is_overdue(clinic, article):
    Head.objects.filter(page_id=clinic.article.pk).update(review_due=NOW - datetime.timedelta(days=1))
    assert reminders.remind_overdue(NOW) == 1


MATRIX = {
    is_submitted: {"edda": [Kind.SUBMITTED]},
    passes_editorial_review: {"anton": [Kind.APPROVED], "clara": [Kind.SUBMITTED]},
    is_published: {"anton": [Kind.PUBLISHED, Kind.APPROVED]},
    needs_changes: {"anton": [Kind.CHANGES_REQUESTED]},
    is_refused_on_schedule: {"anton": [Kind.REFUSED], "paula": [Kind.REFUSED]},
    is_refused_after_the_last_approval: {"anton": [Kind.REFUSED, Kind.APPROVED], "paula": [Kind.REFUSED]},
    is_overdue: {"anton": [Kind.OVERDUE], "edda": [Kind.OVERDUE]},
}
EVENTS = pytest.mark.parametrize(("happens", "expected"), MATRIX.items(), ids=[event.__name__ for event in MATRIX])


def choose(delivery, *users):
    for user in users:
        NotificationChoice.objects.update_or_create(user=user, defaults={kind.value: delivery for kind in Kind})


@pytest.mark.parametrize("delivery", Delivery)
@EVENTS
def test_each_person_is_told_as_he_chose(happens, expected, delivery, clinic, article):
    choose(delivery, clinic.author, clinic.editor, clinic.clinician, clinic.publisher)

    happens(clinic, article)
    mailing.send_due(timezone.now())
    at_once_to = {login for login, _subject in mailed()}
    mailing.send_due(LATER)

    assert told() == ({} if delivery == Delivery.OFF else expected)
    assert at_once_to == (set(expected) if delivery == Delivery.AT_ONCE else set())
    is_mailed = delivery in (Delivery.AT_ONCE, Delivery.DAILY)
    assert sorted(login for login, _subject in mailed()) == (sorted(expected) if is_mailed else [])


@EVENTS
def test_links_open_for_whoever_gets_them(happens, expected, clinic, article):
    choose(Delivery.AT_ONCE, clinic.author, clinic.editor, clinic.clinician, clinic.publisher)
    people = {user.email: user for user in (clinic.author, clinic.editor, clinic.clinician, clinic.publisher)}

    happens(clinic, article)
    mailing.send_due(timezone.now())

    assert len(mail.outbox) == len(expected)
    for message in mail.outbox:
        html = message.alternatives[0].content
        links = [link["href"] for link in BeautifulSoup(html, "html.parser").find_all("a")]
        assert all(link in message.body for link in links)
        client = desk.login(people[message.to[0]])
        for link in links:
            assert link.startswith("http://localhost/admin/")
            with desk.undrawn():
                assert client.get(link.removeprefix("http://localhost")).status_code == 200


@EVENTS
def test_a_mail_has_no_words_of_the_draft_but_its_title(happens, expected, clinic, article):
    choose(Delivery.AT_ONCE, clinic.author, clinic.editor, clinic.clinician, clinic.publisher)

    happens(clinic, article)
    mailing.send_due(timezone.now())

    said = " ".join(message.body + message.alternatives[0].content for message in mail.outbox)
    assert ("Sleeping better" if happens is is_overdue else "Rest well") in said
    for words in ("short summary", "Rest helps", "Mend it"):
        assert words not in said


def test_whoever_acts_is_not_told_of_his_own_act(clinic):
    page = StandardPage(title="Parking", slug="parking", summary="Where.")
    page = add_draft(clinic.home, page, user=clinic.publisher)
    draft(page, user=clinic.author, summary="Where to park.")
    submit(page, clinic.publisher)
    approve_words(page, clinic.editor)
    Notification.objects.all().delete()
    client = desk.login(clinic.publisher)

    client.post(desk.edit_url(page), {**desk.opened(client, page), "action-publish": "1"})

    assert fresh(page).live is True
    assert told() == {"anton": [Kind.PUBLISHED]}


def test_reviewers_who_could_not_approve_are_not_asked(clinic, article):
    make_clinician("expired", credentials_expire_on=datetime.date(2001, 1, 1))
    make_user("writing-editor", "Editor")
    make_user("gone", "Editor", is_active=False)
    draft(article, user=type(clinic.editor).objects.get(username="writing-editor"), summary="Other words.")

    submit(article, clinic.author)
    assert told() == {"edda": [Kind.SUBMITTED]}
    approve(article, clinic.editor)

    assert told()["clara"] == [Kind.SUBMITTED]
    assert "expired" not in told()
    assert told()["writing-editor"] == [Kind.APPROVED]


def test_a_page_that_is_submitted_again_is_told_again(clinic, article):
    needs_changes(clinic, article)
    client = desk.login(clinic.author)

    client.post(desk.edit_url(article), {**desk.opened(client, article), "action-submit": "1"})

    assert fresh(article).current_workflow_state.status == "in_progress"
    assert told() == {"anton": [Kind.CHANGES_REQUESTED], "edda": [Kind.SUBMITTED]}


def test_wagtail_mails_nothing_of_its_own(clinic, article):
    type(clinic.editor).objects.create_superuser("root", "root@example.org")

    submit(article, clinic.author)
    approve(article, clinic.editor)
    approval.request_changes(step_of(article), page=fresh(article), user=clinic.clinician, comment="Mend it.")

    assert mail.outbox == []


def test_an_assignment_is_told_once_to_whom_it_is_given(clinic, article):
    submit(article, clinic.author)
    Notification.objects.all().delete()

    for _time in range(2):
        notifications.tell_assigned(step_of(article), user=clinic.editor, actor=clinic.publisher)
    notifications.tell_assigned(step_of(article), user=clinic.clinician, actor=clinic.publisher)

    assert told() == {"edda": [Kind.ASSIGNED]}
    assert Notification.objects.get().sentence() == (
        "The editorial review of “Rest well” was given to you by Paula Made-Up."
    )


def test_nobody_is_told_of_a_page_that_he_may_not_open(clinic, article):
    submit(article, clinic.author)
    GroupPagePermission.objects.filter(group__name="Author").delete()
    Notification.objects.all().delete()

    approval.request_changes(step_of(article), page=fresh(article), user=clinic.editor, comment="Mend it.")

    assert told() == {}


def test_loading_content_quietly_tells_nobody(clinic, article):
    with notifications.quietly():
        submit(article, clinic.author)

    assert told() == {}


# --- Nothing twice, nothing lost -------------------------------------------------------------------------------------


def test_a_rollback_tells_nobody(clinic, article):
    class Abandoned(Exception):
        pass

    def change_ones_mind():
        submit(article, clinic.author)
        assert told() == {"edda": [Kind.SUBMITTED]}
        raise Abandoned

    with pytest.raises(Abandoned), transaction.atomic():
        change_ones_mind()

    assert mailing.send_due(timezone.now()) == 0
    assert (told(), mail.outbox) == ({}, [])


def test_a_second_look_sends_nothing_again(clinic, article):
    submit(article, clinic.author)

    assert mailing.send_due(timezone.now()) == 1
    assert mailing.send_due(LATER) == 0

    assert mailed() == [("edda", "[Attest] “Rest well” waits for editorial review")]
    assert Notification.objects.get().mailed_at is not None


def test_mail_waits_for_a_server_that_is_down_and_goes_out_once(clinic, article, settings):
    submit(article, clinic.author)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.DownBackend"
    now = timezone.now()

    assert mailing.send_due(now) == 0
    assert mailing.send_due(now + datetime.timedelta(minutes=2)) == 0
    assert Notification.objects.get().attempts == 2
    settings.EMAIL_BACKEND = working
    assert mailing.send_due(now + datetime.timedelta(minutes=3)) == 0
    assert mailing.send_due(now + datetime.timedelta(minutes=8)) == 1
    assert mailing.send_due(LATER) == 0

    assert len(mail.outbox) == 1


def test_a_mail_that_is_never_taken_is_given_up_and_stays_in_the_admin(clinic, article, settings):
    settings.EMAIL_BACKEND = f"{__name__}.DownBackend"
    submit(article, clinic.author)
    now = timezone.now()

    for _attempt in range(20):
        now += datetime.timedelta(days=1)
        mailing.send_due(now)

    row = Notification.objects.get()
    assert (row.attempts, row.mail_at, row.mailed_at) == (10, None, None)
    assert "waits for editorial review" in desk.shown(desk.login(clinic.editor).get(reverse("notifications")))


def test_one_address_that_is_refused_holds_up_no_other(clinic, article, settings):
    make_user("other", "Editor")
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    submit(article, clinic.author)

    sent = mailing.send_due(timezone.now())

    assert (sent, [message.to for message in mail.outbox]) == (1, [["other@example.org"]])
    assert Notification.objects.get(user=clinic.editor).attempts == 1


def test_a_second_worker_passes_over_what_the_first_is_sending(clinic, article, settings):
    settings.EMAIL_BACKEND = f"{__name__}.NosyBackend"
    submit(article, clinic.author)

    sent = mailing.send_due(timezone.now())

    assert (sent, NosyBackend.second, len(mail.outbox)) == (1, 0, 1)


def test_mail_of_a_worker_that_died_is_sent_by_the_next(clinic, article):
    submit(article, clinic.author)
    with (
        mock.patch("cms.workflow.mailing.EmailMultiAlternatives.send", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        mailing.send_due(timezone.now())

    assert mailing.send_due(timezone.now()) == 0
    assert mailing.send_due(timezone.now() + mailing.CLAIM) == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Two workers at the same moment need PostgreSQL.")
def test_two_workers_send_each_mail_once(committed_clinic):
    Notification.objects.all().delete()
    page = committed_clinic.article_draft("rest")
    for count in range(5):
        make_user(f"editor-{count}", "Editor")
    submit(page, committed_clinic.author)
    start, now = threading.Barrier(2), timezone.now()

    def work():
        start.wait(PATIENCE_SECONDS)
        return mailing.send_due(now)

    sent = at_once(work, work)

    assert sum(sent) == 6
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 6


def test_the_worker_sends_what_is_due(committed_clinic):
    Notification.objects.all().delete()
    submit(committed_clinic.article_draft("rest", title="Rest well"), committed_clinic.author)

    call_command("worker", "--once")
    call_command("worker", "--once")

    assert ("edda", "[Attest] “Rest well” waits for editorial review") in mailed()
    assert len(mail.outbox) == 1


def test_a_mail_server_that_does_not_answer_holds_up_no_page(committed_clinic, monkeypatch, settings):
    settings.WORKER_INTERVAL_SECONDS = 0.01
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    is_mailing, may_end, looks = threading.Event(), threading.Event(), []

    def wait_for_the_server(now):
        is_mailing.set()
        may_end.wait(PATIENCE_SECONDS)

    def look(now):
        if is_mailing.is_set():
            looks.append(may_end.is_set())
        if len(looks) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(reminders, "remind_overdue", lambda now: 0)
    monkeypatch.setattr(mailing, "send_due", wait_for_the_server)
    monkeypatch.setattr(scheduling, "run_due", look)
    try:
        call_command("worker")
    finally:
        may_end.set()
        for number, handler in handlers.items():
            signal.signal(number, handler)

    assert looks == [False, False, False]


def test_the_worker_lives_through_a_mail_that_cannot_be_made(committed_clinic, monkeypatch, caplog):
    def fail(now):
        raise LookupError("no template")

    monkeypatch.setattr(mailing, "send_due", fail)
    with caplog.at_level(logging.ERROR, logger="attest.worker"):
        call_command("worker", "--once")

    assert "Notifications could not be mailed" in caplog.text


def test_a_refusal_on_schedule_is_told_once_by_two_workers(clinic, article):
    is_refused_on_schedule(clinic, article)
    revision = fresh(article).latest_revision
    refusal = gate.GateBlocked(fresh(article), gate.decide(revision.as_object()))

    # The second worker was refused before the first had noted it.
    scheduling._record_refusal(revision.pk, refusal, LATER)

    assert told() == MATRIX[is_refused_on_schedule]
    assert len(desk.refusals(article, "attest.publication.refused")) == 1


def test_an_overdue_review_is_told_once_for_each_time_it_falls_due(clinic, article):
    is_overdue(clinic, article)
    assert reminders.remind_overdue(LATER) == 0

    Head.objects.filter(page_id=clinic.article.pk).update(review_due=LATER)
    assert reminders.remind_overdue(LATER) == 0
    assert reminders.remind_overdue(LATER + datetime.timedelta(minutes=1)) == 1

    assert told() == {"anton": [Kind.OVERDUE] * 2, "edda": [Kind.OVERDUE] * 2}


# --- The daily mail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("happens_at", "due"),
    [
        ("2026-07-01T06:59", "2026-07-01T07:00"),
        ("2026-07-01T07:00", "2026-07-02T07:00"),
        # The night in which clocks go forward.
        ("2026-03-07T12:00", "2026-03-08T07:00"),
    ],
)
def test_the_daily_mail_is_due_at_its_hour_of_the_clinics_clock(happens_at, due):
    here = timezone.get_default_timezone()
    moment = datetime.datetime.fromisoformat(happens_at).replace(tzinfo=here)

    found = NotificationChoice(submitted=Delivery.DAILY).mail_at(Kind.SUBMITTED, moment)

    assert found == datetime.datetime.fromisoformat(due).replace(tzinfo=here)


def test_the_daily_mail_gathers_a_day_in_one_mail(clinic):
    choose(Delivery.DAILY, clinic.editor)
    for slug in ("rest", "sleep-well"):
        submit(clinic.article_draft(slug), clinic.author)
    due = Notification.objects.latest("pk").mail_at

    assert mailing.send_due(due - datetime.timedelta(seconds=1)) == 0
    assert mailing.send_due(due) == 1
    assert mailing.send_due(due + datetime.timedelta(days=1)) == 0

    assert mailed() == [("edda", "[Attest] 2 notifications about your pages")]
    assert "“Rest” waits for editorial review." in mail.outbox[0].body
    assert "“Sleep well” waits for editorial review." in mail.outbox[0].body


def decided(clinic, article):
    with notifications.quietly():
        approve(article, make_user("second", "Editor"))


def withdrawn(clinic, article):
    fresh(article).current_workflow_state.cancel(user=clinic.author)


def deleted(clinic, article):
    fresh(article).delete()


def locked_out(clinic, article):
    clinic.editor.is_active = False
    clinic.editor.save()


def choosing_otherwise(clinic, article):
    choose(Delivery.ADMIN, clinic.editor)


def without_address(clinic, article):
    clinic.editor.email = ""
    clinic.editor.save()


@pytest.mark.parametrize(
    "overtake", [decided, withdrawn, deleted, locked_out, choosing_otherwise, without_address], ids=lambda f: f.__name__
)
def test_what_is_no_news_any_more_is_not_mailed(overtake, clinic, article):
    choose(Delivery.DAILY, clinic.editor)
    submit(article, clinic.author)
    overtake(clinic, article)

    sent = mailing.send_due(LATER)

    assert (sent, mail.outbox) == (0, [])
    row = Notification.objects.get()
    assert (row.mail_at, row.mailed_at) == (None, None)


def test_a_long_list_is_cut_and_leads_to_the_admin(clinic, article, monkeypatch):
    monkeypatch.setattr(mailing, "MAX_LINES", 1)
    for slug in ("nap", "sleep-well", "walk"):
        submit(clinic.article_draft(slug), clinic.author)

    mailing.send_due(timezone.now())

    assert "And 2 more:\nhttp://localhost/admin/notifications/" in mail.outbox[0].body


def test_a_title_cannot_break_out_of_subject_or_markup(clinic):
    submit(clinic.article_draft("odd", title="<b>Rest</b>\nBcc: all@example.org"), clinic.author)

    mailing.send_due(timezone.now())

    message = mail.outbox[0]
    assert message.subject == "[Attest] “<b>Rest</b> Bcc: all@example.org” waits for editorial review"
    assert message.recipients() == ["edda@example.org"]
    assert "&lt;b&gt;Rest&lt;/b&gt;" in message.alternatives[0].content


# --- In the admin ----------------------------------------------------------------------------------------------------

LIST, READ = reverse("notifications"), reverse("notifications_read")


def test_the_list_shows_what_is_new_and_links_to_it(clinic, article):
    submit(article, clinic.author)
    client = desk.login(clinic.editor)

    page = BeautifulSoup(client.get(LIST).content, "html.parser")

    items = page.select("ul.notifications li")
    assert [item.a.get_text() for item in items] == ["“Rest well” waits for editorial review."]
    assert items[0].a["href"] == reverse("review_page", args=[article.pk])
    assert "unread" in items[0]["class"]
    assert "Notifications (1)" in client.get(desk.HOME).content.decode()
    assert Notification.objects.get().read_at is None


def test_marking_as_read_spares_what_came_since_and_what_is_anothers(clinic, article):
    make_user("other", "Editor")
    submit(article, clinic.author)
    client = desk.login(clinic.editor)
    shown = BeautifulSoup(client.get(LIST).content, "html.parser").find("input", {"name": "newest"})["value"]
    submit(clinic.article_draft("walk"), clinic.author)

    answer = client.post(READ, {"newest": shown}, follow=True)

    mine = Notification.objects.filter(user=clinic.editor).order_by("pk")
    assert [row.read_at is not None for row in mine] == [True, False]
    assert Notification.objects.filter(read_at=None).count() == 3
    assert len(BeautifulSoup(answer.content, "html.parser").select("li.unread")) == 1


@pytest.mark.parametrize("newest", ["", "x", "-1", "9" * 40, "²"])
def test_a_forged_mark_changes_nothing(newest, clinic, article):
    submit(article, clinic.author)

    answer = desk.login(clinic.editor).post(READ, {"newest": newest})

    assert answer.status_code == 302
    assert Notification.objects.get().read_at is None


def test_looking_does_not_mark_as_read(clinic, article):
    submit(article, clinic.author)

    answer = desk.login(clinic.editor).get(READ)

    assert answer.status_code == 405
    assert Notification.objects.get().read_at is None


@pytest.mark.parametrize("address", [LIST, READ])
def test_people_without_the_admin_have_no_list(address, clinic):
    answer = desk.login(make_user("stranger")).post(address)

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("wagtailadmin_login"))


def test_an_empty_list_says_what_will_be_there(clinic):
    answer = desk.login(clinic.editor).get(LIST)

    assert "Nothing yet." in desk.shown(answer)
    assert b"Mark all as read" not in answer.content


def test_the_list_has_no_script_of_its_own(clinic, article):
    submit(article, clinic.author)

    main = BeautifulSoup(desk.login(clinic.editor).get(LIST).content, "html.parser").find("main")

    assert main.select("ul.notifications script, .notification-actions script") == []
    assert [tag for tag in main.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []


def test_a_page_that_is_out_of_reach_now_is_named_without_a_link(clinic, article):
    submit(article, clinic.author)
    approve(article, clinic.editor)
    approve(article, clinic.clinician)

    page = BeautifulSoup(desk.login(clinic.clinician).get(LIST).content, "html.parser")

    assert page.select_one("ul.notifications li").a is None


def test_choices_are_made_in_the_account(clinic):
    client = desk.login(clinic.editor)
    account = client.get(reverse("wagtailadmin_account"))
    sent = {}
    for panels in account.context["panels_by_tab"].values():
        for panel in panels:
            sent |= desk.data_of(panel.get_form())
    assert sent["notification_choice-overdue"] == "daily"
    assert not [name for name in sent if "submitted_notifications" in name or "rejected_notifications" in name]
    assert not NotificationChoice.objects.exists()

    answer = client.post(reverse("wagtailadmin_account"), sent | {"notification_choice-submitted": "off"}, follow=True)

    assert answer.status_code == 200
    choice = NotificationChoice.objects.get(user=clinic.editor)
    assert (choice.submitted, choice.overdue) == (Delivery.OFF, Delivery.DAILY)
