"""The ledger's promises: nothing recorded is changed, positions follow commits, heads are the fold of entries."""

import contextlib
import datetime
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Page, PageViewRestriction

from cms.pages.document import digest_of
from cms.pages.identity import document_id_of
from cms.pages.references import Reference
from cms.publishing import capture, ledger, scheduling, verifying
from cms.publishing.models import Clock, Entry, Head
from cms.workflow.gate import GateBlocked
from cms.workflow.models import Approval
from home.models import StandardPage
from tests.factories import Clinic, add_draft, approve, draft

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="Commit order and locks are PostgreSQL's; SQLite has one writer at a time.",
)
# Longer than a publication that nothing holds up takes, on a slow machine.
HELD_SECONDS = 0.5
PATIENCE_SECONDS = 60


class Abandoned(Exception):
    """Somebody changes their mind in the middle of a transaction."""


def recorded() -> list[tuple[Any, ...]]:
    """All that the ledger holds."""
    rows = [*Entry.objects.values_list(), *Approval.objects.values_list()]
    return [tuple(str(column) for column in row) for row in rows]


def fresh(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


# --- Entries and approvals are never changed ------------------------------------------------------------------------


def execute(sql: str) -> Callable[[Any], None]:
    def run(model: Any) -> None:
        key = model._meta.pk.column
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=model._meta.db_table, key=key, first=model.objects.first().pk))

    return run


def save_again(model: Any) -> None:
    row = model.objects.first()
    row.content_digest = "0" * 64
    row.save()


def save_through_conflict(model: Any) -> None:
    row = model.objects.first()
    row.content_digest = "0" * 64
    model.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=["content_digest"]
    )


def update_in_bulk(model: Any) -> None:
    row = model.objects.first()
    row.content_digest = "0" * 64
    model.objects.bulk_update([row], ["content_digest"])


CHANGES = {
    "instance.save": save_again,
    "instance.delete": lambda model: model.objects.first().delete(),
    "QuerySet.update": lambda model: model.objects.update(content_digest="0" * 64),
    "QuerySet.delete": lambda model: model.objects.all().delete(),
    "bulk_update": update_in_bulk,
    "bulk_create over what is there": save_through_conflict,
    "UPDATE": execute("UPDATE {table} SET content_digest = '' WHERE {key} = {first}"),
    "UPDATE that changes nothing": execute("UPDATE {table} SET content_digest = content_digest"),
    "DELETE": execute("DELETE FROM {table} WHERE {key} = {first}"),
}
if connection.vendor == "postgresql":
    CHANGES["TRUNCATE"] = execute("TRUNCATE {table}")
else:
    CHANGES["INSERT OR REPLACE"] = execute("INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE {key} = {first}")


@pytest.mark.parametrize("model", [Entry, Approval])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_database_refuses_to_change_what_was_recorded(change, model, clinic):
    before = recorded()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(model)

    assert recorded() == before


def test_database_refuses_a_public_entry_without_approval_or_override(clinic):
    newest = Entry.objects.order_by("-position").first()
    newest.position, newest.approvals, newest.override = newest.position + 1, [], None
    before = recorded()

    with pytest.raises(IntegrityError, match="entry_public_needs_approval"), transaction.atomic():
        newest.save(force_insert=True)

    assert recorded() == before


def test_entry_is_appended_only_inside_a_transaction(committed_clinic):
    before = recorded()
    head = Head.objects.get(page_id=committed_clinic.article.pk)

    with pytest.raises(RuntimeError, match="inside the transaction"):
        ledger.append_withdrawal(head, reason="unpublished", actor_id=None)

    assert recorded() == before
    assert Head.objects.filter(page_id=committed_clinic.article.pk).exists()


# --- A change and its entry stand or fall together ------------------------------------------------------------------


def test_rolled_back_publication_leaves_neither_page_nor_entry(clinic):
    page = clinic.article_draft("abandoned")
    clinic.approve(page)
    before = recorded()

    def publish_and_abandon() -> None:
        with transaction.atomic():
            page.get_latest_revision().publish(user=clinic.publisher)
            raise Abandoned

    pytest.raises(Abandoned, publish_and_abandon)

    assert fresh(page).live is False
    assert ledger.history(document_id_of(page)) == []
    assert recorded() == before


