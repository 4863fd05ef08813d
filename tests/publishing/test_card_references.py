"""What is kept ready beside cards is what the join gives, after whatever may happen; and it is not used when it may not be."""

import contextlib
import datetime
import json
import os
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Page, Site

from cms.publishing import as_of, card_references, lists, reading, scheduling, verifying
from cms.publishing.lists import Ordering, Selection
from cms.publishing.models import CardReferences, Head
from cms.publishing.public_document import written_references
from cms.workflow.gate import GateBlocked
from tests.factories import Clinic, draft
from tests.publishing.test_ledger import fresh

settings.register_profile("everyday", max_examples=6)
settings.register_profile("thorough", max_examples=300)
EXAMPLES = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday")).max_examples
NEWEST_FIRST = Ordering("published_at", is_descending=True)


def listed(**criteria: Any) -> dict[str, str | None]:
    """The ready texts of a list, by slug."""
    page = lists.page(Selection(**criteria), NEWEST_FIRST, limit=100)
    return {json.loads(row.card)["slug"]: row.references for row in page.rows}


def shown(slug: str = "sleeping-better") -> dict[str, Any]:
    """What the list shows beside the card of one page."""
    text = listed()[slug]
    assert text is not None
    return json.loads(f"{{{text}")


def is_ready(page: Page) -> bool:
    return CardReferences.objects.filter(source__page_id=page.pk, written__isnull=False).exists()


def publish(clinic: Clinic, page: Any, **fields: Any) -> None:
    draft(fresh(page), user=clinic.author, **fields)
    with transaction.atomic():
        clinic.publish(fresh(page))


def test_a_published_page_is_ready_at_once(clinic: Clinic) -> None:
    assert not CardReferences.objects.filter(written=None).exists()
    assert CardReferences.objects.count() == Head.objects.count()
    assert [one["slug"] for one in shown()["authors"]] == ["anton"]


def test_a_new_title_of_a_related_page_is_shown_at_once(clinic: Clinic) -> None:
    publish(clinic, clinic.insomnia, title="Sleeplessness")

    assert [one["title"] for one in shown()["conditions"]] == ["Sleeplessness"]
    assert is_ready(clinic.article)


def test_more_texts_than_a_publication_makes_ready_are_joined_until_the_worker_made_them(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_references.prepare, "__defaults__", (0,))

    publish(clinic, clinic.insomnia, title="Sleeplessness")

    assert not is_ready(clinic.article)
    assert listed()["sleeping-better"] is None
    monkeypatch.undo()
    assert card_references.prepare_all() > 0
    assert [one["title"] for one in shown()["conditions"]] == ["Sleeplessness"]


def test_other_words_of_a_related_page_leave_the_texts_that_name_it_ready(clinic: Clinic) -> None:
    with CaptureQueriesContext(connection) as queries:
        publish(clinic, clinic.insomnia, summary="Another summary.")

    naming = [query for query in queries if "UPDATE" in query["sql"] and "publishing_cardreferences" in query["sql"]]
    assert [query["sql"] for query in naming if query["sql"].startswith("UPDATE")] == []


def test_a_withdrawn_page_leaves_no_trace(clinic: Clinic) -> None:
    with transaction.atomic():
        fresh(clinic.insomnia).unpublish()

    assert shown()["conditions"] == []
    assert (
        not CardReferences.objects.filter(written__contains="insomnia")
        .exclude(source__page_id=clinic.insomnia.pk)
        .exists()
    )


def test_a_page_past_its_expiry_is_not_shown_although_no_worker_has_withdrawn_it(clinic: Clinic) -> None:
    Head.objects.filter(page_id=clinic.insomnia.pk).update(expires_at=timezone.now() - datetime.timedelta(seconds=1))

    assert set(listed().values()) == {None}
    row = Head.objects.get(page_id=clinic.article.pk)
    assert reading.references_of([reading.key_of(row.pk)], site=None).popitem()[1]["condition"] == []


def test_a_name_that_two_sites_share_is_joined(clinic: Clinic) -> None:
    site = Site.objects.get()
    assert None not in listed(site=site.hostname).values()

    Site.objects.create(hostname=site.hostname, port=8443, root_page=fresh(clinic.topic))

    assert set(listed(site=site.hostname).values()) == {None}


def test_another_moment_is_joined(clinic: Clinic) -> None:
    now = timezone.now()
    with as_of.heads_at(now, now=now):
        assert set(listed().values()) == {None}

    assert None not in listed().values()


def test_a_wrong_text_is_found_and_mended(clinic: Clinic) -> None:
    CardReferences.objects.filter(source__page_id=clinic.article.pk).update(written="}")
    path = Head.objects.get(page_id=clinic.article.pk).path
    assert f"{path} is listed with other related pages than are public." in list(verifying.problems())

    verifying.rebuild()
    card_references.prepare_all()

    assert list(card_references.wrong()) == []
    assert [one["slug"] for one in shown()["authors"]] == ["anton"]


class History:
    """What may happen to an article and to the pages that its card names."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.pages = [clinic.article, clinic.insomnia, clinic.writer, clinic.acupuncture, clinic.topic]
        self.count = 0

    def rename(self, page: Any) -> None:
        self.count += 1
        with contextlib.suppress(GateBlocked):
            publish(self.clinic, page, title=f"Title {self.count}")

    def move_address(self, page: Any) -> None:
        self.count += 1
        with contextlib.suppress(GateBlocked):
            publish(self.clinic, page, slug=f"address-{self.count}")

    def withdraw(self, page: Any) -> None:
        with transaction.atomic():
            fresh(page).unpublish()

    def publish_again(self, page: Any) -> None:
        with contextlib.suppress(GateBlocked), transaction.atomic():
            self.clinic.publish(fresh(page))

    def expire_unnoticed(self, page: Any) -> None:
        past = timezone.now() - datetime.timedelta(seconds=1)
        if Head.objects.filter(page_id=page.pk).update(expires_at=past):
            Page.objects.filter(pk=page.pk).update(expire_at=past)

    def let_the_worker_look(self, page: Any) -> None:
        scheduling.run_due(timezone.now())
        card_references.prepare_all()

    def give_a_site_of_its_own(self, page: Any) -> None:
        if not Site.objects.filter(root_page=page.pk).exists():
            Site.objects.create(hostname=f"site-{page.pk}.example", root_page=Page.objects.get(pk=page.pk))

    def take_its_site(self, page: Any) -> None:
        for site in Site.objects.filter(root_page=page.pk):
            site.delete()


ACTIONS = sorted(name for name in vars(History) if not name.startswith("_"))
STEPS = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 4))


def test_a_list_shows_what_the_join_gives_after_any_history(clinic: Clinic) -> None:
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(steps=st.lists(STEPS, min_size=4, max_size=10))
    def holds(steps: list[tuple[str, int]]) -> None:
        untouched = transaction.savepoint()
        try:
            history = History(clinic)
            for action, index in steps:
                with transaction.atomic():
                    getattr(history, action)(history.pages[index])

                assert list(card_references.wrong()) == []
                for name in (None, *Site.objects.values_list("hostname", flat=True)):
                    page = lists.page(Selection(site=name), NEWEST_FIRST, limit=100)
                    joined = reading.references_of([row.key for row in page.rows], site=name)
                    for row in page.rows:
                        assert row.references in (None, written_references(joined[row.key]))
        finally:
            transaction.savepoint_rollback(untouched)

    holds()
