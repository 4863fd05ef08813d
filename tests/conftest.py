"""What every test starts from: a small clinic, and a capture that works inside the transaction of a test."""

import gc
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

from cms.publishing import capture
from cms.publishing.backends.postgresql.prepared import Prepared
from cms.publishing.backends.precommit import PreCommitMixin
from home.models import HomePage
from search import postings, scopes
from tests import factories, kept


def pytest_collection_finish() -> None:
    """Do not look for garbage among the modules that were loaded so far, and less often among what tests make.

    Python would walk through all of that again and again, which takes a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(autouse=True)
def capture_at_test_transactions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flush where a test's own outermost transaction ends.

    A test runs inside a transaction that never commits, so the moment before a commit would never come. What would be the
    outermost transaction outside a test is a savepoint here: its release is that moment.
    """
    if "transactional_db" in request.fixturenames or "db" not in request.fixturenames:
        return
    request.getfixturevalue("db")
    depth = len(connection.savepoint_ids)

    def savepoint_commit(self: Any, sid: str) -> None:
        if len(self.savepoint_ids) == depth:
            try:
                capture.flush(self)
            except BaseException:
                self.savepoint_rollback(sid)
                BaseDatabaseWrapper.savepoint_commit(self, sid)
                raise
        BaseDatabaseWrapper.savepoint_commit(self, sid)

    def savepoint_rollback(self: Any, sid: str) -> None:
        if len(self.savepoint_ids) == depth:
            capture.forget(self)
        BaseDatabaseWrapper.savepoint_rollback(self, sid)

    monkeypatch.setattr(PreCommitMixin, "savepoint_commit", savepoint_commit, raising=False)
    monkeypatch.setattr(PreCommitMixin, "savepoint_rollback", savepoint_rollback, raising=False)


@pytest.fixture(autouse=True, scope="session")
def prepare_in_transactions() -> None:
    """Keep statements ready on PostgreSQL as outside of a transaction, so that all tests read in the way that readers do."""
    Prepared.is_for_transactions = True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: Any, django_db_use_migrations: bool
) -> Iterator[Callable[[], None]]:
    """Just before the database is made: what the migrations made in an earlier run, if it would come out the same now.

    The value is called when the database is made. Until then other processes wait, which would make the same.
    """
    if not django_db_use_migrations:
        yield lambda: None
        return
    with ExitStack() as until_made:
        with django_db_blocker.unblock():
            store = kept.store_of(connection)
            until_made.enter_context(kept.alone())
            is_taken = store.take()
        if is_taken:
            until_made.close()

        def made() -> None:
            if not is_taken:
                store.keep()
            store.close()
            until_made.close()

        yield made


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: Callable[[], None], django_db_setup: None, django_db_blocker: Any
) -> None:
    """The database, with a small clinic in it: every test starts from there and leaves no trace."""
    with django_db_blocker.unblock():
        django_db_modify_db_settings()
        if not HomePage.objects.exists():
            with transaction.atomic():
                factories.make_clinic(factories.make_home())


@pytest.fixture(scope="session")
def clinic_as_made(django_db_setup: None, django_db_blocker: Any) -> bytes:
    """The clinic as each test finds it, read once and copied for each: reading it takes longer than many a test."""
    with django_db_blocker.unblock():
        return pickle.dumps(factories.find_clinic())


@pytest.fixture
def clinic(db: None, clinic_as_made: bytes) -> factories.Clinic:
    """A small clinic with published pages, and the people who work there."""
    return pickle.loads(clinic_as_made)


@pytest.fixture
def home(clinic: factories.Clinic) -> HomePage:
    """The home page of the clinic."""
    return clinic.home


@pytest.fixture
def committed_db(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database in which commits are real; afterwards every table has the rows that it had before.

    Django would empty every table instead, which the append-only triggers refuse, and take the rows of migrations with it.
    A test that needs the clinic asks for ``committed_clinic``.
    """
    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
    before = {table: _rows_of(table) for table in _tables()}
    yield
    with without_triggers():
        _restore(before)
    cache.clear()
    # The clock goes back with the other tables, and what is kept for a version would be found again under its number.
    scopes._kept.clear()
    postings._remembered.clear()


@pytest.fixture
def committed_clinic(committed_db: None) -> factories.Clinic:
    """The clinic, for tests that commit."""
    return factories.find_clinic()


@contextmanager
def without_triggers() -> Iterator[None]:
    """The append-only tables without what guards them: for cleaning up, and for doing damage on purpose."""
    names = ("publishing.migrations.0002_append_only", "workflow.migrations.0002_append_only")
    guards = [import_module(f"cms.{name}") for name in (*names, "workflow.migrations.0009_overrides_append_only")]
    _execute(statement for guard in guards for statement in guard.UNDO[connection.vendor])
    yield
    _execute(statement for guard in guards for statement in getattr(guard, connection.vendor.upper()))


def _execute(statements: Any) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            # Checks that wait for the commit would stand in the way of changing a table's triggers.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)


def _tables() -> list[str]:
    # SQLite keeps the full-text table by triggers on the table of index entries.
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [name for name in names if not name.endswith("_fts")]


def _rows_of(table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
        return cursor.fetchall()


def _restore(before: dict[str, list[tuple[Any, ...]]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        changed = [table for table, rows in before.items() if _rows_of(table) != rows]
        for table in changed:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        for table in changed:
            if before[table]:
                places = ", ".join(["%s"] * len(before[table][0]))
                cursor.executemany(f"INSERT INTO {connection.ops.quote_name(table)} VALUES ({places})", before[table])
