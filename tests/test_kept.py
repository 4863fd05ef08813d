"""What is kept of migrating is never used for anything else than what the migrations of now would make."""

import os
import sqlite3
import sys
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest

from tests import kept


@pytest.fixture
def migration(tmp_path, settings, monkeypatch):
    """A migration of the articles in a folder of its own, in place of the real ones."""
    folder = tmp_path / "moved_migrations"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    settings.MIGRATION_MODULES = {"articles": "moved_migrations"}
    file = folder / "0001_first.py"
    file.write_text("operations = []\n")
    yield file
    sys.modules.pop("moved_migrations", None)


def test_what_makes_the_same_has_the_same_key(migration):
    assert kept.key("sqlite") == kept.key("sqlite")
    assert kept.key("sqlite") != kept.key("postgresql")


def test_another_text_of_a_migration_is_another_key(migration):
    before = kept.key("sqlite")

    migration.write_text("operations = [1]\n")

    assert kept.key("sqlite") != before


def test_one_migration_more_is_another_key(migration):
    before = kept.key("sqlite")

    migration.with_name("0002_second.py").write_text("")

    assert kept.key("sqlite") != before


def test_what_a_migration_imports_of_ours_counts_as_well(migration, settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours/__init__.py").write_text("")
    (tmp_path / "ours/fields.py").write_text("from ours import deeper\n")
    (tmp_path / "ours/deeper.py").write_text("LENGTH = 3\n")
    migration.write_text("import ours.fields\n")
    before = kept.key("sqlite")

    (tmp_path / "ours/deeper.py").write_text("LENGTH = 4\n")

    assert kept.key("sqlite") != before


def test_a_setting_counts_as_well(settings):
    before = kept.key("sqlite")

    settings.AUTH_USER_MODEL = "auth.User"

    assert kept.key("sqlite") != before


def test_another_version_of_anything_installed_is_another_key(monkeypatch):
    before = kept.key("sqlite")
    found = [*kept.metadata.distributions()]

    monkeypatch.setattr(kept.metadata, "distributions", lambda: [*found, SimpleNamespace(name="new", version="1")])

    assert kept.key("sqlite") != before


# --- The file of SQLite ----------------------------------------------------------------------------------------------


@pytest.fixture
def migrated():
    """A stand-in for the connection to a migrated database in memory."""
    with closing(sqlite3.connect("file:kept_test?mode=memory&cache=shared", uri=True)) as memory:
        memory.execute("CREATE TABLE django_migrations (name text)")
        memory.execute("INSERT INTO django_migrations VALUES ('0001_first')")
        memory.commit()
        yield connection_to("kept_test", memory)


def connection_to(name: str, memory: Any = None) -> Any:
    creation = SimpleNamespace(_get_test_db_name=lambda: f"file:{name}?mode=memory&cache=shared")
    return SimpleNamespace(creation=creation, connection=memory, ensure_connection=lambda: None)


def names_in(store: kept.InFile) -> list[tuple[str]]:
    assert store.memory
    return store.memory.execute("SELECT name FROM django_migrations").fetchall()


def test_what_was_kept_is_what_is_taken(migrated, tmp_path):
    kept.InFile(migrated, "key", tmp_path).keep()
    later = kept.InFile(connection_to("another"), "key", tmp_path)

    assert later.take()

    assert names_in(later) == [("0001_first",)]
    later.close()


def test_under_another_key_there_is_nothing(migrated, tmp_path):
    kept.InFile(migrated, "key", tmp_path).keep()
    later = kept.InFile(connection_to("another"), "new-key", tmp_path)

    assert not later.take()

    assert later.memory is None


@pytest.mark.parametrize("content", [b"", b"not a database, but longer than its header would have to be" * 99, None])
def test_a_broken_file_is_removed_and_not_taken(migrated, tmp_path, content):
    store = kept.InFile(migrated, "key", tmp_path)
    store.keep()
    store.file.write_bytes(store.file.read_bytes()[:5000] if content is None else content)
    later = kept.InFile(connection_to("another"), "key", tmp_path)

    assert not later.take()

    assert later.memory is None
    assert not later.file.exists()


def test_only_what_was_used_last_is_left(migrated, tmp_path):
    for number in range(kept.LEFT + 2):
        store = kept.InFile(migrated, f"key-{number}", tmp_path)
        store.keep()
        os.utime(store.file, (number, number))
        kept.InFile(connection_to("another"), "key-0", tmp_path).take()

    left = {file.stem for file in tmp_path.glob("*.sqlite3")}

    assert left == {"key-0", *(f"key-{number}" for number in range(3, kept.LEFT + 2))}