def test_publication_that_fails_in_its_last_signal_leaves_neither_page_nor_entry(committed_clinic, monkeypatch):
    page = committed_clinic.article_draft("unlucky")
    committed_clinic.approve(page)
    before = recorded()

    def fail(*args: Any, **options: Any) -> None:
        raise Abandoned

    monkeypatch.setattr(type(page), "update_aliases", fail)
    with pytest.raises(Abandoned):
        page.get_latest_revision().publish(user=committed_clinic.publisher)

    assert fresh(page).live is False
    assert recorded() == before
    assert capture._touched(transaction.get_connection()).is_empty()


def test_rendering_that_fails_at_the_commit_undoes_the_publication(committed_clinic, monkeypatch):
    page = committed_clinic.article_draft("unlucky")
    committed_clinic.approve(page)
    before = recorded()

    def fail(*args: Any, **options: Any) -> None:
        raise Abandoned

    monkeypatch.setattr(type(page), "render", fail)
    with pytest.raises(Abandoned):
        page.get_latest_revision().publish(user=committed_clinic.publisher)

    assert fresh(page).live is False
    assert recorded() == before


def test_gate_refuses_at_the_commit_and_undoes_the_save_of_the_page(committed_clinic):
    page = fresh(committed_clinic.article)
    before = recorded()

    page.title = "Words that nobody approved"
    with pytest.raises(GateBlocked):
        page.save()

    assert fresh(page).title == "Sleeping better"
    assert recorded() == before
    assert connection.get_autocommit()


def test_refused_page_undoes_everything_in_its_transaction(committed_clinic):
    article, topic = fresh(committed_clinic.article), fresh(committed_clinic.topic)
    before = recorded()

    def unpublish_and_save() -> None:
        with transaction.atomic():
            topic.unpublish()
            article.title = "Words that nobody approved"
            article.save()

    pytest.raises(GateBlocked, unpublish_and_save)

    assert fresh(topic).live is True
    assert recorded() == before


def test_refusal_inside_a_larger_transaction_leaves_the_rest_of_it(clinic):
    revision = draft(clinic.article, title="Words that nobody approved")
    position = Entry.objects.count()

    with transaction.atomic():
        with contextlib.suppress(GateBlocked):
            revision.publish()
        clinic.topic.unpublish()

    entries = Entry.objects.filter(position__gt=position)
    assert [(entry.kind, entry.path) for entry in entries] == [("withdrawn", "/team/sleep/")]
    assert fresh(clinic.article).title == "Sleeping better"


# --- Positions and chain ---------------------------------------------------------------------------------------------


def test_positions_have_no_gap_even_where_transactions_were_abandoned(committed_clinic):
    def unpublish_and_abandon() -> None:
        with transaction.atomic():
            fresh(committed_clinic.topic).unpublish()
            capture.flush(transaction.get_connection())
            assert Clock.objects.get().position == 12
            raise Abandoned

    pytest.raises(Abandoned, unpublish_and_abandon)
    pytest.raises(Abandoned, unpublish_and_abandon)
    fresh(committed_clinic.topic).unpublish()

    positions = list(Entry.objects.values_list("position", flat=True))

    assert positions == list(range(1, 13))
    assert Clock.objects.get().position == 12


def test_each_entry_is_chained_to_the_one_before(clinic):
    entries = list(Entry.objects.all())

    chained = [ledger.chain_digest(before.chain, entry) for before, entry in zip(entries, entries[1:], strict=False)]

    assert entries[0].chain == ledger.chain_digest("0" * 64, entries[0])
    assert [entry.chain for entry in entries[1:]] == chained
    assert len({entry.chain for entry in entries}) == len(entries) == 11


