"""What an entry may tell of other pages, and that nobody who follows the changes misses one, whoever writes meanwhile."""

import datetime
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page

from cms.pages.identity import document_id_of
from cms.pages.relations import AuthorLink, ConditionLink, RelatedLink
from cms.pages.rendering import Relation, Rendered
from cms.publishing import capture, changes, ledger, verifying
from cms.publishing.change_items import items_of
from cms.publishing.changes import Selection
from cms.publishing.models import Clock, Dependency, Entry, Head
from cms.publishing.ties import with_known_ties
from services.models import ConditionPage
from tests.conftest import without_triggers
from tests.factories import Clinic, add_draft, draft
from tests.publishing.test_ledger import HELD_SECONDS, PATIENCE_SECONDS, approved_drafts, at_once, fresh, on_postgresql


def secret_condition(clinic: Clinic) -> ConditionPage:
    """A condition that nobody has approved yet."""
    page = ConditionPage(title="Secret", slug="secret", summary="Hidden.", clinical_reviewer=clinic.reviewer)
    page.overview = [{"type": "paragraph", "value": "<p>Words.</p>"}]
    page.soon_signs = [{"type": "sign", "value": "<p>You feel worse.</p>"}]
    page.author_links = [AuthorLink(person=clinic.writer)]
    return add_draft(clinic.conditions, page, user=clinic.author)


def tied_article(clinic: Clinic, *conditions: Page) -> Any:
    """A draft of an article that is tied to these conditions."""
    page = clinic.article_draft("tied").get_latest_revision_as_object()
    page.condition_links = [ConditionLink(condition=condition) for condition in conditions]
    page.save_revision(user=clinic.author)
    return fresh(page)


def ties(page: Page, kind: str = "condition") -> list[list[str]]:
    """For each entry of ``page``, the ids of documents that it is tied to."""
    entries = ledger.history(document_id_of(page))
    return [[tie["id"] for tie in ledger.relations_in(entry) if tie["kind"] == kind] for entry in entries]


# --- Ties that an entry records --------------------------------------------------------------------------------------


def test_a_tie_to_a_page_that_never_was_public_is_not_recorded(clinic):
    secret = secret_condition(clinic)
    insomnia = str(document_id_of(clinic.insomnia))

    page = clinic.publish(tied_article(clinic, secret, clinic.insomnia))

    (entry,) = ledger.history(document_id_of(page))
    assert ties(page) == [[insomnia]]
    assert str(document_id_of(secret)) not in entry.document
    assert ["page", secret.pk] in entry.dependencies
    assert ["page", clinic.insomnia.pk] not in entry.dependencies
    assert list(verifying.problems()) == []


def test_the_tie_comes_with_an_entry_of_its_own_when_the_page_is_first_published(clinic):
    secret = secret_condition(clinic)
    page = clinic.publish(tied_article(clinic, secret))
    before = Head.objects.get(page_id=page.pk)

    clinic.publish(secret)

    entries = ledger.history(document_id_of(page))
    assert [entry.kind for entry in entries] == ["published", "updated"]
    assert ties(page) == [[], [str(document_id_of(secret))]]
    assert ["page", secret.pk] not in entries[1].dependencies
    head = Head.objects.get(page_id=page.pk)
    assert (head.updated_at, head.content_digest, head.revision_id) == (
        before.updated_at,
        before.content_digest,
        before.revision_id,
    )
    assert not Dependency.objects.filter(kind="page", object_id=secret.pk).exists()


def test_a_tie_to_a_withdrawn_page_stays_recorded(clinic):
    page = clinic.publish(tied_article(clinic, clinic.insomnia))
    fresh(clinic.insomnia).unpublish()

    draft(page, user=clinic.author, title="Another title")
    clinic.publish(page)

    assert ties(page) == [[str(document_id_of(clinic.insomnia))]] * 2


def test_pages_published_together_are_tied_at_once(clinic):
    secret = secret_condition(clinic)
    page = tied_article(clinic, secret)
    clinic.approve(page)
    clinic.approve(secret)

    with transaction.atomic():
        fresh(page).get_latest_revision().publish()
        fresh(secret).get_latest_revision().publish()

    assert ties(page) == [[str(document_id_of(secret))]]
    assert len(ledger.history(document_id_of(secret))) == 1


def test_two_pages_tied_to_each_other_settle(clinic):
    secret = secret_condition(clinic)
    page = clinic.publish(tied_article(clinic, secret))
    newest = fresh(secret).get_latest_revision_as_object()
    newest.related_links = [RelatedLink(target=Page.objects.get(pk=page.pk))]
    newest.save_revision(user=clinic.author)

    clinic.publish(fresh(secret))

    assert ties(secret, "related") == [[str(document_id_of(page))]]
    assert ties(page) == [[], [str(document_id_of(secret))]]


def test_ties_cost_one_query_where_every_page_is_public(clinic, django_assert_num_queries):
    keys = [clinic.home.pk, clinic.insomnia.pk, clinic.writer.pk]
    rendered = Rendered({}, tuple(Relation("related", key) for key in keys), frozenset())

    with django_assert_num_queries(1):
        assert with_known_ties(rendered, known=()) is rendered
    with django_assert_num_queries(0):
        assert with_known_ties(rendered, known=set(keys)) is rendered


