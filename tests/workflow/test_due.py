"""Reviews that are late: who is told, once for each date, and no longer than it matters."""

import datetime

import pytest
from django.core import mail
from django.utils import timezone

from cms.workflow import approval, assignment, due, mailing
from cms.workflow.inbox import Delivery, Kind, Notification, NotificationChoice
from cms.workflow.models import Approval
from tests.factories import make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

NOW = timezone.now()
DUE = NOW + datetime.timedelta(days=2)
LATE = DUE + datetime.timedelta(hours=1)


@pytest.fixture
def waiting(clinic):
    """An article at editorial review that the editor has, due in two days."""
    article = clinic.article_draft("rest", title="Rest well")
    article.get_workflow().start(article, clinic.author)
    make_user("emil", "Editor")
    assignment.claim(fresh(article), user=clinic.editor)
    assignment.set_due(fresh(article), user=clinic.editor, due_at=DUE)
    Notification.objects.all().delete()
    return fresh(article)


def told():
    return {(row.user.username, row.kind) for row in Notification.objects.select_related("user")}


def test_nobody_is_told_before_it_is_late(waiting):
    assert due.remind_overdue(DUE) == 0
    assert told() == set()


def test_who_has_it_and_who_submitted_it_are_told_once(waiting):
    assert (due.remind_overdue(LATE), due.remind_overdue(LATE)) == (2, 0)

    assert told() == {("edda", Kind.OVERDUE), ("anton", Kind.OVERDUE)}
    assert {row.sentence() for row in Notification.objects.all()} == {"The editorial review of “Rest well” is overdue."}


def test_all_who_could_give_it_are_told_when_nobody_has_it(clinic, waiting):
    assignment.release(waiting, user=clinic.editor)

    due.remind_overdue(LATE)

    assert told() == {(name, Kind.OVERDUE) for name in ("edda", "emil", "anton")}


def test_new_date_is_told_of_anew(clinic, waiting):
    due.remind_overdue(LATE)
    assignment.set_due(waiting, user=clinic.editor, due_at=DUE + datetime.timedelta(days=1))

    assert due.remind_overdue(LATE) == 0
    assert due.remind_overdue(LATE + datetime.timedelta(days=1)) == 2


@pytest.mark.parametrize("end", ["decided", "withdrawn", "date taken back"])
def test_nobody_is_told_of_what_is_over(clinic, waiting, end):
    step = waiting.current_workflow_task_state
    if end == "decided":
        approval.approve_task(step, page=waiting, user=clinic.editor, ticked=desk.ticked(step))
        assert Approval.objects.filter(page_id=waiting.pk).exists()
    elif end == "withdrawn":
        waiting.current_workflow_state.cancel(user=clinic.author)
    else:
        assignment.set_due(waiting, user=clinic.editor, due_at=None)
    Notification.objects.all().delete()

    assert due.remind_overdue(LATE) == 0
    assert told() == set()


def test_mail_that_waited_until_it_was_over_is_not_sent(clinic, waiting):
    for user in (clinic.editor, clinic.author):
        NotificationChoice.objects.create(user=user, overdue=Delivery.AT_ONCE)
    due.remind_overdue(LATE)
    step = waiting.current_workflow_task_state
    approval.approve_task(step, page=waiting, user=make_user("emma", "Editor"), ticked=desk.ticked(step))
    Notification.objects.exclude(kind=Kind.OVERDUE).delete()

    assert mailing.send_due(timezone.now()) == 0
    assert mail.outbox == []


def test_mail_is_sent_at_once_to_who_wants_it_so(clinic, waiting):
    NotificationChoice.objects.create(user=clinic.editor, overdue=Delivery.AT_ONCE)

    due.remind_overdue(LATE)
    mailing.send_due(timezone.now())

    assert [message.to for message in mail.outbox] == [["edda@example.org"]]
    assert "The editorial review of “Rest well” is overdue" in mail.outbox[0].subject


def test_digest_takes_it_for_everybody_else(clinic, waiting):
    due.remind_overdue(LATE)

    assert mailing.send_due(timezone.now()) == 0
    assert mailing.send_due(timezone.now() + datetime.timedelta(days=1)) == 2