SEALED = {
    "position": 99,
    "document_id": uuid.UUID(int=1),
    "page_id": 99,
    "type": "topic",
    "locale": "de",
    "site_id": 99,
    "translation_key": uuid.UUID(int=1),
    "kind": "moved",
    "reason": "expired",
    "path": "/elsewhere/",
    "digest": "0" * 64,
    "content_digest": "0" * 64,
    "revision_id": 99,
    "approvals": [{"stage": "clinical", "user_id": 1}],
    "override": {"reason": "none"},
    "dependencies": [["image", 99]],
    "expires_at": datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC),
    "release": "spring",
    "actor_id": 99,
    "at": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
}


def test_chain_seals_every_column_but_itself_and_the_document_which_is_sealed_by_its_digest():
    assert {field.name for field in Entry._meta.get_fields()} - {"chain", "document"} == set(SEALED)


def test_another_value_in_any_sealed_column_is_another_link(clinic):
    links = {ledger.chain_digest("0" * 64, Entry.objects.get(position=11))}

    for column, value in SEALED.items():
        entry = Entry.objects.get(position=11)
        assert getattr(entry, column) != value
        setattr(entry, column, value)
        links.add(ledger.chain_digest("0" * 64, entry))

    assert len(links) == len(SEALED) + 1


# --- Heads are the fold of entries -----------------------------------------------------------------------------------


def fold() -> dict[uuid.UUID, tuple[int, str, str, str]]:
    """What the entries alone say is public: position, path, document digest and content digest of each document."""
    public: dict[uuid.UUID, tuple[int, str, str, str]] = {}
    for entry in Entry.objects.order_by("position"):
        if entry.kind == "withdrawn":
            del public[entry.document_id]
        else:
            assert digest_of(entry.document.encode()) == entry.digest
            public[entry.document_id] = (entry.position, entry.path, entry.digest, entry.content_digest)
    return public


def heads() -> dict[uuid.UUID, tuple[int, str, str, str]]:
    rows = Head.objects.values_list("document_id", "position", "path", "digest", "content_digest")
    return {document_id: tuple(rest) for document_id, *rest in rows}


def visible_in_the_tree() -> set[int]:
    """What Wagtail's own tables say should be public, worked out page by page."""
    pages = Page.objects.filter(live=True, depth__gt=1)
    return {page.pk for page in pages if not page.get_view_restrictions() and not page.expired}