def test_other_words_that_make_the_same_document_are_recorded_with_their_approvals(clinic, monkeypatch):
    moment = Head.objects.get(page_id=clinic.topic.pk).updated_at
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    draft(clinic.topic, user=clinic.author, show_in_menus=True)
    clinic.publish(clinic.topic)

    first, second = ledger.history(document_id_of(clinic.topic))
    assert first.digest == second.digest
    assert second.content_digest == fresh(clinic.topic).content_digest() != first.content_digest
    assert list(verifying.problems()) == []


# --- Epochs and documents --------------------------------------------------------------------------------------------


def test_a_new_epoch_renames_the_ledger_and_changes_nothing_in_it(clinic, capsys):
    before, standing = Clock.objects.get(), changes.newest()

    call_command("ledger", "new-epoch")

    after = Clock.objects.get()
    assert after.epoch != before.epoch
    assert str(after.epoch) in capsys.readouterr().out
    assert (after.position, after.facts) == (before.position, before.facts + 1)
    assert changes.newest().seal == standing.seal


def test_an_entry_whose_document_was_erased_is_left_out(clinic):
    draft(clinic.topic, user=clinic.author, title="Sleep well")
    clinic.publish(clinic.topic)

    with without_triggers():
        Entry.objects.filter(position=8).update(document="")

    told = changes.delta(Selection(Head.objects.first().site_id, types=("topic",)), after=0, until=99, limit=99)

    assert [(change.position, change.kind) for change in told] == [(12, "updated")]


def test_items_end_before_the_one_that_would_be_too_much(clinic):
    told = changes.walk(Selection(Head.objects.first().site_id), after=0, until=99, limit=99)
    sizes = [len(item) + 1 for item in items_of(told, max_bytes=10**9)]

    assert len(list(items_of(told, max_bytes=sum(sizes[:4])))) == 4
    assert len(list(items_of(told, max_bytes=sum(sizes[:4]) - 1))) == 3
    assert len(list(items_of(told, max_bytes=0))) == 1


def test_a_document_with_references_is_the_recorded_one_but_for_its_ties(clinic):
    told = changes.walk(Selection(Head.objects.first().site_id), after=0, until=99, limit=99)

    for change, item in zip(told, items_of(told, max_bytes=10**9), strict=True):
        recorded = json.loads(Entry.objects.get(position=change.position).document)
        recorded.pop("relations")
        document = json.loads(item)["document"]
        assert {name: document[name] for name in recorded} == recorded


def test_the_delta_of_a_long_history_is_found_by_index(clinic):
    selection = Selection(Head.objects.first().site_id)

    with CaptureQueriesContext(connection) as queries:
        changes.delta(selection, after=5, until=99, limit=10, is_compact=True)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{queries[0]['sql']}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    if connection.vendor == "sqlite":
        assert "SCAN publishing_entry" not in plan.replace('"', "")


# --- Many at once ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite chose another index; plans of PostgreSQL depend on sizes."
)
def test_a_page_of_a_walk_sorts_nothing(clinic):
    site_id = clinic.home.get_site().pk
    with CaptureQueriesContext(connection) as asked:
        assert changes.walk(Selection(site_id), after=0, until=10_000, limit=3)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
        plan = [row[-1] for row in cursor.fetchall()]

    assert any("position>" in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan)


@on_postgresql
@pytest.mark.parametrize("limit", [1, 3, 500])
def test_followers_lose_nothing_and_see_nothing_twice_while_many_write(limit, committed_clinic):
    pages = approved_drafts(committed_clinic, 6)
    site_id = Head.objects.first().site_id
    start, is_over = threading.Barrier(5), threading.Event()
    held, hasty = pages[:2], pages[2:]

    def publish_and_hold() -> None:
        start.wait(PATIENCE_SECONDS)
        for page in held:
            with transaction.atomic():
                page.get_latest_revision().publish()
                capture.flush(transaction.get_connection())
                threading.Event().wait(HELD_SECONDS)

    def publish(some: list[Any]) -> Callable[[], None]:
        def run() -> None:
            start.wait(PATIENCE_SECONDS)
            for page in some:
                page.get_latest_revision().publish()

        return run

    def follow() -> list[tuple[int, str]]:
        start.wait(PATIENCE_SECONDS)
        seen: list[tuple[int, str]] = []
        position, is_last_look = 11, False
        while not is_last_look:
            is_last_look = is_over.wait(0.005)
            while True:
                until = changes.newest().position
                told = changes.delta(Selection(site_id), after=position, until=until, limit=limit)
                seen += [(change.position, str(change.document_id)) for change in told]
                if len(told) < limit:
                    position = until
                    break
                position = told[-1].position
        return seen

    def write_all() -> None:
        try:
            at_once(publish_and_hold, publish(hasty[:2]), publish(hasty[2:]))
        finally:
            is_over.set()

    first, second, _nothing = at_once(follow, follow, write_all)

    entries = Entry.objects.filter(position__gt=11).values_list("position", "document_id")
    recorded = [(position, str(document_id)) for position, document_id in entries]
    assert [position for position, _id in recorded] == list(range(12, 18))
    assert first == second == recorded


def test_moments_in_a_seal_are_of_no_time_zone(clinic):
    before = changes.newest()

    with timezone.override(datetime.timezone(datetime.timedelta(hours=5))):
        assert changes.newest() == before
