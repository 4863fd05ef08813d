"""A schedule that fails is never silent: it is recorded, told, shown where editors are, and can be tried again."""

import datetime
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from cms.publishing import scheduling
from cms.publishing.models import Entry, Head, Heartbeat, ScheduleFailure
from cms.workflow.inbox import Notification
from tests.factories import draft, make_user
from tests.publishing.test_scheduling import NOON, at, run_at, schedule
from tests.workflow import desk
from tests.workflow.desk import fresh

REASON = "The credentials of Clara Made-Up, who gave the clinical approval, are no longer valid."
PATIENCE_SECONDS = 120


@pytest.fixture
def refused(clinic):
    """A page that was to go live at noon; by then the clinician’s licence had run out."""
    page = schedule(clinic)
    _licence(clinic, timezone.localdate(NOON) - datetime.timedelta(days=1))
    run_at(NOON)
    assert ScheduleFailure.objects.count() == 1
    return page


def _licence(clinic, day):
    clinic.clinician.credentials_expire_on = day
    clinic.clinician.save()


def first_page(user):
    return desk.shown(desk.login(user).get(desk.HOME))


def press_retry(user, page):
    return desk.login(user).post(reverse("schedule_retry", args=[page.pk]), follow=True)


def test_failure_is_shown_on_the_first_page_to_whoever_may_open_the_page(clinic, refused):
    seen = {
        user.username: "Not published at their time" in first_page(user) for user in (clinic.author, clinic.publisher)
    }

    assert seen == {"anton": True, "paula": True}
    assert REASON in first_page(clinic.author)
    assert "Not published at their time" not in first_page(make_user("carl", "Clinician"))


def test_failure_is_shown_at_the_page_itself_with_what_to_do(clinic, refused):
    page = desk.shown(desk.login(clinic.author).get(desk.edit_url(refused)))

    assert "This page was to go live on" in page
    assert REASON in page
    assert "Mend it, and send it through review again" in page


def test_failure_is_told_to_the_owner(clinic, refused):
    assert Notification.objects.filter(user=clinic.author, page_id=refused.pk, kind="refused").count() == 1


def test_page_is_published_when_it_is_tried_again_after_it_was_mended(clinic, refused):
    _licence(clinic, None)

    with at(NOON + datetime.timedelta(hours=1)):
        answer = press_retry(clinic.publisher, refused)
        after = first_page(clinic.author)

    assert "“Tomorrow” is public now." in desk.shown(answer)
    assert Head.objects.get(page_id=refused.pk).title == "Tomorrow"
    assert PageLogEntry.objects.filter(
        page=refused.pk, action="attest.schedule.retried", user=clinic.publisher
    ).exists()
    assert "Not published at their time" not in after


def test_page_that_was_not_mended_is_refused_again_and_says_why(clinic, refused):
    before = desk.matters()

    with at(NOON + datetime.timedelta(hours=1)):
        answer = press_retry(clinic.publisher, refused)

    assert desk.matters() == before
    assert REASON in desk.shown(answer)
    assert ScheduleFailure.objects.get().at == NOON + datetime.timedelta(hours=1)


@pytest.mark.parametrize("who", ["author", "editor", "clinician"])
def test_who_may_not_publish_the_page_does_not_try_again(clinic, refused, who):
    _licence(clinic, None)
    before = desk.matters()

    press_retry(getattr(clinic, who), refused)

    assert desk.matters() == before
    assert desk.refusals(refused, "attest.access.refused")[-1]["address"] == "schedule_retry"


def test_address_takes_post_alone(clinic, refused):
    before = desk.matters()

    answer = desk.login(clinic.publisher).get(reverse("schedule_retry", args=[refused.pk]))

    assert (answer.status_code, desk.matters()) == (405, before)


def test_trying_again_a_page_that_never_failed_changes_nothing(clinic):
    before = desk.matters()

    press_retry(clinic.publisher, clinic.article)

    assert desk.matters() == before


@pytest.mark.parametrize("settle", ["another time", "deleted"])
def test_failure_is_settled_by(clinic, refused, settle):
    if settle == "another time":
        _licence(clinic, None)
        draft(refused, user=clinic.author, title="Later", go_live_at=NOON + datetime.timedelta(days=1))
        clinic.publish(refused)
    else:
        Page.objects.get(pk=refused.pk).delete()

    assert scheduling.open_failures() == []


def test_page_that_breaks_down_is_recorded_and_told_once_and_tried_until_it_works(clinic, monkeypatch):
    page = schedule(clinic)

    def fail(*args, **options):
        raise RuntimeError("a page that cannot be rendered")

    with monkeypatch.context() as broken:
        broken.setattr(type(page), "render", fail)
        runs = [run_at(NOON), run_at(NOON + datetime.timedelta(seconds=2))]
        failures = list(ScheduleFailure.objects.values_list("page_id", "at"))
        told = Notification.objects.filter(user=clinic.author, page_id=page.pk, kind="refused").count()
        shown = first_page(clinic.author)
    run = run_at(NOON + datetime.timedelta(seconds=4))

    assert [one.refused for one in runs] == [(page.pk,), (page.pk,)]
    assert (failures, told) == ([(page.pk, NOON)], 1)
    assert "for a technical reason" in shown
    assert run.published == (page.pk,)
    assert scheduling.open_failures() == []


@pytest.mark.postgresql
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="a worker process needs a database that two processes see"
)
def test_worker_process_publishes_and_expires_in_time(committed_clinic):
    clinic, name = committed_clinic, connection.settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    environment = os.environ | {
        "DATABASE_URL": f"{address}/{name}", "WORKER_INTERVAL_SECONDS": "1", "DJANGO_SETTINGS_MODULE": "cms.settings.test",
    }  # fmt: skip
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=settings.BASE_DIR, env=environment)
    try:
        _until(lambda: Heartbeat.objects.exists())
        due = timezone.now() + datetime.timedelta(seconds=5)
        page = clinic.article_draft("soon", go_live_at=due, expire_at=due + datetime.timedelta(seconds=4))
        clinic.publish(page)
        scheduled = fresh(page).scheduled_revision is not None
        _until(lambda: Entry.objects.filter(page_id=page.pk, kind="withdrawn").exists())
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE_SECONDS)

    published, withdrawn = Entry.objects.filter(page_id=page.pk)
    assert scheduled
    assert (published.kind, withdrawn.reason) == ("published", "expired")
    assert datetime.timedelta(0) <= published.at - due <= datetime.timedelta(seconds=5)
    assert datetime.timedelta(0) <= withdrawn.at - page.expire_at <= datetime.timedelta(seconds=5)
    assert worker.returncode == 0


def _until(is_so):
    for _look in range(PATIENCE_SECONDS * 10):
        if is_so():
            return
        time.sleep(0.1)
    pytest.fail("The worker did not do it.")
