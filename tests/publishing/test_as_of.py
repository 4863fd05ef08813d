"""What the public saw at a moment is what it was given then; what it will see is what is approved and scheduled."""

import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Page, Revision

from cms.publishing import as_of, lists, reading
from cms.publishing.models import Clock, Entry, Head, HeadRelation, Tally
from tests.factories import Clinic, draft
from tests.publishing.test_scheduling import at, run_at

START = timezone.now().replace(microsecond=0) + datetime.timedelta(days=1)
AN_HOUR = datetime.timedelta(hours=1)
Seen = tuple[int, list[str], dict[UUID, dict[str, Any]]]


def seen(moment: datetime.datetime) -> Seen:
    """Everything that a reader at ``moment`` gets: count, cards in order, whole documents."""
    page = lists.page(lists.Selection(), lists.Ordering("title", False), limit=100, now=moment)
    documents = {}
    for row in page.rows:
        found = reading.document(None, {"document_id": row.document_id}, now=moment)
        assert found is not None
        documents[row.document_id] = found.as_dict()
    about_insomnia = lists.Selection(
        types=("article",), ties=(lists.TieFilter(("condition",), "condition", ("insomnia",)),)
    )
    tied = lists.page(about_insomnia, lists.Ordering("published_at", True), limit=100, now=moment)
    return page.count * 1000 + tied.count, [row.card for row in page.rows] + [row.card for row in tied.rows], documents


def rewrite(clinic: Clinic) -> None:
    draft(clinic.article, user=clinic.author, title="Another title", summary="Another summary.")
    clinic.publish(clinic.article)


def withdraw(clinic: Clinic) -> None:
    Page.objects.get(pk=clinic.insomnia.pk).specific.unpublish()


def add(clinic: Clinic) -> None:
    clinic.publish(clinic.article_draft("later"))


def move(clinic: Clinic) -> None:
    page = Page.objects.get(pk=clinic.article.pk).specific
    page.slug = "elsewhere"
    draft(page, user=clinic.author, slug="elsewhere")
    clinic.publish(page)


def delete(clinic: Clinic) -> None:
    Page.objects.get(slug="later").specific.delete()


def test_every_moment_can_be_read_again_exactly(clinic: Clinic) -> None:
    remembered = {}
    moment = START
    for step in (rewrite, withdraw, add, move, delete):
        remembered[moment] = seen(moment)
        moment += AN_HOUR
        with at(moment), transaction.atomic():
            step(clinic)
        moment += AN_HOUR
    before = (Clock.objects.values().get(), Entry.objects.count(), list(Head.objects.order_by("pk").values()))

    found = {}
    for moment in remembered:
        with as_of.heads_at(moment, now=moment + datetime.timedelta(days=9)):
            found[moment] = seen(moment)

    assert found == remembered
    assert len({str(one) for one in found.values()}) == 5
    assert (Clock.objects.values().get(), Entry.objects.count(), list(Head.objects.order_by("pk").values())) == before


def test_before_the_first_entry_there_was_nothing(clinic: Clinic) -> None:
    moment = Entry.objects.earliest("at").at - AN_HOUR

    with as_of.heads_at(moment, now=START):
        assert seen(moment) == (0, [], {})


def test_the_future_shows_what_is_approved_and_scheduled_and_what_expires(clinic: Clinic) -> None:
    page = clinic.article_draft("tomorrow", go_live_at=START, expire_at=START + 2 * AN_HOUR)
    with transaction.atomic():
        clinic.publish(page)
    now = timezone.now()
    assert Revision.page_revisions.filter(approved_go_live_at__isnull=False).count() == 1
    before = (Clock.objects.values().get(), Entry.objects.count(), list(Head.objects.order_by("pk").values()))

    slugs = {}
    for hours in (-1, 1, 3):
        moment = START + hours * AN_HOUR
        with as_of.heads_at(moment, now=now):
            slugs[hours] = {document["slug"] for document in seen(moment)[2].values()}
            foreseen = seen(moment)[2] if hours == 1 else None
            if foreseen:
                (told,) = (document for document in foreseen.values() if document["slug"] == "tomorrow")

    assert "tomorrow" not in slugs[-1]
    assert slugs[1] == slugs[-1] | {"tomorrow"}
    assert slugs[3] == slugs[-1]
    assert (Clock.objects.values().get(), Entry.objects.count(), list(Head.objects.order_by("pk").values())) == before
    run_at(START)
    real = reading.document(None, {"slug": "tomorrow"}, now=START)
    assert real is not None
    times = {"published_at", "updated_at", "attestation", "seo"}
    assert {name: value for name, value in told.items() if name not in times} == {
        name: value for name, value in real.as_dict().items() if name not in times
    }


def test_what_is_scheduled_without_approval_is_not_foreseen(clinic: Clinic) -> None:
    page = clinic.article_draft("tomorrow", go_live_at=START)
    Revision.page_revisions.filter(object_id=str(page.pk)).update(approved_go_live_at=START)

    with as_of.heads_at(START + AN_HOUR, now=timezone.now()):
        assert "tomorrow" not in {document["slug"] for document in seen(START + AN_HOUR)[2].values()}


@pytest.mark.parametrize("trouble", [RuntimeError, KeyboardInterrupt])
def test_the_present_is_back_whatever_happens_inside(clinic: Clinic, trouble: type[BaseException]) -> None:
    present = [Head.objects.count(), HeadRelation.objects.count(), Tally.objects.count()]

    with pytest.raises(trouble):
        _meet(trouble)

    assert [Head.objects.count(), HeadRelation.objects.count(), Tally.objects.count()] == present


def _meet(trouble: type[BaseException]) -> None:
    with as_of.heads_at(START - datetime.timedelta(days=900), now=START):
        assert Head.objects.count() == 0
        raise trouble


def test_more_documents_than_can_be_laid_out_are_refused(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_of, "MAX_DOCUMENTS", 3)

    with pytest.raises(as_of.TooManyDocuments), as_of.heads_at(START, now=START):
        pass

    assert Head.objects.count() > 3


def test_other_connections_see_the_present_meanwhile(committed_clinic: Clinic) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("A database in memory belongs to one connection.")
    other = connection.copy()

    with as_of.heads_at(START - datetime.timedelta(days=900), now=START), other.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM publishing_head")
        assert cursor.fetchone()[0] > 5
        assert Head.objects.count() == 0
    other.close()