class History:
    """A section with two pages below it, beside another section: what editors may do to them, step by step."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.words = 0
        east = self.add(clinic.home, "east")
        self.keys = [east.pk, self.add(clinic.home, "west").pk, self.add(east, "page").pk, self.add(east, "other").pk]

    def add(self, parent: Page, slug: str) -> StandardPage:
        page = StandardPage(title=slug.capitalize(), slug=slug, summary="A page that changes.")
        return add_draft(parent, page, user=self.clinic.author)

    def act(self, action: str, page: StandardPage) -> None:
        getattr(self, action)(page)

    def _edit(self, page: StandardPage, **fields: Any) -> None:
        draft(page, user=self.clinic.author, **fields)

    def _next(self) -> str:
        self.words += 1
        return f"Summary number {self.words}."

    def publish(self, page: StandardPage) -> None:
        self._edit(page, summary=self._next())
        approve(page, self.clinic.editor)
        fresh(page).get_latest_revision().publish(user=self.clinic.publisher)

    def publish_refused(self, page: StandardPage) -> None:
        self._edit(page, summary=self._next())
        before = recorded()
        with pytest.raises(GateBlocked):
            fresh(page).get_latest_revision().publish(user=self.clinic.publisher)
        assert recorded() == before

    def republish(self, page: StandardPage) -> None:
        with contextlib.suppress(GateBlocked):
            fresh(page).get_latest_revision().publish(user=self.clinic.publisher)

    def unpublish(self, page: StandardPage) -> None:
        page.unpublish()

    def move(self, page: StandardPage) -> None:
        target = Page.objects.get(pk=self.keys[1]) if Page.objects.filter(pk=self.keys[1]).exists() else None
        if target and target.pk != page.pk and not target.is_descendant_of(page) and page.get_parent() != target:
            page.move(target, pos="last-child")

    def change_slug(self, page: StandardPage) -> None:
        self.words += 1
        self._edit(page, slug=f"slug-{self.words}")
        approve(page, self.clinic.editor)
        fresh(page).get_latest_revision().publish()

    def delete(self, page: StandardPage) -> None:
        page.delete()

    def restrict(self, page: StandardPage) -> None:
        PageViewRestriction.objects.create(page=page, restriction_type="login")

    def unrestrict(self, page: StandardPage) -> None:
        with transaction.atomic():
            PageViewRestriction.objects.filter(page=page).delete()

    def expire(self, page: StandardPage) -> None:
        now = timezone.now()
        Page.objects.filter(pk=page.pk).update(expire_at=now - datetime.timedelta(seconds=1))
        scheduling.run_due(now)
        Page.objects.filter(pk=page.pk).update(expire_at=None)


ACTIONS = sorted(name for name in vars(History) if name not in {"add", "act"} and not name.startswith("_"))
# What brings something out is drawn more often, so that there is something to take down.
STEPS = st.tuples(st.sampled_from(["publish", "publish", "publish", *ACTIONS]), st.integers(0, 3))


def test_heads_are_the_fold_of_entries_after_any_history(clinic):
    start = History(clinic)

    @settings(
        max_examples=8,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=st.lists(STEPS, min_size=6, max_size=14))
    def holds(steps: list[tuple[str, int]]) -> None:
        untouched = transaction.savepoint()
        try:
            for action, index in steps:
                page = StandardPage.objects.filter(pk=start.keys[index]).first()
                if page is None:
                    continue
                with transaction.atomic():
                    start.act(action, page)
                assert heads() == fold()
                assert set(Head.objects.values_list("page_id", flat=True)) == visible_in_the_tree()
            for head in Head.objects.filter(page_id__in=start.keys):
                stages = {given["stage"] for given in Entry.objects.get(position=head.position).approvals}
                signed = Approval.objects.filter(document_id=head.document_id, content_digest=head.content_digest)
                assert stages == set(signed.values_list("stage", flat=True)) == {"editorial"}
            assert list(verifying.problems()) == []
        finally:
            transaction.savepoint_rollback(untouched)

    holds()


def all_rows_of_heads() -> list[Any]:
    rows: list[Any] = [*Head.objects.order_by("pk").values()]
    for model in (Head.relations.rel.related_model, Head.dependencies.rel.related_model):
        rows += sorted(str(list(row.values())[1:]) for row in model.objects.values())
    return rows


def test_rebuild_makes_the_same_heads_out_of_the_entries(clinic):
    fresh(clinic.topic).unpublish()
    before, position = all_rows_of_heads(), Clock.objects.get().position

    with transaction.atomic():
        Head.objects.filter(type="person").delete()
        Head.objects.update(title="Damaged", document="{}", card="{}")
        call_command("ledger", "rebuild", verbosity=0)

    assert all_rows_of_heads() == before
    assert Clock.objects.get().position == position
    assert Head.objects.count() == 10


# --- Many at once ----------------------------------------------------------------------------------------------------


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """What each task gives, run in a thread and on a database connection of its own."""

    def run(task: Callable[[], Any]) -> Any:
        try:
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result(PATIENCE_SECONDS) for future in [pool.submit(run, task) for task in tasks]]


def approved_drafts(clinic: Clinic, number: int) -> list[Any]:
    pages = [clinic.article_draft(f"article-{count}") for count in range(number)]
    for page in pages:
        clinic.approve(page)
    return pages


@on_postgresql
def test_publishers_at_once_give_gapless_positions_to_every_reader(committed_clinic):
    pages = approved_drafts(committed_clinic, 5)
    start, is_over, seen = threading.Barrier(len(pages) + 1), threading.Event(), []

    def publish(page: Any) -> None:
        start.wait(PATIENCE_SECONDS)
        page.get_latest_revision().publish()

    def read() -> None:
        start.wait(PATIENCE_SECONDS)
        while not is_over.wait(0.01):
            seen.append(list(Entry.objects.values_list("position", flat=True)))

    def publish_all() -> None:
        try:
            at_once(*[lambda page=page: publish(page) for page in pages])
        finally:
            is_over.set()

    at_once(read, publish_all)

    assert all(positions == list(range(1, len(positions) + 1)) for positions in seen)
    assert [len(positions) for positions in seen] == sorted(len(positions) for positions in seen)
    assert list(Entry.objects.values_list("position", flat=True)) == list(range(1, 17))
    assert {entry.page_id for entry in Entry.objects.filter(position__gt=11)} == {page.pk for page in pages}
    assert list(verifying.problems()) == []


@on_postgresql
def test_second_publisher_waits_until_the_first_has_committed(committed_clinic):
    first, second = approved_drafts(committed_clinic, 2)
    has_appended, order = threading.Event(), []

    def publish_and_hold() -> None:
        with transaction.atomic():
            first.get_latest_revision().publish()
            capture.flush(transaction.get_connection())
            has_appended.set()
            threading.Event().wait(HELD_SECONDS)
            order.append("first commits")

    def publish() -> None:
        has_appended.wait(PATIENCE_SECONDS)
        second.get_latest_revision().publish()
        order.append("second has committed")

    def read() -> int:
        has_appended.wait(PATIENCE_SECONDS)
        return Entry.objects.order_by("-position").values_list("position", flat=True).first()

    _nothing, _nothing, read_meanwhile = at_once(publish_and_hold, publish, read)

    assert order == ["first commits", "second has committed"]
    assert read_meanwhile == 11
    assert list(Entry.objects.filter(position__gt=11).values_list("position", "page_id")) == [
        (12, first.pk),
        (13, second.pk),
    ]


def hold_after(change: Callable[[], Any], has_changed: threading.Event) -> Callable[[], None]:
    """``change`` in a transaction that is recorded at once, and committed a moment later."""

    def run() -> None:
        with transaction.atomic():
            change()
            capture.flush(transaction.get_connection())
            has_changed.set()
            threading.Event().wait(HELD_SECONDS)

    return run


def after(has_changed: threading.Event, change: Callable[[], Any]) -> Callable[[], None]:
    def run() -> None:
        has_changed.wait(PATIENCE_SECONDS)
        change()

    return run


@on_postgresql
@pytest.mark.parametrize("is_parent_public", [True, False], ids=["parent public", "parent hidden"])
@pytest.mark.parametrize("held", ["publication", "restriction"])
def test_page_published_while_its_parent_becomes_private_does_not_stay_public(held, is_parent_public, committed_clinic):
    if not is_parent_public:
        fresh(committed_clinic.articles).unpublish()
        fresh(committed_clinic.article).unpublish()
    (page,) = approved_drafts(committed_clinic, 1)
    has_changed = threading.Event()

    def publish() -> None:
        page.get_latest_revision().publish()

    def restrict() -> None:
        PageViewRestriction.objects.create(page=committed_clinic.articles, restriction_type="login")

    first, second = (publish, restrict) if held == "publication" else (restrict, publish)
    at_once(hold_after(first, has_changed), after(has_changed, second))

    assert fresh(page).live
    assert not Head.objects.filter(path__startswith="/articles/").exists()
    kinds = [entry.kind for entry in ledger.history(document_id_of(page))]
    assert kinds == (["published", "withdrawn"] if held == "publication" else [])
    assert list(verifying.problems()) == []


@on_postgresql
@pytest.mark.parametrize("held", ["publication", "correction"])
def test_page_published_while_its_reference_is_corrected_shows_the_correction(held, committed_clinic):
    reference = committed_clinic.reference
    mark = f'<a linktype="reference" id="{reference.pk}">[Rubin 2007]</a>'
    page = committed_clinic.article_draft("citing", body=[("paragraph", f"<p>Rest helps{mark}.</p>")])
    committed_clinic.approve(page)
    has_changed = threading.Event()

    def publish() -> None:
        page.get_latest_revision().publish()

    def correct() -> None:
        corrected = Reference.objects.get(pk=reference.pk)
        corrected.title = "A corrected title"
        corrected.save()

    first, second = (publish, correct) if held == "publication" else (correct, publish)
    at_once(hold_after(first, has_changed), after(has_changed, second))

    assert "A corrected title" in Head.objects.get(page_id=page.pk).document
