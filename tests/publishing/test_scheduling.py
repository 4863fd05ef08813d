"""The schedule: pages go live and expire at their time, once each, whatever happens to another page."""

import contextlib
import datetime
import io
import logging
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision

from cms.pages.identity import document_id_of
from cms.publishing import ledger, reading, scheduling
from cms.publishing.models import Entry, Head, Heartbeat, ScheduleFailure
from cms.publishing.scheduling import ScheduleRun
from tests.factories import Clinic, draft
from tests.publishing.test_ledger import PATIENCE_SECONDS, at_once

NOON = timezone.now().replace(microsecond=0) + datetime.timedelta(days=2)
A_MINUTE = datetime.timedelta(minutes=1)
NOTHING = ScheduleRun((), (), ())


@contextlib.contextmanager
def at(moment: datetime.datetime) -> Iterator[None]:
    """Everything inside happens at ``moment``."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def run_at(moment: datetime.datetime) -> ScheduleRun:
    with at(moment):
        return scheduling.run_due(moment)


def fresh(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


def schedule(clinic: Clinic, slug: str = "tomorrow", **fields: Any) -> Any:
    """A new article, approved and waiting for noon."""
    page = clinic.article_draft(slug, **{"go_live_at": NOON, **fields})
    clinic.publish(page)
    return fresh(page)


def schedule_change(clinic: Clinic) -> Any:
    """New words of a public article, approved and waiting for noon."""
    draft(clinic.article, user=clinic.author, title="Tomorrow", go_live_at=NOON)
    clinic.publish(clinic.article)
    return fresh(clinic.article)


def expiring(clinic: Clinic, slug: str = "for-a-while") -> Any:
    """A public article that expires at noon."""
    page = clinic.article_draft(slug, expire_at=NOON)
    return clinic.publish(page)


def kinds_of(page: Any) -> list[str]:
    return [entry.kind for entry in ledger.history(document_id_of(page))]


# --- Going live ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("prepare", "kinds"), [(schedule, ["published"]), (schedule_change, ["published", "updated"])])
def test_approved_words_go_live_at_their_time_and_not_before(prepare, kinds, clinic):
    page = prepare(clinic)

    assert run_at(NOON - A_MINUTE) == NOTHING
    assert not Head.objects.filter(title="Tomorrow").exists()

    run = run_at(NOON)

    assert run == ScheduleRun((page.pk,), (), ())
    assert Head.objects.get(title="Tomorrow").page_id == page.pk
    assert kinds_of(page) == kinds
    assert not Revision.objects.filter(approved_go_live_at__isnull=False).exists()


def test_second_run_does_nothing_again(clinic):
    schedule(clinic)
    expiring(clinic)
    run_at(NOON)
    entries = Entry.objects.count()

    run = run_at(NOON)

    assert run == NOTHING
    assert Entry.objects.count() == entries


def test_newer_draft_does_not_hold_up_the_words_that_were_approved(clinic):
    page = schedule_change(clinic)
    draft(page, user=clinic.author, title="The day after tomorrow")

    run = run_at(NOON)

    assert run.published == (page.pk,)
    assert fresh(page).title == "Tomorrow"
    assert Head.objects.get(page_id=page.pk).title == "Tomorrow"


def test_command_of_wagtail_runs_our_schedule(clinic):
    page, out = schedule(clinic), io.StringIO()

    with at(NOON):
        call_command("publish_scheduled", stdout=out)

    assert out.getvalue() == "published 1, expired 0, refused 0\n"
    assert fresh(page).live


# --- Refusals --------------------------------------------------------------------------------------------------------


def licence_expires(clinic: Clinic, page: Any) -> str:
    clinic.clinician.credentials_expire_on = timezone.localdate(NOON) - datetime.timedelta(days=1)
    clinic.clinician.save()
    return "credentials_expired"


def approver_leaves(clinic: Clinic, page: Any) -> str:
    clinic.editor.is_active = False
    clinic.editor.save()
    return "not_approved_editorial"


def revision_is_rewritten(clinic: Clinic, page: Any) -> str:
    revision = Revision.objects.get(approved_go_live_at__isnull=False, object_id=str(page.pk))
    revision.content["title"] = "Words that nobody approved"
    revision.save()
    return "not_approved_editorial"


@pytest.mark.parametrize("spoil", [licence_expires, approver_leaves, revision_is_rewritten])
def test_page_whose_approval_no_longer_stands_is_refused_and_its_owner_can_see_why(spoil, clinic, caplog):
    page = schedule(clinic)
    code = spoil(clinic, page)
    entries = Entry.objects.count()

    with caplog.at_level(logging.WARNING, logger="attest.schedule"):
        run = run_at(NOON)

    assert run == ScheduleRun((), (), (page.pk,))
    assert fresh(page).live is False
    assert Entry.objects.count() == entries
    failure = ScheduleFailure.objects.get()
    assert (failure.page_id, failure.at) == (page.pk, NOON)
    assert code in {finding["code"] for finding in failure.findings}
    logged = PageLogEntry.objects.get(action="attest.publication.refused", page=page.pk)
    assert logged.data["scheduled"] is True
    assert f"Page {page.pk} was refused on schedule" in caplog.text


def test_refused_change_leaves_the_words_that_are_public(clinic):
    page = schedule_change(clinic)
    before = Head.objects.values().get(page_id=page.pk)
    licence_expires(clinic, page)

    run = run_at(NOON)

    assert run.refused == (page.pk,)
    assert Head.objects.values().get(page_id=page.pk) == before
    assert fresh(page).title == "Sleeping better"


def test_refusal_is_recorded_once_and_holds_up_nobody_else(clinic):
    refused, published = schedule(clinic, "first"), schedule(clinic, "second")
    revision_is_rewritten(clinic, refused)

    runs = [run_at(NOON), run_at(NOON + A_MINUTE)]

    assert runs == [ScheduleRun((published.pk,), (), (refused.pk,)), NOTHING]
    assert ScheduleFailure.objects.count() == 1
    assert PageLogEntry.objects.filter(action="attest.publication.refused").count() == 1
    assert Head.objects.filter(page_id=published.pk).exists()


@pytest.mark.parametrize("broken_at", ["going live", "expiry"])
def test_page_that_fails_holds_up_nobody_else(broken_at, clinic, monkeypatch, caplog):
    broken = schedule(clinic, "broken") if broken_at == "going live" else expiring(clinic, "broken")
    page, old = schedule(clinic, "sound"), expiring(clinic, "old")
    save = Page.save

    def fail_for_one(self: Any, *args: Any, **options: Any) -> Any:
        if self.pk == broken.pk:
            raise RuntimeError("a page that cannot be saved")
        return save(self, *args, **options)

    monkeypatch.setattr(Page, "save", fail_for_one)
    with caplog.at_level(logging.ERROR, logger="attest.schedule"):
        run = run_at(NOON)

    assert run.published == (page.pk,)
    assert run.expired == (old.pk,)
    assert kinds_of(broken) == ([] if broken_at == "going live" else ["published"])
    assert f"Page {broken.pk}" in caplog.text


# --- Expiry ----------------------------------------------------------------------------------------------------------


def test_page_expires_at_its_time_and_says_so(clinic):
    page = expiring(clinic)

    assert run_at(NOON - A_MINUTE) == NOTHING
    assert run_at(NOON) == ScheduleRun((), (page.pk,), ())

    assert fresh(page).live is False
    assert fresh(page).expired is True
    newest = ledger.history(document_id_of(page))[-1]
    assert (newest.kind, newest.reason, newest.document) == ("withdrawn", "expired", None)
    assert not Head.objects.filter(page_id=page.pk).exists()


def test_expired_page_is_not_read_even_if_no_worker_ran(clinic):
    person = clinic.writer
    draft(person, user=clinic.editor, expire_at=NOON)
    with transaction.atomic():
        Page.objects.filter(pk=person.pk).update(expire_at=NOON)
        page = fresh(person)
        page.save()
    article = clinic.article.pk

    assert reading.visible(NOON - A_MINUTE).filter(page_id=person.pk).exists()
    assert not reading.visible(NOON).filter(page_id=person.pk).exists()

    assert [
        card["title"] for card in reading.document(None, {"page_id": article}, now=NOON - A_MINUTE).as_dict()["authors"]
    ] == [person.title]
    assert reading.document(None, {"page_id": article}, now=NOON).as_dict()["authors"] == []
    assert Head.objects.filter(page_id=person.pk).exists()


def test_page_whose_times_are_both_over_never_becomes_public(clinic):
    page = schedule(clinic, expire_at=NOON + A_MINUTE)

    run_at(NOON + 2 * A_MINUTE)
    run_at(NOON + 3 * A_MINUTE)

    assert kinds_of(page) == []
    assert fresh(page).live is False


# --- The worker ------------------------------------------------------------------------------------------------------


def test_worker_does_what_is_due_and_says_that_it_lives(committed_clinic):
    page = schedule(committed_clinic)
    Heartbeat.objects.create(name="gone-for-days", at=NOON - datetime.timedelta(days=2))

    with at(NOON):
        call_command("worker", "--once")

    assert fresh(page).live
    assert [heartbeat.at for heartbeat in Heartbeat.objects.all()] == [NOON]


def test_worker_lives_through_a_database_that_does_not_answer(committed_clinic, monkeypatch, caplog):
    def fail(now: datetime.datetime) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(scheduling, "run_due", fail)
    with caplog.at_level(logging.ERROR, logger="attest.worker"):
        call_command("worker", "--once")

    assert "The database did not answer" in caplog.text
    assert not Heartbeat.objects.exists()


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="Two workers wait for a row's lock, which PostgreSQL has."
)
def test_two_workers_publish_and_expire_each_page_once(committed_clinic):
    due, old = schedule(committed_clinic), expiring(committed_clinic)
    start = threading.Barrier(2)

    def work() -> ScheduleRun:
        start.wait(PATIENCE_SECONDS)
        return scheduling.run_due(NOON)

    with at(NOON):
        runs = at_once(work, work)

    assert sorted(key for run in runs for key in run.published) == [due.pk]
    assert sorted(key for run in runs for key in run.expired) == [old.pk]
    assert [run.refused for run in runs] == [(), ()]
    assert kinds_of(due) == ["published"]
    assert kinds_of(old) == ["published", "withdrawn"]
